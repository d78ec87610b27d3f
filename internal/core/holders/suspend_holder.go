package holders

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

const holderNote = "Account holder suspended"

// SuspendHolder is POST /users/:ref/suspend (basekit.md section 6): the customer
// is barred from the control panel, and each of his live orders is suspended.
func (s *Service) SuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(ref)
		if err != nil {
			return err
		}
		if err := customers.SuspendCustomer(u, c, ""); err != nil {
			return err
		}
		orders, err := packages.LiveOrders(u, c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			// With a note of its own it outlasts the suspension package (ADR 0042).
			if _, err := ordering.SuspendOrders(u, o, suspension.Suspension{Type: suspension.TypePartner, Role: suspension.RolePartner, Note: holderNote}); err != nil {
				return err
			}
		}
		return nil
	})
}

// UnsuspendHolder lifts that, the suspension package, and of the orders what the
// actor may lift of that type. What others have suspended stays.
func (s *Service) UnsuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(ref)
		if err != nil {
			return err
		}
		if err := customers.UnsuspendCustomer(u, c); err != nil {
			return err
		}
		if err := LiftSuspensionPackage(u, c); err != nil {
			return err
		}
		orders, err := packages.LiveOrders(u, c)
		if err != nil {
			return err
		}
		for _, o := range orders {
			mine := false
			for _, m := range o.Suspensions {
				may, err := u.MayLift(m)
				if err != nil {
					return err
				}
				mine = mine || may && m.Type == suspension.TypePartner
			}
			if !mine {
				continue
			}
			if err := ordering.UnsuspendOrder(u, o, suspension.TypePartner, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// CancelHolder is POST /users/:ref/cancel: his orders go at their end.
func (s *Service) CancelHolder(ctx context.Context, actor audit.Actor, ref int64) error {
	return selling.WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		c, err := u.Customer(ref)
		if err != nil {
			return err
		}
		if err := cancelOrders(u, c); err != nil {
			return err
		}
		return u.Record(c.PartnerID, "customer.cancel", "customer", c.ID, nil)
	})
}
