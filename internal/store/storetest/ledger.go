package storetest

import (
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// aTransaction is one with every field set that a row keeps.
func aTransaction(p ledger.Party, typ ledger.Type, amount money.Value, at int) *ledger.Transaction {
	return &ledger.Transaction{
		PartnerID: 1, IssuerID: 100000, Party: p, Type: typ, Manual: true, OrderID: 70000000, ActionID: 400000000, ProductKey: "eeliteus",
		Description: "Addition – ☃", Greedy: typ == ledger.Invoice, Currency: "EUR", Amount: amount, Unutilised: amount, Net: -amount, Discount: 1, Tax: 2, TaxName: "VAT",
		AccountingCurrency: "USD", Rate: "1.1", AccountingAmount: 2 * amount, AccountingUnutilised: 2 * amount, TotalReceiptUpdated: true, At: when(at),
	}
}

func testLedger(t *testing.T, b *bench) {
	c, other := ledger.Party{Kind: ledger.OfCustomer, ID: 10000000}, ledger.Party{Kind: ledger.OfReseller, ID: 10000000}
	post := func(x *ledger.Transaction, entries ...ledger.Entry) *ledger.Transaction {
		t.Helper()
		b.write(func(tx work.Tx) error { return tx.InsertTransaction(b.ctx(), x, entries) })
		return x
	}
	one := func(id int64) *ledger.Transaction {
		return get(b, func(tx work.Tx) (*ledger.Transaction, error) { return tx.Transaction(b.ctx(), id) })
	}
	keyed := func(p ledger.Party, key string) *ledger.Transaction {
		return get(b, func(tx work.Tx) (*ledger.Transaction, error) { return tx.TransactionByKey(b.ctx(), p, key) })
	}
	sum := func(p ledger.Party, currency string, charges bool) work.LedgerSum {
		return get(b, func(tx work.Tx) (work.LedgerSum, error) {
			return tx.OpenSum(b.ctx(), p, currency, charges)
		})
	}
	funds := func(currency string, after int64, limit int) []int64 {
		return ids(get(b, func(tx work.Tx) ([]*ledger.Transaction, error) {
			return tx.OpenFunds(b.ctx(), c, currency, after, limit)
		}), func(x *ledger.Transaction) int64 { return x.ID })
	}
	charges := func(greedy bool, after int64) []int64 {
		return ids(get(b, func(tx work.Tx) ([]*ledger.Transaction, error) {
			return tx.OpenCharges(b.ctx(), c, "EUR", greedy, after, 9)
		}), func(x *ledger.Transaction) int64 { return x.ID })
	}
	absent(b, "Transaction", func(tx work.Tx) (*ledger.Transaction, error) { return tx.Transaction(b.ctx(), 7) })
	same(t, sum(c, "EUR", false), work.LedgerSum{})

	receipt := aTransaction(c, ledger.Receipt, 5000, 1)
	receipt.Key = "k1"
	post(receipt, ledger.Entry{Account: "customer:10000000", Currency: "EUR", Amount: 5000}, ledger.Entry{Account: "cash:100000", Currency: "EUR", Amount: -5000})
	if receipt.ID != 70000000 {
		t.Errorf("the first transaction is %d", receipt.ID)
	}
	same(t, one(receipt.ID), receipt)
	invoice := post(aTransaction(c, ledger.Invoice, -3000, 2), ledger.Entry{Account: "customer:10000000", Currency: "EUR", Amount: -3000},
		ledger.Entry{Account: "sales:100000", Currency: "EUR", Amount: 2500}, ledger.Entry{Account: "tax:100000", Currency: "EUR", Amount: 500})
	debit := post(aTransaction(c, ledger.Debit, -1, 3))
	second := post(aTransaction(c, ledger.Credit, 10, 4))
	dollars := aTransaction(c, ledger.Receipt, 77, 5)
	dollars.Currency = "USD"
	post(dollars)
	post(aTransaction(other, ledger.Receipt, 999, 6))

	same(t, keyed(c, "k1").ID, receipt.ID)
	if keyed(other, "k1") != nil || keyed(c, "K1") != nil || keyed(c, "") != nil {
		t.Error("a key of another ledger, another key, or none")
	}
	again := aTransaction(c, ledger.Receipt, 1, 1)
	again.Key = "k1"
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertTransaction(b.ctx(), again, nil) })
	same(t, funds("EUR", 0, 9), []int64{receipt.ID, second.ID})
	same(t, funds("EUR", 0, 1), []int64{receipt.ID})
	same(t, funds("EUR", receipt.ID, 9), []int64{second.ID})
	same(t, funds("USD", 0, 9), []int64{dollars.ID})
	same(t, charges(false, 0), []int64{invoice.ID, debit.ID})
	same(t, charges(true, 0), []int64{invoice.ID})
	same(t, charges(true, invoice.ID), []int64{})
	same(t, sum(c, "EUR", false), work.LedgerSum{Selling: 5010, Accounting: 10020})
	same(t, sum(c, "EUR", true), work.LedgerSum{Selling: -3001, Accounting: -6002})
	same(t, sum(other, "EUR", false), work.LedgerSum{Selling: 999, Accounting: 1998})

	invoice.Unutilised, invoice.AccountingUnutilised, invoice.Greedy, invoice.ForexDiff, invoice.BalancedAt, invoice.CancelledAt = 0, 0, false, -3, maybe(7), maybe(8)
	invoice.Key = "not changed"
	b.write(func(tx work.Tx) error {
		if err := tx.InsertMatch(b.ctx(), ledger.Match{PayingID: receipt.ID, PaidID: invoice.ID, Amount: 3000, At: when(7)}); err != nil {
			return err
		}
		return tx.UpdateTransaction(b.ctx(), invoice)
	})
	invoice.Key = ""
	same(t, one(invoice.ID), invoice)
	same(t, charges(false, 0), []int64{debit.ID})
	same(t, get(b, func(tx work.Tx) ([]ledger.Entry, error) { return tx.Entries(b.ctx(), invoice.ID) }), []ledger.Entry{
		{TransactionID: invoice.ID, Account: "customer:10000000", Currency: "EUR", Amount: -3000},
		{TransactionID: invoice.ID, Account: "sales:100000", Currency: "EUR", Amount: 2500},
		{TransactionID: invoice.ID, Account: "tax:100000", Currency: "EUR", Amount: 500},
	})
	same(t, get(b, func(tx work.Tx) (map[string]money.Value, error) {
		return tx.AccountSum(b.ctx(), "customer:10000000")
	}), map[string]money.Value{"EUR": 2000})

	greedy := func(after int64, limit int) []int64 {
		return get(b, func(tx work.Tx) ([]int64, error) {
			return tx.GreedyParties(b.ctx(), ledger.OfReseller, after, limit)
		})
	}
	same(t, greedy(0, 9), []int64(nil))
	for _, id := range []int64{9000003, 9000001, 9000003} {
		x := aTransaction(ledger.Party{Kind: ledger.OfReseller, ID: id}, ledger.Invoice, -100, 1)
		x.Greedy = true
		post(x)
	}
	same(t, greedy(0, 9), []int64{9000001, 9000003})
	same(t, greedy(0, 1), []int64{9000001})
	same(t, greedy(9000001, 1), []int64{9000003})
}

