package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// UnsuspendMailOrder is titan.md operation 7.
type UnsuspendMailOrder struct {
	Order work.OrderRef
	Type  string // "" = all that the actor may lift (T-08, R-24)
	Note  string
}

// UnsuspendMailOrder lifts suspensions of the order that is named. A type that
// is not there is no error.
func (s *Service) UnsuspendMailOrder(ctx context.Context, actor audit.Actor, cmd UnsuspendMailOrder) (*work.OrderState, error) {
	kind, note, err := work.CheckLift(cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *work.OrderState
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpUnsuspendOrder)
		if err != nil {
			return err
		}
		if err := UnsuspendOrder(u, o, kind, note); err != nil {
			return err
		}
		out = u.OrderState(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UnsuspendOrder lifts what the actor may lift, of one type or with "" of all.
func UnsuspendOrder(u *work.Unit, o *order.Order, kind, note string) error {
	before := o.Status(u.Now)
	left, changed, err := u.Lift(o.Suspensions, kind)
	if err != nil || !changed {
		return err
	}
	o.Suspensions = left
	if err := u.SaveOrder(o, before); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.unsuspend", "order", o.ID, work.Detail{"type": kind, "note": note, "remaining": len(left)})
}
