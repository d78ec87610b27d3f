package work

import (
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// ReasonActionPending says that an order has an action that waits (section 8).
const ReasonActionPending = "ACTION_PENDING"

// ErrActionPending refuses a further change while an action waits.
var ErrActionPending = fault.New(fault.Conflict, "There is an action pending on the order").WithReason(ReasonActionPending)

// NoPendingAction refuses a further change of an order while one waits.
func (u *Unit) NoPendingAction(o *order.Order) error {
	a, err := u.Tx.PendingAction(u.Ctx, o.ID)
	if err == nil && a != nil {
		err = ErrActionPending
	}
	return err
}
