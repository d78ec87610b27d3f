package imapd

import (
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/metric"
)

type metrics struct {
	open     prometheus.Gauge
	opened   [2]prometheus.Counter // by Mode
	refused  prometheus.Counter
	commands map[string]prometheus.Counter // filled at start: no look-up by foreign text
	unknown  prometheus.Counter
	in, out  prometheus.Counter
	aborted  prometheus.Counter
	logins   [2]prometheus.Counter // failed, succeeded
	wakes    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	connections := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posthouse_imap_connections_total", Help: "IMAP connections taken, by mode."}, []string{"mode"})
	commands := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posthouse_imap_commands_total", Help: "IMAP commands, by name."}, []string{"command"})
	octets := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posthouse_imap_bytes_total", Help: "Octets of IMAP, inside TLS, by direction."}, []string{"direction"})
	logins := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posthouse_imap_logins_total", Help: "IMAP log-ins, by result."}, []string{"result"})
	m := &metrics{
		open:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "posthouse_imap_connections", Help: "Open IMAP connections."}),
		refused:  prometheus.NewCounter(prometheus.CounterOpts{Name: "posthouse_imap_connections_refused_total", Help: "IMAP connections turned away at a limit."}),
		aborted:  prometheus.NewCounter(prometheus.CounterOpts{Name: "posthouse_imap_literals_aborted_total", Help: "Literals refused for their size or broken off by the client."}),
		wakes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "posthouse_imap_idle_wakes_total", Help: "Times that an IDLE session was woken by its mailbox."}),
		commands: make(map[string]prometheus.Counter),
	}
	m.opened = [2]prometheus.Counter{StartTLS: connections.WithLabelValues(StartTLS.String()), ImplicitTLS: connections.WithLabelValues(ImplicitTLS.String())}
	for name := range commandTable {
		m.commands[name] = commands.WithLabelValues(name)
	}
	m.unknown = commands.WithLabelValues("unknown")
	m.in, m.out = octets.WithLabelValues("in"), octets.WithLabelValues("out")
	m.logins = [2]prometheus.Counter{logins.WithLabelValues("failed"), logins.WithLabelValues("ok")}
	return m, metric.Register(reg, connections, commands, octets, logins, m.open, m.refused, m.aborted, m.wakes)
}
