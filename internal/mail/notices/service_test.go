package notices

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/message"
	"posthouse/internal/secret"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// world is the real core, stores and queue with a worker before them.
type world struct {
	t     *testing.T
	ctx   context.Context
	clock *clock.Manual
	db    *sqldb.DB
	rows  *store.Store
	mail  *mailstore.Store
	core  *provision.Service
	queue *queue.Queue
	cfg   Config
	*Service
	play, real audit.Actor // a sandbox partner and another
}

type hasher struct{}

func (hasher) Hash(_ context.Context, pw string) (string, error) { return "plain:" + pw, nil }
func (hasher) Verify(_ context.Context, pw, hash string) (bool, error) {
	return hash == "plain:"+pw, nil
}

var staff = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)), db: sqltest.Open(t, engine)}
	blobs, err := blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(t.TempDir(), "mail")})
	must(t, err)
	keys, err := keyring.Open(filepath.Join(t.TempDir(), "master.key"), rand.Reader)
	must(t, err)
	w.mail, err = mailstore.Open(w.ctx, mailstore.Config{DB: w.db, Blobs: blobs, Keys: keys, Clock: w.clock, Background: -1, IndexDelay: -1, OrphanGrace: 1000 * time.Hour})
	must(t, err)
	t.Cleanup(func() {
		if err := errors.Join(w.mail.Close(), blobs.Close()); err != nil {
			t.Error(err)
		}
	})
	w.rows = store.New(w.db, w.mail, store.WithClock(w.clock))
	w.core, err = provision.New(work.Config{Store: w.rows, Hasher: hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: w.clock, Brand: brand.Brand{Name: "House"}})
	must(t, err)
	resolver, err := dnsres.New(dnsres.Config{Servers: []string{"127.0.0.1:9"}, Clock: w.clock, Timeout: time.Second})
	must(t, err)
	w.queue, err = queue.New(queue.Config{DB: w.db, Mail: w.mail, Directory: w.core, Resolver: resolver, Hostname: "mx.house.test", Clock: w.clock})
	must(t, err)
	sender, err := mailaddr.Parse("no-reply@house.test")
	must(t, err)
	w.cfg = Config{DB: w.db, Wrap: w.rows.Wrap, Core: w.core, Queue: w.queue, Mailboxes: w.mail, Sender: sender, BaseURL: func() string { return "https://house.test" },
		Clock: w.clock, Log: slog.New(slog.DiscardHandler)}
	w.Service, err = New(w.cfg)
	must(t, err)
	w.play, w.real = w.partner(true), w.partner(false)
	return w
}

func (w *world) partner(sandbox bool) audit.Actor {
	w.t.Helper()
	p, _, err := w.core.CreatePartner(w.ctx, staff, tenancy.CreatePartner{Name: "P", Sandbox: sandbox, Settings: partner.Settings{}})
	must(w.t, err)
	return audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1"}
}

func (w *world) order(actor audit.Actor, domain string) int64 {
	w.t.Helper()
	o, err := w.core.CreateMailOrder(w.ctx, actor, ordering.CreateMailOrder{Domain: domain, Plan: plan.Free,
		Customer: work.CustomerProfile{CustomerID: "c-" + domain, Email: "kim@far.test", AlternateEmail: "kim@other.test"}})
	must(w.t, err)
	return o.OrderID
}

// all works until the outbox is empty.
func (w *world) all() int {
	w.t.Helper()
	n := 0
	for partner := int64(0); ; n++ {
		did, err := w.step(w.ctx, &partner)
		must(w.t, err)
		if !did {
			return n
		}
	}
}

func (w *world) queued() []queue.Summary {
	w.t.Helper()
	list, err := w.queue.List(w.ctx, queue.Filter{})
	must(w.t, err)
	return list
}

// header gives the header fields of the newest queued message.
func (w *world) header() []byte {
	w.t.Helper()
	var id int64
	must(w.t, w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRow(w.ctx, "SELECT message_id FROM queue_message ORDER BY id DESC LIMIT 1").Scan(&id)
	}))
	c, err := w.mail.Open(w.ctx, 0, id)
	must(w.t, err)
	raw, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	must(w.t, err)
	must(w.t, c.Close())
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	return append(head, "\r\n"...)
}

func (w *world) field(name string) string {
	w.t.Helper()
	v := message.FieldValues(w.header(), name)
	if len(v) == 0 {
		return ""
	}
	return strings.TrimSpace(v[0])
}

func TestEachIsQueuedOnce(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t, engine)
			for _, d := range []string{"a.test", "b.test", "c.test"} {
				w.order(w.play, d)
				w.order(w.real, d)
			}
			// Two nodes at once, each of which finds the same rows.
			other, err := New(w.cfg)
			must(t, err)
			var nodes sync.WaitGroup
			for _, s := range []*Service{w.Service, other} {
				nodes.Go(func() {
					for partner := int64(0); ; {
						did, err := s.step(w.ctx, &partner)
						if err != nil {
							t.Error(err)
						}
						if !did {
							return
						}
					}
				})
			}
			nodes.Wait()
			list := w.queued()
			if len(list) != 6 {
				t.Fatalf("%d queued: %+v", len(list), list)
			}
			for _, m := range list {
				if m.Kind != "notice" || m.ReversePath != "" || m.Sandbox != (m.PartnerID == w.play.PartnerID) {
					t.Errorf("%+v", m)
				}
			}
			if w.all() != 0 {
				t.Error("something is left")
			}
		})
	}
}

// brokenQueue fails in the middle of the transaction.
type brokenQueue struct {
	Queue
	fail bool
}

