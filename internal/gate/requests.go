package gate

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

// Requests counts the requests of one API door.
type Requests struct {
	api      string
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewRequests makes the metrics posthouse_API_requests_total and
// posthouse_API_request_seconds; name is what their help calls the API. They are
// exported when there is a reg.
func NewRequests(reg prometheus.Registerer, api, name string) (*Requests, error) {
	m := &Requests{
		api: api,
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posthouse_" + api + "_requests_total", Help: name + " API requests by operation and HTTP status.",
		}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "posthouse_" + api + "_request_seconds", Help: "Time to answer a " + name + " API request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30},
		}, []string{"operation"}),
	}
	return m, metric.Register(reg, m.total, m.duration)
}

// Answered is a request that was answered.
type Answered struct {
	ID        string
	Operation string // a name of the door's own table, never what a caller wrote; "" = none
	Status    int
	Took      time.Duration
	Remote    netip.Addr
	Partner   int64
	Caller    []slog.Attr // who it was besides

	Code, Reason, Message string // of a fault
	Cause                 error  // of a fault of ours: the line is an error then
}

// Note counts a request and writes its log line. Path, query, headers and body
// are never told.
func (m *Requests) Note(r *http.Request, log *slog.Logger, a Answered) {
	if a.Operation == "" {
		a.Operation = "none"
	}
	m.total.WithLabelValues(a.Operation, strconv.Itoa(a.Status)).Inc()
	m.duration.WithLabelValues(a.Operation).Observe(a.Took.Seconds())
	attrs := append([]slog.Attr{
		slog.String("request", a.ID), slog.String("operation", a.Operation), slog.String("method", known(r.Method)), slog.Int("status", a.Status),
		slog.Duration("took", a.Took), slog.String("remote", a.Remote.String()), slog.Int64("partner", a.Partner),
	}, a.Caller...)
	if a.Message != "" {
		attrs = append(attrs, slog.String("message", a.Message))
	}
	if a.Code != "" {
		attrs = append(attrs, slog.String("code", a.Code), slog.String("reason", a.Reason))
	}
	level := slog.LevelInfo
	if a.Cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("cause", a.Cause))
	}
	log.LogAttrs(r.Context(), level, m.api+" request", attrs...)
}

// known bounds what a caller can have written to the log as its method.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	}
	return "other"
}
