package blackbox

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"posthouse/test/harness"
)

// get asks a listener by HTTP.
func (s *server) get(listener, path string) (status int, body string) {
	s.t.Helper()
	scheme := "http://"
	tr := &http.Transport{DisableKeepAlives: true}
	if listener == "https" {
		scheme, tr.TLSClientConfig = "https://", harness.InsecureTLS()
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, scheme+s.Addr(listener)+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// probes wants the three pages on a listener.
func (s *server) probes(listener string) {
	s.t.Helper()
	for path, piece := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "go_goroutines"} {
		if code, body := s.get(listener, path); code != 200 || !strings.Contains(body, piece) {
			s.t.Errorf("%s: %d %.200s", path, code, body)
		}
	}
}

func TestProbes(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		s.receive(anna, "Counted")
		s.probes("http")
		_, metrics := s.get("http", "/metrics")
		for _, part := range []string{"posthouse_smtpd_", "posthouse_imap_", "posthouse_titan_", "posthouse_queue_", "posthouse_login_"} {
			if !strings.Contains(metrics, "\n"+part) {
				t.Errorf("no metric %s...", part)
			}
		}
		for _, secret := range []string{anna, "example.test", s.Ready.Partner.Key} {
			if strings.Contains(metrics, secret) {
				t.Errorf("the metrics tell %s", secret)
			}
		}
	})
}

// Operations on addresses of their own are nowhere else.
func TestSeparateOps(t *testing.T) {
	t.Parallel()
	s := start(t, []string{"POSTHOUSE_HTTP_OPS=127.0.0.1:0", "POSTHOUSE_HTTP_LISTEN_TLS=127.0.0.1:0"})
	s.probes("ops")
	for _, listener := range []string{"http", "https"} {
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/"} {
			if code, body := s.get(listener, path); code == 200 || strings.Contains(body, "go_goroutines") {
				t.Errorf("%s%s: %d %.80s", listener, path, code, body)
			}
		}
		if code, body := s.get(listener, "/partner/healthCheck"); code != 200 {
			t.Errorf("%s: %d %s", listener, code, body)
		}
	}
	if code, _ := s.get("ops", "/partner/healthCheck"); code == 200 {
		t.Error("the API is on the operator's address")
	}
}

// Production makes no sandbox and no sink, and serves all else.
func TestProduction(t *testing.T) {
	production := []string{"POSTHOUSE_MODE=production", "POSTHOUSE_HOSTNAME=mx.posthouse.test", "POSTHOUSE_HTTP_OPS=127.0.0.1:0"}
	enginesWith(t, production, func(t *testing.T, s *server) {
		if s.Ready.Partner != nil || s.Addr("sink") != "" {
			t.Errorf("production has a sandbox: %+v", s.Ready)
		}
		s.probes("ops")
		if list := s.json("partner", "list"); len(list.([]any)) != 0 {
			t.Errorf("partners: %v", list)
		}
		_, key := s.partner("Acme")
		if got := s.status(key); got != "200" {
			t.Errorf("the API answers %s", got)
		}
		contains(t, s.smtp("mx").want("250", "EHLO client.test"), "mx.posthouse.test")
	})
}

// journal keeps a server's whole log.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}
