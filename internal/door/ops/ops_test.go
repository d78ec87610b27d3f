package ops

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

func TestProbes(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "posthouse_test_total", Help: "x"})
	reg.MustRegister(c)
	c.Inc()
	var broken error
	h := Handler(reg, slog.New(slog.DiscardHandler), Check{"store", func(context.Context) error { return broken }})

	if code, body := get(t, h, "/healthz"); code != 200 || !strings.Contains(body, "ok") {
		t.Errorf("healthz: %d %s", code, body)
	}
	if code, body := get(t, h, "/readyz"); code != 200 || !strings.Contains(body, `"store":"ok"`) {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code, body := get(t, h, "/metrics"); code != 200 || !strings.Contains(body, "posthouse_test_total 1") {
		t.Errorf("metrics: %d %s", code, body)
	}
	broken = errors.New("dial tcp: password=hunter2")
	code, body := get(t, h, "/readyz")
	if code != 503 || !strings.Contains(body, `"store":"failing"`) {
		t.Errorf("readyz broken: %d %s", code, body)
	}
	if strings.Contains(body, "hunter2") {
		t.Error("the cause leaks")
	}
	if code, _ := get(t, h, "/healthz"); code != 200 {
		t.Error("a broken store must not restart the process")
	}
}

func TestProfilesOnlyWhereAskedFor(t *testing.T) {
	h := Handler(prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	if code, _ := get(t, h, "/debug/pprof/"); code != 404 {
		t.Errorf("profiles without being asked for: %d", code)
	}
	if code, body := get(t, Profiling(h), "/debug/pprof/"); code != 200 || !strings.Contains(body, "goroutine") {
		t.Errorf("profiles: %d", code)
	}
	if code, _ := get(t, Profiling(h), "/healthz"); code != 200 {
		t.Errorf("healthz behind profiles: %d", code)
	}
}
