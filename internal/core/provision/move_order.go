package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/fault"
)

// MoveOrder is products/move (resellerclub.md section 11): a domain's order goes
// from one customer of the caller's tree to another.
type MoveOrder struct {
	Domain string
	From   int64 // customer.Customer.ID
	To     int64
}

// ReasonNewCustomer says that it is the new customer who is unknown.
const ReasonNewCustomer = "NEW_CUSTOMER"

// MoveOrder is the transfer of the other dialects between customers that exist.
func (s *Service) MoveOrder(ctx context.Context, actor audit.Actor, cmd MoveOrder) error {
	return s.write(ctx, actor, func(u *unit) error {
		from, err := u.customer(cmd.From)
		if err != nil {
			return err
		}
		to, err := u.customer(cmd.To)
		if fault.Is(err, fault.CustomerNotFound) {
			err = errCustomer.WithReason(ReasonNewCustomer)
		}
		if err != nil {
			return err
		}
		o, err := u.soldForDomain("", cmd.Domain, from.ID)
		if err != nil {
			return err
		}
		if from.ID == to.ID {
			return nil
		}
		if to.Status != customer.Active {
			return errCustomerInactive
		}
		return u.transfer(o, from, to)
	})
}
