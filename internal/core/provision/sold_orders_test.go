package provision_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// market is a tree whose resellers sell everything at 1.00 per account and month.
type market struct{ *tree }

func newMarket(t *testing.T) *market {
	t.Helper()
	m := &market{newTree(t)}
	var rows []pricing.SetPrice
	for _, p := range product.All() {
		for _, unit := range price.Units(p) {
			for _, months := range product.Tenures {
				for _, a := range price.Actions {
					rows = append(rows, pricing.SetPrice{Item: price.Item{Product: p.Key, Unit: unit, Action: a, Months: months}, Figure: "1.00"})
				}
			}
		}
	}
	for _, r := range []*reseller.Reseller{m.root, m.left, m.right, m.leaf} {
		for _, to := range []price.Audience{price.Customers, price.Resellers} {
			if _, err := m.s.SetPrices(m.ctx, as(r), pricing.PriceListRef{Audience: to}, rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

func (m *market) add(r *reseller.Reseller, c *customer.Customer, domain string, option action.InvoiceOption) int64 {
	m.t.Helper()
	p, err := m.s.AddOrder(m.ctx, as(r), selling.AddOrder{Domain: domain, CustomerID: c.ID, Product: product.BusinessEmail, Months: 1, Seats: 3, Option: option})
	if err != nil {
		m.t.Fatal(err)
	}
	return p.Order.ID
}

func (m *market) sold(r *reseller.Reseller, id int64) *selling.SoldOrder {
	m.t.Helper()
	d, err := m.s.FetchSoldOrder(m.ctx, as(r), selling.SoldOrderRef{ID: id})
	if err != nil {
		m.t.Fatal(err)
	}
	return d
}

func (m *market) renew(r *reseller.Reseller, id *int64, months, extra int) func() error {
	return func() error {
		_, err := m.s.RenewOrder(m.ctx, as(r), selling.RenewOrder{Order: selling.SoldOrderRef{ID: *id}, Months: months, ExtraSeats: extra, Option: action.NoInvoice})
		return err
	}
}

// TestOneOrderOfTwoDialects: what a reseller sells is what its partner sees, and
// the other way round, through the whole life of an order.
func TestOneOrderOfTwoDialects(t *testing.T) {
	m := newMarket(t)
	c := m.customerOf(m.a.PartnerID, m.left.ID, "owner@x.example")
	var id, box int64
	end := order.AddMonths(m.clock.Now(), 1)
	run := m.runDue(due.Order, &id)
	shown := func(want order.Shown, titan order.Status) func() {
		return func() {
			t.Helper()
			if d := m.sold(m.left, id); d.Shown != want {
				t.Errorf("shown as %s, want %s", d.Shown, want)
			}
			m.status(id, titan)
		}
	}
	titanRef := func() work.OrderRef { return work.OrderRef{ID: id} }
	m.play(
		step{do: "sold", call: func() error { id = m.add(m.left, c, "D.example.", action.NoInvoice); return nil }, events: []event.Type{event.MailOrderCreated}, then: func() {
			shown(order.ShownActive, order.Active)()
			o := m.details(id).Order
			if *o.ResellerID != m.left.ID || o.PartnerOrderID != "" || o.BillingCycle != "monthly" || o.Currency != "GBP" || !o.ExpiresAt.Equal(end) || !o.Serviceable || o.Plan != plan.Pro {
				t.Errorf("%+v", o)
			}
			var data map[string]any
			if err := json.Unmarshal([]byte(m.lastEvent()), &data); err != nil || data["status"] != "active" || data["expiryDate"] != "2026-12-22" || data["noOfAccounts"] != 3.0 {
				t.Errorf("%v, %v", data, err)
			}
			m.falls(due.Order, id, &end)
			if m.item(due.DNS, id) == nil {
				t.Error("nobody looks at its records")
			}
		}},
		step{do: "a mailbox", call: func() error {
			a, err := m.s.CreateEmailAccount(m.ctx, m.a, mailboxes.CreateEmailAccount{Order: titanRef(), Email: "x@d.example"})
			if err == nil {
				box = a.AccountID
			}
			return err
		}, events: []event.Type{event.EmailAccountCreated}},
		step{do: "suspended by the partner", call: func() error {
			_, err := m.s.SuspendMailOrder(m.ctx, m.a, ordering.SuspendMailOrder{Order: titanRef()})
			return err
		}, events: statusUpdated, then: func() {
			shown(order.ShownSuspended, order.Suspended)()
			if !m.sold(m.left, id).SuspendedByParent || m.sold(m.root, id).SuspendedByParent {
				t.Error("the partner is the root, above the others")
			}
		}},
		step{do: "the reseller can't lift it", call: func() error {
			_, err := m.s.UnsuspendOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id})
			return err
		}, fault: fault.Forbidden, reason: "STILL_SUSPENDED"},
		step{do: "nor delete it", call: func() error {
			_, err := m.s.DeleteOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id})
			return err
		}, fault: fault.Forbidden, reason: selling.ReasonByParent},
		step{do: "lifted by the partner", call: func() error {
			_, err := m.s.UnsuspendMailOrder(m.ctx, m.a, ordering.UnsuspendMailOrder{Order: titanRef()})
			return err
		}, events: statusUpdated, then: shown(order.ShownActive, order.Active)},
		step{do: "suspended by the reseller", call: func() error {
			_, err := m.s.SuspendOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id}, "unpaid")
			return err
		}, events: statusUpdated, then: func() {
			shown(order.ShownSuspended, order.Suspended)()
			set := m.details(id).Order.Suspensions
			if len(set) != 1 || set[0].Type != suspension.TypePartner || set[0].Role != suspension.RolePartner || set[0].ResellerID != m.left.ID || set[0].Note != "unpaid" {
				t.Errorf("%+v", set)
			}
		}},
		step{do: "lifted by the reseller", call: func() error {
			_, err := m.s.UnsuspendOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id})
			return err
		}, events: statusUpdated, then: shown(order.ShownActive, order.Active)},
		step{do: "renewed with two more seats", call: m.renew(m.left, &id, 3, 2), events: []event.Type{event.AccountsPurchased, event.PlanRenewed}, then: func() {
			end = order.AddMonths(end, 3)
			o := m.details(id).Order
			if !o.ExpiresAt.Equal(end) || o.Seats != 5 || o.Tenure != 3 || o.BillingCycle != "quarterly" {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "the partner sets the day that it ends on", call: func() error {
			_, err := m.s.ModifyMailOrder(m.ctx, m.a, ordering.ModifyMailOrder{Order: titanRef(), Expiry: date("2027-03-22"), Seats: ptr(6), Payment: billing.PaymentDetails{Charged: amount("1")}})
			return err
		}, events: []event.Type{event.AccountsPurchased}, then: func() {
			if o := m.sold(m.left, id).Order; !o.ExpiresAt.Equal(end) || o.Seats != 6 {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "it expires", after: order.AddMonths(end, 3).Sub(m.clock.Now()), call: run, events: statusUpdated, then: func() {
			shown(order.ShownSuspended, order.Suspended)()
			if d := m.sold(m.left, id); !d.SuspendedByExpiry || d.SuspendedByParent {
				t.Errorf("%+v", d)
			}
			if err := m.expireAccount(box); err != nil {
				t.Fatal(err)
			}
		}},
		step{do: "no unsuspending that", call: func() error {
			_, err := m.s.UnsuspendOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id})
			return err
		}, fault: fault.Forbidden, reason: "STILL_SUSPENDED"},
		step{do: "it goes", after: 7 * day, call: run, events: statusUpdated, then: shown(order.ShownRestorable, order.Deleted)},
		step{do: "a renewal brings it back", after: 10 * day, call: m.renew(m.left, &id, 1, 0),
			events: []event.Type{event.MailOrderStatusUpdated, event.EmailAccountStatusUpdated, event.MailOrderStatusUpdated, event.PlanRenewed}, then: func() {
				shown(order.ShownActive, order.Active)()
				end = order.AddMonths(m.clock.Now(), 1) // the old end is too long ago to count from
				if o := m.details(id).Order; !o.ExpiresAt.Equal(end) || !o.Serviceable {
					t.Errorf("%+v", o)
				}
				m.falls(due.Order, id, &end)
			}},
		step{do: "deleted by the partner", call: func() error {
			_, err := m.s.DeleteMailOrder(m.ctx, m.a, ordering.DeleteMailOrder{Order: titanRef(), Reason: "gone"})
			return err
		}, events: statusUpdated, then: shown(order.ShownDeleted, order.Deleted)},
		step{do: "that can't be renewed", call: m.renew(m.left, &id, 1, 0), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
		step{do: "purged", after: 30 * day, call: run, events: purged, then: func() {
			if d := m.sold(m.left, id); d.Shown != order.ShownArchived {
				t.Errorf("%+v", d)
			}
		}},
		step{do: "nothing goes any more", call: m.renew(m.left, &id, 1, 0), fault: fault.OrderNotFound},
		step{do: "and it has no number", call: func() error {
			_, err := m.s.SoldOrderID(m.ctx, as(m.left), "", "d.example")
			return err
		}, fault: fault.OrderNotFound},
	)
}

// expireAccount suspends an account as what sells add-ons might.
func (m *market) expireAccount(id int64) error {
	return m.store.Write(m.ctx, func(tx work.Tx) error {
		a, err := tx.Account(m.ctx, id)
		if err != nil {
			return err
		}
		a.Suspensions, _ = a.Suspensions.Add(suspension.Suspension{Type: suspension.TypeExpiry, Role: suspension.RoleTitan, On: m.clock.Now()})
		return tx.UpdateAccount(m.ctx, a)
	})
}

// TestAnOrderThatWaits: pending to every dialect, then in service from the moment
// that it is paid.
func TestAnOrderThatWaits(t *testing.T) {
	m := newMarket(t)
	c := m.customerOf(m.a.PartnerID, m.left.ID, "owner@x.example")
	var id int64
	m.play(
		step{do: "bought without funds", call: func() error { id = m.add(m.left, c, "d.example", action.PayInvoice); return nil }, events: created, then: func() {
			m.status(id, order.Pending)
			if !strings.Contains(m.lastEvent(), `"status":"pending"`) {
				t.Error(m.lastEvent())
			}
			m.falls(due.Order, id, nil)
		}},
		step{do: "second order", call: func() error {
			_, err := m.s.AddOrder(m.ctx, as(m.root), selling.AddOrder{Domain: "d.example", CustomerID: c.ID, Product: product.EnterpriseUS, Months: 1, Seats: 1, Option: action.NoInvoice})
			return err
		}, fault: fault.Forbidden, reason: selling.ReasonDomainTaken},
		step{do: "funds arrive", after: 5 * day, call: func() error { return m.fund(m.left, c, 3000) }, events: statusUpdated, then: func() {
			m.status(id, order.Active)
			if o := m.details(id).Order; !o.ExpiresAt.Equal(order.AddMonths(m.clock.Now(), 1)) || !o.Serviceable {
				t.Errorf("%+v", o)
			}
		}},
	)
	// A partner may bring a waiting order into service itself; its payment later changes nothing.
	var other int64
	m.play(
		step{do: "bought without funds", call: func() error { other = m.add(m.left, c, "e.example", action.PayInvoice); return nil }, events: created},
		step{do: "brought into service", call: func() error {
			_, err := m.s.ReactivateMailOrder(m.ctx, m.a, work.OrderRef{ID: other})
			return err
		}, events: statusUpdated},
		step{do: "paid", after: day, call: func() error { return m.fund(m.left, c, 3000) }, then: func() {
			if o := m.details(other).Order; !o.ExpiresAt.Equal(order.AddMonths(m.clock.Now().Add(-day), 1)) {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "one more without funds", call: func() error { other = m.add(m.left, c, "f.example", action.PayInvoice); return nil }, events: created},
		step{do: "deleted by the partner meanwhile", call: func() error {
			_, err := m.s.DeleteMailOrder(m.ctx, m.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: other}})
			return err
		}, events: statusUpdated},
		step{do: "deleted here too", call: func() error {
			_, err := m.s.DeleteOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: other})
			return err
		}},
		step{do: "paid", call: func() error { return m.fund(m.left, c, 3000) }, then: func() { m.status(other, order.Deleted) }},
	)
}

