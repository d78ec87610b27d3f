package gate

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Requests counts the requests of one API door.
type Requests struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewRequests makes the metrics posthouse_API_requests_total and
// posthouse_API_request_seconds; name is what their help calls the API. They are
// exported when there is a reg.
func NewRequests(reg prometheus.Registerer, api, name string) (*Requests, error) {
	m := &Requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posthouse_" + api + "_requests_total", Help: name + " API requests by operation and HTTP status.",
		}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "posthouse_" + api + "_request_seconds", Help: "Time to answer a " + name + " API request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30},
		}, []string{"operation"}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.total, m.duration} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Count notes a request that was answered. operation is a name of the door's
// own table, never what a caller wrote.
func (m *Requests) Count(operation string, status int, took time.Duration) {
	m.total.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(operation).Observe(took.Seconds())
}
