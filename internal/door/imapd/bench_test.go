package imapd_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/door/imapd"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

const (
	user     = "ann@example.com"
	password = "correct horse"
	account  = 7
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// bench is an IMAP server over a real store with one account.
type bench struct {
	t     testing.TB
	store *mailstore.Store
	db    *sqldb.DB
	clock *clock.Manual
	login *stubLogin
	srv   *imapd.Server
	addr  string // STARTTLS listener
	tls   string // implicit TLS listener
	pool  *x509.CertPool
}

// stubLogin knows one account; revoke ends its sessions.
type stubLogin struct {
	mu      sync.Mutex
	revoked chan struct{}
	open    int
	err     error
	closed  chan struct{} // gets a token for each session that ends, if not nil
}

func (l *stubLogin) Login(_ context.Context, email, pw string, _ netip.Addr) (imapd.Account, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return imapd.Account{}, l.err
	}
	if !strings.EqualFold(email, user) || pw != password {
		return imapd.Account{}, fault.New(fault.Unauthenticated, "Wrong address or password")
	}
	l.open++
	return imapd.Account{ID: account, Email: user, Revoked: l.revoked, Close: func() {
		l.mu.Lock()
		l.open--
		l.mu.Unlock()
		if l.closed != nil {
			l.closed <- struct{}{}
		}
	}}, nil
}

// anybody may log in.
type anybody struct{}

func (anybody) Login(context.Context, string, string, netip.Addr) (imapd.Account, error) {
	return imapd.Account{ID: account, Email: user}, nil
}

func (l *stubLogin) sessions() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *stubLogin) revoke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.revoked)
	l.revoked = make(chan struct{})
}

var certificate = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example.com"}, DNSNames: []string{"mail.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
})

func newBench(t testing.TB, change func(*imapd.Config)) *bench {
	t.Helper()
	b := newStore(t)
	b.serve(change)
	return b
}

func newStore(t testing.TB) *bench {
	t.Helper()
	dir, ctx := t.TempDir(), context.Background()
	b := &bench{t: t, clock: clock.NewManual(start), login: &stubLogin{revoked: make(chan struct{})}}
	var err error
	b.db, err = sqldb.Open(ctx, sqltest.Config(t, sqldb.SQLite, filepath.Join(dir, "posthouse.db")))
	must(t, err)
	blobs, err := blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(dir, "messages")})
	must(t, err)
	keys, err := keyring.Open(filepath.Join(dir, "master.key"), rand.Reader)
	must(t, err)
	b.store, err = mailstore.Open(ctx, mailstore.Config{DB: b.db, Blobs: blobs, Keys: keys, Clock: b.clock, Background: -1, IndexDelay: -1})
	must(t, err)
	t.Cleanup(func() {
		must(t, b.store.Close())
		must(t, blobs.Close())
		must(t, b.db.Close())
	})
	must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.CreateMailboxTx(ctx, tx, account, 10<<20) }))
	return b
}

func (b *bench) serve(change func(*imapd.Config)) {
	t := b.t
	t.Helper()
	cert, err := certificate()
	must(t, err)
	b.pool = x509.NewCertPool()
	b.pool.AddCert(cert.Leaf)
	tlsConfig := &tls.Config{Certificates: []tls.Certificate{cert}}
	cfg := imapd.Config{Hostname: "mail.example.com", TLS: func() *tls.Config { return tlsConfig }, AllowPlaintext: true,
		Mail: imapd.FromStore(b.store), Login: b.login, Clock: b.clock, Version: "1.0", Limits: imapd.Limits{ConnectionsPerHost: 100000}}
	cfg.Log = slog.New(unharmed{slog.DiscardHandler, t})
	if testing.Verbose() {
		cfg.Log = slog.New(unharmed{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), t})
	}
	if change != nil {
		change(&cfg)
	}
	b.srv, err = imapd.New(cfg)
	must(t, err)
	served := make(chan error, 2)
	listen := func(mode imapd.Mode) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		go func() { served <- b.srv.Serve(l, mode) }()
		return l.Addr().String()
	}
	b.addr, b.tls = listen(imapd.StartTLS), listen(imapd.ImplicitTLS)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		if err := b.srv.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		for range 2 {
			if err := <-served; err != imapd.ErrServerClosed {
				t.Errorf("serve: %v", err)
			}
		}
		if n := b.login.sessions(); n != 0 {
			t.Errorf("%d login sessions were not closed", n)
		}
	})
}