func testAction(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	root := &reseller.Reseller{PartnerID: o.PartnerID, Username: "root@x.example", Status: reseller.Active, CreatedAt: when(1), UpdatedAt: when(1)}
	b.write(func(tx work.Tx) error { return tx.InsertReseller(b.ctx(), root) })
	child := &reseller.Reseller{PartnerID: o.PartnerID, ParentID: root.ID, Path: root.Path, Username: "child@x.example", Status: reseller.Active, CreatedAt: when(1), UpdatedAt: when(1)}
	b.write(func(tx work.Tx) error { return tx.InsertReseller(b.ctx(), child) })
	made := func(typ action.Type, s action.Status) *action.Action {
		yes := true
		return &action.Action{
			PartnerID: o.PartnerID, ResellerID: child.ID, CustomerID: o.CustomerID, OrderID: o.ID, ProductKey: "eeliteus", Type: typ, Description: "What – ☃", Status: s,
			StatusText: "text", Change: action.Change{Type: typ, Months: 3, Seats: 2, PlanID: 1762, AutoRenew: &yes, Note: "n"}, Option: action.OnlyAdd, InvoiceID: 70000007,
			Actor: "actor", AddedAt: when(1),
		}
	}
	insert := func(a *action.Action) *action.Action {
		t.Helper()
		b.write(func(tx work.Tx) error { return tx.InsertAction(b.ctx(), a) })
		return a
	}
	pending := func() *action.Action {
		return get(b, func(tx work.Tx) (*action.Action, error) { return tx.PendingAction(b.ctx(), o.ID) })
	}
	last := func(typ action.Type, succeeded bool) int64 {
		a := get(b, func(tx work.Tx) (*action.Action, error) { return tx.LastAction(b.ctx(), o.ID, typ, succeeded) })
		if a == nil {
			return 0
		}
		return a.ID
	}
	locked := func(r *reseller.Reseller, after int64) []int64 {
		return ids(get(b, func(tx work.Tx) ([]*action.Action, error) { return tx.LockedActions(b.ctx(), r, after, 9) }),
			func(a *action.Action) int64 { return a.ID })
	}
	first := insert(made(action.Renew, action.PendingExecution))
	if first.ID != 400000000 {
		t.Errorf("the first action is %d", first.ID)
	}
	same(t, pending(), first)
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertAction(b.ctx(), made(action.Renew, action.InvoicePaid)) })
	done := insert(made(action.Renew, action.Success))
	same(t, []int64{last(action.Renew, false), last(action.Renew, true), last(action.Add, false)}, []int64{done.ID, done.ID, 0})
	failed := insert(made(action.Renew, action.Failed))
	same(t, []int64{last(action.Renew, false), last(action.Renew, true)}, []int64{failed.ID, done.ID})
	same(t, get(b, func(tx work.Tx) (*action.Action, error) { return tx.ActionOfInvoice(b.ctx(), 70000007) }).ID, first.ID)
	absent(b, "ActionOfInvoice", func(tx work.Tx) (*action.Action, error) { return tx.ActionOfInvoice(b.ctx(), 0) })

	same(t, locked(root, 0), []int64{})
	first.Status, first.StatusText, first.StartedAt, first.Change.Until = action.InvoicePaid, "locked", maybe(2), maybe(3)
	b.write(func(tx work.Tx) error { return tx.UpdateAction(b.ctx(), first) })
	same(t, get(b, func(tx work.Tx) (*action.Action, error) { return tx.Action(b.ctx(), first.ID) }), first)
	same(t, locked(root, 0), []int64{first.ID})
	same(t, locked(child, 0), []int64{first.ID})
	same(t, locked(child, first.ID), []int64{})
	same(t, locked(&reseller.Reseller{ID: 7, Path: []int64{7}}, 0), []int64{})
	sellers := func(after int64) []int64 {
		return get(b, func(tx work.Tx) ([]int64, error) { return tx.LockedResellers(b.ctx(), after, 9) })
	}
	same(t, sellers(0), []int64{first.ResellerID})
	same(t, sellers(first.ResellerID), []int64(nil))

	party := ledger.Party{Kind: ledger.OfCustomer, ID: o.CustomerID}
	paid := aTransaction(party, ledger.Invoice, -3000, 2)
	paid.Unutilised, paid.AccountingUnutilised = -500, -1000
	b.write(func(tx work.Tx) error { return tx.InsertTransaction(b.ctx(), paid, nil) })
	first.InvoiceID = paid.ID
	b.write(func(tx work.Tx) error { return tx.UpdateAction(b.ctx(), first) })
	lockedSum := func(currency string) work.LedgerSum {
		return get(b, func(tx work.Tx) (work.LedgerSum, error) {
			return tx.LockedSum(b.ctx(), o.CustomerID, currency)
		})
	}
	same(t, lockedSum("EUR"), work.LedgerSum{Selling: 2500, Accounting: 5000})
	same(t, lockedSum("USD"), work.LedgerSum{})
	first.Status, first.CompletedAt = action.Success, maybe(9)
	b.write(func(tx work.Tx) error { return tx.UpdateAction(b.ctx(), first) })
	same(t, lockedSum("EUR"), work.LedgerSum{})
	if pending() != nil {
		t.Error("what is done is pending")
	}
}
