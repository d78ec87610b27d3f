package holders

import (
	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
)

// cancelOrders ends what a customer has: auto-renewal is off, and each order goes
// when what was paid for is over, whoever bills (basekit.md section 6). What has
// no end, has passed it, or waits for its payment goes at once; a renewal that
// waits for money is given up. A later renewal takes the cancellation back.
// Commands that call it run in selling.WriteMoney: money that comes free may carry
// other waiting actions out.
func cancelOrders(u *work.Unit, c *customer.Customer) error {
	orders, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if !o.Live() {
			continue
		}
		if err := cancelOrder(u, o); err != nil {
			return err
		}
	}
	return nil
}

func cancelOrder(u *work.Unit, o *order.Order) error {
	a, err := u.Tx.PendingAction(u.Ctx, o.ID)
	if err != nil {
		return err
	}
	if a != nil && (a.Type == action.Renew || a.Type == action.Add) {
		if err := selling.GiveUp(u, a, o, action.Cancelled, "The order was cancelled."); err != nil {
			return err
		}
		if o, err = u.Tx.Order(u.Ctx, o.ID); err != nil || !o.Live() {
			return err
		}
	}
	if o.PendingPayment || o.ExpiresAt == nil || !u.Now.Before(*o.ExpiresAt) {
		_, err := ordering.DeleteOrders(u, o, "cancelled", false)
		return err
	}
	if o.Cancelled && !o.AutoRenew {
		return nil
	}
	o.Cancelled, o.AutoRenew = true, false
	if err := u.SaveOrder(o, o.Status(u.Now)); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.cancel", "order", o.ID, work.Detail{"endsAt": o.ExpiresAt})
}
