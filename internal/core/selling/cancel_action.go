package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var errAction = fault.New(fault.NotFound, "There is no such action, or it waits no more").WithReason("NO_SUCH_ACTION")

// CancelAction drops an action that waits, for the operator: the order stays as it
// is, or goes if the action was to begin it; an invoice is credited.
func (s *Service) CancelAction(ctx context.Context, actor audit.Actor, id int64) (*action.Action, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *action.Action
	err := WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		a, err := u.Tx.Action(u.Ctx, id)
		if err != nil {
			return err
		}
		if a == nil || !a.Status.Pending() {
			return errAction
		}
		o, err := u.Tx.Order(u.Ctx, a.OrderID)
		if err != nil {
			return err
		}
		if o == nil {
			return work.ErrOrder
		}
		if err := u.Enter(a.PartnerID); err != nil {
			return err
		}
		out = a
		return GiveUp(u, a, o, action.Cancelled, "The action was cancelled.")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
