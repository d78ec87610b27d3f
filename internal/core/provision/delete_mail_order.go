package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
)

// DeleteMailOrder is titan.md operation 8.
type DeleteMailOrder struct {
	Order  OrderRef
	Reason string
}

// DeleteMailOrder deletes every order that the partner has for the domain name
// and starts the time until the purge. Naming a deleted order does nothing: not
// to it, whose date does not move, and not to a newer order of the domain, which
// a late repeat must not hit. Accounts keep their own state (T-18).
func (s *Service) DeleteMailOrder(ctx context.Context, actor audit.Actor, cmd DeleteMailOrder) (*OrderState, error) {
	var f fields
	reason := f.text("reason", cmd.Reason, maxReason)
	if f.err != nil {
		return nil, f.err
	}
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		named, err := u.order(cmd.Order, opDeleteOrder)
		if err != nil {
			return err
		}
		if !named.Live() {
			out = u.orderState(named)
			return nil
		}
		named, err = u.deleteOrders(named, reason, false)
		if err != nil {
			return err
		}
		out = u.orderState(named)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// deleteOrders deletes every live order that the partner of one has under its
// domain name, and gives that one as it is then. expired says that nobody asked.
func (u *unit) deleteOrders(named *order.Order, reason string, expired bool) (*order.Order, error) {
	orders, err := u.tx.OrdersByDomain(u.ctx, named.PartnerID, named.Domain)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		before := o.Status(u.now)
		if !o.Delete(u.now, u.s.settings.Retention, reason) {
			continue
		}
		o.Serviceable, o.Expired = false, expired
		if err := u.saveOrder(o, before); err != nil {
			return nil, err
		}
		if err := u.restAliases(o); err != nil {
			return nil, err
		}
		if err := u.record(o.PartnerID, "mail_order.delete", "order", o.ID, detail{"reason": reason, "purgeAt": event.Date(o.PurgeAt)}); err != nil {
			return nil, err
		}
		if o.ID == named.ID {
			named = o
		}
	}
	return named, u.assignService(named.Domain)
}
