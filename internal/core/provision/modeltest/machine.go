package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

var (
	locals = []string{"x", "y", "z", "postmaster"}
	kinds  = []string{"expiry", "abuse", "left"}
	roles  = []string{"titan", "partner", "domainAdmin", "account"}
	start  = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
)

// billedPartner is the one of the two whose customers the platform bills.
const billedPartner = 1

// Run drives a service over the stores that open gives and the model with the
// same random actions and compares answers, events and everything that can be
// asked. open may give the same store again. On a slow store only every n-th
// action is followed by all the questions; answers and events always count.
func Run(t *testing.T, every int, open func(clock.Clock) work.Store) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, open)
		m.begin(t)
		actions := 0
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if actions++; actions%every == 0 {
					m.compare(t)
				}
			},
			"createOrder":       m.createOrder,
			"suspendOrder":      m.suspendOrder,
			"unsuspendOrder":    m.unsuspendOrder,
			"deleteOrder":       m.deleteOrder,
			"reactivateOrder":   m.reactivateOrder,
			"modifyOrder":       m.modifyOrder,
			"prove":             m.prove,
			"createAccount":     m.createAccount,
			"createAccounts":    m.createAccount,
			"suspendAccount":    m.suspendAccount,
			"unsuspendAccount":  m.unsuspendAccount,
			"deleteAccount":     m.deleteAccount,
			"reactivateAccount": m.reactivateAccount,
			"postpone":          m.postpone,
			"addAlias":          m.addAlias,
			"removeAlias":       m.removeAlias,
			"moveClock":         m.moveClock,
			"orderDue":          m.orderDue,
			"accountDue":        m.accountDue,
		})
	})
}

// machine is the system under test beside its model.
type machine struct {
	ctx      context.Context
	s        *provision.Service
	store    work.Store
	clock    *clock.Manual
	model    *model
	domains  []string // of this run alone, so that runs may share a store
	partners []int64
	seen     []int64 // last event seen, per partner
}

// plainHasher is never to be called: the machine sets no passwords.
type plainHasher struct{}

func (plainHasher) Hash(context.Context, string) (string, error) {
	return "", fault.New(fault.Internal, "hash")
}
func (plainHasher) Verify(context.Context, string, string) (bool, error) {
	return false, fault.New(fault.Internal, "verify")
}

// counter is a source of randomness that is none, so that failures repeat.
type counter struct{ n uint64 }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n = c.n*6364136223846793005 + 1442695040888963407
		p[i] = byte(c.n >> 56)
	}
	return len(p), nil
}

