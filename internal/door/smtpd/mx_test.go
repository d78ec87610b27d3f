package smtpd

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mail/delivery"
	"posthouse/internal/mail/spool"
	"posthouse/internal/mailaddr"
)

// fakeMailboxes has ann (room for 1,000 octets) and bob at example.com.
type fakeMailboxes struct {
	mu    sync.Mutex
	sizes []int64
	got   []delivered
}

type delivered struct {
	id, from, trace, content string
	to                       []string
}

func (b *fakeMailboxes) ResolveSize(_ context.Context, a mailaddr.Address, size int64) (*delivery.Recipient, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sizes = append(b.sizes, size)
	switch {
	case a.Domain == "":
		return &delivery.Recipient{Address: a, Postmaster: true}, nil
	case a.Domain != "example.com":
		return nil, fault.New(fault.OrderNotFound, "x").WithReason("NO_SUCH_DOMAIN")
	case a.Key() == "ann" && size > 1000:
		return nil, &fault.Error{Code: fault.OverQuota, Reason: "MAILBOX_FULL", Text: "x", Temporary: true}
	case a.Key() == "ann", a.Key() == "bob":
		return &delivery.Recipient{Address: a, Accounts: []int64{7}}, nil
	}
	return nil, fault.New(fault.AccountNotFound, "x").WithReason("NO_SUCH_MAILBOX")
}

func (b *fakeMailboxes) Room(_ context.Context, rs []*delivery.Recipient, size int64) error {
	for _, r := range rs {
		if r.Address.Key() == "ann" && size > 1000 {
			return &fault.Error{Code: fault.OverQuota, Reason: "MAILBOX_FULL", Text: "x", Temporary: true}
		}
	}
	return nil
}

func (b *fakeMailboxes) Deliver(_ context.Context, t delivery.Transaction) error {
	content, err := io.ReadAll(io.NewSectionReader(t.Content, 0, t.Content.Size()))
	if err != nil {
		return err
	}
	d := delivered{id: t.ID, from: t.ReversePath.String(), trace: string(t.Trace), content: string(content)}
	for _, r := range t.Recipients {
		d.to = append(d.to, r.Address.String())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, d)
	return nil
}

func (b *fakeMailboxes) all() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivered(nil), b.got...)
}

func spools(dir string) func() (Spool, error) {
	return func() (Spool, error) { return spool.New(dir, 64<<10), nil }
}