func (b *brokenQueue) SystemTx(ctx context.Context, tx *sqldb.Tx, p *queue.PreparedSystem) error {
	err := b.Queue.SystemTx(ctx, tx, p)
	if b.fail {
		return errors.New("the power went")
	}
	return err
}

func TestFailuresArePutOff(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	b := &brokenQueue{Queue: w.queue, fail: true}
	w.cfg.Queue = b
	var err error
	w.Service, err = New(w.cfg)
	must(t, err)
	w.order(w.play, "a.test")
	w.order(w.play, "b.test")
	if n := w.all(); n != 2 || len(w.queued()) != 0 {
		t.Fatalf("%d tried, %d queued", n, len(w.queued()))
	}
	b.fail = false
	if w.all() != 0 {
		t.Error("tried again at once")
	}
	w.clock.Advance(11 * time.Second)
	if w.all() != 2 || len(w.queued()) != 2 {
		t.Errorf("%d queued later", len(w.queued()))
	}
	// One that can never be written, among others that can.
	must(t, w.rows.Write(w.ctx, func(tx work.Tx) error {
		return tx.InsertNotice(w.ctx, &notice.Notice{PartnerID: w.play.PartnerID, Kind: "of_the_future", To: "x@far.test", Data: json.RawMessage(`{}`), CreatedAt: w.clock.Now()})
	}))
	w.order(w.play, "c.test")
	for range 12 {
		w.all()
		w.clock.Advance(time.Hour)
	}
	list, err := w.core.Notices(w.ctx, staff, work.NoticeFilter{})
	must(t, err)
	if len(list) != 1 || !list[0].Parked || !strings.Contains(list[0].LastError, "no template") || len(w.queued()) != 3 {
		t.Errorf("%+v, %d queued", list, len(w.queued()))
	}
}

func TestSender(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	ours, theirs := w.order(w.real, "ours.test"), w.order(w.play, "theirs.test")
	must(t, w.core.ProveOwnership(w.ctx, staff, ours))
	must(t, w.core.ProveOwnership(w.ctx, staff, theirs))
	w.all()
	for i, tc := range []struct{ email, name, from, domain string }{
		{"", "", "House <no-reply@house.test>", ""},
		{"hello@ours.test", "We & You", `We & You <hello@ours.test>`, "ours.test"},
		{"ceo@theirs.test", "Ceo", `Ceo <no-reply@house.test>`, ""}, // another partner's
		{"hello@elsewhere.test", "", `House <hello@elsewhere.test>`, ""},
	} {
		_, err := w.core.SetBrand(w.ctx, w.real, tenancy.SetBrand{PartnerID: w.real.PartnerID, Brand: brand.Brand{SenderEmail: tc.email, SenderName: tc.name}})
		must(t, err)
		w.order(w.real, string(rune('a'+i))+".test")
		w.all()
		if got := strings.ReplaceAll(message.DecodeHeader(w.field("From")), `"`, ""); got != tc.from {
			t.Errorf("%s: From is %s", tc.email, got)
		}
		signed := w.field("DKIM-Signature")
		if (signed != "") != (tc.domain != "") || tc.domain != "" && !strings.Contains(signed, "d="+tc.domain+";") {
			t.Errorf("%s: signed %q", tc.email, signed)
		}
		if !strings.HasSuffix(w.field("Message-ID"), "@"+strings.TrimSuffix(tc.from[strings.Index(tc.from, "@")+1:], ">")+">") {
			t.Errorf("%s: %s", tc.email, w.field("Message-ID"))
		}
	}
}

func TestDateIsThePartners(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	must(t, w.rows.Write(w.ctx, func(tx work.Tx) error {
		return tx.PutPartnerClock(w.ctx, &partner.Clock{PartnerID: w.play.PartnerID, Offset: 40 * 24 * time.Hour, UpdatedAt: w.clock.Now()})
	}))
	w.order(w.play, "a.test")
	w.all()
	if d := w.field("Date"); d != "Fri, 01 Jan 2027 10:00:00 +0000" {
		t.Errorf("Date is %s", d)
	}
}

func TestQuotaIsTold(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	id := w.order(w.play, "a.test")
	w.all()
	a, err := w.core.CreateEmailAccount(w.ctx, w.play, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: id}, Email: "ann@a.test"})
	must(t, err)
	fill := func(used, quota int64) {
		must(t, w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(w.ctx, "UPDATE mail_box SET used_bytes = ?, quota_bytes = ? WHERE account_id = ?", used, quota, a.AccountID)
			return err
		}))
	}
	fill(92<<20, 100<<20)
	for range 2 {
		must(t, w.watchQuotas(w.ctx))
	}
	if n := w.all(); n != 1 {
		t.Fatalf("%d told", n)
	}
	d, err := w.queue.Show(w.ctx, w.queued()[len(w.queued())-1].ID)
	must(t, err)
	if d.Recipients[0].Address != "ann@a.test" {
		t.Errorf("%+v", d)
	}
	fill(100<<20, 100<<20)
	must(t, w.watchQuotas(w.ctx))
	if n := w.all(); n != 1 || !strings.Contains(w.field("To"), "kim@far.test") {
		t.Errorf("%d told, To %s", n, w.field("To"))
	}
	fill(0, 100<<20)
	must(t, w.watchQuotas(w.ctx))
	if w.all() != 0 {
		t.Error("told of an empty mailbox")
	}
}

// TestRun sends what is written while it waits, and ends.
func TestRun(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.order(w.play, "a.test")
	w.Notify()
	deadline := time.Now().Add(20 * time.Second)
	for len(w.queued()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nothing was sent")
		}
		w.Notify()
	}
	cancel()
	must(t, <-done)
}