func (m *market) fund(r *reseller.Reseller, c *customer.Customer, thousandths money.Value) error {
	_, err := m.s.PostManually(m.ctx, as(r), selling.PostManually{CustomerID: c.ID, Type: ledger.Receipt, Amount: thousandths, Description: "funds"})
	return err
}

// TestEventsTellTheInvoice: what the customer was charged is what the event says.
func TestEventsTellTheInvoice(t *testing.T) {
	m := newMarket(t)
	id := m.add(m.left, m.customerOf(m.a.PartnerID, m.left.ID, "owner@x.example"), "d.example", action.NoInvoice)
	for option, want := range map[action.InvoiceOption]string{
		action.KeepInvoice: `"paymentDetails":{"amount":8.50,"currency":"GBP"}`, action.NoInvoice: `"paymentDetails":{"amount":0.00,"currency":"GBP"}`,
	} {
		discount := money.Value(500)
		if option == action.NoInvoice {
			discount = 0
		}
		m.clock.Advance(time.Hour)
		if _, err := m.s.RenewOrder(m.ctx, as(m.left), selling.RenewOrder{Order: selling.SoldOrderRef{ID: id}, Months: 3, Option: option, Discount: discount}); err != nil {
			t.Fatal(err)
		}
		if got := m.lastEvent(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", option, got)
		}
	}
	if p := m.payments(id); len(p) != 0 {
		t.Errorf("booked as a partner's payment: %+v", p[0])
	}
}

