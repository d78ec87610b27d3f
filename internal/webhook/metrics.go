package webhook

import (
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

type metrics struct {
	attempts *prometheus.CounterVec
	latency  prometheus.Histogram
	lanes    *prometheus.GaugeVec
	busy     prometheus.Gauge
	warnings prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	const ns, sub = "posthouse", "webhook"
	m := &metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "attempts_total",
			Help: "Attempts to deliver an event, by outcome: delivered (HTTP 200), refused (another status), failed (no complete answer)."}, []string{"outcome"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: ns, Subsystem: sub, Name: "first_attempt_seconds",
			Help: "Time from an event to its first attempt.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 30, 300, 3600}}),
		lanes: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: "waiting_lanes",
			Help: "Orders with events waiting for an endpoint, by state: fresh or failing."}, []string{"state"}),
		busy: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: "attempts_under_way",
			Help: "Attempts under way on this node."}),
		warnings: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "failing_warnings_total",
			Help: "Endpoints that were found to have failed for an hour."}),
	}
	return m, metric.Register(reg, m.attempts, m.latency, m.lanes, m.busy, m.warnings)
}
