package webhook_test

import (
	"bufio"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/webhook"
)

// attempt sends one event to url and gives what came of it.
func (w *world) attempt(url string, change func(*webhook.Config)) *corewebhook.Attempt {
	w.t.Helper()
	who, _ := w.partner(false)
	e := w.endpoint(who, url, nil)
	d, stop := w.dispatcher(change)
	defer stop()
	w.order(who, "a.example")
	w.settles(d, "an attempt", func() bool {
		l := w.deliveries(work.DeliveryFilter{EndpointID: e.ID})
		return len(l) == 1 && l[0].Attempts == 1
	})
	return w.attempts(w.deliveries(work.DeliveryFilter{EndpointID: e.ID})[0].ID)[0]
}

// TestHostileReceivers: whatever a receiver says is bounded in time and memory.
func TestHostileReceivers(t *testing.T) {
	quick := func(c *webhook.Config) { c.Timeout = 300 * time.Millisecond }
	slow := map[string]bool{"one byte at a time, headers": true, "one byte at a time, body": true, "silence": true}
	raw := func(write func(net.Conn)) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(rw).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			write(c)
		}
	}
	// slowly writes one byte at a time until the other side has gone.
	slowly := func(c net.Conn, text string) {
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = bufio.NewReader(c).ReadByte() // returns when the other side closes
		}()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := range len(text) {
			select {
			case <-gone:
				return
			case <-tick.C:
			}
			if _, err := c.Write([]byte{text[i]}); err != nil {
				return
			}
		}
	}
	var sent atomic.Int64
	endless := func(c net.Conn, head string) {
		if _, err := fmt.Fprint(c, head); err != nil {
			return
		}
		chunk := []byte(strings.Repeat("x", 64<<10))
		for sent.Load() < 10<<30 {
			n, err := c.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
	for name, x := range map[string]struct {
		answer http.HandlerFunc
		check  func(*testing.T, *corewebhook.Attempt)
	}{
		"one byte at a time, headers": {raw(func(c net.Conn) { slowly(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-Slow: 1\r\n", 1000)) }), late},
		"one byte at a time, body": {raw(func(c net.Conn) {
			slowly(c, "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"+strings.Repeat("x", 9000))
		}), late},
		"silence": {raw(func(c net.Conn) { _, _ = bufio.NewReader(c).ReadByte() }), late},
		"a body of 10 GB": {raw(func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\n\r\n") }), func(t *testing.T, a *corewebhook.Attempt) {
			if !corewebhook.FormatTitan.Succeeded(a) || len(a.Excerpt) != corewebhook.MaxExcerpt {
				t.Errorf("%+v", a)
			}
		}},
		"headers of 10 GB": {raw(func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\nX-Long: ") }), failed},
		"a cut answer":     {raw(func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") }), failed},
		"no HTTP":          {raw(func(c net.Conn) { fmt.Fprint(c, "+OK POP3 ready\r\n") }), failed},
		"endless 1xx": {raw(func(c net.Conn) {
			for range 1 << 20 {
				if _, err := fmt.Fprint(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"); err != nil {
					return
				}
			}
		}), failed},
		"gzip is not opened": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write([]byte("not gzip"))
		}, func(t *testing.T, a *corewebhook.Attempt) {
			if !corewebhook.FormatTitan.Succeeded(a) || a.Excerpt != "not gzip" {
				t.Errorf("%+v", a)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqldb.SQLite)
			sent.Store(0)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := newReceiver(t, nil)
			r.Config.Handler = x.answer
			patience := quick
			if !slow[name] { // a slow machine is no slow receiver
				patience = nil
			}
			begin := time.Now()
			x.check(t, w.attempt(r.URL, patience))
			if took := time.Since(begin); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			r.CloseClientConnections()
			runtime.ReadMemStats(&after)
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 64<<20 {
				t.Errorf("%d MB allocated", grown>>20)
			}
			if n := sent.Load(); n > 64<<20 {
				t.Errorf("%d MB were taken", n>>20)
			}
		})
	}
}

func late(t *testing.T, a *corewebhook.Attempt) {
	t.Helper()
	if corewebhook.FormatTitan.Succeeded(a) || !strings.Contains(a.Error, "in time") {
		t.Errorf("%+v", a)
	}
}

func failed(t *testing.T, a *corewebhook.Attempt) {
	t.Helper()
	if corewebhook.FormatTitan.Succeeded(a) || a.Error == "" {
		t.Errorf("%+v", a)
	}
}

var inside = []string{
	"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1",
	"198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
	"64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001:0:7f00:1::", "fec0::1", "100::1",
}

// TestGuard: only public addresses, in whatever clothes.
func TestGuard(t *testing.T) {
	g := webhook.NewGuard(nil)
	for _, a := range inside {
		if g.Check(netip.MustParseAddr(a)) == nil {
			t.Errorf("%s is taken for public", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"} {
		if err := g.Check(netip.MustParseAddr(a)); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	own := webhook.NewGuard([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")})
	for a, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd12::1": true, "fc12::1": false, "127.0.0.1": false} {
		if got := own.Check(netip.MustParseAddr(a)) == nil; got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
}

// TestNotDialled: nothing inside is connected to, by address or by name, and
// the answer doesn't say what a name resolves to.
func TestNotDialled(t *testing.T) {
	strict := func(c *webhook.Config) { c.Guard = webhook.NewGuard(nil) }
	r := newReceiver(t, nil)
	port := r.Listener.Addr().(*net.TCPAddr).Port
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "[64:ff9b::7f00:1]", "169.254.169.254", "0.0.0.0", "[::]"} {
		t.Run(host, func(t *testing.T) {
			a := newWorld(t, sqldb.SQLite).attempt(fmt.Sprintf("http://%s:%d/", host, port), strict)
			if a.Status != 0 || a.Error != "Webhooks are not sent to this address" {
				t.Errorf("%+v", a)
			}
		})
	}
	t.Run("rebinding", func(t *testing.T) {
		var asked atomic.Int32
		w := newWorld(t, sqldb.SQLite)
		a := w.attempt(fmt.Sprintf("http://rebind.example:%d/", port), func(c *webhook.Config) {
			strict(c)
			c.Resolver = resolver(func(string) []netip.Addr {
				if asked.Add(1) > 1 { // nobody asks twice: what is checked is what is dialled
					return []netip.Addr{netip.MustParseAddr("93.184.216.34")}
				}
				return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("10.0.0.1")}
			})
		})
		if a.Status != 0 || a.Error != "Webhooks are not sent to this address" || asked.Load() != 1 {
			t.Errorf("%+v after %d questions", a, asked.Load())
		}
		a = newWorld(t, sqldb.SQLite).attempt("http://none.example/", strict)
		if a.Error != "The host none.example could not be resolved" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("a proxy of the environment", func(t *testing.T) {
		t.Setenv("HTTP_PROXY", r.URL)
		t.Setenv("http_proxy", r.URL)
		a := newWorld(t, sqldb.SQLite).attempt("http://none.example/", strict)
		if a.Status != 0 {
			t.Errorf("%+v", a)
		}
	})
	r.none("something was dialled")
}

// TestTLS: a certificate that nobody vouches for is not taken.
func TestTLS(t *testing.T) {
	r := newReceiver(t, nil)
	s := r.Server
	tlsServer := newTLSReceiver(t)
	a := newWorld(t, sqldb.SQLite).attempt(tlsServer.URL, nil)
	if a.Status != 0 || !strings.Contains(a.Error, "certificate") {
		t.Errorf("%+v", a)
	}
	a = newWorld(t, sqldb.SQLite).attempt(tlsServer.URL, func(c *webhook.Config) { c.RootCAs = pool(tlsServer) })
	if !corewebhook.FormatTitan.Succeeded(a) {
		t.Errorf("%+v", a)
	}
	a = newWorld(t, sqldb.SQLite).attempt(strings.Replace(s.URL, "http:", "https:", 1), nil)
	if a.Error != "The receiver doesn't speak TLS" {
		t.Errorf("%+v", a)
	}
	if a = newWorld(t, sqldb.SQLite).attempt(refusing(t), nil); a.Status != 0 || !strings.Contains(a.Error, "refused") {
		t.Errorf("%+v", a)
	}
}

func newTLSReceiver(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func pool(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.Certificate())
	return p
}