// TestOrdersOfTheOtherDialect: what the partner made is the root's, sold as Titan Email.
func TestOrdersOfTheOtherDialect(t *testing.T) {
	m := newMarket(t)
	cmd := proOrder("t.example", "c-1")
	id := m.order(m.a, cmd)
	ref := selling.SoldOrderRef{ID: id, Product: product.TitanGlobal}
	d := m.sold(m.root, id)
	if d.Product.Key != product.TitanGlobal || d.Plan.ID != 1762 || d.Shown != order.ShownActive || !d.Immediate || d.Order.Seats != 5 {
		t.Errorf("%+v", d)
	}
	if _, err := m.s.FetchSoldOrder(m.ctx, as(m.root), selling.SoldOrderRef{ID: id, Product: product.BusinessEmail}); !fault.Is(err, fault.OrderNotFound) {
		t.Errorf("as another product: %v", err)
	}
	for _, r := range []*reseller.Reseller{m.left, m.leaf, m.other} {
		if _, err := m.s.FetchSoldOrder(m.ctx, as(r), ref); !fault.Is(err, fault.OrderNotFound) {
			t.Errorf("below the root: %v", err)
		}
	}
	found, err := m.s.SearchOrders(m.ctx, as(m.root), selling.SearchOrders{Product: product.TitanGlobal, Page: 1, PerPage: 10})
	if err != nil || found.Total != 1 || found.Orders[0].ID != id {
		t.Errorf("%+v, %v", found, err)
	}
	if got, err := m.s.SoldOrderID(m.ctx, as(m.root), "", "t.example"); err != nil || got != id {
		t.Errorf("%d, %v", got, err)
	}
	m.play(
		step{do: "suspended", call: func() error { _, err := m.s.SuspendOrder(m.ctx, as(m.root), ref, ""); return err }, events: statusUpdated},
		step{do: "the partner lifts it", call: func() error {
			_, err := m.s.UnsuspendMailOrder(m.ctx, m.a, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "renewed; the partner bills, so no event", call: m.renew(m.root, &id, 12, 0), then: func() {
			if o := m.details(id).Order; !o.ExpiresAt.Equal(*date("2028-11-22")) {
				t.Errorf("%+v", o.ExpiresAt)
			}
		}},
		step{do: "more seats", call: func() error {
			_, err := m.s.AddSeats(m.ctx, as(m.root), selling.AddSeats{Order: ref, Seats: 2, Option: action.NoInvoice})
			return err
		}, then: func() {
			if o := m.details(id).Order; o.Seats != 7 {
				t.Errorf("%d seats", o.Seats)
			}
		}},
		step{do: "deleted", call: func() error { _, err := m.s.DeleteOrder(m.ctx, as(m.root), ref); return err }, events: statusUpdated},
		step{do: "brought back by the partner", call: func() error {
			_, err := m.s.ReactivateMailOrder(m.ctx, m.a, work.OrderRef{ID: id})
			return err
		}, events: statusUpdated, then: func() {
			if d := m.sold(m.root, id); d.Shown != order.ShownActive {
				t.Errorf("%+v", d)
			}
		}},
	)
}

// TestViewsAgree: whatever happens to an order in whichever dialect, all show the same.
func TestViewsAgree(t *testing.T) {
	m := newMarket(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		domain := fmt.Sprintf("d%d.example", n)
		c := m.customerOf(m.a.PartnerID, m.left.ID, fmt.Sprintf("owner%d@x.example", n))
		option := rapid.SampledFrom([]action.InvoiceOption{action.NoInvoice, action.KeepInvoice, action.OnlyAdd, action.PayInvoice}).Draw(rt, "option")
		id := m.add(m.left, c, domain, option)
		ref, sold := work.OrderRef{ID: id}, selling.SoldOrderRef{ID: id}
		suspender := func(by audit.Actor) func() error {
			return func() error { _, err := m.s.SuspendOrder(m.ctx, by, sold, ""); return err }
		}
		unsuspender := func(by audit.Actor) func() error {
			return func() error { _, err := m.s.UnsuspendOrder(m.ctx, by, sold); return err }
		}
		steps := map[string]func() error{
			"pay":            func() error { return m.fund(m.left, c, 100_000) },
			"renew":          m.renew(m.left, &id, 1, 0),
			"suspend":        suspender(as(m.left)),
			"suspend above":  suspender(as(m.root)),
			"unsuspend":      unsuspender(as(m.left)),
			"unsuspend root": unsuspender(as(m.root)),
			"more": func() error {
				_, err := m.s.AddSeats(m.ctx, as(m.left), selling.AddSeats{Order: sold, Seats: 1, Option: option})
				return err
			},
			"fewer": func() error {
				_, err := m.s.RemoveSeats(m.ctx, as(m.left), selling.RemoveSeats{Order: sold, Seats: 1})
				return err
			},
			"delete": func() error { _, err := m.s.DeleteOrder(m.ctx, as(m.left), sold); return err },
			"delete there": func() error {
				_, err := m.s.DeleteMailOrder(m.ctx, m.a, ordering.DeleteMailOrder{Order: ref})
				return err
			},
			"restore there": func() error { _, err := m.s.ReactivateMailOrder(m.ctx, m.a, ref); return err },
			"suspend there": func() error {
				_, err := m.s.SuspendMailOrder(m.ctx, m.a, ordering.SuspendMailOrder{Order: ref})
				return err
			},
			"lift there": func() error {
				_, err := m.s.UnsuspendMailOrder(m.ctx, m.a, ordering.UnsuspendMailOrder{Order: ref})
				return err
			},
			"seats there": func() error {
				_, err := m.s.ModifyMailOrder(m.ctx, m.a, ordering.ModifyMailOrder{Order: ref, Seats: ptr(4), Payment: billing.PaymentDetails{Charged: amount("1")}})
				return err
			},
			"a week": func() error { m.clock.Advance(8 * day); return m.runDue(due.Order, &id)() },
			"a day":  func() error { m.clock.Advance(day); return m.runDue(due.Order, &id)() },
		}
		names := make([]string, 0, len(steps))
		for name := range steps {
			names = append(names, name)
		}
		slices.Sort(names)
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			name := rapid.SampledFrom(names).Draw(rt, "step")
			before := m.sold(m.left, id)
			err := steps[name]()
			if f := fault.Of(err); f != nil && (f.Code == fault.Internal || f.Code == fault.Unavailable) {
				rt.Fatalf("%s: %v", name, err)
			}
			m.agree(rt, name, before, err, id, domain)
		}
	})
}