func newMachine(t *rapid.T, open func(clock.Clock) work.Store) *machine {
	c := clock.NewManual(start)
	m := &machine{ctx: context.Background(), clock: c, store: open(c), model: &model{now: start}}
	s, err := provision.New(work.Config{
		Store: m.store, Hasher: plainHasher{}, SealingKey: make([]byte, 32), Clock: c, Random: &counter{},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.s = s
	for n := range 2 {
		bills := partner.BilledByPartner
		if n == billedPartner {
			bills = partner.BilledByPlatform
		}
		p, _, err := s.CreatePartner(m.ctx, audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}, tenancy.CreatePartner{Name: "P", Settings: partner.Settings{BillingOwner: bills}})
		if err != nil {
			t.Fatal(err)
		}
		m.partners, m.seen = append(m.partners, p.ID), append(m.seen, 0)
		m.domains = append(m.domains, fmt.Sprintf("d%d.example", p.ID))
	}
	return m
}

func (m *machine) actor(partner int, role string) audit.Actor {
	return audit.Actor{PartnerID: m.partners[partner], Role: suspension.Role(role), Name: "test"}
}

// did compares an answer with the model's, and the events with the expected ones.
func (m *machine) did(t *rapid.T, want string, err error) {
	got := ""
	if err != nil {
		f := fault.Of(err)
		got = string(f.Code) + " " + f.Reason
	}
	if got != want {
		t.Fatalf("answered %q (%v), the model says %q", got, err, want)
	}
	var events []string
	for i, p := range m.partners {
		var fresh []*event.Event
		if err := m.store.Read(m.ctx, func(tx work.Tx) (err error) {
			fresh, err = tx.Events(m.ctx, p, m.seen[i], 1000)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, e := range fresh {
			m.seen[i] = e.ID
			events = append(events, describe(t, e))
		}
	}
	if !slices.Equal(events, m.model.events) {
		t.Fatalf("events %q, the model says %q", events, m.model.events)
	}
	m.model.events = nil
}

func describe(t *rapid.T, e *event.Event) string {
	var d struct{ OldStatus, NewStatus, Email string }
	if err := json.Unmarshal(e.Data, &d); err != nil {
		t.Fatal(err)
	}
	local, _, _ := strings.Cut(d.Email, "@")
	switch e.Type {
	case event.MailOrderStatusUpdated:
		return fmt.Sprintf("%s %d %s>%s", e.Type, e.OrderID, d.OldStatus, d.NewStatus)
	case event.EmailAccountStatusUpdated:
		return fmt.Sprintf("%s %s %s>%s", e.Type, local, d.OldStatus, d.NewStatus)
	}
	return string(e.Type)
}

// begin makes an order in service and an account in it, so that every action
// has something to act on.
func (m *machine) begin(t *rapid.T) {
	m.makeOrder(t, 0, m.domains[0], "c-1", 3, false)
	m.createAccount(t)
}

func (m *machine) anOrder(t *rapid.T) *mOrder {
	return rapid.SampledFrom(m.model.orders).Draw(t, "order")
}

func (m *machine) anAccount(t *rapid.T) *mAccount {
	return rapid.SampledFrom(m.model.accounts).Draw(t, "account")
}

func ref(o *mOrder) work.OrderRef { return work.OrderRef{ID: o.id} }

func accountRef(a *mAccount) work.AccountRef {
	return work.AccountRef{Order: ref(a.order), AccountID: a.id, Email: a.local + "@" + a.order.domain}
}

func pick(t *rapid.T, from []string, what string) string {
	return rapid.SampledFrom(from).Draw(t, what)
}

func (m *machine) createOrder(t *rapid.T) {
	partner := rapid.IntRange(0, 1).Draw(t, "partner")
	domain, customer := pick(t, m.domains, "domain"), pick(t, []string{"c-1", "c-1", "c-2"}, "customer")
	seats, pending := rapid.IntRange(1, 3).Draw(t, "seats"), rapid.IntRange(0, 4).Draw(t, "pending") == 4
	m.makeOrder(t, partner, domain, customer, seats, pending)
}

func (m *machine) makeOrder(t *rapid.T, partner int, domain, customer string, seats int, pending bool) {
	o, fresh, want := m.model.createOrder(partner, domain, customer, seats, pending)
	expiry := start.Add(365 * day)
	var charged money.Amount
	out, err := m.s.CreateMailOrder(m.ctx, m.actor(partner, "partner"), ordering.CreateMailOrder{
		Domain: domain, Customer: work.CustomerProfile{CustomerID: customer}, Plan: plan.Pro, Seats: &seats, Expiry: &expiry,
		AwaitingPayment: pending, Payment: billing.PaymentDetails{Charged: &charged},
	})
	if err == nil && o != nil {
		if fresh {
			o.id = out.OrderID
		}
		if out.OrderID != o.id || out.Existing == fresh {
			t.Fatalf("%+v, the model says %d, new: %v", out, o.id, fresh)
		}
	}
	m.did(t, want, err)
}

func (m *machine) suspendOrder(t *rapid.T) {
	o, kind, role := m.anOrder(t), pick(t, kinds, "type"), pick(t, roles, "role")
	want := m.model.suspendOrder(o, kind, role)
	_, err := m.s.SuspendMailOrder(m.ctx, m.actor(o.partner, role), ordering.SuspendMailOrder{Order: ref(o), Type: kind})
	m.did(t, want, err)
}

func (m *machine) unsuspendOrder(t *rapid.T) {
	o, kind, role := m.anOrder(t), pick(t, append([]string{""}, kinds...), "type"), pick(t, roles, "role")
	want := m.model.unsuspendOrder(o, kind, role)
	_, err := m.s.UnsuspendMailOrder(m.ctx, m.actor(o.partner, role), ordering.UnsuspendMailOrder{Order: ref(o), Type: kind})
	m.did(t, want, err)
}

func (m *machine) deleteOrder(t *rapid.T) {
	o := m.anOrder(t)
	want := m.model.deleteOrder(o)
	_, err := m.s.DeleteMailOrder(m.ctx, m.actor(o.partner, "partner"), ordering.DeleteMailOrder{Order: ref(o)})
	m.did(t, want, err)
}

func (m *machine) reactivateOrder(t *rapid.T) {
	o := m.anOrder(t)
	want := m.model.reactivateOrder(o)
	_, err := m.s.ReactivateMailOrder(m.ctx, m.actor(o.partner, "partner"), ref(o))
	m.did(t, want, err)
}

func (m *machine) modifyOrder(t *rapid.T) {
	o, seats := m.anOrder(t), rapid.IntRange(1, 3).Draw(t, "seats")
	expiry := m.model.now.Add(time.Duration(rapid.IntRange(-10, 40).Draw(t, "days")) * day).Truncate(day)
	want := m.model.modifyOrder(o, seats, expiry)
	var charged money.Amount
	_, err := m.s.ModifyMailOrder(m.ctx, m.actor(o.partner, "partner"), ordering.ModifyMailOrder{
		Order: ref(o), Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &charged},
	})
	m.did(t, want, err)
}

func (m *machine) prove(t *rapid.T) {
	o := m.anOrder(t)
	want := m.model.prove(o)
	m.did(t, want, m.s.ProveOwnership(m.ctx, m.actor(o.partner, "titan"), o.id))
}

func (m *machine) createAccount(t *rapid.T) {
	o, local, admin := m.anOrder(t), pick(t, locals, "local"), rapid.Bool().Draw(t, "admin")
	a, fresh, want := m.model.createAccount(o, local, admin)
	out, err := m.s.CreateEmailAccount(m.ctx, m.actor(o.partner, "partner"), mailboxes.CreateEmailAccount{Order: ref(o), Email: local + "@" + o.domain, IsAdmin: admin})
	if err == nil && a != nil {
		if fresh {
			a.id = out.AccountID
		}
		if out.AccountID != a.id || out.Existing == fresh {
			t.Fatalf("%+v, the model says %d, new: %v", out, a.id, fresh)
		}
	}
	m.did(t, want, err)
}

func (m *machine) suspendAccount(t *rapid.T) {
	a, kind, role := m.anAccount(t), pick(t, kinds, "type"), pick(t, roles, "role")
	want := m.model.suspendAccount(a, kind, role)
	_, err := m.s.SuspendEmailAccount(m.ctx, m.actor(a.order.partner, role), mailboxes.SuspendEmailAccount{Account: accountRef(a), Type: kind})
	m.did(t, want, err)
}

func (m *machine) unsuspendAccount(t *rapid.T) {
	a, kind, role := m.anAccount(t), pick(t, append([]string{""}, kinds...), "type"), pick(t, roles, "role")
	want := m.model.unsuspendAccount(a, kind, role)
	_, err := m.s.UnsuspendEmailAccount(m.ctx, m.actor(a.order.partner, role), mailboxes.UnsuspendEmailAccount{Account: accountRef(a), Type: kind})
	m.did(t, want, err)
}

func (m *machine) deleteAccount(t *rapid.T) {
	a := m.anAccount(t)
	want := m.model.deleteAccount(a)
	_, err := m.s.DeleteEmailAccount(m.ctx, m.actor(a.order.partner, "partner"), mailboxes.DeleteEmailAccount{Account: accountRef(a)})
	m.did(t, want, err)
}

func (m *machine) reactivateAccount(t *rapid.T) {
	a := m.anAccount(t)
	want := m.model.reactivateAccount(a)
	_, err := m.s.ReactivateEmailAccount(m.ctx, m.actor(a.order.partner, "partner"), mailboxes.ReactivateEmailAccount{Account: accountRef(a)})
	m.did(t, want, err)
}

func (m *machine) postpone(t *rapid.T) {
	a := m.anAccount(t)
	to := m.model.now.Add(time.Duration(rapid.IntRange(-2, 33).Draw(t, "days")) * day).Truncate(day)
	want := m.model.postpone(a, to)
	_, err := m.s.ModifyEmailAccount(m.ctx, m.actor(a.order.partner, "partner"), mailboxes.ModifyEmailAccount{Account: accountRef(a), PurgeAt: &to})
	m.did(t, want, err)
}

func (m *machine) addAlias(t *rapid.T) {
	a, local := m.anAccount(t), pick(t, locals, "local")
	want := m.model.addAlias(a, local)
	m.did(t, want, m.s.AddEmailAlias(m.ctx, m.actor(a.order.partner, "partner"), mailboxes.AddEmailAlias{Account: accountRef(a), Alias: local + "@" + a.order.domain}))
}

func (m *machine) removeAlias(t *rapid.T) {
	a, local := m.anAccount(t), pick(t, locals, "local")
	want := m.model.removeAlias(a, local)
	m.did(t, want, m.s.RemoveEmailAliases(m.ctx, m.actor(a.order.partner, "partner"), mailboxes.RemoveEmailAliases{Account: accountRef(a), Aliases: []string{local + "@" + a.order.domain}}))
}

func (m *machine) moveClock(t *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Microsecond, time.Hour, day, 29 * day, retention}).Draw(t, "by")
	m.clock.Advance(d)
	m.model.now = m.model.now.Add(d)
	if rapid.Bool().Draw(t, "with a runner") {
		m.everythingDue(t)
	}
}

