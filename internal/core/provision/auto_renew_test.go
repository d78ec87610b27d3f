package provision_test

import (
	"slices"
	"testing"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// sandboxShop is a sandbox partner whose root sells to jane.
type sandboxShop struct {
	*world
	root *reseller.Reseller
	jane *customer.Customer
}

func newSandboxShop(t *testing.T) *sandboxShop {
	t.Helper()
	w := &sandboxShop{world: newWorld(t)}
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "S", Sandbox: true, Settings: partner.Settings{BillingOwner: partner.BilledByPlatform}})
	w.must(err)
	w.root = w.reseller(reselling.CreateReseller{PartnerID: p.ID, Username: "root@s.example", SellingCurrency: "EUR"})
	w.jane = w.customerOf(p.ID, w.root.ID, "jane@x.example")
	w.setPrices(as(w.root), pricing.PriceListRef{Audience: price.Customers}, allFigures("1.25", "1.50"))
	return w
}

func (w *sandboxShop) fund(amount string) {
	w.t.Helper()
	_, err := w.s.PostManually(w.ctx, as(w.root), selling.PostManually{CustomerID: w.jane.ID, Type: ledger.Receipt, Amount: value(amount), Description: "Bank transfer"})
	w.must(err)
}

func (w *sandboxShop) has(available, owed string) {
	w.t.Helper()
	b, err := w.s.CustomerBalance(w.ctx, w.op, w.jane.ID)
	w.must(err)
	if b.Available.String() != available || b.Owed.String() != owed {
		w.t.Fatalf("balance %+v, want %s and %s", b, available, owed)
	}
}

// advance moves the sandbox's clock as the lifecycle does, from one thing that
// falls due to the next, and gives when each kind was done.
func (w *sandboxShop) advance(by time.Duration) map[due.Kind][]time.Time {
	w.t.Helper()
	who := audit.Actor{PartnerID: w.root.PartnerID, Role: suspension.RolePartner, Name: "key:9"}
	_, err := w.s.AdvanceClock(w.ctx, who, tenancy.AdvanceClock{PartnerID: who.PartnerID, By: by})
	w.must(err)
	out := map[due.Kind][]time.Time{}
	for range 1000 {
		s, err := w.s.MoveClock(w.ctx, w.job, tenancy.MoveClock{PartnerID: who.PartnerID, Node: "a", Lease: time.Minute})
		w.must(err)
		for _, i := range w.dueOf("") {
			if i.ClockID != who.PartnerID || i.At.After(s.Now) {
				continue
			}
			if i.Kind == due.DNS {
				w.must(w.s.CheckDueDNS(w.ctx, w.job, *i))
			} else {
				w.must(w.s.RunDue(w.ctx, w.job, *i, w.store.Boxes))
			}
			out[i.Kind] = append(out[i.Kind], s.Now)
			if now := w.item(i.Kind, i.ObjectID); now != nil && *now == *i {
				w.must(w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ClearDue(w.ctx, i.Kind, i.ObjectID) }))
			}
		}
		if s.Done {
			return out
		}
	}
	w.t.Fatal("the clock never arrives")
	return nil
}

func (w *sandboxShop) buy(domain string) int64 {
	w.t.Helper()
	p, err := w.s.AddOrder(w.ctx, as(w.root), selling.AddOrder{Domain: domain, CustomerID: w.jane.ID, Product: product.BusinessEmail, Months: 1, Seats: 1, AutoRenew: true,
		Option: action.PayInvoice})
	w.must(err)
	return p.Order.ID
}

func (w *sandboxShop) order(id int64) (out *order.Order) {
	w.t.Helper()
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Order(w.ctx, id)
		return err
	}))
	return out
}

// TestAutoRenewalForAYear is R-26 on a sandbox's clock: twelve renewals, each a
// day before the end and paid; then the funds are short, the order ends, and
// what arrives brings it back.
func TestAutoRenewalForAYear(t *testing.T) {
	w := newSandboxShop(t)
	w.fund("19.25") // 1.25 + 12 x 1.50
	id := w.buy("d.example")
	end := *w.order(id).ExpiresAt
	var want []time.Time
	for range 12 {
		want = append(want, end.Add(-day))
		end = order.AddMonths(end, 1)
	}
	done := w.advance(366 * day)
	if !slices.EqualFunc(done[due.Renewal], want, time.Time.Equal) {
		t.Fatalf("renewed at %v, want %v", done[due.Renewal], want)
	}
	if len(done[due.Order]) > 0 {
		t.Errorf("the order fell due at %v", done[due.Order])
	}
	w.has("0.000", "0.000")
	if o := w.order(id); !o.ExpiresAt.Equal(end) {
		t.Fatalf("until %v, want %v", o.ExpiresAt, end)
	}
	w.falls(due.Renewal, id, new(end.Add(-day)))

	done = w.advance(29 * day) // to the day after the end
	if r := done[due.Renewal]; len(r) == 0 || !r[0].Equal(end.Add(-day)) || !slices.EqualFunc(done[due.Order], []time.Time{end}, time.Time.Equal) {
		t.Fatalf("%v, the end is %v", done, end)
	}
	w.has("0.000", "1.500")
	if d := w.details(id); d.Status != order.Suspended {
		t.Fatalf("the order is %s", d.Status)
	}
	w.falls(due.Renewal, id, nil) // the invoice waits, nobody buys again
	w.sweeps(due.Order, 0)
	w.fund("1")
	w.has("1.000", "1.500")
	w.status(id, order.Suspended)
	w.fund("1")
	w.has("0.500", "0.000")
	w.status(id, order.Active)
	if end = order.AddMonths(end, 1); !w.order(id).ExpiresAt.Equal(end) {
		t.Fatalf("until %v, want %v", w.order(id).ExpiresAt, end)
	}
	w.falls(due.Renewal, id, new(end.Add(-day)))
}

