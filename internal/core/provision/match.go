package provision

import (
	"github.com/govalues/decimal"

	"posthouse/internal/core/ledger"
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
func (u *unit) match(paying, paid *ledger.Transaction, amount money.Value) error {
	if amount <= 0 || amount > paying.Unutilised || amount > -paid.Unutilised || paying.Currency != paid.Currency || paying.Party != paid.Party {
		return fault.Newf(fault.Internal, "Transaction %d can't pay %s of %d", paying.ID, amount, paid.ID)
	}
	used, err := u.utilise(paying, paying.Unutilised-amount)
	if err != nil {
		return err
	}
	settled, err := u.utilise(paid, paid.Unutilised+amount)
	if err != nil {
		return err
	}
	if !sameRate(paying.Rate, paid.Rate) {
		if paid.ForexDiff, err = paid.ForexDiff.Plus(used + settled); err != nil {
			return err
		}
	}
	if err := u.tx.InsertMatch(u.ctx, ledger.Match{PayingID: paying.ID, PaidID: paid.ID, Amount: amount, At: u.now}); err != nil {
		return err
	}
	if err := u.tx.UpdateTransaction(u.ctx, paying); err != nil {
		return err
	}
	return u.tx.UpdateTransaction(u.ctx, paid)
}

// utilise sets what is left of a transaction and gives what that takes from it
// in the accounting currency.
func (u *unit) utilise(t *ledger.Transaction, left money.Value) (money.Value, error) {
	before := t.AccountingUnutilised
	after, err := accounted(t, left)
	if err != nil {
		return 0, err
	}
	t.Unutilised, t.AccountingUnutilised = left, after
	if left == 0 {
		now := u.now
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
func (u *unit) payWhole(t *ledger.Transaction) (bool, error) {
	funds, err := u.tx.OpenSum(u.ctx, t.Party, t.Currency, false)
	if err != nil || funds.Selling < -t.Unutilised {
		return false, err
	}
	return true, u.payFrom(t)
}

// chargeReseller posts what a reseller is charged and settles it.
func (u *unit) chargeReseller(b book, t *ledger.Transaction) error {
	funds, err := u.tx.OpenFunds(u.ctx, b.party, b.currency, 0, 1)
	if err != nil {
		return err
	}
	t.Greedy = len(funds) == 0 // nothing to settle it with
	if err := u.keep(b, t, nil); err != nil || t.Greedy {
		return err
	}
	return u.payFromFunds(t)
}

// payFromFunds is payFrom for a reseller's ledger; what stays open is settled by
// what comes in.
func (u *unit) payFromFunds(t *ledger.Transaction) error {
	if err := u.payFrom(t); err != nil || t.Unutilised == 0 {
		return err
	}
	t.Greedy = true
	return u.tx.UpdateTransaction(u.ctx, t)
}

// payFrom pays as much of an invoice or debit as there are funds.
func (u *unit) payFrom(t *ledger.Transaction) error {
	for after := int64(0); t.Unutilised < 0; {
		funds, err := u.tx.OpenFunds(u.ctx, t.Party, t.Currency, after, matchStep)
		if err != nil || len(funds) == 0 {
			return err
		}
		for _, f := range funds {
			if t.Unutilised == 0 {
				break
			}
			after = f.ID
			if err := u.match(f, t, min(f.Unutilised, -t.Unutilised)); err != nil {
				return err
			}
		}
	}
	return nil
}

// payCharges lets a reseller's new funds pay what it owes.
func (u *unit) payCharges(b book, t *ledger.Transaction) error {
	for settled := 0; t.Unutilised > 0; {
		charges, err := u.tx.OpenCharges(u.ctx, b.party, t.Currency, false, 0, matchStep)
		if err != nil || len(charges) == 0 {
			return err
		}
		for _, c := range charges {
			if t.Unutilised == 0 {
				break
			}
			if err := u.match(t, c, min(t.Unutilised, -c.Unutilised)); err != nil {
				return err
			}
			settled++
		}
		if settled >= settleMost && t.Unutilised > 0 {
			return u.settleLater(b)
		}
	}
	return nil
}