// noMail is a mail store without mail.
type noMail struct{}

func (noMail) Purge(context.Context, int64) error { return nil }

func (m *machine) runDue(k due.Kind, id int64) error {
	return m.s.RunDue(m.ctx, audit.Actor{Role: suspension.RoleTitan, Name: "job:test"}, due.Item{Kind: k, ObjectID: id}, noMail{})
}

func (m *machine) orderDue(t *rapid.T) {
	o := m.anOrder(t)
	m.model.orderDue(o)
	m.did(t, "", m.runDue(due.Order, o.id))
}

func (m *machine) accountDue(t *rapid.T) {
	a := m.anAccount(t)
	m.model.accountDue(a)
	m.did(t, "", m.runDue(due.Account, a.id))
}

// everythingDue is what a runner does: what the calendar says, until nothing is
// due. It must find all that the model has due.
func (m *machine) everythingDue(t *rapid.T) {
	for range 100 {
		var items []*due.Item
		if err := m.store.Read(m.ctx, func(tx work.Tx) error {
			items = nil
			for _, p := range m.partners {
				list, err := tx.DueItems(m.ctx, work.DueFilter{PartnerID: p}, 1000)
				if err != nil {
					return err
				}
				for _, it := range list {
					if !it.At.After(m.model.now) && (it.Kind == due.Order || it.Kind == due.Account) {
						items = append(items, it)
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(items) == 0 {
			break
		}
		i := items[0]
		for _, o := range m.model.orders {
			if i.Kind == due.Order && o.id == i.ObjectID {
				m.model.orderDue(o)
			}
		}
		for _, a := range m.model.accounts {
			if i.Kind == due.Account && a.id == i.ObjectID {
				m.model.accountDue(a)
			}
		}
		m.did(t, "", m.runDue(i.Kind, i.ObjectID))
	}
	for _, o := range m.model.orders {
		m.model.orderDue(o)
	}
	for _, a := range m.model.accounts {
		m.model.accountDue(a)
	}
	if len(m.model.events) > 0 {
		t.Fatalf("the calendar did not know of %q", m.model.events)
	}
}
