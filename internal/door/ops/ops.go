// Package ops answers the operator's probes: /healthz (the process lives),
// /readyz (it can serve: stores reachable, not shutting down) and /metrics
// (Prometheus); and, where asked for, profiles.
package ops

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Check is one thing that must work for the node to serve.
type Check struct {
	Name string
	Run  func(context.Context) error
}

// checkTimeout bounds one readiness check.
const checkTimeout = 2 * time.Second

// Handler serves the three paths.
func Handler(metrics prometheus.Gatherer, log *slog.Logger, checks ...Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, log, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, out := http.StatusOK, map[string]string{"status": "ready"}
		for _, c := range checks {
			ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
			err := c.Run(ctx)
			cancel()
			out[c.Name] = "ok"
			if err != nil {
				// The cause is for the log: this page may be seen by a load balancer's logs.
				log.Error("not ready", "check", c.Name, "error", err)
				status, out["status"], out[c.Name] = http.StatusServiceUnavailable, "not ready", "failing"
			}
		}
		reply(w, log, status, out)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return mux
}

// Profiling is h with the profiles of net/http/pprof under /debug/pprof/.
func Profiling(h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.Handle("/", h)
	return mux
}

func reply(w http.ResponseWriter, log *slog.Logger, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Debug("ops: reply not written", "error", err)
	}
}
