package queue

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// zone is a DNS server on loopback that knows what tests tell it.
type zone struct {
	t    testing.TB
	addr string

	mu      sync.Mutex
	records map[string][]dns.RR // by owner
	failing map[string]bool     // owners that get SERVFAIL
}

func newZone(t testing.TB) *zone {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	z := &zone{t: t, addr: pc.LocalAddr().String(), records: map[string][]dns.RR{}, failing: map[string]bool{}}
	srv := &dns.Server{PacketConn: pc, Handler: z}
	done := make(chan error, 1)
	up := make(chan struct{})
	srv.NotifyStartedFunc = func() { close(up) }
	go func() { done <- srv.ActivateAndServe() }()
	<-up
	t.Cleanup(func() {
		must(t, srv.Shutdown())
		must(t, <-done)
	})
	return z
}

func (z *zone) add(format string, a ...any) {
	z.t.Helper()
	rr, err := dns.NewRR(fmt.Sprintf(format, a...))
	must(z.t, err)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records[strings.ToLower(rr.Header().Name)] = append(z.records[strings.ToLower(rr.Header().Name)], rr)
}

func (z *zone) fail(name string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.failing[name+"."] = true
}

func (z *zone) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	z.mu.Lock()
	defer z.mu.Unlock()
	m := new(dns.Msg).SetReply(r)
	name := strings.ToLower(r.Question[0].Name)
	known, ok := z.records[name]
	switch {
	case z.failing[name]:
		m.Rcode = dns.RcodeServerFailure
	case !ok:
		m.Rcode = dns.RcodeNameError
	}
	for _, rr := range known {
		if rr.Header().Rrtype == r.Question[0].Qtype {
			m.Answer = append(m.Answer, rr)
		}
	}
	// A client that has gone needs no answer.
	_ = w.WriteMsg(m)
}
