package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// MailOrderReactivation is titan.md operation 14. Of the reads it alone knows
// the partner's own purged orders, to say that they are (T-19).
func (s *Service) MailOrderReactivation(ctx context.Context, actor audit.Actor, ref OrderRef) (*Reactivation, error) {
	var out *Reactivation
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.findOrder(ref)
		if err != nil {
			return err
		}
		reason, err := u.refusesReactivation(o)
		if err != nil {
			return err
		}
		out = &Reactivation{Allowed: reason == "", Reason: reason}
		if o.Status(u.now) == order.Deleted {
			out.PurgeAt = o.PurgeAt
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) refusesReactivation(o *order.Order) (string, error) {
	siblings, err := u.tx.OrdersByDomain(u.ctx, o.PartnerID, o.Domain)
	if err != nil {
		return "", err
	}
	return o.RefusesReactivation(u.now, siblings), nil
}

// ReactivateMailOrder is titan.md operation 15: a deleted order comes back with
// its accounts as they were, a pending one comes into service. One in service
// stays as it is.
func (s *Service) ReactivateMailOrder(ctx context.Context, actor audit.Actor, ref OrderRef) (*OrderState, error) {
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.findOrder(ref)
		if err != nil {
			return err
		}
		before := o.Status(u.now)
		if before == order.Active || before == order.Suspended {
			out = u.orderState(o)
			return nil
		}
		reason, err := u.refusesReactivation(o)
		if err != nil {
			return err
		}
		if reason != "" {
			return fault.New(fault.Conflict, "The order can't be reactivated").WithReason(reason)
		}
		if err := u.reactivate(o); err != nil {
			return err
		}
		out = u.orderState(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// reactivate brings a deleted order back, or a pending one into service. That
// nothing stands in the way is checked.
func (u *unit) reactivate(o *order.Order) error {
	before := o.Status(u.now)
	if err := u.bringIntoService(o); err != nil {
		return err
	}
	if err := u.saveOrder(o, before); err != nil {
		return err
	}
	if err := u.remindDNS(o); err != nil {
		return err
	}
	return u.record(o.PartnerID, "mail_order.reactivate", "order", o.ID, detail{"from": before, "serviceable": o.Serviceable})
}

// bringIntoService changes o, and the order that yields the domain to it, without saving o.
// It does not bring orders back to a customer that is no more.
func (u *unit) bringIntoService(o *order.Order) error {
	c, err := u.customerOf(o)
	if err != nil {
		return err
	}
	if c.Status == customer.Deleted {
		return errCustomerInactive
	}
	o.Reactivate(u.now)
	p, err := u.partner(o.PartnerID)
	if err != nil {
		return err
	}
	if o.Serviceable, err = u.claimService(o.Domain, p.Sandbox); err != nil {
		return err
	}
	if err := u.resumeMailService(o); err != nil {
		return err
	}
	if u.unannounced == o.ID { // just made: it has no aliases
		return nil
	}
	return u.wakeAliases(o)
}
