package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/work"
)

// CustomerFigure and CostFigure are what purchases ask.
func (s *Service) CustomerFigure(ctx context.Context, actor audit.Actor, customerID int64, q price.Question) (f price.Figure, err error) {
	err = s.pricingPart.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		f, err = pricing.CustomerFigure(u, c, q)
		return err
	})
	return f, err
}

func (s *Service) CostFigure(ctx context.Context, actor audit.Actor, resellerID int64, q price.Question) (f price.Figure, err error) {
	err = s.pricingPart.Read(ctx, actor, func(u *work.Unit) error {
		r, err := u.Reseller(resellerID)
		if err != nil {
			return err
		}
		f, err = pricing.CostFigure(u, r, q)
		return err
	})
	return f, err
}

// SuspendedByParent tells whether somebody above suspended an order.
func (s *Service) SuspendedByParent(ctx context.Context, actor audit.Actor, ref work.OrderRef) (out bool, err error) {
	err = s.orderingPart.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		out, err = u.SuspendedByParent(o)
		return err
	})
	return out, err
}

// BeginMailService is what the birth of an account domain does.
func (s *Service) BeginMailService(ctx context.Context, actor audit.Actor, ref work.OrderRef) error {
	return s.mailboxesPart.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		return mailboxes.BeginMailService(u, o)
	})
}
