package smtpd

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/mail/delivery"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/login"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mail/spool"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// platform is everything behind the doors, real and on SQLite: a sandbox
// partner's domain shop.example with the mailboxes ann and bob.
type platform struct {
	t          testing.TB
	ctx        context.Context
	db         *sqldb.DB
	mail       *mailstore.Store
	core       *provision.Service
	queue      *queue.Queue
	partner    audit.Actor
	order      work.OrderRef
	ann, bob   int64
	mx, submit string // addresses
}

var operator = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// noDNS answers no question: nothing here may depend on the outside.
type noDNS struct{ t testing.TB }

func (d noDNS) LookupMX(_ context.Context, domain string) ([]dnsres.MX, bool, error) {
	d.t.Errorf("MX of %s was asked for", domain)
	return nil, false, nil
}

func (d noDNS) LookupIP(_ context.Context, host string) ([]netip.Addr, bool, error) {
	d.t.Errorf("addresses of %s were asked for", host)
	return nil, false, nil
}

func newPlatform(t testing.TB) *platform {
	t.Helper()
	return newPlatformWith(t, true, func(*queue.Config) {})
}

// newPlatformWith makes one for a sandbox partner or a real one.
func newPlatformWith(t testing.TB, sandbox bool, change func(*queue.Config)) *platform {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	dir, quiet, clk := t.TempDir(), slog.New(slog.DiscardHandler), clock.System()
	p := &platform{t: t, ctx: ctx, db: must(sqldb.Open(ctx, sqltest.Config(t, sqldb.SQLite, filepath.Join(dir, "posthouse.db"))))(t)}
	blobs := must(blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(dir, "mail")}))(t)
	keys := must(keyring.Open(filepath.Join(dir, "master.key"), rand.Reader))(t)
	p.mail = must(mailstore.Open(ctx, mailstore.Config{DB: p.db, Blobs: blobs, Keys: keys, Clock: clk, Background: -1, IndexDelay: -1}))(t)
	hasher := login.NewHasher(login.HasherConfig{Params: login.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	var logins *login.Service
	rows := store.New(p.db, p.mail, store.WithClock(clk), store.WithAccessHook(func() {
		if logins != nil {
			logins.Notify()
		}
	}))
	sealing := must(keys.Derive("provision.sealing"))(t)
	p.core = must(provision.New(work.Config{Store: rows, Hasher: hasher, SealingKey: sealing[:], Clock: clk}))(t)
	logins = must(login.New(login.Config{Directory: p.core, Hasher: hasher, Clock: clk, Log: quiet}))(t)
	outbound := queue.Config{DB: p.db, Mail: p.mail, Directory: p.core, Resolver: noDNS{t}, Hostname: "mx.example.com", Clock: clk, Log: quiet}
	change(&outbound)
	p.queue = must(queue.New(outbound))(t)

	ran := make(chan error, 2)
	go func() { ran <- logins.Run(ctx) }()
	go func() { ran <- p.queue.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ran
		<-ran
		for _, c := range []func() error{p.mail.Close, blobs.Close, p.db.Close} {
			if err := c(); err != nil {
				t.Error(err)
			}
		}
	})
	p.tenant(sandbox)

	cfg := testConfig(t, Limits{})
	cfg.Random, cfg.Log = rand.Reader, quiet
	spools := func() (Spool, error) { return spool.New(dir, 64<<10), nil }
	mx := must(NewMX(MXConfig{Config: cfg, Spool: spools, Mailboxes: delivery.New(delivery.Config{
		DB: p.db, Mail: p.mail, Directory: p.core, Queue: p.queue, Clock: clk, Log: quiet})}))(t)
	submission := must(NewSubmission(SubmissionConfig{Config: cfg, Spool: spools, Login: logins, Senders: p.core, Queue: p.queue}))(t)
	p.mx, p.submit = start(t, mx, false), start(t, submission, false)
	return p
}

func (p *platform) tenant(sandbox bool) {
	p.t.Helper()
	partner, _, err := p.core.CreatePartner(p.ctx, operator, tenancy.CreatePartner{Name: "shop", Sandbox: sandbox})
	if err != nil {
		p.t.Fatal(err)
	}
	p.partner = audit.Actor{PartnerID: partner.ID, Role: suspension.RolePartner, Name: "key:1"}
	expiry := time.Now().UTC().Truncate(24*time.Hour).AddDate(1, 0, 0)
	o := must(p.core.CreateMailOrder(p.ctx, p.partner, ordering.CreateMailOrder{
		Domain: "shop.example", Customer: work.CustomerProfile{CustomerID: "c1"}, Plan: plan.ProTrial, Expiry: &expiry,
		FirstAccount: &ordering.FirstAccount{Email: "ann@shop.example", Password: "ann's secret 1", Name: "Ann"},
	}))(p.t)
	p.order, p.ann = work.OrderRef{ID: o.OrderID}, o.Account.AccountID
	a := must(p.core.CreateEmailAccount(p.ctx, p.partner, mailboxes.CreateEmailAccount{Order: p.order, Email: "bob@shop.example", Password: "bob's secret 1", Name: "Bob"}))(p.t)
	p.bob = a.AccountID
}

func (p *platform) account(id int64) work.AccountRef {
	return work.AccountRef{Order: p.order, AccountID: id}
}

// inbox is the content of an account's messages, oldest first.
func (p *platform) inbox(account int64) []string {
	p.t.Helper()
	f := must(p.mail.Folder(p.ctx, account, "INBOX"))(p.t)
	v := must(p.mail.View(p.ctx, f.ID))(p.t)
	out := make([]string, len(v.Entries))
	for i, e := range v.Entries {
		c := must(p.mail.Open(p.ctx, account, e.MessageID))(p.t)
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			p.t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			p.t.Fatal(err)
		}
		out[i] = b.String()
	}
	return out
}

// arrives waits until an account has n messages.
func (p *platform) arrives(account int64, n int) []string {
	p.t.Helper()
	changed, cancel := p.mail.Watch(account)
	defer cancel()
	ctx, stop := context.WithTimeout(p.ctx, 60*time.Second)
	defer stop()
	for {
		if got := p.inbox(account); len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-ctx.Done():
			p.t.Fatalf("%d messages did not arrive", n)
		}
	}
}

// quota gives an account a quota that its mailbox exceeds.
func (p *platform) quota(account, octets int64) {
	p.t.Helper()
	if err := p.db.Write(p.ctx, func(tx *sqldb.Tx) error { return p.mail.SetQuotaTx(p.ctx, tx, []int64{account}, octets) }); err != nil {
		p.t.Fatal(err)
	}
}
