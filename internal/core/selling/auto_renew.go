package selling

import (
	"context"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// RenewalEnded reports whether nothing is to be done any more about the renewal
// that fell due at a time: it was bought, or a person has suspended the order.
func RenewalEnded(u *work.Unit, o *order.Order, at time.Time) (bool, error) {
	for _, m := range o.Suspensions {
		if m.Type != suspension.TypeExpiry {
			return true, nil
		}
	}
	last, err := u.Tx.LastAction(u.Ctx, o.ID, action.Renew, false)
	return last != nil && !last.AddedAt.Before(at), err
}

// AutoRenew buys the renewal of an order for its last tenure, once for each end:
// where the funds are short, an open greedy invoice waits for them. One that a
// person has suspended is left alone until that is lifted. What else stands in
// the way is tried again.
func AutoRenew(ctx context.Context, p *work.Platform, actor audit.Actor, orderID int64) error {
	return p.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Tx.Order(u.Ctx, orderID)
		if err != nil {
			return err
		}
		if o == nil {
			return u.Tx.ClearDue(u.Ctx, due.Renewal, orderID)
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		at := o.RenewsAt()
		if at == nil || u.Now.Before(*at) {
			return u.RemindRenewal(o)
		}
		if ended, err := RenewalEnded(u, o, *at); err != nil || ended {
			return err
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		_, err = Buy(u, Purchase{Order: o, Customer: c, Option: action.PayInvoice, Change: action.Change{Type: action.Renew, Months: tenureOf(o)}})
		if fault.Of(err) != nil && fault.Of(err).Reason == errRenewed.Reason {
			return nil
		}
		return err
	})
}
