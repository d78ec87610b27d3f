package provision

import (
	"slices"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
)

// packageNote marks what the suspension package did: only that is lifted with it.
// A suspension that the partner made by itself, before or since, stays.
const packageNote = "Suspension package"

// suspendByPackage puts the suspension package in the place of what the customer
// has (B-33). Doing it again changes nothing.
func (u *unit) suspendByPackage(c *customer.Customer, live *shop.Subscription, have, k *shop.Package) (*shop.Subscription, error) {
	if !k.OnOffer() {
		return nil, errPackageOff
	}
	next := live
	again := live != nil && have.Kind == shop.SuspensionPackage
	if !again {
		next = &shop.Subscription{PartnerID: c.PartnerID, CustomerID: c.ID, PackageID: k.ID, StartsAt: u.now, CreatedAt: u.now, UpdatedAt: u.now}
		if live != nil {
			next.FormerID = live.ID
			if err := u.expireSubscription(live); err != nil {
				return nil, err
			}
		}
		if err := u.insertSubscription(next); err != nil {
			return nil, err
		}
	}
	n, err := u.eachOrder(c, "mail_order.suspend", func(o *order.Order) bool { return u.markSuspended(o) })
	if err != nil || again && n == 0 {
		return next, err
	}
	if !again {
		if err := u.emitHolder(c, event.AccountHolderPackageChange); err != nil {
			return nil, err
		}
	}
	return next, u.record(c.PartnerID, "account_package.suspend", "customer", c.ID, detail{"package": k.ID, "subscription": next.ID, "former": next.FormerID, "orders": n})
}

// eachOrder changes a customer's orders, deleted ones too, so that one that is
// brought back is as the others are. It gives how many were changed.
func (u *unit) eachOrder(c *customer.Customer, action string, change func(*order.Order) bool) (int, error) {
	list, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, o := range list {
		before := o.Status(u.now)
		if !change(o) {
			continue
		}
		if err := u.saveOrder(o, before); err != nil {
			return 0, err
		}
		if err := u.record(o.PartnerID, action, "order", o.ID, detail{"type": suspension.TypePartner, "note": packageNote}); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// markSuspended adds the package's suspension, unless the partner has suspended
// the order already.
func (u *unit) markSuspended(o *order.Order) bool {
	mark := suspension.Suspension{Type: suspension.TypePartner, Role: suspension.RolePartner, On: u.now, Note: packageNote}
	if slices.ContainsFunc(o.Suspensions, func(m suspension.Suspension) bool {
		return m.Type == mark.Type && m.Role == mark.Role && m.ResellerID == 0
	}) {
		return false
	}
	var changed bool
	o.Suspensions, changed = o.Suspensions.Add(mark)
	return changed
}

// unmarkSuspended takes it off again.
func unmarkSuspended(o *order.Order) bool {
	left := slices.DeleteFunc(slices.Clone(o.Suspensions), func(m suspension.Suspension) bool {
		return m.Type == suspension.TypePartner && m.Role == suspension.RolePartner && m.ResellerID == 0 && m.Note == packageNote
	})
	if len(left) == len(o.Suspensions) {
		return false
	}
	o.Suspensions = left
	return true
}

// liftBySuspension lifts from a customer's orders what the package has put there.
func (u *unit) liftBySuspension(c *customer.Customer) error {
	_, err := u.eachOrder(c, "mail_order.unsuspend", unmarkSuspended)
	return err
}

// liftSuspensionPackage gives a customer back what the suspension package stands
// in for. Without that package there is nothing to do.
func (u *unit) liftSuspensionPackage(c *customer.Customer) error {
	live, k, err := u.subscriptionOf(c)
	if err != nil || live == nil || k.Kind != shop.SuspensionPackage {
		return err
	}
	former, err := u.formerOf(live)
	if err != nil {
		return err
	}
	if err := u.expireSubscription(live); err != nil {
		return err
	}
	if former != nil {
		former.ExpiredAt, former.UpdatedAt = nil, u.now
		if err := u.tx.UpdateSubscription(u.ctx, former); err != nil {
			return err
		}
	}
	if err := u.liftBySuspension(c); err != nil {
		return err
	}
	if err := u.emitHolder(c, event.AccountHolderPackageChange); err != nil {
		return err
	}
	return u.record(c.PartnerID, "account_package.restore", "customer", c.ID, detail{"subscription": live.ID, "former": live.FormerID})
}

// followSuspensionPackage makes an order that comes to a customer as his others
// are: it is born suspended while his package is the suspension package. The
// order is not saved here.
func (u *unit) followSuspensionPackage(c *customer.Customer, o *order.Order) error {
	_, k, err := u.subscriptionOf(c)
	if err != nil {
		return err
	}
	if k != nil && k.Kind == shop.SuspensionPackage {
		u.markSuspended(o)
	} else {
		unmarkSuspended(o)
	}
	return nil
}
