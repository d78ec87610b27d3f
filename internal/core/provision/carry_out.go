package provision

import (
	"posthouse/internal/core/action"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// carryOut does to an order what an action is for; who pays is settled by then.
func (u *unit) carryOut(*order.Order, action.Change) error {
	return fault.New(fault.Internal, "Actions are not built yet")
}

// describeAction gives actiontypedesc of a change of o.
func describeAction(*order.Order, action.Change) string { return "" }
