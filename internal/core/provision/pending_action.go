package provision

import (
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// ReasonActionPending says that an order has an action that waits (section 8).
const ReasonActionPending = "ACTION_PENDING"

var errActionPending = fault.New(fault.Conflict, "There is an action pending on the order").WithReason(ReasonActionPending)

// noPendingAction refuses a further change of an order while one waits.
func (u *unit) noPendingAction(o *order.Order) error {
	a, err := u.tx.PendingAction(u.ctx, o.ID)
	if err == nil && a != nil {
		err = errActionPending
	}
	return err
}