// deliver puts a message into INBOX as the MX would.
func (b *bench) deliver(text string) mailstore.Delivered {
	b.t.Helper()
	ctx := context.Background()
	st, err := b.store.Put(ctx, strings.NewReader(text))
	must(b.t, err)
	var out []mailstore.Delivered
	must(b.t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = b.store.DeliverTx(ctx, tx, st, []mailstore.Target{{AccountID: account}})
		return err
	}))
	return out[0]
}

func letter(n int) string {
	return fmt.Sprintf("From: Ann <ann@example.com>\r\nTo: Bob Example <bob@example.net>\r\nSubject: Letter %d\r\nDate: Sun, 22 Nov 2026 10:00:%02d +0100\r\nMessage-ID: <%d@example.com>\r\n\r\nHello, this is letter %d.\r\n", n, n%60, n, n)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client is a raw IMAP client.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	n    int
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	must(t, err)
	return wrap(t, conn)
}

func wrap(t testing.TB, conn net.Conn) *client {
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(60*time.Second)))
	return &client{t: t, conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}
}

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(s)); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// line reads one line without CRLF; literals in it are inlined with their CRLF.
func (c *client) line() string {
	c.t.Helper()
	s, err := c.readLine()
	if err != nil {
		c.t.Fatalf("read: %v (got %q)", err, s)
	}
	return s
}

func (c *client) readLine() (string, error) {
	var out strings.Builder
	for {
		s, err := c.r.ReadString('\n')
		out.WriteString(s)
		if err != nil {
			return out.String(), err
		}
		s = strings.TrimRight(s, "\r\n")
		i := strings.LastIndexByte(s, '{')
		var n int
		if i < 0 || !strings.HasSuffix(s, "}") {
			return strings.TrimRight(out.String(), "\r\n"), nil
		}
		if k, _ := fmt.Sscanf(s[i:], "{%d}", &n); k != 1 {
			return strings.TrimRight(out.String(), "\r\n"), nil
		}
		buf := make([]byte, n)
		for got := 0; got < n; {
			k, err := c.r.Read(buf[got:])
			if err != nil {
				return out.String(), err
			}
			got += k
		}
		out.Write(buf)
	}
}

// cmd sends a command and reads up to its tagged response, which comes last.
func (c *client) cmd(text string) []string {
	c.t.Helper()
	c.n++
	tag := fmt.Sprintf("t%d", c.n)
	c.send(tag + " " + text + "\r\n")
	return c.until(tag + " ")
}

// until reads up to a line with a prefix.
func (c *client) until(prefix string) []string {
	c.t.Helper()
	var out []string
	for {
		l := c.line()
		out = append(out, l)
		if strings.HasPrefix(l, prefix) {
			return out
		}
	}
}

// ok is cmd that must succeed; the untagged responses are given.
func (c *client) ok(text string) []string {
	c.t.Helper()
	out := c.cmd(text)
	last := out[len(out)-1]
	if !strings.Contains(last, " OK ") {
		c.t.Fatalf("%s: %s", text, last)
	}
	return out[:len(out)-1]
}

// closed expects the connection to end, after any number of lines, which are given.
func (c *client) closed() []string {
	c.t.Helper()
	var out []string
	for {
		l, err := c.readLine()
		if l != "" {
			out = append(out, strings.TrimRight(l, "\r\n"))
		}
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				c.t.Fatalf("still open after %q", out)
			}
			return out
		}
	}
}

func (b *bench) dial() *client {
	b.t.Helper()
	c := dial(b.t, b.addr)
	if l := c.line(); !strings.HasPrefix(l, "* OK ") {
		b.t.Fatalf("greeting %q", l)
	}
	return c
}

func (b *bench) loggedIn() *client {
	b.t.Helper()
	c := b.dial()
	c.ok(`LOGIN ` + user + ` "` + password + `"`)
	return c
}

func (b *bench) selected(name string) *client {
	b.t.Helper()
	c := b.loggedIn()
	c.ok("SELECT " + name)
	return c
}
