package provision_test

import (
	"fmt"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/reseller"
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
	w.fallDue(k)
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
