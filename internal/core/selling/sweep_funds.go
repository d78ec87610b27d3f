package selling

import (
	"slices"

	"posthouse/internal/core/action"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Unsettled gives customers or resellers who have what would settle something of
// theirs, or let it be carried out, and are not in the calendar: whoever settled
// the rest has lost them.
func Unsettled(u *work.Unit, k due.Kind, after int64, limit int) (wrong []work.Missing, last int64, more bool, err error) {
	kind := ledger.OfCustomer
	if k == due.ResellerFunds {
		kind = ledger.OfReseller
	}
	ids, err := u.Tx.GreedyParties(u.Ctx, kind, after, limit)
	if err != nil {
		return nil, 0, false, err
	}
	more = len(ids) == limit
	if kind == ledger.OfReseller {
		locked, err := u.Tx.LockedResellers(u.Ctx, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		more = more || len(locked) == limit
		ids = append(ids, locked...)
		slices.Sort(ids)
		ids = slices.Compact(ids)
		ids = ids[:min(len(ids), limit)]
	}
	for _, id := range ids {
		last = id
		item, err := u.Tx.Due(u.Ctx, k, id)
		if err != nil {
			return nil, 0, false, err
		}
		if item != nil {
			continue
		}
		waits, err := wouldSettle(u, ledger.Party{Kind: kind, ID: id})
		if err != nil {
			return nil, 0, false, err
		}
		if waits {
			wrong = append(wrong, work.Missing{Kind: k, ID: id})
		}
	}
	return wrong, last, more, nil
}

// wouldSettle reports whether a party has funds for the first of what is open,
// or the funds for an action that is locked.
func wouldSettle(u *work.Unit, p ledger.Party) (would bool, err error) {
	b, err := billing.BookOf(u, p)
	if err != nil {
		return false, err
	}
	err = u.Within(b.PartnerID, func() error {
		funds, err := u.Tx.OpenSum(u.Ctx, p, b.Currency, false)
		if err != nil {
			return err
		}
		customer := p.Kind == ledger.OfCustomer
		for after := int64(0); funds.Selling > 0; {
			list, err := u.Tx.OpenCharges(u.Ctx, p, b.Currency, customer, after, matchStep)
			if err != nil {
				return err
			}
			for _, t := range list {
				after = t.ID
				if would = !customer || -t.Unutilised <= funds.Selling; would { // a reseller's are paid in parts
					return nil
				}
			}
			if len(list) < matchStep {
				break
			}
		}
		if customer {
			return nil
		}
		would, err = wouldUnlock(u, p.ID)
		return err
	})
	return would, err
}

// wouldUnlock reports whether one of the oldest locked actions at or below a
// reseller is locked no more. One that can't be priced any more counts: trying it
// gives it up.
func wouldUnlock(u *work.Unit, resellerID int64) (bool, error) {
	r, err := u.Tx.Reseller(u.Ctx, resellerID)
	if err != nil || r == nil {
		return false, err
	}
	list, err := u.Tx.LockedActions(u.Ctx, r, 0, matchStep)
	if err != nil {
		return false, err
	}
	for _, a := range list {
		short, err := stillShort(u, a)
		if f := fault.Of(err); f != nil && (f.Code == fault.Internal || f.Code == fault.Unavailable) {
			return false, err
		}
		if !short {
			return true, nil
		}
	}
	return false, nil
}

func stillShort(u *work.Unit, a *action.Action) (bool, error) {
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err != nil || o == nil {
		return false, err
	}
	seller, err := u.Tx.Reseller(u.Ctx, a.ResellerID)
	if err != nil || seller == nil {
		return false, err
	}
	charges, err := chargesOf(u, o, a.Change, seller)
	if err != nil {
		return false, err
	}
	short, err := short(u, charges)
	return short != nil, err
}

// ScheduleFunds puts a party that Unsettled gave back into the calendar.
func ScheduleFunds(u *work.Unit, m work.Missing) error {
	p := ledger.Party{Kind: ledger.OfCustomer, ID: m.ID}
	if m.Kind == due.ResellerFunds {
		p.Kind = ledger.OfReseller
	}
	b, err := billing.BookOf(u, p)
	if err != nil {
		return err
	}
	return u.Within(b.PartnerID, func() error { return settleLater(u, b) })
}
