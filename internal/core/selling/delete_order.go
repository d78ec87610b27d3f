package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// DeleteOrder is resellerclub.md 7.5. A repeat gives the action of the first
// call; an order that somebody above has suspended can't be deleted. An action that
// waits for a reseller's funds and has no invoice, which could be cancelled, is
// dropped with it.
func (s *Service) DeleteOrder(ctx context.Context, actor audit.Actor, ref SoldOrderRef) (*Purchased, error) {
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := soldOrder(u, ref)
		if err != nil {
			return err
		}
		ch := action.Change{Type: action.Delete}
		text := describeAction(o, ch)
		if o.Live() {
			if err := mayDelete(u, o); err != nil {
				return err
			}
			if o, err = dropLocked(u, o); err != nil {
				return err
			}
			if err := carryOut(u, o, ch); err != nil {
				return err
			}
		} else {
			done, err := u.Tx.LastAction(u.Ctx, o.ID, action.Delete, true)
			if err != nil {
				return err
			}
			if done != nil && !done.AddedAt.Before(*o.DeletedAt) {
				out = &Purchased{Action: done, Order: o, Customer: c}
				return nil
			}
		}
		out, err = finished(u, o, c, ch, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func mayDelete(u *work.Unit, o *order.Order) error {
	a, err := u.Tx.PendingAction(u.Ctx, o.ID)
	if err == nil && a != nil && a.InvoiceID != 0 {
		err = work.ErrActionPending
	}
	if err != nil {
		return err
	}
	above, err := u.SuspendedByParent(o)
	if err == nil && above {
		err = errByParent
	}
	return err
}

// dropLocked gives up an order's action that has no invoice and gives the order
// as it is then: one that never began is deleted with it.
func dropLocked(u *work.Unit, o *order.Order) (*order.Order, error) {
	a, err := u.Tx.PendingAction(u.Ctx, o.ID)
	if err != nil || a == nil {
		return o, err
	}
	if err := GiveUp(u, a, o, action.Cancelled, "The order was deleted."); err != nil {
		return nil, err
	}
	return u.Tx.Order(u.Ctx, o.ID)
}
