package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// ExpireMailOrder does what has fallen due for an order that the platform bills
// and that was not renewed: it suspends on the expiry date and deletes a week
// later (7.1). It changes nothing when nothing is due, so it can run at any time.
func (s *Service) ExpireMailOrder(ctx context.Context, actor audit.Actor, orderID int64) (*OrderState, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	spans := order.Spans{ToSuspension: s.settings.ExpiryToSuspension, ToDeletion: s.settings.ExpiryToDeletion}
	var out *OrderState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(OrderRef{ID: orderID}, opDeleteOrder)
		if err != nil {
			return err
		}
		suspend, remove := o.Due(u.now, spans)
		if suspend {
			before := o.Status(u.now)
			o.Suspensions, _ = o.Suspensions.Add(suspension.Suspension{Type: suspension.TypeExpiry, Role: suspension.RoleTitan, On: u.now})
			if err := u.saveOrder(o, before); err != nil {
				return err
			}
			if err := u.record(o.PartnerID, "mail_order.suspend", "order", o.ID, detail{"type": suspension.TypeExpiry, "role": suspension.RoleTitan}); err != nil {
				return err
			}
		}
		if remove {
			if o, err = u.deleteOrders(o, "expired"); err != nil {
				return err
			}
		}
		out = u.orderState(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
