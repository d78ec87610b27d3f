package provision_test

import (
	"encoding/json"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/notification"
	"posthouse/internal/core/order"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/fault"
)

func (w *shop) cancel(ids ...int64) error {
	_, err := w.s.CancelTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: ids})
	return err
}

func (w *shop) pays(ids ...int64) []*selling.Settled {
	w.t.Helper()
	out, err := w.s.PayTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: ids})
	w.must(err)
	return out
}

// TestPayInTheGivenOrder is R-25: each only if the funds cover it whole.
func TestPayInTheGivenOrder(t *testing.T) {
	w := newShop(t)
	dear := w.added(w.jane, "a.example", 12, 1, action.OnlyAdd)
	one, two := w.added(w.jane, "b.example", 1, 1, action.OnlyAdd), w.added(w.jane, "c.example", 1, 1, action.OnlyAdd)
	w.fund(w.jane, "2.49")
	out := w.pays(two.Invoice.ID, dear.Invoice.ID, one.Invoice.ID, two.Invoice.ID)
	if len(out) != 3 || out[0].Action.Status != action.Success || out[1].Action.Status != action.PendingExecution || out[2].Action.Status != action.PendingExecution ||
		out[0].Domain != "c.example" {
		t.Errorf("%+v", out)
	}
	w.has(w.jane, "1.240", "0.000", "16.250")
	w.pays(two.Invoice.ID) // a repeat
	w.has(w.jane, "1.240", "0.000", "16.250")
}

func TestCancelledInvoices(t *testing.T) {
	w := newShop(t)
	// What waits is dropped, and its order goes.
	p := w.added(w.jane, "a.example", 1, 2, action.OnlyAdd)
	w.must(w.cancel(p.Invoice.ID))
	w.is(p.Order.ID, order.Deleted)
	if a := w.action(p.Action.ID); a.Status != action.Cancelled {
		t.Errorf("%+v", a)
	}
	w.must(w.cancel(p.Invoice.ID)) // a repeat
	w.has(w.jane, "0.000", "0.000", "0.000")
	_, err := w.s.PayTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: []int64{p.Invoice.ID}})
	w.fails(err, fault.Forbidden, "TRANSACTION_STATE")
	_, err = w.s.ExecuteUnpaid(w.ctx, as(w.left), []int64{p.Invoice.ID}, true)
	w.fails(err, fault.Forbidden, "TRANSACTION_STATE")
	// The domain is free, and the same can be bought again.
	again := w.added(w.jane, "a.example", 1, 2, action.KeepInvoice)
	w.must(w.cancel(again.Invoice.ID)) // carried out, and let off
	w.is(again.Order.ID, order.Active)
	// What is paid and carried out stays paid.
	w.fund(w.jane, "5")
	paid := w.added(w.jane, "b.example", 1, 1, action.PayInvoice)
	w.fails(w.cancel(paid.Invoice.ID), fault.Forbidden, "TRANSACTION_STATE")
	// One that is refused refuses all.
	open := w.added(w.jane, "c.example", 1, 1, action.OnlyAdd)
	w.fails(w.cancel(open.Invoice.ID, paid.Invoice.ID), fault.Forbidden, "TRANSACTION_STATE")
	w.is(open.Order.ID, order.Pending)
	w.has(w.jane, "3.750", "0.000", "1.250")
}

func TestExecuteWithoutPayment(t *testing.T) {
	for _, cancel := range []bool{true, false} {
		w := newShop(t)
		p := w.added(w.jane, "a.example", 1, 2, action.PayInvoice) // greedy
		for range 2 {
			out, err := w.s.ExecuteUnpaid(w.ctx, as(w.root), []int64{p.Invoice.ID}, cancel)
			w.must(err)
			if len(out) != 1 || out[0].Action.Status != action.Success || (out[0].Transaction.CancelledAt != nil) != cancel {
				t.Fatalf("%+v %+v", out[0].Action, out[0].Transaction)
			}
		}
		w.is(p.Order.ID, order.Active)
		w.resellerHas(w.left, "EUR", "0.000", "0.800")
		w.fund(w.jane, "10")
		if cancel {
			w.has(w.jane, "10.000", "0.000", "0.000")
		} else {
			w.has(w.jane, "7.500", "0.000", "0.000") // still greedy
		}
	}
}

