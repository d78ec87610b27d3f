package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// fakeFace is a face whose every decision a test can replace.
type fakeFace struct {
	auth, dsn   bool
	onSender    func(mailaddr.Address) *reply
	onRecipient func(mailaddr.Address) *reply
	onHeader    func([]byte) *reply
	onAccept    func(content string) error
	spoolErr    func(size int) error // judges each write by what was written before
	revoked     chan struct{}

	mu     sync.Mutex
	stored []stored
	open   int // spools not closed
}

type stored struct {
	id, from string
	to       []string
	content  string
	rcpts    []recipient
	mail     mailCommand
}

func (f *fakeFace) name() string     { return "test" }
func (f *fakeFace) offersAuth() bool { return f.auth }
func (f *fakeFace) offersDSN() bool  { return f.dsn }

func (f *fakeFace) logIn(_ context.Context, email, password string, remote netip.Addr) (*principal, error) {
	switch {
	case !remote.IsLoopback():
		return nil, errors.New("no remote address")
	case email == "busy@example.com":
		return nil, fault.Unavail("busy", nil)
	case email == "many@example.com":
		return nil, fault.New(fault.TooMany, "Too many")
	case email != "ann@example.com" || password != "secret":
		return nil, fault.New(fault.Unauthenticated, "Wrong")
	}
	return &principal{account: 7, revoked: f.revoked, close: func() {}}, nil
}

func (f *fakeFace) sender(_ context.Context, _ *session, m *mailCommand) *reply {
	if f.onSender != nil {
		return f.onSender(m.from)
	}
	return nil
}

func (f *fakeFace) recipient(_ context.Context, _ *session, r *rcptCommand) (recipient, *reply) {
	if f.onRecipient != nil {
		if bad := f.onRecipient(r.to); bad != nil {
			return recipient{}, bad
		}
	}
	return recipient{address: r.to, notify: r.notify, orcpt: r.orcpt}, nil
}

func (f *fakeFace) header(s *session, header []byte, w io.Writer) (*reply, error) {
	if f.onHeader != nil {
		if bad := f.onHeader(header); bad != nil {
			return bad, nil
		}
	}
	_, err := w.Write(header)
	return nil, err
}

type fakeSpool struct {
	bytes.Buffer
	face   *fakeFace
	closed bool
}

func (b *fakeSpool) Write(p []byte) (int, error) {
	if b.face.spoolErr != nil {
		if err := b.face.spoolErr(b.Len()); err != nil {
			return 0, err
		}
	}
	return b.Buffer.Write(p)
}

func (b *fakeSpool) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(b.Bytes()).ReadAt(p, at)
}

func (b *fakeSpool) Size() int64 { return int64(b.Len()) }

func (b *fakeSpool) Close() error {
	b.face.mu.Lock()
	defer b.face.mu.Unlock()
	if b.closed {
		return errors.New("closed twice")
	}
	b.closed = true
	b.face.open--
	return nil
}

func (f *fakeFace) spool() (Spool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	return &fakeSpool{face: f}, nil
}

func (f *fakeFace) accept(_ context.Context, s *session) error {
	content := s.content.spool.(*fakeSpool).String()
	if f.onAccept != nil {
		if err := f.onAccept(content); err != nil {
			return err
		}
	}
	m := stored{id: s.tx.id, from: s.tx.mail.from.String(), content: content, mail: s.tx.mail}
	for _, r := range s.tx.recipients {
		m.to = append(m.to, r.address.String())
		m.rcpts = append(m.rcpts, r)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stored = append(f.stored, m)
	return nil
}

func (f *fakeFace) messages() []stored {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]stored(nil), f.stored...)
}

// zeros makes every id "aaaaaaaaaaaaaaaa".
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var testTLS = sync.OnceValues(func() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), DNSNames: []string{"mx.example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
})

func testConfig(t testing.TB, limits Limits) Config {
	t.Helper()
	cert, err := testTLS()
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Config{Hostname: "mx.example.com", TLS: func() *tls.Config { return cert }, Clock: clock.System(),
		Random: zeros{}, Log: slog.New(unharmed{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), t}), Metrics: m, Limits: limits}.checked()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// unharmed fails a test in which a session panicked: that is contained and
// would go unseen.
type unharmed struct {
	slog.Handler
	t testing.TB
}

func (h unharmed) WithAttrs(a []slog.Attr) slog.Handler {
	return unharmed{h.Handler.WithAttrs(a), h.t}
}

func (h unharmed) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "panic" {
		r.Attrs(func(a slog.Attr) bool { h.t.Errorf("%s: %v", a.Key, a.Value); return true })
	}
	return h.Handler.Handle(ctx, r)
}

// start serves f on loopback until the test ends.
func start(t testing.TB, srv *Server, implicitTLS bool) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() {
		if implicitTLS {
			served <- srv.ServeTLS(l)
		} else {
			served <- srv.Serve(l)
		}
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, ErrClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

func startFake(t testing.TB, f *fakeFace, limits Limits) string {
	t.Helper()
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.open != 0 {
			t.Errorf("%d spools were not closed", f.open)
		}
	})
	return start(t, newServer(testConfig(t, limits), f), false)
}

// client is the other side.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, conn: conn, r: bufio.NewReader(conn)}
	t.Cleanup(func() { _ = c.conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(60 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// hello dials, reads the greeting and says EHLO.
func hello(t testing.TB, addr string) *client {
	t.Helper()
	c := dial(t, addr)
	c.want("220")
	c.do("EHLO client.example", "250")
	return c
}

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// reply reads one whole reply.
func (c *client) reply() string {
	c.t.Helper()
	var b strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatalf("reply: %v after %q", err, b.String()+line)
		}
		if !strings.HasSuffix(line, "\r\n") || len(line) < 6 {
			c.t.Fatalf("malformed reply line %q", line)
		}
		b.WriteString(line)
		if line[3] == ' ' {
			return b.String()
		}
	}
}

// want reads a reply that begins as given.
func (c *client) want(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("got %q, want %q", got, prefix)
	}
	return got
}

func (c *client) do(line, prefix string) string {
	c.t.Helper()
	c.send(line + "\r\n")
	return c.want(prefix)
}

// wantEOF wants the connection closed in good order and nothing more said.
func (c *client) wantEOF() {
	c.t.Helper()
	if b, err := io.ReadAll(c.r); err != nil || len(b) > 0 {
		c.t.Fatalf("got %q, %v instead of the end", b, err)
	}
}

func (c *client) startTLS() {
	c.t.Helper()
	if c.r.Buffered() > 0 {
		c.t.Fatal("plain text behind the reply to STARTTLS")
	}
	conn := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
}

// envelope opens a transaction with one recipient.
func (c *client) envelope() {
	c.t.Helper()
	c.do("MAIL FROM:<a@example.net>", "250")
	c.do("RCPT TO:<b@example.com>", "250")
}

func bdat(s string, last bool) string {
	cmd := "BDAT " + strconv.Itoa(len(s))
	if last {
		cmd += " LAST"
	}
	return cmd + "\r\n" + s
}
