package provision

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// DeleteOrder is resellerclub.md 7.5. A repeat gives the action of the first
// call; an order that somebody above has suspended can't be deleted. An action that
// waits for a reseller's funds and has no invoice, which could be cancelled, is
// dropped with it.
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
			if o, err = u.dropLocked(o); err != nil {
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
	a, err := u.tx.PendingAction(u.ctx, o.ID)
	if err == nil && a != nil && a.InvoiceID != 0 {
		err = errActionPending
	}
	if err != nil {
		return err
	}
	above, err := u.suspendedByParent(o)
	if err == nil && above {
		err = errByParent
	}
	return err
}

// dropLocked gives up an order's action that has no invoice and gives the order
// as it is then: one that never began is deleted with it.
func (u *unit) dropLocked(o *order.Order) (*order.Order, error) {
	a, err := u.tx.PendingAction(u.ctx, o.ID)
	if err != nil || a == nil {
		return o, err
	}
	if err := u.giveUp(a, o, action.Cancelled, "The order was deleted."); err != nil {
		return nil, err
	}
	return u.tx.Order(u.ctx, o.ID)
}
