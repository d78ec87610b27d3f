package provision_test

import (
	"strings"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func TestSuspendAndUnsuspendMailOrder(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	foreign := w.order(w.b, proOrder("d.example", "c-1"))
	var out *work.OrderState
	suspend := func(kind string, by suspension.Role) func() error {
		return func() (err error) {
			actor := w.a
			actor.Role = by
			out, err = w.s.SuspendMailOrder(w.ctx, actor, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Type: kind, Note: "why"})
			return err
		}
	}
	unsuspend := func(kind string, by suspension.Role) func() error {
		return func() (err error) {
			actor := w.a
			actor.Role = by
			out, err = w.s.UnsuspendMailOrder(w.ctx, actor, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: id}, Type: kind})
			return err
		}
	}
	is := func(s order.Status, n int) func() {
		return func() {
			t.Helper()
			if out.Status != s || len(out.Suspensions) != n {
				t.Errorf("%+v, want %s with %d", out, s, n)
			}
			w.status(id, s)
		}
	}
	w.play(
		step{do: "nothing to lift", call: unsuspend("", suspension.RolePartner), then: is(order.Active, 0)},
		step{do: "without a type", call: suspend("", suspension.RolePartner), events: statusUpdated, then: func() {
			is(order.Suspended, 1)()
			if out.Suspensions[0].Type != "partner" || w.touched(id) != 1 {
				t.Errorf("%+v, touched %d", out.Suspensions, w.touched(id))
			}
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-1","oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"partner","suspenderRole":"partner","suspendedOn":"2026-11-22"}]}`
			if got := w.lastEvent(); got != want {
				t.Errorf("%s", got)
			}
			w.status(foreign, order.Active)
		}},
		step{do: "again", call: suspend("partner", suspension.RolePartner), then: is(order.Suspended, 1)},
		step{do: "abuse by the platform", call: suspend("abuse", suspension.RoleTitanSupport), then: is(order.Suspended, 2)},
		step{do: "abuse by the partner", call: suspend("abuse", suspension.RolePartner), then: is(order.Suspended, 3)},
		step{do: "a type that is not there", call: unsuspend("left", suspension.RolePartner), then: is(order.Suspended, 3)},
		step{do: "the own one of a type", call: unsuspend("abuse", suspension.RolePartner), then: is(order.Suspended, 2)},
		step{do: "a higher role's", call: unsuspend("abuse", suspension.RolePartner), fault: fault.Forbidden, reason: "HIGHER_ROLE"},
		step{do: "all that the role may", call: unsuspend("", suspension.RolePartnerSupport), then: is(order.Suspended, 1)},
		step{do: "the last, by its role", call: unsuspend("abuse", suspension.RoleTitan), events: statusUpdated, then: is(order.Active, 0)},
		step{do: "long type", call: suspend(strings.Repeat("x", 65), suspension.RolePartner), fault: fault.Invalid},
		step{do: "no role", call: suspend("x", "nobody"), fault: fault.Forbidden},
	)
	if w.touched(foreign) != 0 {
		t.Error("another partner's sessions were touched")
	}
}

func TestDeleteAndReactivateMailOrder(t *testing.T) {
	w := newWorld(t)
	ref := func(id int64) work.OrderRef { return work.OrderRef{ID: id} }
	id := w.order(w.a, proOrder("d.example", "c-1"))
	x := w.account(w.a, id, "x@d.example")
	var second int64
	del := func(id *int64) func() error {
		return func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: ref(*id), Reason: "gone"})
			return err
		}
	}
	reactivate := func(id *int64) func() error {
		return func() error { _, err := w.s.ReactivateMailOrder(w.ctx, w.a, ref(*id)); return err }
	}
	eligible := func(id int64, reason string) {
		t.Helper()
		r, err := w.s.MailOrderReactivation(w.ctx, w.a, ref(id))
		if err != nil || r.Reason != reason || r.Allowed != (reason == "") {
			t.Errorf("%+v, %v, want %q", r, err, reason)
		}
	}
	w.play(
		step{do: "reactivate a live one", call: reactivate(&id), then: func() { eligible(id, "DOMAIN_NOT_IN_DELETED_STATE") }},
		step{do: "delete", call: del(&id), events: statusUpdated, then: func() {
			w.status(id, order.Deleted)
			eligible(id, "")
			if a := w.accountDetails(x); a.Status != "active" {
				t.Errorf("the account is %s", a.Status)
			}
		}},
		step{do: "delete again", after: day, call: del(&id), then: func() {
			if o := w.details(id).Order; !o.PurgeAt.Equal(w.clock.Now().Add(29 * day)) {
				t.Errorf("the day moved to %v", o.PurgeAt)
			}
		}},
		step{do: "reactivate", call: reactivate(&id), events: statusUpdated, then: func() {
			if o := w.details(id); o.Status != order.Active || !o.Order.Serviceable || o.Counters.Active != 1 {
				t.Errorf("%+v", o)
			}
		}},
		step{do: "suspend", call: func() error {
			_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: ref(id)})
			return err
		}, events: statusUpdated},
		step{do: "delete the suspended one", call: del(&id), events: statusUpdated},
		step{do: "comes back suspended", call: reactivate(&id), events: statusUpdated, then: func() { w.status(id, order.Suspended) }},
		step{do: "delete once more", call: del(&id), events: statusUpdated},
		step{do: "another order of the domain", call: func() error {
			out, err := w.s.CreateMailOrder(w.ctx, w.a, proOrder("d.example", "c-2"))
			if err == nil {
				second = out.OrderID
			}
			return err
		}, events: created, then: func() { eligible(id, "ANOTHER_ORDER_ALREADY_EXISTS") }},
		step{do: "in the way", call: reactivate(&id), fault: fault.Conflict, reason: "ANOTHER_ORDER_ALREADY_EXISTS"},
		step{do: "a late repeat of the deletion", call: del(&id), then: func() { w.status(second, order.Active) }},
		step{do: "delete the second", call: del(&second), events: statusUpdated},
		step{do: "purged by the clock", after: 30 * day, call: reactivate(&id), fault: fault.Conflict, reason: "ORDER_ALREADY_PURGED", then: func() { eligible(id, "ORDER_ALREADY_PURGED") }},
		step{do: "delete a purged one", call: del(&id), fault: fault.OrderNotFound},
		step{do: "read a purged one", call: func() error { _, err := w.s.FetchOrder(w.ctx, w.a, ref(id)); return err }, fault: fault.OrderNotFound},
		step{do: "its account", call: func() error {
			_, err := w.s.FetchEmailAccount(w.ctx, w.a, work.AccountRef{AccountID: x})
			return err
		}, fault: fault.AccountNotFound},
	)
	if list, err := w.s.ListMailOrders(w.ctx, w.a, ordering.ListMailOrders{CustomerID: "c-1"}); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestPendingOrderComesIntoService(t *testing.T) {
	w := newWorld(t)
	cmd := proOrder("d.example", "c-1")
	cmd.AwaitingPayment = true
	id := w.order(w.a, cmd)
	rest := w.order(w.b, proOrder("d.example", "c-1")) // has the domain meanwhile
	w.play(
		step{do: "no account yet", call: func() error {
			_, err := w.s.CreateEmailAccount(w.ctx, w.a, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: id}, Email: "x@d.example"})
			return err
		}, fault: fault.OrderNotFound, reason: "ORDER_NOT_ACTIVE"},
		step{do: "suspending shows nothing yet", call: func() error {
			out, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}})
			if err == nil && out.Status != order.Pending {
				t.Errorf("%+v", out)
			}
			return err
		}},
		step{do: "into service", call: func() error {
			_, err := w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: id})
			return err
		}, events: statusUpdated, then: func() {
			w.status(id, order.Suspended)
			if w.details(id).Order.Serviceable || !w.details(rest).Order.Serviceable {
				t.Error("the domain changed hands")
			}
		}},
	)
}

func TestTransferMailOrder(t *testing.T) {
	w := newWorld(t)
	id := w.order(w.a, proOrder("d.example", "c-1"))
	transfer := func(to work.CustomerProfile) func() error {
		return func() error {
			_, err := w.s.TransferMailOrder(w.ctx, w.a, ordering.TransferMailOrder{Order: work.OrderRef{ID: id}, To: to})
			return err
		}
	}
	w.play(
		step{do: "to its owner", call: transfer(work.CustomerProfile{CustomerID: "c-1", Name: "X"})},
		step{do: "to nobody", call: transfer(work.CustomerProfile{}), fault: fault.Invalid},
		step{do: "to a new customer", call: transfer(work.CustomerProfile{CustomerID: "c-2", Name: "Two"}), events: []event.Type{event.MailOrderTransferred}, then: func() {
			want := `{"titanOrderId":70000000,"domainName":"d.example","customerId":"c-2","customerBeforeTransfer":{"customerId":"c-1"},"customerAfterTransfer":{"customerId":"c-2","customerName":"Two"}}`
			if got := w.lastEvent(); got != want {
				t.Error(got)
			}
		}},
		step{do: "delete", call: func() error {
			_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}})
			return err
		}, events: statusUpdated},
		step{do: "back, deleted", call: transfer(work.CustomerProfile{CustomerID: "c-1"}), events: []event.Type{event.MailOrderTransferred}},
		step{do: "to a suspended customer", call: func() error {
			if err := w.store.Write(w.ctx, func(tx work.Tx) error {
				all, err := tx.CustomersByPartnerID(w.ctx, w.a.PartnerID, "c-2")
				if err != nil {
					return err
				}
				all[0].Status = customer.Suspended
				return tx.UpdateCustomer(w.ctx, all[0])
			}); err != nil {
				return err
			}
			return transfer(work.CustomerProfile{CustomerID: "c-2"})()
		}, fault: fault.Conflict, reason: "CUSTOMER_NOT_ACTIVE"},
	)
}

func TestServiceabilityGoesFromHandToHand(t *testing.T) {
	w := newWorld(t)
	first := w.order(w.a, proOrder("d.example", "c-1"))
	second := w.order(w.b, proOrder("d.example", "c-1"))
	holds := func(id int64) {
		t.Helper()
		for _, o := range []int64{first, second} {
			if got := w.details(o).Order.Serviceable; got != (o == id) {
				t.Errorf("order %d serves: %v", o, got)
			}
		}
	}
	holds(first)
	if err := w.s.ProveOwnership(w.ctx, w.job, second); err != nil {
		t.Fatal(err)
	}
	holds(second)
	if err := w.s.ProveOwnership(w.ctx, w.job, first); err != nil {
		t.Fatal(err)
	}
	holds(second) // both proved: the holder keeps it
	if _, err := w.s.DeleteMailOrder(w.ctx, w.b, ordering.DeleteMailOrder{Order: work.OrderRef{ID: second}}); err != nil {
		t.Fatal(err)
	}
	holds(first)
	if _, err := w.s.ReactivateMailOrder(w.ctx, w.b, work.OrderRef{ID: second}); err != nil {
		t.Fatal(err)
	}
	holds(first)
	if len(w.fresh()) != 2 {
		t.Error("serviceability is told in events")
	}
}
