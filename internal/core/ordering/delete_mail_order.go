package ordering

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// DeleteMailOrder is titan.md operation 8.
type DeleteMailOrder struct {
	Order  work.OrderRef
	Reason string
}

// DeleteMailOrder deletes every order that the partner has for the domain name
// and starts the time until the purge. Naming a deleted order does nothing: not
// to it, whose date does not move, and not to a newer order of the domain, which
// a late repeat must not hit. Accounts keep their own state (T-18).
func (s *Service) DeleteMailOrder(ctx context.Context, actor audit.Actor, cmd DeleteMailOrder) (*work.OrderState, error) {
	var f work.Fields
	reason := f.Text("reason", cmd.Reason, work.MaxReason)
	if f.Err != nil {
		return nil, f.Err
	}
	var out *work.OrderState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		named, err := u.Order(cmd.Order, work.OpDeleteOrder)
		if err != nil {
			return err
		}
		if !named.Live() {
			out = u.OrderState(named)
			return nil
		}
		named, err = DeleteOrders(u, named, reason, false)
		if err != nil {
			return err
		}
		out = u.OrderState(named)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteOrders deletes every live order that the partner of one has under its
// domain name, and gives that one as it is then. expired says that nobody asked.
func DeleteOrders(u *work.Unit, named *order.Order, reason string, expired bool) (*order.Order, error) {
	orders, err := u.Tx.OrdersByDomain(u.Ctx, named.PartnerID, named.Domain)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		before := o.Status(u.Now)
		if !o.Delete(u.Now, u.Platform.Settings.Retention, reason) {
			continue
		}
		o.Serviceable, o.Expired = false, expired
		if err := u.SaveOrder(o, before); err != nil {
			return nil, err
		}
		if err := routing.RestAliases(u, o); err != nil {
			return nil, err
		}
		if err := u.Record(o.PartnerID, "mail_order.delete", "order", o.ID, work.Detail{"reason": reason, "purgeAt": event.Date(o.PurgeAt)}); err != nil {
			return nil, err
		}
		if o.ID == named.ID {
			named = o
		}
	}
	return named, routing.AssignService(u, named.Domain)
}