func startMX(t testing.TB, limits Limits) (string, *fakeMailboxes) {
	t.Helper()
	b := &fakeMailboxes{}
	srv, err := NewMX(MXConfig{Config: testConfig(t, limits), Mailboxes: b, Spool: spools(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, srv, false), b
}

func TestMXTraceAndContent(t *testing.T) {
	addr, b := startMX(t, Limits{})
	c := hello(t, addr)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO [192.0.2.7]", "250")
	c.do("MAIL FROM:<x@example.net>", "250")
	c.do("RCPT TO:<ann@example.com>", "250")
	c.do("DATA", "354")
	c.do("Subject: x\r\nno field\r\n\r\nbody\r\n.", "250 2.0.0 OK, queued as aaaaaaaaaaaaaaaa")
	c.do("MAIL FROM:<jürgen@example.net> SMTPUTF8", "250")
	c.do("RCPT TO:<ann@example.com>", "250")
	c.do("RCPT TO:<bob@example.com>", "250")
	c.do("DATA", "354")
	c.do("Subject: y\r\n.", "250")
	// Nobody continues our trace fields.
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<ann@example.com>", "250")
	c.do("DATA", "354")
	c.do(" by mx.example.com with ESMTPSA\r\nSubject: z\r\n.", "550 5.6.0")
	m := b.all()
	if m[0].content != "Subject: x\r\nno field\r\n\r\nbody\r\n" || m[0].from != "x@example.net" || m[0].id != "aaaaaaaaaaaaaaaa" {
		t.Fatalf("%+v", m[0])
	}
	want := regexp.MustCompile(`^Received: from \[192\.0\.2\.7\] \(\[127\.0\.0\.1\]\)\r\n` +
		`\tby mx\.example\.com with ESMTPS id aaaaaaaaaaaaaaaa\r\n` +
		`\tfor <ann@example\.com>\r\n` +
		`\ttls TLS_AES_128_GCM_SHA256 \(TLS 1\.3\);\r\n` +
		`\t\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n$`)
	if !want.MatchString(m[0].trace) {
		t.Fatalf("%q", m[0].trace)
	}
	if strings.Contains(m[1].trace, "for <") || !strings.Contains(m[1].trace, " with UTF8SMTPS ") {
		t.Fatalf("%q", m[1].trace)
	}
}

func TestMXRoom(t *testing.T) {
	addr, b := startMX(t, Limits{})
	c := hello(t, addr)
	body := strings.Repeat("A: b\r\n", 200) + "\r\n.\r\n"
	// Told in MAIL: refused at RCPT, the other goes on.
	c.do("MAIL FROM:<x@example.net> SIZE=1200", "250")
	c.do("RCPT TO:<ann@example.com>", "452 4.2.2 The mailbox is full")
	c.do("RCPT TO:<bob@example.com>", "250")
	c.do("DATA", "354")
	c.send(body)
	c.want("250")
	// Not told, or told wrong: refused at the end.
	for _, size := range []string{"", " SIZE=10"} {
		c.do("MAIL FROM:<x@example.net>"+size, "250")
		c.do("RCPT TO:<ann@example.com>", "250")
		c.do("DATA", "354")
		c.send(body)
		c.want("452 4.2.2 The mailbox is full")
	}
	if m := b.all(); len(m) != 1 || strings.Join(m[0].to, ",") != "bob@example.com" {
		t.Fatalf("%+v", m)
	}
}

func TestMXPostmaster(t *testing.T) {
	addr, b := startMX(t, Limits{})
	c := hello(t, addr)
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<Postmaster>", "250")
	c.do("RCPT TO:<postmaster@example.com>", "250")
	c.do("RCPT TO:<POSTMASTER@mx.example.com>", "250")
	c.do("RCPT TO:<postmaster@elsewhere.example>", "550 5.7.1")
	c.do("RCPT TO:<nobody@example.com>", "550 5.1.1")
	c.do("DATA", "354")
	c.do(".", "250")
	if m := b.all(); len(m) != 1 || len(m[0].to) != 3 {
		t.Fatalf("%+v", m)
	}
}

func TestMXOffersNoAuth(t *testing.T) {
	addr, _ := startMX(t, Limits{})
	c := hello(t, addr)
	c.do("STARTTLS", "220")
	c.startTLS()
	if got := c.do("EHLO x", "250"); strings.Contains(got, "AUTH") || strings.Contains(got, "DSN\r\n") {
		t.Fatal(got)
	}
	c.do("AUTH PLAIN AGEAYg==", "502 5.5.1")
	c.do("MAIL FROM:<> AUTH=<>", "555 5.5.4")
}

func TestConfigIsChecked(t *testing.T) {
	good := testConfig(t, Limits{})
	for name, spoil := range map[string]func(*Config){
		"hostname": func(c *Config) { c.Hostname = "a b" }, "clock": func(c *Config) { c.Clock = nil },
		"random": func(c *Config) { c.Random = nil }, "log": func(c *Config) { c.Log = nil }, "metrics": func(c *Config) { c.Metrics = nil },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := NewMX(MXConfig{Config: cfg, Mailboxes: &fakeMailboxes{}, Spool: spools("")}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := NewMX(MXConfig{Config: good}); err == nil {
		t.Error("accepted without mailboxes")
	}
	if _, err := NewSubmission(SubmissionConfig{Config: good}); err == nil {
		t.Error("accepted without backends")
	}
}

func TestNoRandomness(t *testing.T) {
	cfg := testConfig(t, Limits{})
	cfg.Random = noRandom{}
	c := dial(t, start(t, newServer(cfg, &fakeFace{}), false))
	c.want("421")
	c.wantEOF()
}

type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, errors.New("none") }
