package lifecycle

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/core/due"
	"posthouse/internal/metric"
)

type metrics struct {
	done, failed, repaired *prometheus.CounterVec
	due                    *prometheus.GaugeVec
	late                   prometheus.Gauge
	took                   *prometheus.HistogramVec
	clocks                 prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "posthouse", Subsystem: "lifecycle", Name: name, Help: help}, []string{"kind"})
	}
	m := &metrics{
		done:     counter("done_total", "Steps done of what fell due."),
		failed:   counter("failed_total", "Steps that failed and are tried again."),
		repaired: counter("repaired_total", "Objects that the calendar did not know right, found by the sweep."),
		due: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "posthouse", Subsystem: "lifecycle", Name: "due",
			Help: "What is due by the platform's clock and not done."}, []string{"kind"}),
		late: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "posthouse", Subsystem: "lifecycle", Name: "late_seconds",
			Help: "For how long the oldest of it has been due."}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "posthouse", Subsystem: "lifecycle", Name: "step_seconds",
			Help: "Time that a step took.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9)}, []string{"kind"}),
		clocks: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "posthouse", Subsystem: "lifecycle", Name: "clock_steps_total",
			Help: "Steps by which sandbox partners' clocks were moved."}),
	}
	return m, metric.Register(reg, m.done, m.failed, m.repaired, m.due, m.late, m.took, m.clocks)
}

// gauge looks at what is due.
func (r *Runner) gauge(ctx context.Context) error {
	now := r.cfg.Clock.Now()
	count, oldest, err := r.cfg.Calendar.Overdue(ctx, now)
	if err != nil {
		return err
	}
	for _, k := range []due.Kind{due.Order, due.Account, due.DNS, due.Export, due.Renewal, due.CustomerFunds, due.ResellerFunds, due.MailService, due.HolderRequest} {
		r.metrics.due.WithLabelValues(string(k)).Set(float64(count[k]))
	}
	late := 0.0
	if !oldest.IsZero() {
		late = now.Sub(oldest).Seconds()
	}
	r.metrics.late.Set(late)
	return nil
}
