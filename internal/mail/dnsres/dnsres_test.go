package dnsres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nameserver is a DNS server on loopback, UDP and TCP on one port.
type nameserver struct {
	address string

	mu     sync.Mutex
	asked  []string // "udp example.com. MX"
	answer func(network string, q dns.Question, r *dns.Msg) (reply bool)
}

func newServer(t *testing.T, answer func(network string, q dns.Question, r *dns.Msg) bool) *nameserver {
	t.Helper()
	s := &nameserver{answer: answer}
	var udp net.PacketConn
	var tcp net.Listener
	for try := 0; ; try++ { // until a port is free for both
		var err error
		if tcp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		s.address = tcp.Addr().String()
		if udp, err = net.ListenPacket("udp", s.address); err == nil {
			break
		}
		tcp.Close()
		if try == 20 {
			t.Fatal(err)
		}
	}
	for network, server := range map[string]*dns.Server{"udp": {PacketConn: udp}, "tcp": {Listener: tcp}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		server.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
			q := m.Question[0]
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked = append(s.asked, network+" "+q.Name+" "+dns.TypeToString[q.Qtype])
			r := new(dns.Msg)
			r.SetReply(m)
			if s.answer(network, q, r) {
				if err := w.WriteMsg(r); err != nil {
					t.Error(err)
				}
			}
		})
		done := make(chan error, 1)
		go func() { done <- server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := server.Shutdown(); err != nil {
				t.Error(err)
			}
			<-done
		})
	}
	return s
}

func (s *nameserver) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// zone answers from records in presentation form.
func zone(t *testing.T, text ...string) func(string, dns.Question, *dns.Msg) bool {
	t.Helper()
	var all []dns.RR
	for _, line := range text {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rr)
	}
	return func(_ string, q dns.Question, r *dns.Msg) bool {
		name, exists := q.Name, false
		for range 3 {
			next := ""
			for _, rr := range all {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				exists = true
				if c, ok := rr.(*dns.CNAME); ok {
					r.Answer = append(r.Answer, rr)
					next = c.Target
				} else if rr.Header().Rrtype == q.Qtype {
					r.Answer = append(r.Answer, rr)
				}
			}
			if next == "" {
				break
			}
			name = next
		}
		if !exists {
			r.Rcode = dns.RcodeNameError
		}
		soa, err := dns.NewRR("example.com. 60 IN SOA ns.example.com. root.example.com. 1 2 3 4 30")
		if err != nil {
			panic(err)
		}
		r.Ns = append(r.Ns, soa)
		r.AuthenticatedData = true
		return true
	}
}