// agree compares the views, and what a step that was refused left.
func (m *market) agree(rt *rapid.T, name string, before *selling.SoldOrder, err error, id int64, domain string) {
	d := m.sold(m.left, id)
	o := d.Order
	want := map[order.Shown]order.Status{order.ShownActive: order.Active, order.ShownInactive: order.Pending, order.ShownSuspended: order.Suspended,
		order.ShownDeleted: order.Deleted, order.ShownRestorable: order.Deleted, order.ShownArchived: order.Purged}[d.Shown]
	titan, terr := m.s.FetchOrder(m.ctx, m.a, work.OrderRef{ID: id})
	switch {
	case want == order.Purged:
		if !fault.Is(terr, fault.OrderNotFound) {
			rt.Fatalf("after %s: purged, but there: %v", name, terr)
		}
		return
	case terr != nil || titan.Status != want || titan.Order.Seats != o.Seats || !sameMoment(titan.Order.ExpiresAt, o.ExpiresAt):
		rt.Fatalf("after %s: %s here, %+v there, %v", name, d.Shown, titan, terr)
	}
	if d.Pending != nil && before.Pending != nil && err == nil && name != "pay" && o.Live() {
		for _, ours := range []string{"renew", "suspend", "suspend above", "unsuspend", "unsuspend root", "more", "fewer", "delete"} {
			if name == ours {
				rt.Fatalf("%s went through while an action waits", name)
			}
		}
	}
	if d.Shown == order.ShownInactive && d.Pending == nil {
		rt.Fatalf("after %s: nothing brings the order into service", name)
	}
	page, serr := m.s.SearchOrders(m.ctx, as(m.left), selling.SearchOrders{Domain: domain, States: []order.Shown{d.Shown}, Page: 1, PerPage: 1})
	if serr != nil || page.Total != 1 || page.Orders[0].Shown(page.At) != d.Shown {
		rt.Fatalf("after %s: %s is not found as such: %+v, %v", name, d.Shown, page, serr)
	}
	if d.Shown == order.ShownActive && !o.Serviceable {
		rt.Fatalf("after %s: nobody serves %s", name, domain)
	}
}

