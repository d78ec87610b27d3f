package provision

import (
	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
)

// cancelOrders ends what a customer has: auto-renewal is off, and each order goes
// when what was paid for is over, whoever bills (basekit.md section 6). What has
// no end, has passed it, or waits for its payment goes at once; a renewal that
// waits for money is given up. A later renewal takes the cancellation back.
// Commands that call it run in writeMoney: money that comes free may carry
// other waiting actions out.
func (u *unit) cancelOrders(c *customer.Customer) error {
	orders, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if !o.Live() {
			continue
		}
		if err := u.cancelOrder(o); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) cancelOrder(o *order.Order) error {
	a, err := u.tx.PendingAction(u.ctx, o.ID)
	if err != nil {
		return err
	}
	if a != nil && (a.Type == action.Renew || a.Type == action.Add) {
		if err := u.giveUp(a, o, action.Cancelled, "The order was cancelled."); err != nil {
			return err
		}
		if o, err = u.tx.Order(u.ctx, o.ID); err != nil || !o.Live() {
			return err
		}
	}
	if o.PendingPayment || o.ExpiresAt == nil || !u.now.Before(*o.ExpiresAt) {
		_, err := u.deleteOrders(o, "cancelled", false)
		return err
	}
	if o.Cancelled && !o.AutoRenew {
		return nil
	}
	o.Cancelled, o.AutoRenew = true, false
	if err := u.saveOrder(o, o.Status(u.now)); err != nil {
		return err
	}
	return u.record(o.PartnerID, "mail_order.cancel", "order", o.ID, detail{"endsAt": o.ExpiresAt})
}
