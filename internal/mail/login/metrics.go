package login

import (
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

// The outcomes of a log-in, as the metric's label has them.
const (
	outcomeOK      = "ok"
	outcomeWrong   = "wrong"   // unknown or wrong, not told apart
	outcomeLimited = "limited" // too many failures before
	outcomeBusy    = "unavailable"
)

type metrics struct {
	attempts *prometheus.CounterVec
}

// newMetrics registers with reg unless it is nil.
func newMetrics(reg prometheus.Registerer, s *Service) (*metrics, error) {
	m := &metrics{attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "posthouse_login_attempts_total",
		Help: "Log-in attempts by protocol and outcome.",
	}, []string{"protocol", "outcome"})}
	return m, metric.Register(reg,
		m.attempts,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "posthouse_login_sessions",
			Help: "Live authenticated sessions.",
		}, func() float64 { return float64(s.sessions.count()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "posthouse_password_hashes_total",
			Help: "argon2id hashes computed, for log-ins and new passwords.",
		}, func() float64 { return float64(s.hasher.Calls()) }))
}
