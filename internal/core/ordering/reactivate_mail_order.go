package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailOrderReactivation is titan.md operation 14. Of the reads it alone knows
// the partner's own purged orders, to say that they are (T-19).
func (s *Service) MailOrderReactivation(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.Reactivation, error) {
	var out *work.Reactivation
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.FindOrder(ref)
		if err != nil {
			return err
		}
		reason, err := RefusesReactivation(u, o)
		if err != nil {
			return err
		}
		out = &work.Reactivation{Allowed: reason == "", Reason: reason}
		if o.Status(u.Now) == order.Deleted {
			out.PurgeAt = o.PurgeAt
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RefusesReactivation says why a deleted order may not come back; "" when it may.
func RefusesReactivation(u *work.Unit, o *order.Order) (string, error) {
	siblings, err := u.Tx.OrdersByDomain(u.Ctx, o.PartnerID, o.Domain)
	if err != nil {
		return "", err
	}
	return o.RefusesReactivation(u.Now, siblings), nil
}

// ReactivateMailOrder is titan.md operation 15: a deleted order comes back with
// its accounts as they were, a pending one comes into service. One in service
// stays as it is.
func (s *Service) ReactivateMailOrder(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.OrderState, error) {
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.FindOrder(ref)
		if err != nil {
			return err
		}
		before := o.Status(u.Now)
		if before == order.Active || before == order.Suspended {
			out = u.OrderState(o)
			return nil
		}
		reason, err := RefusesReactivation(u, o)
		if err != nil {
			return err
		}
		if reason != "" {
			return fault.New(fault.Conflict, "The order can't be reactivated").WithReason(reason)
		}
		if err := Reactivate(u, o); err != nil {
			return err
		}
		out = u.OrderState(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Reactivate brings a deleted order back, or a pending one into service. That
// nothing stands in the way is checked.
func Reactivate(u *work.Unit, o *order.Order) error {
	before := o.Status(u.Now)
	if err := BringIntoService(u, o); err != nil {
		return err
	}
	if err := u.SaveOrder(o, before); err != nil {
		return err
	}
	if err := dnssetup.RemindDNS(u, o); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.reactivate", "order", o.ID, work.Detail{"from": before, "serviceable": o.Serviceable})
}

// BringIntoService changes o, and the order that yields the domain to it, without saving o.
// It does not bring orders back to a customer that is no more.
func BringIntoService(u *work.Unit, o *order.Order) error {
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if c.Status == customer.Deleted {
		return work.ErrCustomerInactive
	}
	o.Reactivate(u.Now)
	p, err := u.Partner(o.PartnerID)
	if err != nil {
		return err
	}
	if o.Serviceable, err = routing.ClaimService(u, o.Domain, p.Sandbox); err != nil {
		return err
	}
	if err := mailboxes.ResumeMailService(u, o); err != nil {
		return err
	}
	if u.Unannounced == o.ID { // just made: it has no aliases
		return nil
	}
	return routing.WakeAliases(u, o)
}