func TestWhoMayKeepALedger(t *testing.T) {
	w := newShop(t)
	post := func(cmd selling.PostManually) error {
		cmd.Type, cmd.Amount, cmd.Description = ledger.Credit, value("1"), "gift"
		_, err := w.s.PostManually(w.ctx, as(w.left), cmd)
		return err
	}
	w.fails(post(selling.PostManually{ResellerID: w.left.ID}), fault.Forbidden, "OWN_LEDGER")
	for _, id := range []int64{w.root.ID, w.right.ID, w.other.ID, 7, -1} {
		w.fails(post(selling.PostManually{ResellerID: id}), fault.NotFound, "NO_SUCH_RESELLER")
	}
	foreign := w.customerOf(w.b.PartnerID, w.other.ID, "x@b.example")
	if err := post(selling.PostManually{CustomerID: foreign.ID}); !fault.Is(err, fault.CustomerNotFound) {
		t.Error(err)
	}
	w.must(post(selling.PostManually{ResellerID: w.leaf.ID}))
	_, err := w.s.PostManually(w.ctx, w.a, selling.PostManually{ResellerID: w.root.ID, Type: ledger.Credit, Amount: 1, Description: "gift"})
	w.fails(err, fault.Forbidden, "OWN_LEDGER")
	_, err = w.s.PostManually(w.ctx, w.op, selling.PostManually{ResellerID: w.root.ID, Type: ledger.Credit, Amount: 1, Description: "gift"})
	w.must(err)
	session := w.a
	session.Role, session.Limit.CustomerID, session.Limited = "account_admin", w.jane.ID, true
	if _, err := w.s.PostManually(w.ctx, session, selling.PostManually{CustomerID: w.jane.ID, Type: ledger.Credit, Amount: 1, Description: "gift"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a customer pays itself: %v", err)
	}
}

// TestReportedMoneyIsCredited is section 12.4: a refund or credit reported in
// another dialect, once, and what waited for it is carried out.
func TestReportedMoneyIsCredited(t *testing.T) {
	w := newShop(t)
	p := w.added(w.jane, "a.example", 1, 2, action.PayInvoice)
	report := func(txn, amount, currency string) {
		t.Helper()
		w.must(w.s.ReportNotification(w.ctx, w.a, selling.ReportNotification{Event: notification.CreditIssued, Data: json.RawMessage(`{"n":"` + txn + amount + `"}`),
			Money: []selling.ReportedMoney{{Kind: notification.Credit, TxnID: txn, Order: selling.ReportedOrder{ID: p.Order.ID}, Currency: currency, Amount: reportedAmount(amount)}}}))
	}
	report("t0", "9.00", "USD") // the ledger is in GBP
	w.has(w.jane, "0.000", "0.000", "2.500")
	for range 2 {
		report("t1", "3.00", "GBP")
	}
	w.is(p.Order.ID, order.Active)
	w.has(w.jane, "0.500", "0.000", "0.000")
}

var reportedAmount = amount

// TestLockedWithoutPayment: what was executed without payment and is locked for
// its reseller's funds can still be given up, its invoice cancelled already.
func TestLockedWithoutPayment(t *testing.T) {
	w := newShop(t)
	w.setPrices(as(w.root), pricing.PriceListRef{Audience: "resellers"}, allFigures("0.80", "0.90"))
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	p := w.added(w.jane, "a.example", 1, 2, action.OnlyAdd)
	for range 2 {
		_, err := w.s.ExecuteUnpaid(w.ctx, as(w.left), []int64{p.Invoice.ID}, true)
		w.must(err)
		if a := w.action(p.Action.ID); a.Status != action.InvoicePaid {
			t.Fatalf("%+v", a)
		}
	}
	w.must(w.cancel(p.Invoice.ID))
	if a := w.action(p.Action.ID); a.Status != action.Cancelled {
		t.Errorf("%+v", a)
	}
	w.is(p.Order.ID, order.Deleted)
	w.fundReseller(as(w.root), w.left, "50") // for nothing that waits
	w.is(p.Order.ID, order.Deleted)
	w.resellerHas(w.left, "EUR", "50.000", "0.000")
	w.has(w.jane, "0.000", "0.000", "0.000")
}
