package provision

import (
	"slices"

	"posthouse/internal/core/action"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/fault"
)

// unsettled gives customers or resellers who have what would settle something of
// theirs, or let it be carried out, and are not in the calendar: whoever settled
// the rest has lost them.
func (u *unit) unsettled(k due.Kind, after int64, limit int) (wrong []missing, last int64, more bool, err error) {
	kind := ledger.OfCustomer
	if k == due.ResellerFunds {
		kind = ledger.OfReseller
	}
	ids, err := u.tx.GreedyParties(u.ctx, kind, after, limit)
	if err != nil {
		return nil, 0, false, err
	}
	more = len(ids) == limit
	if kind == ledger.OfReseller {
		locked, err := u.tx.LockedResellers(u.ctx, after, limit)
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
		item, err := u.tx.Due(u.ctx, k, id)
		if err != nil {
			return nil, 0, false, err
		}
		if item != nil {
			continue
		}
		waits, err := u.wouldSettle(ledger.Party{Kind: kind, ID: id})
		if err != nil {
			return nil, 0, false, err
		}
		if waits {
			wrong = append(wrong, missing{k, id})
		}
	}
	return wrong, last, more, nil
}

// wouldSettle reports whether a party has funds for the first of what is open,
// or the funds for an action that is locked.
func (u *unit) wouldSettle(p ledger.Party) (would bool, err error) {
	b, err := u.bookOf(p)
	if err != nil {
		return false, err
	}
	err = u.within(b.partnerID, func() error {
		funds, err := u.tx.OpenSum(u.ctx, p, b.currency, false)
		if err != nil {
			return err
		}
		customer := p.Kind == ledger.OfCustomer
		for after := int64(0); funds.Selling > 0; {
			list, err := u.tx.OpenCharges(u.ctx, p, b.currency, customer, after, matchStep)
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
		would, err = u.wouldUnlock(p.ID)
		return err
	})
	return would, err
}

// wouldUnlock reports whether one of the oldest locked actions at or below a
// reseller is locked no more. One that can't be priced any more counts: trying it
// gives it up.
func (u *unit) wouldUnlock(resellerID int64) (bool, error) {
	r, err := u.tx.Reseller(u.ctx, resellerID)
	if err != nil || r == nil {
		return false, err
	}
	list, err := u.tx.LockedActions(u.ctx, r, 0, matchStep)
	if err != nil {
		return false, err
	}
	for _, a := range list {
		short, err := u.stillShort(a)
		if f := fault.Of(err); f != nil && (f.Code == fault.Internal || f.Code == fault.Unavailable) {
			return false, err
		}
		if !short {
			return true, nil
		}
	}
	return false, nil
}

func (u *unit) stillShort(a *action.Action) (bool, error) {
	o, err := u.tx.Order(u.ctx, a.OrderID)
	if err != nil || o == nil {
		return false, err
	}
	seller, err := u.tx.Reseller(u.ctx, a.ResellerID)
	if err != nil || seller == nil {
		return false, err
	}
	charges, err := u.chargesOf(o, a.Change, seller)
	if err != nil {
		return false, err
	}
	short, err := u.short(charges)
	return short != nil, err
}

func (u *unit) scheduleFunds(m missing) error {
	p := ledger.Party{Kind: ledger.OfCustomer, ID: m.id}
	if m.kind == due.ResellerFunds {
		p.Kind = ledger.OfReseller
	}
	b, err := u.bookOf(p)
	if err != nil {
		return err
	}
	return u.within(b.partnerID, func() error { return u.settleLater(b) })
}
