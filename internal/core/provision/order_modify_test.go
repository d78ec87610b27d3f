package provision_test

import (
	"encoding/json"
	"testing"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestModifyMailOrder(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.Metadata = json.RawMessage(`{"a":1,"b":2}`)
	id := w.order(w.a, cmd)
	x := w.account(w.a, id, "x@d.example")
	w.account(w.a, id, "y@d.example")
	var out *work.OrderState
	modify := func(change func(*ordering.ModifyMailOrder)) func() error {
		return func() (err error) {
			cmd := ordering.ModifyMailOrder{Order: work.OrderRef{ID: id}, Payment: billing.PaymentDetails{Charged: amount("1")}}
			change(&cmd)
			out, err = w.s.ModifyMailOrder(w.ctx, w.a, cmd)
			return err
		}
	}
	suspend := func(kind string, by suspension.Role) func() error {
		return func() error {
			actor := w.a
			actor.Role = by
			_, err := w.s.SuspendMailOrder(w.ctx, actor, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Type: kind})
			return err
		}
	}
	expects := func(check func(*order.Order) bool) func() {
		return func() {
			t.Helper()
			if o := w.details(id).Order; !check(o) {
				t.Errorf("%+v", o)
			}
		}
	}
	w.play(
		step{do: "order id only", call: modify(func(c *ordering.ModifyMailOrder) { c.PartnerOrderID = ptr("o-7") }), then: expects(func(o *order.Order) bool {
			return o.PartnerOrderID == "o-7" && o.Plan == plan.Pro && o.Seats == 5 && event.Date(o.ExpiresAt) == "2027-11-22"
		})},
		step{do: "metadata is merged", call: modify(func(c *ordering.ModifyMailOrder) { c.Metadata = json.RawMessage(`{"b":3,"c":null,"d":4}`) }), then: expects(func(o *order.Order) bool {
			return string(o.Metadata) == `{"a":1,"b":3,"d":4}`
		})},
		step{do: "more seats", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats, c.Action = ptr(9), "addAccounts" }), then: expects(func(o *order.Order) bool { return o.Seats == 9 })},
		step{do: "seats in use", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats = ptr(1) }), fault: fault.Conflict, reason: "ACCOUNTS_IN_USE"},
		step{do: "down to what is used", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats = ptr(2) }), then: expects(func(o *order.Order) bool { return o.Seats == 2 })},
		step{do: "bigger plan", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Ultra) }), then: func() {
			if q, _ := w.store.Quota(x); q != 51200<<20 {
				t.Errorf("quota %d", q)
			}
		}},
		step{do: "smaller plan", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Pro) }), then: func() {
			if q, _ := w.store.Quota(x); q != 5<<30 {
				t.Errorf("quota %d", q)
			}
		}},
		step{do: "no amount on a paid plan", call: modify(func(c *ordering.ModifyMailOrder) { c.Payment.Charged = nil }), fault: fault.Invalid},
		step{do: "unknown plan", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Plan("x")) }), fault: fault.Invalid},
		step{do: "unknown action", call: modify(func(c *ordering.ModifyMailOrder) { c.Action = "upgrade" }), fault: fault.Invalid},
		step{do: "unknown cycle", call: modify(func(c *ordering.ModifyMailOrder) { c.BillingCycle = ptr(order.Cycle("x")) }), fault: fault.Invalid},
		step{do: "clearing the expiry of a paid plan", call: modify(func(c *ordering.ModifyMailOrder) { c.ClearExpiry = true }), fault: fault.Invalid},
		step{do: "to free, without expiry", call: modify(func(c *ordering.ModifyMailOrder) {
			c.Plan, c.ClearExpiry, c.Payment.Charged = ptr(plan.Free), true, nil
		}), then: expects(func(o *order.Order) bool {
			return o.Plan == plan.Free && o.ExpiresAt == nil
		})},
		step{do: "to paid without expiry", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Pro) }), fault: fault.Invalid},
		step{do: "to paid", call: modify(func(c *ordering.ModifyMailOrder) {
			c.Plan, c.Expiry, c.Payment.Currency = ptr(plan.Pro), date("2027-01-01"), "eur"
		}), then: expects(func(o *order.Order) bool { return o.Currency == "EUR" && event.Date(o.ExpiresAt) == "2027-01-01" })},

		step{do: "suspend for expiry", call: suspend("expiry", suspension.RolePartner), events: statusUpdated},
		step{do: "and by the platform", call: suspend("expiry", suspension.RoleTitan)},
		step{do: "and for another reason", call: suspend("x", suspension.RolePartner)},
		step{do: "a date that is over renews nothing", call: modify(func(c *ordering.ModifyMailOrder) { c.Expiry = date("2026-11-22") }), then: func() {
			if out.Status != order.Suspended || len(out.Suspensions) != 3 {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "renewal lifts expiry only", call: modify(func(c *ordering.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), then: func() {
			if out.Status != order.Suspended || len(out.Suspensions) != 1 {
				t.Errorf("%+v", out)
			}
		}},
		step{do: "unsuspend", call: func() error {
			_, err := w.s.UnsuspendMailOrder(w.ctx, w.a, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "suspend for expiry again", call: suspend("expiry", suspension.RoleTitan), events: statusUpdated},
		step{do: "the same date renews too", call: modify(func(c *ordering.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), events: statusUpdated, then: func() {
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","oldStatus":"suspended","newStatus":"active","suspensions":[]}`
			if got := w.lastEvent(); got != want || out.Status != order.Active {
				t.Errorf("%s, %+v", got, out)
			}
		}},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "deleted", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats = ptr(9) }), fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
	)
}

func TestRepeatedModificationChangesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	cmd := ordering.ModifyMailOrder{
		Order: work.OrderRef{ID: id}, Expiry: date("2029-01-01"), Seats: ptr(7),
		Payment: billing.PaymentDetails{Charged: amount("9"), TxnID: "txn-2"},
	}
	for range 3 {
		if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.payments(id); len(p) != 2 {
		t.Errorf("%d payments", len(p))
	}
	updated := w.details(id).Order.UpdatedAt
	records := len(w.store.AllRecords())
	w.clock.Advance(time.Hour)
	if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	if !w.details(id).Order.UpdatedAt.Equal(updated) || len(w.store.AllRecords()) != records {
		t.Error("a repeat left a trace")
	}
	// Without a transaction id, money is booked with a change only.
	cmd.Payment.TxnID = ""
	if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
		t.Fatal(err)
	}
	if p := w.payments(id); len(p) != 2 {
		t.Errorf("%d payments, want 2", len(p))
	}
	cmd.Seats = ptr(8)
	for range 2 {
		if _, err := w.s.ModifyMailOrder(w.ctx, w.a, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.payments(id); len(p) != 3 {
		t.Errorf("%d payments, want 3", len(p))
	}
}

func TestPlatformBilledEvents(t *testing.T) {
	w := newWorld(t)
	platform := w.partner(partner.Settings{BillingOwner: partner.BilledByPlatform})
	id := w.order(platform, proOrder("d.example", "c-1"))
	modify := func(change func(*ordering.ModifyMailOrder)) func() error {
		return func() error {
			cmd := ordering.ModifyMailOrder{Order: work.OrderRef{ID: id}, Payment: billing.PaymentDetails{Charged: amount("3.5")}}
			change(&cmd)
			_, err := w.s.ModifyMailOrder(w.ctx, platform, cmd)
			return err
		}
	}
	w.play(
		step{do: "upgrade", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Premium) }), events: []event.Type{event.PlanUpgraded}, then: func() {
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","configBeforeUpdate":{"planType":"pro","expiryDate":"2027-11-22","storageLimitInMB":5120,"noOfAccounts":5},"configAfterUpdate":{"planType":"premium","expiryDate":"2027-11-22","storageLimitInMB":10240,"noOfAccounts":5},"paymentDetails":{"amount":3.50,"currency":"USD"}}`
			if got := w.lastEvent(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}},
		step{do: "downgrade", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan = ptr(plan.Pro) })},
		step{do: "seats", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats = ptr(6) }), events: []event.Type{event.AccountsPurchased}},
		step{do: "fewer seats", call: modify(func(c *ordering.ModifyMailOrder) { c.Seats = ptr(4) })},
		step{do: "renew", call: modify(func(c *ordering.ModifyMailOrder) { c.Expiry = date("2028-01-01") }), events: []event.Type{event.PlanRenewed}},
		step{do: "earlier", call: modify(func(c *ordering.ModifyMailOrder) { c.Expiry = date("2027-12-01") })},
		step{do: "all at once", call: modify(func(c *ordering.ModifyMailOrder) {
			c.Plan, c.Seats, c.Expiry = ptr(plan.Ultra), ptr(10), date("2029-01-01")
		}), events: []event.Type{event.PlanUpgraded, event.AccountsPurchased, event.PlanRenewed}},
		step{do: "nothing", call: modify(func(c *ordering.ModifyMailOrder) { c.Plan, c.Seats = ptr(plan.Ultra), ptr(10) })},
	)
}
