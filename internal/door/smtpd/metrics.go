package smtpd

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

// Metrics are shared by all servers of a process.
type Metrics struct {
	open       *prometheus.GaugeVec
	sessions   *prometheus.CounterVec
	refused    *prometheus.CounterVec
	logins     *prometheus.CounterVec
	recipients *prometheus.CounterVec
	messages   *prometheus.CounterVec
	octets     *prometheus.CounterVec
	storing    *prometheus.HistogramVec
}

// NewMetrics makes and registers the collectors.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "posthouse", Subsystem: "smtpd", Name: name, Help: help}, append([]string{"service"}, labels...))
	}
	m := &Metrics{
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "posthouse", Subsystem: "smtpd", Name: "connections",
			Help: "Open SMTP connections."}, []string{"service"}),
		sessions:   counter("sessions_total", "SMTP sessions begun, by encryption at their end.", "tls"),
		refused:    counter("connections_refused_total", "Connections refused over a limit."),
		logins:     counter("logins_total", "AUTH commands by reply code.", "code"),
		recipients: counter("recipients_total", "RCPT commands by reply code.", "code"),
		messages:   counter("messages_total", "Messages by the reply code behind their content.", "code"),
		octets:     counter("message_octets_total", "Octets of messages taken."),
		storing: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "posthouse", Subsystem: "smtpd", Name: "accept_seconds",
			Help: "Time from the end of a message to its reply.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16)}, []string{"service"}),
	}
	return m, metric.Register(reg, m.open, m.sessions, m.refused, m.logins, m.recipients, m.messages, m.octets, m.storing)
}

// service is Metrics with the label filled in, so that the busy paths don't
// look it up.
type serviceMetrics struct {
	open       prometheus.Gauge
	refused    prometheus.Counter
	octets     prometheus.Counter
	storing    prometheus.Observer
	sessions   *prometheus.CounterVec
	logins     *prometheus.CounterVec
	recipients codeCounter
	messages   codeCounter
}

// codeCounter keeps the counter of the commonest reply at hand.
type codeCounter struct {
	vec *prometheus.CounterVec
	ok  prometheus.Counter
}

func newCodeCounter(vec *prometheus.CounterVec) codeCounter {
	return codeCounter{vec, vec.WithLabelValues("250")}
}

func (c codeCounter) inc(code int) {
	if code == 250 {
		c.ok.Inc()
		return
	}
	c.vec.WithLabelValues(strconv.Itoa(code)).Inc()
}

func (m *Metrics) service(name string) serviceMetrics {
	l := prometheus.Labels{"service": name}
	return serviceMetrics{
		open: m.open.With(l), refused: m.refused.With(l), octets: m.octets.With(l), storing: m.storing.With(l),
		sessions: m.sessions.MustCurryWith(l), logins: m.logins.MustCurryWith(l),
		recipients: newCodeCounter(m.recipients.MustCurryWith(l)), messages: newCodeCounter(m.messages.MustCurryWith(l)),
	}
}
