package provision_test

import (
	"fmt"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// More than one transaction carries out.
const manyWaiting = 203

// waiting makes orders that wait for funds and gives their ids.
func (w *shop) waiting(o action.InvoiceOption) (ids []int64) {
	w.t.Helper()
	for i := range manyWaiting {
		ids = append(ids, w.added(w.jane, fmt.Sprintf("d%d.example", i), 1, 1, o).Order.ID)
	}
	return ids
}

// startsInParts wants the oldest 200 in service at once, and the others when the
// calendar comes to it.
func (w *shop) startsInParts(ids []int64, k due.Kind, party int64) {
	w.t.Helper()
	for i, id := range ids {
		want := order.Active
		if i >= 200 {
			want = order.Pending
		}
		w.is(id, want)
	}
	w.falls(k, party, new(w.clock.Now()))
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ClearDue(w.ctx, k, party) }))
	w.sweeps(k, 1) // a lost item is found again
	w.sweeps(k, 0)
	w.falls(k, party, new(w.clock.Now()))
	w.fallDue(k)
	w.sweeps(k, 0)
	for _, id := range ids {
		w.is(id, order.Active)
	}
	w.falls(k, party, nil)
}

// TestManyGreedyInvoices: what arrives pays them all, in more than one transaction.
func TestManyGreedyInvoices(t *testing.T) {
	w := newShop(t)
	ids := w.waiting(action.PayInvoice)
	w.has(w.jane, "0.000", "0.000", "253.750")
	w.fund(w.jane, "254")
	w.startsInParts(ids, due.CustomerFunds, w.jane.ID)
	w.has(w.jane, "0.250", "0.000", "0.000")
}

// TestManyLockedActions: the same of what waits for a prepaid reseller's funds.
func TestManyLockedActions(t *testing.T) {
	w := newShop(t)
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	ids := w.waiting(action.NoInvoice)
	w.fundReseller(as(w.root), w.left, "100")
	w.startsInParts(ids, due.ResellerFunds, w.left.ID)
	w.resellerHas(w.left, "EUR", "18.800", "0.000") // 203 x 0.40
}

// TestSweepFundsLeavesWhatWaits: what nobody has the money for is not looked at
// again and again, and what is covered in the middle is.
func TestSweepFundsLeavesWhatWaits(t *testing.T) {
	w := newShop(t)
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	w.fundReseller(as(w.root), w.left, "0.30")
	w.added(w.jane, "a.example", 1, 1, action.PayInvoice)
	locked := w.added(w.john, "b.example", 1, 1, action.NoInvoice).Order.ID
	w.sweeps(due.CustomerFunds, 0)
	w.sweeps(due.ResellerFunds, 0)
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Funds = reseller.Postpaid }) // no funds come for it
	w.sweeps(due.ResellerFunds, 1)
	w.fallDue(due.ResellerFunds)
	w.sweeps(due.ResellerFunds, 0)
	w.is(locked, order.Active)
}

// TestLockedActionsAreDropped: what waits for a reseller's funds and has no
// invoice goes with its order, or by the operator alone; money that comes later
// carries nothing out.
func TestLockedActionsAreDropped(t *testing.T) {
	w := newShop(t)
	lived := w.added(w.jane, "lived.example", 1, 1, action.NoInvoice).Order.ID
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	locked := w.added(w.jane, "a.example", 1, 1, action.NoInvoice)
	named := w.added(w.jane, "b.example", 1, 1, action.NoInvoice)
	invoiced := w.added(w.jane, "c.example", 1, 1, action.KeepInvoice)
	renewal, err := w.renew(lived, 1, 0, action.NoInvoice)
	w.must(err)
	if locked.Action.Status != action.InvoicePaid || renewal.Action.Status != action.InvoicePaid {
		t.Fatalf("%+v, %+v", locked.Action, renewal.Action)
	}
	del := func(id int64) (*selling.Purchased, error) {
		return w.s.DeleteOrder(w.ctx, as(w.left), selling.SoldOrderRef{ID: id})
	}
	gone, err := del(locked.Order.ID)
	w.must(err)
	if gone.Action.Type != action.Delete || gone.Action.Status != action.Success {
		t.Errorf("%+v", gone.Action)
	}
	if _, err := del(invoiced.Order.ID); fault.Of(err) == nil || fault.Of(err).Reason != work.ReasonActionPending {
		t.Errorf("an action whose invoice can be cancelled: %v", err)
	}
	if _, err := w.s.CancelAction(w.ctx, as(w.left), named.Action.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a reseller: %v", err)
	}
	for _, id := range []int64{named.Action.ID, renewal.Action.ID, invoiced.Action.ID} {
		a, err := w.s.CancelAction(w.ctx, w.op, id)
		w.must(err)
		if a.Status != action.Cancelled {
			t.Errorf("%+v", a)
		}
		if _, err := w.s.CancelAction(w.ctx, w.op, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("again: %v", err)
		}
	}
	w.has(w.jane, "0.000", "0.000", "0.000") // the invoice was credited
	end := w.end(lived)
	w.fundReseller(as(w.root), w.left, "100")
	for _, p := range []*selling.Purchased{locked, named, invoiced} {
		w.is(p.Order.ID, order.Deleted)
	}
	w.is(lived, order.Active)
	if !w.end(lived).Equal(end) {
		t.Error("a renewal that was dropped was carried out")
	}
	_, err = del(lived)
	w.must(err)
}

// TestMoveLeavesInvoices: who bought owes. An order moves when nothing of it waits,
// and an open invoice of what was carried out stays the former customer's, to be
// paid or cancelled without a trace at the order.
func TestMoveLeavesInvoices(t *testing.T) {
	w := newShop(t)
	bought := w.added(w.jane, "a.example", 1, 1, action.KeepInvoice)
	waits := w.added(w.jane, "b.example", 1, 1, action.OnlyAdd)
	move := func(domain string) error {
		return w.s.MoveOrder(w.ctx, as(w.left), selling.MoveOrder{Domain: domain, From: w.jane.ID, To: w.john.ID})
	}
	if err := move("b.example"); fault.Of(err) == nil || fault.Of(err).Reason != work.ReasonActionPending {
		t.Errorf("moved while it waits: %v", err)
	}
	w.must(move("a.example"))
	w.has(w.jane, "0.000", "0.000", "2.500")
	w.has(w.john, "0.000", "0.000", "0.000")
	w.fund(w.john, "10")
	w.has(w.john, "10.000", "0.000", "0.000") // pays nothing of jane's
	end := w.end(bought.Order.ID)
	for _, id := range []int64{bought.Invoice.ID, waits.Invoice.ID} {
		_, err := w.s.CancelTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: []int64{id}})
		w.must(err)
	}
	w.has(w.jane, "0.000", "0.000", "0.000")
	w.is(bought.Order.ID, order.Active)
	w.is(waits.Order.ID, order.Deleted)
	if !w.end(bought.Order.ID).Equal(end) {
		t.Error("the order changed")
	}
}
