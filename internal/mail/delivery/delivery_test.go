package delivery

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

type bench struct {
	t     testing.TB
	db    *sqldb.DB
	store *mailstore.Store
	dir   directory
	queue *queue.Queue
	log   bytes.Buffer
	*Service
}

// directory is a Directory of address to accounts; a negative account is
// suspended. What an address is shows in its name.
type directory map[string][]int64

var ways = map[string]routing.Via{"alias": routing.ViaAlias, "team": routing.ViaForwarder, "all": routing.ViaForwarder, "any": routing.ViaCatchAll}

func (d directory) ResolveRecipient(_ context.Context, local, domain string) (*routing.Recipient, error) {
	ids := d[local+"@"+domain]
	switch {
	case len(ids) == 0:
		return nil, fault.New(fault.AccountNotFound, "No such mailbox").WithReason(routing.ReasonNoSuchMailbox)
	case ids[0] < 0:
		return nil, fault.New(fault.AccountNotFound, "The mailbox is suspended").WithReason(routing.ReasonMailboxSuspended)
	}
	r := &routing.Recipient{Via: routing.ViaDirect, OrderID: 7, PartnerID: 10}
	if via, there := ways[local]; there {
		r.Via = via
	}
	for _, id := range ids {
		r.Targets = append(r.Targets, routing.Target{AccountID: id})
	}
	return r, nil
}

// queueDirectory is the rest of what the queue asks; nothing of it is asked here.
type queueDirectory struct{ directory }

var errUnasked = errors.New("not asked in these tests")

func (queueDirectory) DomainRouting(context.Context, string) (*routing.Routing, error) {
	return nil, errUnasked
}
func (queueDirectory) Sender(context.Context, int64) (*routing.Sender, error) {
	return nil, errUnasked
}
func (queueDirectory) PartnerTime(context.Context, int64) (time.Time, error) {
	return time.Time{}, nil
}
func (queueDirectory) MayForward(context.Context, int64) (bool, error) {
	return false, errUnasked
}
func (queueDirectory) Responders(context.Context, []int64) ([]*routing.Responder, error) {
	return nil, errUnasked
}
func (queueDirectory) EnsureDKIMKeys(context.Context, string) ([]dnssetup.DKIMSigner, error) {
	return nil, errUnasked
}

func onBoth(t *testing.T, fn func(t *testing.T, b *bench)) {
	for _, engine := range []string{sqldb.SQLite, sqldb.Postgres} {
		t.Run(engine, func(t *testing.T) { fn(t, newBench(t, engine)) })
	}
}

func newBench(t testing.TB, engine string) *bench {
	t.Helper()
	ctx := context.Background()
	folder := t.TempDir()
	b := &bench{t: t, dir: directory{
		"ann@here.test": {1}, "alias@here.test": {1}, "bob@here.test": {2}, "full@here.test": {3}, "bad@here.test": {-1},
		"team@here.test": {1, 2, 3}, "all@here.test": {2, 3}, "any@here.test": {2},
	}}
	var err error
	b.db, err = sqldb.Open(ctx, sqltest.Config(t, engine, filepath.Join(folder, "posthouse.db")))
	must(t, err)
	blobs, err := blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(folder, "messages")})
	must(t, err)
	keys, err := keyring.Open(filepath.Join(folder, "master.key"), rand.Reader)
	must(t, err)
	b.store, err = mailstore.Open(ctx, mailstore.Config{DB: b.db, Blobs: blobs, Keys: keys, Background: -1, IndexDelay: -1})
	must(t, err)
	t.Cleanup(func() {
		for _, c := range []func() error{b.store.Close, blobs.Close, b.db.Close} {
			if err := c(); err != nil {
				t.Error(err)
			}
		}
	})
	for id, quota := range map[int64]int64{1: 0, 2: 1000, 3: 1} {
		must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.CreateMailboxTx(ctx, tx, id, quota) }))
	}
	b.queue, err = queue.New(queue.Config{DB: b.db, Mail: b.store, Directory: queueDirectory{b.dir}, Hostname: "mail.here.test"})
	must(t, err)
	b.Service = New(Config{DB: b.db, Mail: b.store, Directory: b.dir, Queue: b.queue, Clock: clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)),
		Log: slog.New(slog.NewTextHandler(&b.log, nil))})
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func addr(t testing.TB, s string) mailaddr.Address {
	t.Helper()
	a, err := mailaddr.Parse(s, mailaddr.AllowUTF8)
	must(t, err)
	return a
}

func (b *bench) resolve(addresses ...string) (out []*Recipient) {
	b.t.Helper()
	for _, a := range addresses {
		to := mailaddr.Address{Local: a}
		if strings.Contains(a, "@") {
			to = addr(b.t, a)
		}
		r, err := b.Resolve(context.Background(), to)
		must(b.t, err)
		out = append(out, r)
	}
	return out
}

func (b *bench) inbox(account int64) (out []string) {
	b.t.Helper()
	ctx := context.Background()
	f, err := b.store.Folder(ctx, account, "INBOX")
	must(b.t, err)
	v, err := b.store.View(ctx, f.ID)
	must(b.t, err)
	for _, e := range v.Entries {
		c, err := b.store.Open(ctx, account, e.MessageID)
		must(b.t, err)
		var buf bytes.Buffer
		_, err = c.WriteTo(&buf)
		must(b.t, err)
		must(b.t, c.Close())
		out = append(out, buf.String())
	}
	return out
}

