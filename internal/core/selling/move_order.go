package selling

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/work"
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
	return s.Write(ctx, actor, func(u *work.Unit) error {
		from, err := u.Customer(cmd.From)
		if err != nil {
			return err
		}
		to, err := u.Customer(cmd.To)
		if fault.Is(err, fault.CustomerNotFound) {
			err = work.ErrCustomer.WithReason(ReasonNewCustomer)
		}
		if err != nil {
			return err
		}
		o, err := soldForDomain(u, "", cmd.Domain, from.ID)
		if err != nil {
			return err
		}
		if from.ID == to.ID {
			return nil
		}
		if to.Status != customer.Active {
			return work.ErrCustomerInactive
		}
		return ordering.Transfer(u, o, from, to)
	})
}
