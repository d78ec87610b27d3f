package customers

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

var (
	errCustomerSuspended = fault.New(fault.Forbidden, "The customer is suspended").WithReason("CUSTOMER_SUSPENDED")
	errSuspendedAbove    = fault.New(fault.Forbidden, "A reseller above suspended the customer").WithReason("SUSPENDED_BY_PARENT")
	// ErrCustomerHasOrders refuses to delete a customer of whom mail would go too.
	ErrCustomerHasOrders = fault.New(fault.Forbidden, "The customer has orders that are not deleted").WithReason("CUSTOMER_HAS_ORDERS")
)

// SuspendCustomer bars a customer from the control panel and from new orders
// (resellerclub.md section 10); its mail goes on. Doing it twice changes nothing,
// except that the suspension becomes that of the reseller higher in the tree.
func (s *Service) SuspendCustomer(ctx context.Context, actor audit.Actor, id int64, reason string) error {
	var f work.Fields
	f.Field("reason", func(f *work.Fields) { reason = f.Text("reason", reason, work.MaxReason) })
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(id)
		if err != nil {
			return err
		}
		return SuspendCustomer(u, c, reason)
	})
}

// SuspendCustomer is the command within a unit, for a customer whom the actor may see.
func SuspendCustomer(u *work.Unit, c *customer.Customer, reason string) error {
	by, err := u.Suspender()
	if err != nil {
		return err
	}
	if c.Status == customer.Suspended {
		mine, err := mayLiftCustomer(u, c)
		if err != nil || !mine || c.SuspendedBy == by {
			return err
		}
	}
	c.Status, c.SuspendedBy, c.UpdatedAt = customer.Suspended, by, u.Now
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return err
	}
	if err := endCustomerSessions(u, c); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.suspend", "customer", c.ID, work.Detail{"reason": reason, "by": by})
}

// endCustomerSessions ends what a customer has open in the control panel, and
// what would open it.
func endCustomerSessions(u *work.Unit, c *customer.Customer) error {
	if err := u.Tx.DropLoginTickets(u.Ctx, c.ID); err != nil {
		return err
	}
	return u.Tx.DropPanelSessions(u.Ctx, c.ID)
}

// UnsuspendCustomer lifts what the actor may lift: not what was done above it.
func (s *Service) UnsuspendCustomer(ctx context.Context, actor audit.Actor, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(id)
		if err != nil {
			return err
		}
		return UnsuspendCustomer(u, c)
	})
}

// UnsuspendCustomer is the command within a unit; SUSPENDED_BY_PARENT when it was
// done above.
func UnsuspendCustomer(u *work.Unit, c *customer.Customer) error {
	if c.Status != customer.Suspended {
		return nil
	}
	mine, err := mayLiftCustomer(u, c)
	if err != nil {
		return err
	}
	if !mine {
		return errSuspendedAbove
	}
	c.Status, c.SuspendedBy, c.UpdatedAt = customer.Active, 0, u.Now
	if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "customer.unsuspend", "customer", c.ID, nil)
}

// mayLiftCustomer reports whether the suspension of c is the actor's to lift, as
// one of an order would be.
func mayLiftCustomer(u *work.Unit, c *customer.Customer) (bool, error) {
	return u.MayLift(suspension.Suspension{Role: suspension.RolePartner, ResellerID: c.SuspendedBy})
}

// MayOrder refuses who may have no new orders.
func MayOrder(c *customer.Customer) error {
	if c.Status != customer.Active {
		return errCustomerSuspended
	}
	return nil
}

// DeleteCustomer needs that all orders were deleted. The customer is as if it had
// never been, but for the books and the orders until their purge; its names are
// free again.
func (s *Service) DeleteCustomer(ctx context.Context, actor audit.Actor, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(id)
		if err != nil {
			return err
		}
		live, err := u.Tx.LiveOrdersOf(u.Ctx, []int64{c.ID})
		if err != nil {
			return err
		}
		if live[c.ID] > 0 {
			return ErrCustomerHasOrders
		}
		c.Status, c.PasswordHash, c.UpdatedAt = customer.Deleted, "", u.Now
		if err := u.Tx.UpdateCustomer(u.Ctx, c); err != nil {
			return err
		}
		if err := EndCustomerAccess(u, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.delete", "customer", c.ID, nil)
	})
}

// EndCustomerAccess ends sessions and every link that leads to one.
func EndCustomerAccess(u *work.Unit, c *customer.Customer) error {
	if err := endCustomerSessions(u, c); err != nil {
		return err
	}
	if err := u.Tx.DropHolderTokens(u.Ctx, c.ID, ""); err != nil {
		return err
	}
	return u.Tx.DropPasswordToken(u.Ctx, 0, c.ID)
}
