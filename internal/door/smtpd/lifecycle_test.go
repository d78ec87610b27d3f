package smtpd

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
)

func TestConnectionLimits(t *testing.T) {
	cfg := testConfig(t, Limits{})
	cfg.Connections = NewConnLimit(3, 2)
	addr := start(t, newServer(cfg, &fakeFace{}), false)
	a, b := hello(t, addr), hello(t, addr)
	c := dial(t, addr)
	c.want("421 4.7.0 Too many connections from your address")
	c.wantEOF()
	a.do("QUIT", "221")
	a.wantEOF()
	// The place is free once the server has let go, which the client can't see.
	for {
		d := dial(t, addr)
		if strings.HasPrefix(d.reply(), "220") {
			break
		}
		runtime.Gosched()
	}
	b.do("NOOP", "250")
}

func TestConnLimitCounts(t *testing.T) {
	l := NewConnLimit(3, 2)
	ip := func(s string) (a net.Addr) { return &net.TCPAddr{IP: net.ParseIP(s), Port: 1} }
	take := func(s string) *reply { return l.take(remoteAddr(addrConn{addr: ip(s)})) }
	release := func(s string) { l.release(remoteAddr(addrConn{addr: ip(s)})) }
	for i, c := range []struct {
		addr string
		want *reply
	}{
		{"2001:db8::1", nil}, {"2001:db8:0:0:ffff::2", nil}, {"2001:db8::3", replyHostFull},
		{"192.0.2.1", nil}, {"::ffff:192.0.2.1", replyFull},
	} {
		if got := take(c.addr); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	release("2001:db8::1")
	if got := take("2001:db8:0:1::1"); got != nil {
		t.Error(got)
	}
	release("2001:db8:0:1::1")
	release("2001:db8::2")
	release("192.0.2.1")
	if len(l.hosts) != 0 || l.open != 0 {
		t.Errorf("left: %v, %d", l.hosts, l.open)
	}
}

type addrConn struct {
	net.Conn
	addr net.Addr
}

func (c addrConn) RemoteAddr() net.Addr { return c.addr }

func TestShutdownLetsTransactionsFinish(t *testing.T) {
	f := &fakeFace{}
	srv := newServer(testConfig(t, Limits{}), f)
	addr := start(t, srv, false)
	idle, busy := hello(t, addr), hello(t, addr)
	busy.envelope()
	busy.do("DATA", "354")
	done := make(chan error, 1)
	go func() { done <- srv.Shutdown(context.Background()) }()
	idle.want("421 4.3.2")
	idle.wantEOF()
	busy.send("A: b\r\n.\r\n")
	busy.want("250 2.0.0")
	busy.want("421 4.3.2")
	busy.wantEOF()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(f.messages()) != 1 {
		t.Fatal("lost")
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Fatal("still accepts")
	}
}

func TestShutdownCutsOff(t *testing.T) {
	srv := newServer(testConfig(t, Limits{}), &fakeFace{})
	c := hello(t, start(t, srv, false))
	c.envelope()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := srv.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestRevokedLogIn(t *testing.T) {
	for _, where := range []string{"idle", "in a transaction", "in DATA"} {
		t.Run(where, func(t *testing.T) {
			f := &fakeFace{auth: true, revoked: make(chan struct{})}
			c := hello(t, startFake(t, f, Limits{}))
			c.do("STARTTLS", "220")
			c.startTLS()
			c.do("EHLO x", "250")
			c.do("AUTH PLAIN AGFubkBleGFtcGxlLmNvbQBzZWNyZXQ=", "235")
			if where != "idle" {
				c.envelope()
			}
			if where == "in DATA" {
				c.do("DATA", "354")
				c.send("A: b\r\n")
			}
			close(f.revoked)
			c.want("421 4.7.0 The log-in is no longer valid")
			c.wantEOF()
			if len(f.messages()) != 0 {
				t.Fatal("stored")
			}
		})
	}
}

// A log-in that ends while the last octets are on their way still counts.
func TestRevokedBeforeStoring(t *testing.T) {
	f := &fakeFace{auth: true, revoked: make(chan struct{})}
	f.onHeader = func([]byte) *reply { close(f.revoked); return nil }
	c := hello(t, startFake(t, f, Limits{}))
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO x", "250")
	c.do("AUTH PLAIN AGFubkBleGFtcGxlLmNvbQBzZWNyZXQ=", "235")
	c.envelope()
	c.do("DATA", "354")
	c.send("A: b\r\n\r\n.\r\n")
	c.want("421 4.7.0")
	if len(f.messages()) != 0 {
		t.Fatal("stored")
	}
}