func sameMoment(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// TestTransferToAnotherResellersCustomer: Titan's transfer keeps the rules of
// this dialect, and the order becomes the new reseller's.
func TestTransferToAnotherResellersCustomer(t *testing.T) {
	m := newMarket(t)
	from := m.customerOf(m.a.PartnerID, m.left.ID, "owner@x.example")
	to := m.customerOf(m.a.PartnerID, m.right.ID, "other@x.example")
	waits := m.add(m.left, from, "d.example", action.PayInvoice)
	id := m.add(m.left, from, "e.example", action.NoInvoice)
	transfer := func(id int64) error {
		_, err := m.s.TransferMailOrder(m.ctx, m.a, ordering.TransferMailOrder{Order: work.OrderRef{ID: id}, To: work.CustomerProfile{CustomerID: to.CustomerID}})
		return err
	}
	if err := transfer(waits); !fault.Is(err, fault.Conflict) || fault.Of(err).Reason != work.ReasonActionPending {
		t.Errorf("a waiting order: %v", err)
	}
	if err := transfer(id); err != nil {
		t.Fatal(err)
	}
	if o := m.details(id).Order; o.CustomerID != to.ID || o.ResellerID == nil || *o.ResellerID != m.right.ID {
		t.Errorf("%+v", o)
	}
	if _, err := m.s.FetchSoldOrder(m.ctx, as(m.left), selling.SoldOrderRef{ID: id}); !fault.Is(err, fault.OrderNotFound) {
		t.Errorf("its reseller from before: %v", err)
	}
	m.sold(m.right, id)
}
