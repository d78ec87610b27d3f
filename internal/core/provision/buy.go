package provision

import (
	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// purchase is one action that may cost something (resellerclub.md section 8).
type purchase struct {
	order    *order.Order
	customer *customer.Customer
	change   action.Change
	option   action.InvoiceOption
	discount money.Value
}

// Purchased is what became of it.
type Purchased struct {
	Action   *action.Action
	Order    *order.Order
	Customer *customer.Customer
	Invoice  *ledger.Transaction // nil with NoInvoice
	Cost     money.Value         // what the customer is charged, positive
}

// buy prices a change, raises what is to be raised and carries it out, or leaves
// it pending.
func (u *unit) buy(purchase) (*Purchased, error) {
	return nil, fault.New(fault.Internal, "Purchases are not built yet")
}
