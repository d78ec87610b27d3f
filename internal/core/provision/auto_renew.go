package provision

import (
	"context"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

// remindRenewal keeps the calendar of auto-renewal (resellerclub.md R-26).
func (u *unit) remindRenewal(o *order.Order) error {
	return u.remind(due.Renewal, o.ID, o.PartnerID, o.RenewsAt())
}

// renewalEnded reports whether nothing is to be done any more about the renewal
// that fell due at a time: it was bought, or a person has suspended the order.
func (u *unit) renewalEnded(o *order.Order, at time.Time) (bool, error) {
	for _, m := range o.Suspensions {
		if m.Type != suspension.TypeExpiry {
			return true, nil
		}
	}
	last, err := u.tx.LastAction(u.ctx, o.ID, action.Renew, false)
	return last != nil && !last.AddedAt.Before(at), err
}

// autoRenew buys the renewal of an order for its last tenure, once for each end:
// where the funds are short, an open greedy invoice waits for them. One that a
// person has suspended is left alone until that is lifted. What else stands in
// the way is tried again.
func (s *Service) autoRenew(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.tx.Order(u.ctx, orderID)
		if err != nil {
			return err
		}
		if o == nil {
			return u.tx.ClearDue(u.ctx, due.Renewal, orderID)
		}
		if err := u.enter(o.PartnerID); err != nil {
			return err
		}
		at := o.RenewsAt()
		if at == nil || u.now.Before(*at) {
			return u.remindRenewal(o)
		}
		if ended, err := u.renewalEnded(o, *at); err != nil || ended {
			return err
		}
		c, err := u.customerOf(o)
		if err != nil {
			return err
		}
		_, err = u.buy(purchase{order: o, customer: c, option: action.PayInvoice, change: action.Change{Type: action.Renew, Months: tenureOf(o)}})
		if fault.Of(err) != nil && fault.Of(err).Reason == errRenewed.Reason {
			return nil
		}
		return err
	})
}
