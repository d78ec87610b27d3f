package holders

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// SuspendByPackage puts the suspension package in the place of what the customer
// has (B-33). Doing it again changes nothing.
func SuspendByPackage(u *work.Unit, c *customer.Customer, live *shop.Subscription, have, k *shop.Package) (*shop.Subscription, error) {
	if !k.OnOffer() {
		return nil, packages.ErrPackageOff
	}
	next := live
	again := live != nil && have.Kind == shop.SuspensionPackage
	if !again {
		next = &shop.Subscription{PartnerID: c.PartnerID, CustomerID: c.ID, PackageID: k.ID, StartsAt: u.Now, CreatedAt: u.Now, UpdatedAt: u.Now}
		if live != nil {
			next.FormerID = live.ID
			if err := packages.ExpireSubscription(u, live); err != nil {
				return nil, err
			}
		}
		if err := packages.InsertSubscription(u, next); err != nil {
			return nil, err
		}
	}
	n, err := eachOrder(u, c, "mail_order.suspend", func(o *order.Order) bool { return packages.MarkSuspended(u, o) })
	if err != nil || again && n == 0 {
		return next, err
	}
	if !again {
		if err := packages.EmitHolder(u, c, event.AccountHolderPackageChange); err != nil {
			return nil, err
		}
	}
	return next, u.Record(c.PartnerID, "account_package.suspend", "customer", c.ID, work.Detail{"package": k.ID, "subscription": next.ID, "former": next.FormerID, "orders": n})
}

// eachOrder changes a customer's orders, deleted ones too, so that one that is
// brought back is as the others are. It gives how many were changed.
func eachOrder(u *work.Unit, c *customer.Customer, action string, change func(*order.Order) bool) (int, error) {
	list, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, o := range list {
		before := o.Status(u.Now)
		if !change(o) {
			continue
		}
		if err := u.SaveOrder(o, before); err != nil {
			return 0, err
		}
		if err := u.Record(o.PartnerID, action, "order", o.ID, work.Detail{"type": suspension.TypePartner, "note": packages.PackageNote}); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// LiftBySuspension lifts from a customer's orders what the package has put there.
func LiftBySuspension(u *work.Unit, c *customer.Customer) error {
	_, err := eachOrder(u, c, "mail_order.unsuspend", packages.UnmarkSuspended)
	return err
}

// LiftSuspensionPackage gives a customer back what the suspension package stands
// in for. Without that package there is nothing to do.
func LiftSuspensionPackage(u *work.Unit, c *customer.Customer) error {
	live, k, err := packages.SubscriptionOf(u, c)
	if err != nil || live == nil || k.Kind != shop.SuspensionPackage {
		return err
	}
	former, err := packages.FormerOf(u, live)
	if err != nil {
		return err
	}
	if err := packages.ExpireSubscription(u, live); err != nil {
		return err
	}
	if former != nil {
		former.ExpiredAt, former.UpdatedAt = nil, u.Now
		if err := u.Tx.UpdateSubscription(u.Ctx, former); err != nil {
			return err
		}
	}
	if err := LiftBySuspension(u, c); err != nil {
		return err
	}
	if err := packages.EmitHolder(u, c, event.AccountHolderPackageChange); err != nil {
		return err
	}
	return u.Record(c.PartnerID, "account_package.restore", "customer", c.ID, work.Detail{"subscription": live.ID, "former": live.FormerID})
}
