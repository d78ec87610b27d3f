package smtpd

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mail/login"
	"posthouse/internal/mail/queue"
)

// fakeDirectory is the core behind a real login.Service.
type fakeDirectory struct {
	mu      sync.Mutex
	hash    string // "" = suspended
	changes []login.AccessChange
}

func (d *fakeDirectory) LoginCandidates(_ context.Context, email string) ([]login.Candidate, error) {
	if email != "ann@example.com" {
		return nil, nil
	}
	return []login.Candidate{{AccountID: 7, OrderID: 3, PartnerID: 1, Email: email, PasswordHash: d.hash, MaySend: true}}, nil
}

func (d *fakeDirectory) LoginAccount(ctx context.Context, id int64) (*login.Candidate, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id != 7 || d.hash == "" {
		return nil, nil
	}
	return &login.Candidate{AccountID: 7, OrderID: 3, PartnerID: 1, Email: "ann@example.com", PasswordHash: d.hash, MaySend: true}, nil
}

func (d *fakeDirectory) AccessChangesAfter(_ context.Context, after int64, limit int) ([]login.AccessChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]login.AccessChange(nil), d.changes[min(int(after), len(d.changes)):]...), nil
}

func (d *fakeDirectory) LastAccessChange(context.Context) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return int64(len(d.changes)), nil
}

type fakeSenders struct{ err error }

func (s fakeSenders) SenderAddresses(_ context.Context, account int64) ([]string, error) {
	if account != 7 {
		return nil, errors.New("another account")
	}
	return []string{"ann@example.com", "sales@example.com"}, s.err
}

type fakeQueue struct {
	mu  sync.Mutex
	got []submitted
}

type submitted struct {
	queue.Submission
	content string
}

func (q *fakeQueue) Submit(_ context.Context, s queue.Submission) error {
	content, err := io.ReadAll(io.NewSectionReader(s.Content, 0, s.Content.Size()))
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.got = append(q.got, submitted{s, string(content)})
	return nil
}

func (q *fakeQueue) all() []submitted {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]submitted(nil), q.got...)
}

func startSubmission(t testing.TB, senders fakeSenders) (addr string, q *fakeQueue, dir *fakeDirectory, logins *login.Service) {
	t.Helper()
	hasher := login.NewHasher(login.HasherConfig{Params: login.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	hash, err := hasher.Hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, Limits{})
	dir = &fakeDirectory{hash: hash}
	logins, err = login.New(login.Config{Directory: dir, Hasher: hasher, Clock: cfg.Clock, Log: cfg.Log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- logins.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	q = &fakeQueue{}
	srv, err := NewSubmission(SubmissionConfig{Config: cfg, Login: logins, Senders: senders, Queue: q, Spool: spools(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, srv, false), q, dir, logins
}

func plainResponse(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
}

func logIn(t testing.TB, addr string) *client {
	t.Helper()
	c := hello(t, addr)
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO secret-client.example", "250")
	c.do("AUTH PLAIN "+plainResponse("ann@example.com", "secret"), "235")
	return c
}

func TestSubmission(t *testing.T) {
	addr, q, _, _ := startSubmission(t, fakeSenders{})
	c := logIn(t, addr)
	c.do("MAIL FROM:<sales@example.com> RET=HDRS ENVID=a+2Bb SMTPUTF8", "250")
	c.do("RCPT TO:<x@elsewhere.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;y+40z", "250")
	c.do("RCPT TO:<jürgen@elsewhere.example>", "250")
	c.do("DATA", "354")
	c.do("From: Ann <ann@example.com>\r\nBcc: hidden@elsewhere.example\r\nSubject: x\r\n\r\nbody\r\n.", "250 2.0.0 OK, queued as aaaaaaaaaaaaaaaa")
	m := q.all()[0]
	if m.ID != "aaaaaaaaaaaaaaaa" || m.Sender.AccountID != 7 || m.Sender.PartnerID != 1 || m.ReversePath.String() != "sales@example.com" ||
		m.Ret != "HDRS" || m.EnvID != "a+2Bb" || !m.SMTPUTF8 || len(m.Recipients) != 2 {
		t.Fatalf("%+v", m.Submission)
	}
	if r := m.Recipients[0]; r.Address.String() != "x@elsewhere.example" || r.Notify != "SUCCESS,FAILURE" || r.ORcpt != "rfc822;y+40z" {
		t.Fatalf("%+v", r)
	}
	for _, secret := range []string{"hidden", "127.0.0.1", "secret-client", "elsewhere"} {
		if strings.Contains(m.content, secret) {
			t.Errorf("%q is told: %q", secret, m.content)
		}
	}
	for _, part := range []string{"Received: by mx.example.com with UTF8SMTPSA id aaaaaaaaaaaaaaaa\r\n", "\r\nDate: ", "\r\nMessage-ID: <aaaaaaaaaaaaaaaa@example.com>\r\n\r\nbody\r\n"} {
		if !strings.Contains(m.content, part) {
			t.Errorf("%q is missing: %q", part, m.content)
		}
	}
}

func TestSubmissionForeignSender(t *testing.T) {
	addr, q, _, _ := startSubmission(t, fakeSenders{})
	c := logIn(t, addr)
	c.do("MAIL FROM:<ceo@bank.example>", "550 5.7.1 The sender must be an address of your account")
	c.do("MAIL FROM:<bob@example.com>", "550 5.7.1")
	for header, want := range map[string]string{
		"From: ceo@bank.example": "550 5.7.1 The From field", "From: ann@example.com\r\nFrom: ceo@bank.example": "550 5.6.0 The message has more than one From",
		"Subject: x": "550 5.6.0 The message has no From",
	} {
		for _, from := range []string{"<Ann@Example.com>", "<>"} {
			c.do("MAIL FROM:"+from, "250")
			c.do("RCPT TO:<x@elsewhere.example>", "250")
			c.do("DATA", "354")
			c.do(header+"\r\n\r\n.", want)
		}
	}
	if len(q.all()) != 0 {
		t.Fatal("submitted")
	}
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<x@elsewhere.example>", "250")
	c.send(bdat("From: ann@example.com\r\n\r\nread", true))
	c.want("250")
	if m := q.all(); len(m) != 1 || !m[0].ReversePath.IsZero() || !strings.HasSuffix(m[0].content, "\r\n\r\nread\r\n") {
		t.Fatalf("%+v", m)
	}
}

func TestSubmissionMayNotSend(t *testing.T) {
	addr, _, _, _ := startSubmission(t, fakeSenders{err: fault.New(fault.Forbidden, "Sending is not possible").WithReason("X")})
	logIn(t, addr).do("MAIL FROM:<ann@example.com>", "550 5.7.1 Sending is not possible")
}

func TestSubmissionSessionEndsWithItsRight(t *testing.T) {
	addr, _, dir, logins := startSubmission(t, fakeSenders{})
	c := logIn(t, addr)
	c.do("MAIL FROM:<ann@example.com>", "250")
	dir.mu.Lock()
	dir.changes = append(dir.changes, login.AccessChange{ID: 1, AccountID: 7})
	dir.hash = ""
	dir.mu.Unlock()
	logins.Notify()
	c.want("421 4.7.0 The log-in is no longer valid")
	c.wantEOF()
}
