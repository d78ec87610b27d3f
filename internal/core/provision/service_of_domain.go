package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// assignService gives a domain that nobody serves to an order that is in
// service: the first that proved its ownership, else the oldest (7.2).
func (u *unit) assignService(domain string) error {
	serving, err := u.tx.ServiceableOrder(u.ctx, domain)
	if err != nil || serving != nil {
		return err
	}
	orders, err := u.tx.OrdersOfDomain(u.ctx, domain)
	if err != nil {
		return err
	}
	var next *order.Order
	for _, o := range orders {
		if !o.Live() || o.PendingPayment {
			continue
		}
		if next == nil || (o.ProvenAt != nil && (next.ProvenAt == nil || o.ProvenAt.Before(*next.ProvenAt))) {
			next = o
		}
	}
	if next == nil {
		return nil
	}
	return u.setServiceable(next, true)
}

// setServiceable moves a flag that no API shows: sessions are looked at again,
// since who may send follows it.
func (u *unit) setServiceable(o *order.Order, on bool) error {
	return u.within(o.PartnerID, func() error {
		o.Serviceable, o.UpdatedAt = on, u.now
		if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
			return err
		}
		if err := u.tx.AccessChanged(u.ctx, o.ID, 0); err != nil {
			return err
		}
		return u.record(o.PartnerID, "mail_order.serviceable", "order", o.ID, detail{"serviceable": on})
	})
}

// ProveOwnership notes that the order's TXT token was found in the domain's DNS
// (T-15). It takes the domain from an order that has not proven it; when both
// have, the holder keeps it.
func (s *Service) ProveOwnership(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(OrderRef{ID: orderID}, opModifyOrder)
		if err != nil {
			return err
		}
		if o.ProvenAt == nil {
			now := u.now
			o.ProvenAt, o.UpdatedAt = &now, now
			if err := u.tx.UpdateOrder(u.ctx, o); err != nil {
				return err
			}
			if err := u.record(o.PartnerID, "mail_order.prove", "order", o.ID, nil); err != nil {
				return err
			}
		}
		if o.Serviceable || o.PendingPayment {
			return nil
		}
		holder, err := u.tx.ServiceableOrder(u.ctx, o.Domain)
		if err != nil {
			return err
		}
		if holder != nil {
			if holder.ProvenAt != nil {
				return nil
			}
			if err := u.setServiceable(holder, false); err != nil {
				return err
			}
		}
		return u.setServiceable(o, true)
	})
}
