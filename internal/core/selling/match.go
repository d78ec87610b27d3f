package selling

import (
	"github.com/govalues/decimal"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Matching is exact, oldest first, and within one currency. What of a
// transaction is not matched is always worth its rate in the accounting currency,
// so that nothing is lost to rounding when it is used up in parts.

const (
	matchStep  = 50  // transactions looked at in one query
	settleMost = 200 // actions that one transaction carries out, charges that it settles
)

// match lets part of a credit or receipt pay part of an invoice or debit.
func match(u *work.Unit, paying, paid *ledger.Transaction, amount money.Value) error {
	if amount <= 0 || amount > paying.Unutilised || amount > -paid.Unutilised || paying.Currency != paid.Currency || paying.Party != paid.Party {
		return fault.Newf(fault.Internal, "Transaction %d can't pay %s of %d", paying.ID, amount, paid.ID)
	}
	used, err := utilise(u, paying, paying.Unutilised-amount)
	if err != nil {
		return err
	}
	settled, err := utilise(u, paid, paid.Unutilised+amount)
	if err != nil {
		return err
	}
	if !sameRate(paying.Rate, paid.Rate) {
		if paid.ForexDiff, err = paid.ForexDiff.Plus(used + settled); err != nil {
			return err
		}
	}
	if err := u.Tx.InsertMatch(u.Ctx, ledger.Match{PayingID: paying.ID, PaidID: paid.ID, Amount: amount, At: u.Now}); err != nil {
		return err
	}
	if err := u.Tx.UpdateTransaction(u.Ctx, paying); err != nil {
		return err
	}
	return u.Tx.UpdateTransaction(u.Ctx, paid)
}

// utilise sets what is left of a transaction and gives what that takes from it
// in the accounting currency.
func utilise(u *work.Unit, t *ledger.Transaction, left money.Value) (money.Value, error) {
	before := t.AccountingUnutilised
	after, err := billing.Accounted(t, left)
	if err != nil {
		return 0, err
	}
	t.Unutilised, t.AccountingUnutilised = left, after
	if left == 0 {
		now := u.Now
		t.BalancedAt, t.Greedy = &now, false
	}
	return before - after, nil
}

func sameRate(a, b string) bool {
	x, err := decimal.Parse(a)
	y, err2 := decimal.Parse(b)
	return err == nil && err2 == nil && x.Cmp(y) == 0
}

// payWhole settles a customer's invoice or debit if its funds cover all of it.
func payWhole(u *work.Unit, t *ledger.Transaction) (bool, error) {
	funds, err := u.Tx.OpenSum(u.Ctx, t.Party, t.Currency, false)
	if err != nil || funds.Selling < -t.Unutilised {
		return false, err
	}
	return true, payFrom(u, t)
}

// chargeReseller posts what a reseller is charged and settles it.
func chargeReseller(u *work.Unit, b billing.Book, t *ledger.Transaction) error {
	funds, err := u.Tx.OpenFunds(u.Ctx, b.Party, b.Currency, 0, 1)
	if err != nil {
		return err
	}
	t.Greedy = len(funds) == 0 // nothing to settle it with
	if err := billing.Keep(u, b, t, nil); err != nil || t.Greedy {
		return err
	}
	return payFromFunds(u, t)
}

// payFromFunds is payFrom for a reseller's ledger; what stays open is settled by
// what comes in.
func payFromFunds(u *work.Unit, t *ledger.Transaction) error {
	if err := payFrom(u, t); err != nil || t.Unutilised == 0 {
		return err
	}
	t.Greedy = true
	return u.Tx.UpdateTransaction(u.Ctx, t)
}

// payFrom pays as much of an invoice or debit as there are funds.
func payFrom(u *work.Unit, t *ledger.Transaction) error {
	for after := int64(0); t.Unutilised < 0; {
		funds, err := u.Tx.OpenFunds(u.Ctx, t.Party, t.Currency, after, matchStep)
		if err != nil || len(funds) == 0 {
			return err
		}
		for _, f := range funds {
			if t.Unutilised == 0 {
				break
			}
			after = f.ID
			if err := match(u, f, t, min(f.Unutilised, -t.Unutilised)); err != nil {
				return err
			}
		}
	}
	return nil
}

// payCharges lets a reseller's new funds pay what it owes.
func payCharges(u *work.Unit, b billing.Book, t *ledger.Transaction) error {
	for settled := 0; t.Unutilised > 0; {
		charges, err := u.Tx.OpenCharges(u.Ctx, b.Party, t.Currency, false, 0, matchStep)
		if err != nil || len(charges) == 0 {
			return err
		}
		for _, c := range charges {
			if t.Unutilised == 0 {
				break
			}
			if err := match(u, t, c, min(t.Unutilised, -c.Unutilised)); err != nil {
				return err
			}
			settled++
		}
		if settled >= settleMost && t.Unutilised > 0 {
			return settleLater(u, b)
		}
	}
	return nil
}
