package provision_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
	"posthouse/internal/store/sqltest"
)

const day = 24 * time.Hour

// world is a service over an empty store with two partners.
type world struct {
	t     *testing.T
	ctx   context.Context
	s     *provision.Service
	store *sqltest.Twice
	clock *clock.Manual
	hash  *hasher
	dns   *fakeDNS
	a, b  audit.Actor // two partners' keys
	op    audit.Actor // the operator's staff
	job   audit.Actor // the platform's automation
	keys  map[int64]string
	seen  int // events already looked at
	ids   map[string]int64
}

// hasher is quick, and fails the test when it is called inside a transaction.
type hasher struct {
	t      *testing.T
	inside atomic.Int32
	calls  atomic.Int32
	during func() // runs while a hash is computed, once
}

func (h *hasher) step() {
	h.calls.Add(1)
	if h.inside.Load() > 0 {
		h.t.Error("a password is hashed inside a transaction")
	}
	if f := h.during; f != nil {
		h.during = nil
		f()
	}
}

func (h *hasher) Hash(_ context.Context, password string) (string, error) {
	h.step()
	return "hash of " + password, nil
}

func (h *hasher) Verify(_ context.Context, password, hash string) (bool, error) {
	h.step()
	return hash == "hash of "+password, nil
}

// watched tells the hasher when a transaction runs.
type watched struct {
	work.Store
	h *hasher
}

func (w watched) Read(ctx context.Context, fn func(work.Tx) error) error {
	w.h.inside.Add(1)
	defer w.h.inside.Add(-1)
	return w.Store.Read(ctx, fn)
}

func (w watched) Write(ctx context.Context, fn func(work.Tx) error) error {
	w.h.inside.Add(1)
	defer w.h.inside.Add(-1)
	return w.Store.Write(ctx, fn)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)), hash: &hasher{t: t}, dns: newFakeDNS(), ids: map[string]int64{}, keys: map[int64]string{}}
	w.store = sqltest.NewTwice(t, w.clock) // no command may leave anything outside of its transaction
	s, err := provision.New(work.Config{OwnHosts: []string{"MX.Platform.Example."},
		Store: watched{w.store, w.hash}, Hasher: w.hash, DNS: w.dns, Clock: w.clock, Random: rand.Reader, SealingKey: make([]byte, 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	w.op = audit.Actor{Role: suspension.RoleTitanSupport, Name: "cli"}
	w.job = audit.Actor{Role: suspension.RoleTitan, Name: "job:test"}
	w.a, w.b = w.partner(partner.Settings{}), w.partner(partner.Settings{})
	return w
}

func (w *world) partner(settings partner.Settings) audit.Actor {
	w.t.Helper()
	p, raw, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Partner", Settings: settings})
	if err != nil {
		w.t.Fatal(err)
	}
	w.keys[p.ID] = raw
	return audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1", RequestID: "req-1"}
}

// step is one call with everything that it must have done.
type step struct {
	do     string
	after  time.Duration // the clock moves first
	call   func() error
	fault  fault.Code // "" = success
	reason string
	events []event.Type // exactly these, in this order
	then   func()
}

func (w *world) play(steps ...step) {
	w.t.Helper()
	for i, s := range steps {
		w.clock.Advance(s.after)
		records := len(w.store.AllRecords())
		err := s.call()
		switch {
		case s.fault == "" && err != nil:
			w.t.Fatalf("step %d, %s: %v", i, s.do, err)
		case s.fault != "" && (!fault.Is(err, s.fault) || fault.Of(err).Reason != s.reason):
			w.t.Fatalf("step %d, %s: got %v, want %s [%s]", i, s.do, err, s.fault, s.reason)
		}
		fresh := w.fresh()
		got := make([]event.Type, 0, len(fresh))
		for _, e := range fresh {
			got = append(got, e.Type)
			if e.PublicID == "" || e.PartnerID == 0 || e.OrderID == 0 || e.Actor == "" || !e.At.Equal(w.clock.Now()) || !json.Valid(e.Data) {
				w.t.Errorf("step %d, %s: an event lacks something: %+v", i, s.do, e)
			}
		}
		if !slices.Equal(got, s.events) {
			w.t.Fatalf("step %d, %s: events %v, want %v", i, s.do, got, s.events)
		}
		added := len(w.store.AllRecords()) - records
		if (len(got) > 0 && added == 0) || (err != nil && added > 0) {
			w.t.Errorf("step %d, %s: %d audit records, error %v", i, s.do, added, err)
		}
		if s.then != nil {
			s.then()
		}
	}
	w.noSecrets()
}

// fresh gives the events since the last call.
func (w *world) fresh() []event.Event {
	all := w.store.AllEvents()
	out := all[w.seen:]
	w.seen = len(all)
	return out
}

func (w *world) lastEvent() string {
	all := w.store.AllEvents()
	return string(all[len(all)-1].Data)
}

// noSecrets looks for passwords and hashes where they must never be.
func (w *world) noSecrets() {
	w.t.Helper()
	for _, e := range w.store.AllEvents() {
		if strings.Contains(string(e.Data), "pw-") || strings.Contains(string(e.Data), "hash of") {
			w.t.Errorf("an event tells a password: %s", e.Data)
		}
	}
	for _, r := range w.store.AllRecords() {
		if strings.Contains(string(r.Detail), "pw-") || strings.Contains(string(r.Detail), "hash of") {
			w.t.Errorf("the audit log tells a password: %s", r.Detail)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func date(s string) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func amount(s string) *money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return &a
}

// proOrder is a valid order of five seats.
func proOrder(domain, customer string) ordering.CreateMailOrder {
	return ordering.CreateMailOrder{
		Domain: domain, Customer: work.CustomerProfile{CustomerID: customer}, Plan: plan.Pro, Seats: ptr(5), Expiry: date("2027-11-22"),
		Payment: billing.PaymentDetails{Charged: amount("12.50"), TxnID: "txn-1"},
	}
}

// order makes an order and keeps its id under the domain.
func (w *world) order(actor audit.Actor, cmd ordering.CreateMailOrder) int64 {
	w.t.Helper()
	o, err := w.s.CreateMailOrder(w.ctx, actor, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	w.fresh()
	return o.OrderID
}

// account makes an account.
func (w *world) account(actor audit.Actor, orderID int64, email string) int64 {
	w.t.Helper()
	a, err := w.s.CreateEmailAccount(w.ctx, actor, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: orderID}, Email: email})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fresh()
	return a.AccountID
}

func (w *world) details(id int64) *work.OrderDetails {
	w.t.Helper()
	d, err := w.s.FetchOrder(w.ctx, w.op, work.OrderRef{ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) status(id int64, want order.Status) {
	w.t.Helper()
	if d := w.details(id); d.Status != want {
		w.t.Fatalf("order %d is %s, want %s", id, d.Status, want)
	}
}

func (w *world) accountDetails(id int64) *work.AccountDetails {
	w.t.Helper()
	d, err := w.s.FetchEmailAccount(w.ctx, w.op, work.AccountRef{AccountID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// touched counts the entries of the access log that concern an order.
func (w *world) touched(orderID int64) (n int) {
	for _, c := range w.store.AllAccessChanges() {
		if c.OrderID == orderID {
			n++
		}
	}
	return n
}