func TestResolve(t *testing.T) {
	b := newBench(t, sqldb.SQLite)
	ctx := context.Background()
	if r := b.resolve("ANN@HERE.test")[0]; !slices.Equal(r.Accounts, []int64{1}) || r.Via != routing.ViaDirect || r.OrderID != 7 || r.PartnerID != 10 || r.Postmaster {
		t.Errorf("%+v", r)
	}
	if r := b.resolve("PostMaster")[0]; !r.Postmaster || len(r.Accounts) != 0 {
		t.Errorf("%+v", r)
	}
	must(t, b.Deliver(ctx, Transaction{Recipients: b.resolve("full@here.test"), Content: strings.NewReader("x")})) // beyond its quota: it was asked before
	for address, reason := range map[string]string{"nobody@here.test": "NO_SUCH_MAILBOX", "bad@here.test": "MAILBOX_SUSPENDED", "full@here.test": "MAILBOX_FULL"} {
		_, err := b.Resolve(ctx, addr(t, address))
		if f := fault.Of(err); f == nil || f.Reason != reason || f.Temporary != (reason == "MAILBOX_FULL") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := b.Resolve(ctx, mailaddr.Address{Local: "somebody"}); fault.Of(err).Reason != "NO_SUCH_DOMAIN" {
		t.Error(err)
	}
	if _, err := b.ResolveSize(ctx, addr(t, "bob@here.test"), 1001); !fault.Is(err, fault.OverQuota) {
		t.Error(err)
	}
	to := b.resolve("bob@here.test", "ann@here.test", "postmaster")
	if err := b.Room(ctx, to, 1000); err != nil {
		t.Error(err)
	}
	if err := b.Room(ctx, to, 1001); fault.Of(err).Reason != "MAILBOX_FULL" {
		t.Error(err)
	}
}

func TestDeliver(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		const body = "Subject: secret\r\n\r\nhello\r\n"
		must(t, b.Deliver(context.Background(), Transaction{
			ID: "t1", ReversePath: addr(t, "x@far.test"), Recipients: b.resolve("ann@here.test", "alias@here.test", "bob@here.test", "ANN@here.test"),
			Content: strings.NewReader(body), Trace: []byte("Received: by us\r\n"),
		}))
		want := "Return-Path: <x@far.test>\r\nReceived: by us\r\n" + body
		for account := range map[int64]bool{1: true, 2: true} {
			if got := b.inbox(account); len(got) != 1 || got[0] != want {
				t.Errorf("%d: %q", account, got)
			}
		}
		must(t, b.Deliver(context.Background(), Transaction{ID: "t2", Recipients: b.resolve("bob@here.test"), Content: strings.NewReader(body)}))
		if got := b.inbox(2); len(got) != 2 || !strings.HasPrefix(got[1], "Return-Path: <>\r\nSubject:") {
			t.Errorf("%q", got)
		}
		log := b.log.String()
		if !strings.Contains(log, "transaction=t1") || !strings.Contains(log, "recipients=2") || strings.Contains(log, "secret") || strings.Contains(log, "hello") {
			t.Error(log)
		}
		if err := b.Deliver(context.Background(), Transaction{Content: strings.NewReader(body)}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
}

// One mailbox that has gone between RCPT and DATA: nobody gets the message.
func TestDeliverAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		to := append(b.resolve("ann@here.test", "postmaster"), &Recipient{Accounts: []int64{99}})
		if err := b.Deliver(context.Background(), Transaction{ID: "t1", Recipients: to, Content: strings.NewReader("x\r\n")}); err == nil {
			t.Fatal("no error")
		}
		if n := len(b.inbox(1)); n != 0 {
			t.Errorf("%d messages", n)
		}
		if list, err := b.queue.List(context.Background(), queue.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		broken := io.MultiReader(strings.NewReader("x"), failing{})
		if err := b.Deliver(context.Background(), Transaction{ID: "t2", Recipients: to[:1], Content: readerContent{broken}}); err == nil || len(b.inbox(1)) != 0 {
			t.Errorf("%v", err)
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// readerContent breaks off in the middle.
type readerContent struct{ r io.Reader }

func (c readerContent) ReadAt(p []byte, _ int64) (int, error) { return c.r.Read(p) }
func (readerContent) Size() int64                             { return 100 }

func TestDeliverToPostmaster(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		must(t, b.Deliver(ctx, Transaction{ID: "t1", ReversePath: addr(t, "x@far.test"), Recipients: b.resolve("postmaster", "bob@here.test", "POSTMASTER"), Content: strings.NewReader("x\r\n")}))
		must(t, b.Deliver(ctx, Transaction{ID: "t2", Recipients: b.resolve("postmaster"), Content: strings.NewReader("y\r\n")}))
		list, err := b.queue.List(ctx, queue.Filter{State: queue.Held})
		must(t, err)
		if len(list) != 2 || list[0].ID != "t1" || list[0].ReversePath != "x@far.test" || list[0].Kind != "operator" {
			t.Errorf("%+v", list)
		}
		if got := b.inbox(2); len(got) != 1 {
			t.Errorf("%q", got)
		}
	})
}

func BenchmarkDeliver(b *testing.B) {
	x := newBench(b, sqldb.SQLite)
	to := x.resolve("ann@here.test")
	content := strings.Repeat("From: somebody\r\nSubject: hello\r\n\r\n", 1) + strings.Repeat("A line of some text of an ordinary message, number 1234.\r\n", 70)
	x.Service.log = slog.New(slog.DiscardHandler)
	ctx := context.Background()
	const workers = 16
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range workers {
		n := b.N / workers
		if w < b.N%workers {
			n++
		}
		wg.Go(func() {
			for range n {
				if err := x.Deliver(ctx, Transaction{ID: "t", Recipients: to, Content: strings.NewReader(content)}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}