func newClient(t *testing.T, cfg Config, servers ...*nameserver) *Client {
	t.Helper()
	for _, s := range servers {
		cfg.Servers = append(cfg.Servers, s.address)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookups(t *testing.T) {
	s := newServer(t, zone(t,
		"example.com. 300 IN MX 20 MX2.example.com.", "example.com. 300 IN MX 10 mx1.example.com.",
		"null.example.com. 300 IN MX 0 .",
		`example.com. 300 IN TXT "v=spf1 " "-all"`, `example.com. 300 IN TXT "a\"b\\c\195\188"`,
		"example.com. 300 IN NS ns1.Example.com.",
		"mx1.example.com. 300 IN A 192.0.2.1", "mx1.example.com. 300 IN AAAA 2001:db8::1",
		"four.example.com. 300 IN A 192.0.2.4",
		"alias.example.com. 300 IN CNAME alias2.example.com.", "alias2.example.com. 300 IN CNAME mx1.example.com.",
		"loop.example.com. 300 IN CNAME loop.example.com.",
	))
	c := newClient(t, Config{}, s)
	ctx := t.Context()
	for name, ask := range map[string]func(string) (any, bool, error){
		"mx":  func(n string) (any, bool, error) { v, ok, err := c.LookupMX(ctx, n); return v, ok, err },
		"txt": func(n string) (any, bool, error) { v, ok, err := c.LookupTXT(ctx, n); return v, ok, err },
		"ns":  func(n string) (any, bool, error) { v, ok, err := c.LookupNS(ctx, n); return v, ok, err },
		"ip":  func(n string) (any, bool, error) { v, ok, err := c.LookupIP(ctx, n); return v, ok, err },
	} {
		for _, w := range []struct{ kind, name, want, reason string }{
			{"mx", "example.com", "[{mx1.example.com 10} {mx2.example.com 20}]", ""},
			{"mx", "EXAMPLE.com.", "[{mx1.example.com 10} {mx2.example.com 20}]", ""},
			{"mx", "null.example.com", "[{ 0}]", ""},
			{"mx", "mx1.example.com", "[]", ReasonNoData},
			{"mx", "none.example.com", "[]", ReasonNXDomain},
			{"mx", "a..b", "[]", ReasonNXDomain},
			{"mx", "", "[]", ReasonNXDomain},
			{"mx", strings.Repeat("a", 64) + ".com", "[]", ReasonNXDomain},
			{"txt", "example.com", `[v=spf1 -all a"b\cü]`, ""},
			{"ns", "example.com", "[ns1.example.com]", ""},
			{"ip", "mx1.example.com", "[192.0.2.1 2001:db8::1]", ""},
			{"ip", "four.example.com", "[192.0.2.4]", ""},
			{"ip", "alias.example.com", "[192.0.2.1 2001:db8::1]", ""},
			{"ip", "loop.example.com", "[]", ReasonNoData},
			{"ip", "example.com", "[]", ReasonNoData},
			{"ip", "none.example.com", "[]", ReasonNXDomain},
			{"ip", "localhost", "[127.0.0.1 ::1]", ""},
		} {
			if w.kind != name {
				continue
			}
			got, authentic, err := ask(w.name)
			reason := ""
			if err != nil {
				reason = fault.Of(err).Reason
			}
			if fmt.Sprint(got) != w.want || reason != w.reason {
				t.Errorf("%s %q: %v, %v; want %s, %s", w.kind, w.name, got, err, w.want, w.reason)
			}
			if err == nil && !authentic {
				t.Errorf("%s %q is not authentic", w.kind, w.name)
			}
			if err != nil && (!IsNotFound(err) || fault.Of(err).Temporary) {
				t.Errorf("%s %q: %v is no definite answer", w.kind, w.name, err)
			}
		}
	}
}

func TestAuthentic(t *testing.T) {
	s := newServer(t, func(_ string, q dns.Question, r *dns.Msg) bool {
		r.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 1}, Txt: []string{"x"}}}
		r.AuthenticatedData = strings.HasPrefix(q.Name, "signed.")
		return true
	})
	c := newClient(t, Config{}, s)
	far := newClient(t, Config{}, s)
	far.servers[0].trusted = false // what a server that is not on loopback gets
	for name, want := range map[string]bool{"signed.example": true, "plain.example": false} {
		if _, got, err := c.LookupTXT(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %v %v", name, got, err)
		}
		if _, got, err := far.LookupTXT(t.Context(), name); err != nil || got {
			t.Errorf("%s of a server that is not trusted: %v %v", name, got, err)
		}
	}
	for address, want := range map[string]bool{"127.0.0.1": true, "[::1]:53": true, "192.0.2.1": false, "2001:db8::1": false, "192.0.2.1:5353": false} {
		c, err := New(Config{Servers: []string{address}})
		if err != nil || c.servers[0].trusted != want {
			t.Errorf("%s: %+v, %v", address, c.servers, err)
		}
	}
}

func TestCache(t *testing.T) {
	s := newServer(t, zone(t, "example.com. 300 IN MX 10 mx1.example.com.", "long.example.com. 999999 IN MX 10 mx1.example.com.", "zero.example.com. 0 IN MX 10 mx1.example.com."))
	now := clock.NewManual(time.Unix(1e9, 0))
	c := newClient(t, Config{Clock: now}, s)
	ask := func(name string, wantNew bool) {
		t.Helper()
		before := len(s.questions())
		if _, _, err := c.LookupMX(t.Context(), name); err != nil && !IsNotFound(err) {
			t.Fatal(err)
		}
		if isNew := len(s.questions()) > before; isNew != wantNew {
			t.Errorf("%s at %v: asked %v, want %v", name, now.Now(), isNew, wantNew)
		}
	}
	for _, name := range []string{"example.com", "none.example.com", "long.example.com"} {
		ask(name, true)
		ask(strings.ToUpper(name), false)
	}
	ask("zero.example.com", true)
	ask("zero.example.com", true)
	now.Advance(29 * time.Second)
	ask("none.example.com", false)
	now.Advance(time.Second)
	ask("none.example.com", true) // the SOA's minimum has passed
	ask("example.com", false)
	now.Advance(270 * time.Second)
	ask("example.com", true)
	ask("long.example.com", false)
	now.Advance(time.Hour)
	ask("long.example.com", true) // MaxTTL
}

func TestCacheIsBounded(t *testing.T) {
	c := cache{size: 10, entries: make(map[question]entry)}
	now := time.Unix(1e9, 0)
	for i := range 100 {
		q := question{fmt.Sprint(i), dns.TypeMX}
		c.put(q, answer{ttl: time.Duration(i) * time.Second}, now.Add(time.Duration(i)*time.Second))
		if len(c.entries) > 10 {
			t.Fatalf("%d entries", len(c.entries))
		}
	}
	if _, ok := c.get(question{"99", dns.TypeMX}, now); !ok {
		t.Error("the latest entry is gone")
	}
}

