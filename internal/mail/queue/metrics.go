package queue

import (
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

type metrics struct {
	submitted    *prometheus.CounterVec
	attempts     *prometheus.CounterVec
	recipients   *prometheus.CounterVec
	latency      prometheus.Histogram
	active       prometheus.Gauge
	reaped       prometheus.Counter
	plainRetries prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	const ns, sub = "posthouse", "queue"
	m := &metrics{
		submitted: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "messages_total",
			Help: "Messages taken into the queue, by kind."}, []string{"kind"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "attempts_total",
			Help: "Delivery attempts per recipient, by outcome."}, []string{"outcome"}),
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "recipients_total",
			Help: "Recipients that came to an end or were held, by state."}, []string{"state"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: ns, Subsystem: sub, Name: "delivery_seconds",
			Help: "Time from submission to delivery.", Buckets: []float64{.01, .05, .25, 1, 5, 30, 120, 900, 3600, 4 * 3600, 24 * 3600, 120 * 3600}}),
		active: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: "sessions",
			Help: "Deliveries under way on this node."}),
		reaped: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "expired_leases_total",
			Help: "Recipients taken over because their lease had expired."}),
		plainRetries: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "tls_failures_total",
			Help: "Sessions opened again without TLS because the handshake failed."}),
	}
	return m, metric.Register(reg, m.submitted, m.attempts, m.recipients, m.latency, m.active, m.reaped, m.plainRetries)
}
