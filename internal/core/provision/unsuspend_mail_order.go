package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// UnsuspendMailOrder is titan.md operation 7.
type UnsuspendMailOrder struct {
	Order OrderRef
	Type  string // "" = all that the actor may lift (T-08, R-24)
	Note  string
}

// UnsuspendMailOrder lifts suspensions of the order that is named. A type that
// is not there is no error.
func (s *Service) UnsuspendMailOrder(ctx context.Context, actor audit.Actor, cmd UnsuspendMailOrder) (*OrderState, error) {
	kind, note, err := checkLift(cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *OrderState
	err = s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(cmd.Order, opUnsuspendOrder)
		if err != nil {
			return err
		}
		if err := u.unsuspendOrder(o, kind, note); err != nil {
			return err
		}
		out = u.orderState(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// unsuspendOrder lifts what the actor may lift, of one type or with "" of all.
func (u *unit) unsuspendOrder(o *order.Order, kind, note string) error {
	before := o.Status(u.now)
	left, changed, err := u.lift(o.Suspensions, kind)
	if err != nil || !changed {
		return err
	}
	o.Suspensions = left
	if err := u.saveOrder(o, before); err != nil {
		return err
	}
	return u.record(o.PartnerID, "mail_order.unsuspend", "order", o.ID, detail{"type": kind, "note": note, "remaining": len(left)})
}