func TestTruncatedGoesOverTCP(t *testing.T) {
	var texts []string
	for i := range 100 {
		texts = append(texts, fmt.Sprintf("example.com. 300 IN TXT \"%03d %s\"", i, strings.Repeat("x", 100)))
	}
	full := zone(t, texts...)
	s := newServer(t, func(network string, q dns.Question, r *dns.Msg) bool {
		if network == "udp" {
			r.Truncated = true
			return true
		}
		return full(network, q, r)
	})
	got, _, err := newClient(t, Config{}, s).LookupTXT(t.Context(), "example.com")
	if err != nil || len(got) != 100 {
		t.Fatalf("%d texts, %v", len(got), err)
	}
	if asked := fmt.Sprint(s.questions()); asked != "[udp example.com. TXT tcp example.com. TXT]" {
		t.Error(asked)
	}
}

func TestManyRecordsAreCut(t *testing.T) {
	s := newServer(t, func(network string, q dns.Question, r *dns.Msg) bool {
		if r.Truncated = network == "udp"; r.Truncated {
			return true
		}
		for i := range 2000 {
			r.Answer = append(r.Answer, &dns.MX{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeMX, Class: dns.ClassINET, Ttl: 1}, Preference: uint16(i), Mx: "mx."})
		}
		return true
	})
	if got, _, err := newClient(t, Config{}, s).LookupMX(t.Context(), "example.com"); err != nil || len(got) != maxRecords {
		t.Errorf("%d records, %v", len(got), err)
	}
}

func TestServersInTurn(t *testing.T) {
	good := newServer(t, zone(t, "example.com. 300 IN MX 10 mx1.example.com."))
	failing := newServer(t, func(_ string, _ dns.Question, r *dns.Msg) bool { r.Rcode = dns.RcodeServerFailure; return true })
	refusing := newServer(t, func(_ string, _ dns.Question, r *dns.Msg) bool { r.Rcode = dns.RcodeRefused; return true })
	silent := newServer(t, func(string, dns.Question, *dns.Msg) bool { return false })
	lying := newServer(t, func(_ string, _ dns.Question, r *dns.Msg) bool { r.Question[0].Name = "other.example."; return true })
	old := newServer(t, func(_ string, q dns.Question, r *dns.Msg) bool {
		r.Rcode = dns.RcodeFormatError
		return true
	})
	c := newClient(t, Config{Timeout: time.Second}, failing, refusing, silent, lying, old, good)
	if mx, _, err := c.LookupMX(t.Context(), "example.com"); err != nil || len(mx) != 1 {
		t.Errorf("%v, %v", mx, err)
	}
	c = newClient(t, Config{Timeout: time.Second}, failing, silent)
	_, _, err := c.LookupMX(t.Context(), "example.com")
	if f := fault.Of(err); f.Code != fault.Unavailable || !f.Temporary || IsNotFound(err) || !strings.Contains(err.Error(), "SERVFAIL") {
		t.Errorf("%v", err)
	}
	if n := len(failing.questions()); n != 3 {
		t.Errorf("the failing server was asked %d times, want 1 and 2", n)
	}
}

func TestServerWithoutEDNS(t *testing.T) {
	with := zone(t, "example.com. 300 IN MX 10 mx1.example.com.")
	asked := 0
	s := newServer(t, func(network string, q dns.Question, r *dns.Msg) bool {
		if asked++; asked == 1 {
			r.Rcode = dns.RcodeFormatError
			return true
		}
		return with(network, q, r)
	})
	if mx, _, err := newClient(t, Config{}, s).LookupMX(t.Context(), "example.com"); err != nil || len(mx) != 1 || len(s.questions()) != 2 {
		t.Errorf("%v, %v, asked %v", mx, err, s.questions())
	}
}

func TestOneFamilyFails(t *testing.T) {
	full := zone(t, "example.com. 300 IN A 192.0.2.1")
	s := newServer(t, func(network string, q dns.Question, r *dns.Msg) bool {
		if q.Qtype == dns.TypeAAAA {
			r.Rcode = dns.RcodeServerFailure
			return true
		}
		return full(network, q, r)
	})
	c := newClient(t, Config{}, s)
	if addrs, _, err := c.LookupIP(t.Context(), "example.com"); err != nil || len(addrs) != 1 {
		t.Errorf("%v, %v", addrs, err)
	}
	if _, _, err := c.LookupIP(t.Context(), "none.example.com"); !fault.Of(err).Temporary {
		t.Errorf("half a negative answer is none: %v", err)
	}
}

func TestCancel(t *testing.T) {
	arrived := make(chan struct{}, 10)
	s := newServer(t, func(string, dns.Question, *dns.Msg) bool { arrived <- struct{}{}; return false })
	c := newClient(t, Config{Timeout: time.Minute}, s)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, _, err := c.LookupMX(ctx, "example.com"); !errors.Is(err, context.Canceled) || !fault.Of(err).Temporary {
		t.Errorf("%v", err)
	}
}

func TestResolvConf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(path, []byte("search x.org\nnameserver 192.0.2.1\nnameserver ::1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{ResolvConf: path})
	if err != nil || len(c.servers) != 2 || c.servers[0].address != "192.0.2.1:53" || c.servers[1].address != "[::1]:53" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := New(Config{ResolvConf: path + "x"}); err == nil {
		t.Error("a missing file is no error")
	}
}
