package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/suspension"
)

const holderNote = "Account holder suspended"

// SuspendHolder is POST /users/:ref/suspend (basekit.md section 6): the customer
// is barred from the control panel, and each of his live orders is suspended.
func (s *Service) SuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(ref)
		if err != nil {
			return err
		}
		if err := u.suspendCustomer(c, ""); err != nil {
			return err
		}
		orders, err := u.liveOrders(c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			// With a note of its own it outlasts the suspension package (ADR 0042).
			if _, err := u.suspendOrders(o, suspension.Suspension{Type: suspension.TypePartner, Role: suspension.RolePartner, Note: holderNote}); err != nil {
				return err
			}
		}
		return nil
	})
}

// UnsuspendHolder lifts that, the suspension package, and of the orders what the
// actor may lift of that type. What others have suspended stays.
func (s *Service) UnsuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		c, err := u.customer(ref)
		if err != nil {
			return err
		}
		if err := u.unsuspendCustomer(c); err != nil {
			return err
		}
		if err := u.liftSuspensionPackage(c); err != nil {
			return err
		}
		orders, err := u.liveOrders(c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			mine := false
			for _, m := range o.Suspensions {
				may, err := u.mayLift(m)
				if err != nil {
					return err
				}
				mine = mine || may && m.Type == suspension.TypePartner
			}
			if !mine {
				continue
			}
			if err := u.unsuspendOrder(o, suspension.TypePartner, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// CancelHolder is POST /users/:ref/cancel: his orders go at their end.
func (s *Service) CancelHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.writeMoney(ctx, actor, func(u *unit) error {
		c, err := u.customer(ref)
		if err != nil {
			return err
		}
		if err := u.cancelOrders(c); err != nil {
			return err
		}
		return u.record(c.PartnerID, "customer.cancel", "customer", c.ID, nil)
	})
}