// TestAutoRenewalLate: funds that arrive while the deleted order can be restored
// restore it; later they stay the customer's, who owes nothing for it.
func TestAutoRenewalLate(t *testing.T) {
	for late, want := range map[time.Duration]order.Status{8 * day: order.Active, 38 * day: order.Purged} {
		t.Run(string(want), func(t *testing.T) {
			w := newSandboxShop(t)
			w.fund("1.25")
			id := w.buy("d.example")
			end := *w.order(id).ExpiresAt
			w.advance(end.Sub(w.clock.Now()) + late)
			if d := w.order(id); d.Live() {
				t.Fatalf("%+v", d)
			}
			w.has("0.000", "1.500")
			w.fund("10")
			if want == order.Purged {
				w.has("10.000", "0.000")
				w.falls(due.Renewal, id, nil)
				return
			}
			w.status(id, want)
			w.has("8.500", "0.000")
			end = order.AddMonths(end.Add(late), 1) // from now on: it was over for longer than it is kept
			w.falls(due.Renewal, id, new(end.Add(-day)))
		})
	}
}

func (w *world) sweeps(k due.Kind, repaired int) {
	w.t.Helper()
	n, more, err := w.s.SweepDue(w.ctx, w.job, k, 50)
	if n != repaired || more || err != nil {
		w.t.Fatalf("%s: %d repaired, more %v, %v; want %d", k, n, more, err, repaired)
	}
}

// TestSweepRenewals repairs what is missing, late or too many, and leaves alone
// what a renewal or a person has ended.
func TestSweepRenewals(t *testing.T) {
	w := newSandboxShop(t)
	w.fund("100")
	missing, wrong, tooMany, overdue, held := w.buy("a.example"), w.buy("b.example"), w.buy("c.example"), w.buy("d.example"), w.buy("e.example")
	at := w.order(missing).ExpiresAt.Add(-day)
	clear := func(id int64) {
		t.Helper()
		w.must(w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ClearDue(w.ctx, due.Renewal, id) }))
	}
	w.sweeps(due.Order, 0)
	clear(missing)
	o := w.order(tooMany)
	o.AutoRenew = false
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		if err := tx.UpdateOrder(w.ctx, o); err != nil {
			return err
		}
		return tx.SetDue(w.ctx, due.Item{Kind: due.Renewal, ObjectID: wrong, PartnerID: w.root.PartnerID, At: at.Add(day)})
	}))
	w.sweeps(due.Order, 3)
	w.falls(due.Renewal, missing, &at)
	w.falls(due.Renewal, wrong, &at)
	w.falls(due.Renewal, tooMany, nil)
	if i := w.item(due.Renewal, missing); i.ClockID != w.root.PartnerID {
		t.Errorf("by the wrong clock: %+v", i)
	}
	w.sweeps(due.Order, 0)

	// Its time passed while the calendar did not know of it.
	clear(overdue)
	_, err := w.s.SuspendMailOrder(w.ctx, w.op, ordering.SuspendMailOrder{Order: work.OrderRef{ID: held}, Type: "abuse"})
	w.must(err)
	w.advance(at.Add(time.Hour).Sub(w.clock.Now()))
	w.falls(due.Renewal, held, nil)
	w.sweeps(due.Order, 1)
	w.falls(due.Renewal, overdue, &at)
	w.advance(time.Hour)
	w.falls(due.Renewal, overdue, new(order.AddMonths(at.Add(day), 1).Add(-day)))
}

// TestSweepDNS: an order whose domain nobody would look up gets its item again.
func TestSweepDNS(t *testing.T) {
	w := newWorld(t)
	first, second, gone := w.order(w.a, proOrder("a.example", "c-1")), w.order(w.a, proOrder("b.example", "c-1")), w.order(w.a, proOrder("c.example", "c-1"))
	_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: gone}})
	w.must(err)
	before := w.item(due.DNS, first)
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		if err := tx.ClearDue(w.ctx, due.DNS, gone); err != nil {
			return err
		}
		return tx.ClearDue(w.ctx, due.DNS, first)
	}))
	kept := w.item(due.DNS, second)
	w.sweeps(due.Order, 1)
	w.falls(due.DNS, first, &before.At)
	w.falls(due.DNS, second, &kept.At)
	w.falls(due.DNS, gone, nil)
	w.sweeps(due.Order, 0)
}
