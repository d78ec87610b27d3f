package ledgertest

import (
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/selling"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
)

// TestVerifyLedger: what was tampered with is found.
func TestVerifyLedger(t *testing.T) {
	for name, statement := range map[string]string{
		"entry":      "UPDATE ledger_entry SET amount = amount + 1 WHERE account LIKE 'sales:%'",
		"missing":    "DELETE FROM ledger_entry WHERE account LIKE 'customer:%'",
		"unutilised": "UPDATE ledger_transaction SET unutilised = unutilised + 1 WHERE type = 'receipt'",
		"amount":     "UPDATE ledger_transaction SET amount = amount - 1 WHERE type = 'invoice'",
		"match":      "DELETE FROM ledger_match",
		"balanced":   "UPDATE ledger_transaction SET balanced_at = NULL",
		"accounting": "UPDATE ledger_transaction SET accounting_unutilised = accounting_unutilised + 5",
		"greedy":     "UPDATE ledger_transaction SET greedy = TRUE WHERE unutilised = 0",
		"currency":   "UPDATE ledger_entry SET currency = 'XXX' WHERE account LIKE 'cash:%'",
	} {
		w := newWorld(t, sqldb.SQLite)
		jane := w.customer(w.chain[1], "jane@x.example")
		_, err := w.core.PostManually(w.ctx, as(w.chain[0]), selling.PostManually{CustomerID: jane.ID, Type: ledger.Receipt, Amount: 10_000, Description: "cash"})
		w.must(err)
		_, err = w.core.AddOrder(w.ctx, as(w.chain[1]), selling.AddOrder{Domain: "a.example", CustomerID: jane.ID, Product: product.BusinessEmail, Months: 1, Seats: 1, Option: action.PayInvoice})
		w.must(err)
		found := 0
		verify := func() {
			_, err := w.store.VerifyLedger(w.ctx, func(store.Unbalanced) { found++ })
			w.must(err)
		}
		if verify(); found != 0 {
			t.Fatalf("%d findings before", found)
		}
		w.must(w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(w.ctx, statement)
			return err
		}))
		if verify(); found == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}
