package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

var (
	errCustomerSuspended = fault.New(fault.Forbidden, "The customer is suspended").WithReason("CUSTOMER_SUSPENDED")
	errSuspendedAbove    = fault.New(fault.Forbidden, "A reseller above suspended the customer").WithReason("SUSPENDED_BY_PARENT")
	errCustomerHasOrders = fault.New(fault.Forbidden, "The customer has orders that are not deleted").WithReason("CUSTOMER_HAS_ORDERS")
)

// SuspendCustomer bars a customer from the control panel and from new orders
// (resellerclub.md section 10); its mail goes on. Doing it twice changes nothing,
// except that the suspension becomes that of the reseller higher in the tree.
func (s *Service) SuspendCustomer(ctx context.Context, actor audit.Actor, id int64, reason string) error {
	var f fields
	f.field("reason", func(f *fields) { reason = f.text("reason", reason, maxReason) })
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(id)
		if err != nil {
			return err
		}
		return u.suspendCustomer(c, reason)
	})
}

func (u *unit) suspendCustomer(c *customer.Customer, reason string) error {
	by, err := u.suspender()
	if err != nil {
		return err
	}
	if c.Status == customer.Suspended {
		mine, err := u.mayLiftCustomer(c)
		if err != nil || !mine || c.SuspendedBy == by {
			return err
		}
	}
	c.Status, c.SuspendedBy, c.UpdatedAt = customer.Suspended, by, u.now
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return err
	}
	if err := u.endCustomerSessions(c); err != nil {
		return err
	}
	return u.record(c.PartnerID, "customer.suspend", "customer", c.ID, detail{"reason": reason, "by": by})
}

// endCustomerSessions ends what a customer has open in the control panel, and
// what would open it.
func (u *unit) endCustomerSessions(c *customer.Customer) error {
	if err := u.tx.DropLoginTickets(u.ctx, c.ID); err != nil {
		return err
	}
	return u.tx.DropPanelSessions(u.ctx, c.ID)
}

// UnsuspendCustomer lifts what the actor may lift: not what was done above it.
func (s *Service) UnsuspendCustomer(ctx context.Context, actor audit.Actor, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(id)
		if err != nil {
			return err
		}
		return u.unsuspendCustomer(c)
	})
}

func (u *unit) unsuspendCustomer(c *customer.Customer) error {
	if c.Status != customer.Suspended {
		return nil
	}
	mine, err := u.mayLiftCustomer(c)
	if err != nil {
		return err
	}
	if !mine {
		return errSuspendedAbove
	}
	c.Status, c.SuspendedBy, c.UpdatedAt = customer.Active, 0, u.now
	if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
		return err
	}
	return u.record(c.PartnerID, "customer.unsuspend", "customer", c.ID, nil)
}

// mayLiftCustomer reports whether the suspension of c is the actor's to lift, as
// one of an order would be.
func (u *unit) mayLiftCustomer(c *customer.Customer) (bool, error) {
	return u.mayLift(suspension.Suspension{Role: suspension.RolePartner, ResellerID: c.SuspendedBy})
}

// mayOrder refuses who may have no new orders.
func mayOrder(c *customer.Customer) error {
	if c.Status != customer.Active {
		return errCustomerSuspended
	}
	return nil
}

// DeleteCustomer needs that all orders were deleted. The customer is as if it had
// never been, but for the books and the orders until their purge; its names are
// free again.
func (s *Service) DeleteCustomer(ctx context.Context, actor audit.Actor, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(id)
		if err != nil {
			return err
		}
		live, err := u.tx.LiveOrdersOf(u.ctx, []int64{c.ID})
		if err != nil {
			return err
		}
		if live[c.ID] > 0 {
			return errCustomerHasOrders
		}
		c.Status, c.PasswordHash, c.UpdatedAt = customer.Deleted, "", u.now
		if err := u.tx.UpdateCustomer(u.ctx, c); err != nil {
			return err
		}
		if err := u.endCustomerAccess(c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.delete", "customer", c.ID, nil)
	})
}
