package packages

import (
	"slices"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// PackageNote marks what the suspension package did: only that is lifted with it.
// A suspension that the partner made by itself, before or since, stays.
const PackageNote = "Suspension package"

// FollowSuspensionPackage makes an order that comes to a customer as his others
// are: it is born suspended while his package is the suspension package. The
// order is not saved here.
func FollowSuspensionPackage(u *work.Unit, c *customer.Customer, o *order.Order) error {
	_, k, err := SubscriptionOf(u, c)
	if err != nil {
		return err
	}
	if k != nil && k.Kind == shop.SuspensionPackage {
		MarkSuspended(u, o)
	} else {
		UnmarkSuspended(o)
	}
	return nil
}

// MarkSuspended adds the package's suspension, unless the partner has suspended
// the order already.
func MarkSuspended(u *work.Unit, o *order.Order) bool {
	mark := suspension.Suspension{Type: suspension.TypePartner, Role: suspension.RolePartner, On: u.Now, Note: PackageNote}
	if slices.ContainsFunc(o.Suspensions, func(m suspension.Suspension) bool {
		return m.Type == mark.Type && m.Role == mark.Role && m.ResellerID == 0
	}) {
		return false
	}
	var changed bool
	o.Suspensions, changed = o.Suspensions.Add(mark)
	return changed
}

// UnmarkSuspended takes it off again.
func UnmarkSuspended(o *order.Order) bool {
	left := slices.DeleteFunc(slices.Clone(o.Suspensions), func(m suspension.Suspension) bool {
		return m.Type == suspension.TypePartner && m.Role == suspension.RolePartner && m.ResellerID == 0 && m.Note == PackageNote
	})
	if len(left) == len(o.Suspensions) {
		return false
	}
	o.Suspensions = left
	return true
}
