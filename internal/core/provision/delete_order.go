package provision

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// DeleteOrder is resellerclub.md 7.5. A repeat gives the action of the first
// call; an order that somebody above has suspended can't be deleted.
func (s *Service) DeleteOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*Purchased, error) {
	var out *Purchased
	err := s.write(ctx, actor, func(u *unit) error {
		o, c, err := u.soldOrder(ref)
		if err != nil {
			return err
		}
		ch := action.Change{Type: action.Delete}
		text := describeAction(o, ch)
		if o.Live() {
			if err := u.mayDelete(o); err != nil {
				return err
			}
			if err := u.carryOut(o, ch); err != nil {
				return err
			}
		} else {
			done, err := u.tx.LastAction(u.ctx, o.ID, action.Delete, true)
			if err != nil {
				return err
			}
			if done != nil && !done.AddedAt.Before(*o.DeletedAt) {
				out = &Purchased{Action: done, Order: o, Customer: c}
				return nil
			}
		}
		out, err = u.finished(o, c, ch, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) mayDelete(o *order.Order) error {
	if err := u.noPendingAction(o); err != nil {
		return err
	}
	above, err := u.suspendedByParent(o)
	if err == nil && above {
		err = errByParent
	}
	return err
}
