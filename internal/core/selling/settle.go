package selling

import (
	"posthouse/internal/core/billing"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
)

// settle matches what has just been posted. A customer's invoices are settled
// whole, and by themselves only when greedy; a reseller's ledger always settles.
func settle(u *work.Unit, b billing.Book, t *ledger.Transaction) error {
	switch {
	case b.Party.Kind == ledger.OfReseller && t.Type.Charges():
		return payFromFunds(u, t)
	case b.Party.Kind == ledger.OfReseller:
		if err := payCharges(u, b, t); err != nil {
			return err
		}
		return retryLocked(u, b)
	case !t.Type.Charges():
		return settleGreedy(u, b)
	}
	return nil
}

// Post writes a transaction with its entries and matches it against the open
// ones of the other side where the rules say so (resellerclub.md section 12.4).
// What waited for the money is carried out. The caller sets party, type, amount
// and texts; the ledger's own fields are set here.
func Post(u *work.Unit, t *ledger.Transaction) error {
	b, err := billing.BookOf(u, t.Party)
	if err != nil {
		return err
	}
	if err := billing.Keep(u, b, t, nil); err != nil {
		return err
	}
	return settle(u, b, t)
}
