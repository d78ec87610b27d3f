package provision

import (
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/shop"
	"posthouse/internal/fault"
)

// subscriptionOf gives a customer's live subscription and its package; nil
// without one.
func (u *unit) subscriptionOf(c *customer.Customer) (*shop.Subscription, *shop.Package, error) {
	s, err := u.tx.LiveSubscription(u.ctx, c.ID)
	if err != nil || s == nil {
		return nil, nil, err
	}
	k, err := u.packageOf(s)
	return s, k, err
}

// packageOf gives the package of a subscription, which is there as long as that is.
func (u *unit) packageOf(s *shop.Subscription) (*shop.Package, error) {
	k, err := u.tx.Package(u.ctx, s.PackageID)
	if err == nil && k == nil {
		err = fault.Newf(fault.Internal, "The package of subscription %d is missing", s.ID)
	}
	return k, err
}

// subscribed is subscriptionOf, but where the suspension package stands in for
// another one it gives that.
func (u *unit) subscribed(c *customer.Customer) (*shop.Subscription, *shop.Package, error) {
	s, k, err := u.subscriptionOf(c)
	if err != nil || s == nil || k.Kind != shop.SuspensionPackage {
		return s, k, err
	}
	former, err := u.formerOf(s)
	if err != nil || former == nil {
		return nil, nil, err
	}
	k, err = u.packageOf(former)
	return former, k, err
}

// formerOf gives what a suspension package stands in for, nil for nothing.
func (u *unit) formerOf(s *shop.Subscription) (*shop.Subscription, error) {
	if s.FormerID == 0 {
		return nil, nil
	}
	return u.tx.Subscription(u.ctx, s.FormerID)
}

// packageFor gives what a customer's orders have plan and seats of: his package,
// else the brand's default (B-15). nil: the brand has no mail package at all.
func (u *unit) packageFor(c *customer.Customer) (*shop.Package, error) {
	_, k, err := u.subscribed(c)
	if err != nil || k != nil && k.Kind == shop.MailPackage {
		return k, err
	}
	return u.defaultPackage(c.PartnerID)
}

// defaultPackage is the one that was set, as long as it is on offer, else the
// cheapest of those that are no trials.
func (u *unit) defaultPackage(partnerID int64) (*shop.Package, error) {
	settings, err := u.shop(partnerID)
	if err != nil {
		return nil, err
	}
	if settings.DefaultPackage != 0 {
		k, err := u.tx.Package(u.ctx, settings.DefaultPackage)
		if err != nil || k != nil && k.PartnerID == partnerID && k.Kind == shop.MailPackage && k.OnOffer() {
			return k, err
		}
	}
	list, err := u.tx.Packages(u.ctx, partnerID)
	if err != nil {
		return nil, err
	}
	var found *shop.Package
	var least PackagePrice
	for _, k := range list {
		if k.Kind != shop.MailPackage || !k.OnOffer() || u.s.catalogue[k.Plan].Trial {
			continue
		}
		v, err := u.packagePrice(k, nil, 1)
		if err != nil {
			return nil, err
		}
		if found == nil || v < least.Amount {
			found, least = k, PackagePrice{1, v}
		}
	}
	return found, nil
}

// packageCapabilities are those of a package, whole (4.2).
func (u *unit) packageCapabilities(k *shop.Package, settings *shop.Settings) shop.Capabilities {
	own := shop.Capabilities{}
	if k != nil && k.Kind == shop.MailPackage {
		own[shop.Mailboxes], own[shop.StorageLimit] = int64(k.Seats), u.s.catalogue.QuotaBytes(k.Plan)
	}
	if k == nil {
		return shop.Merged(settings.Capabilities, own)
	}
	return shop.Merged(settings.Capabilities, k.Capabilities, own)
}

// capabilitiesOf are what a customer may do.
func (u *unit) capabilitiesOf(c *customer.Customer) (shop.Capabilities, error) {
	all, err := u.holdersDetails([]*customer.Customer{c})
	if err != nil {
		return nil, err
	}
	return all[0].Capabilities, nil
}

// capabilities are what a customer of a package and of such orders may do. Of
// seats and storage it is the most that one of his orders has (B-19).
func (u *unit) capabilities(k *shop.Package, settings *shop.Settings, f HolderFigures) shop.Capabilities {
	out := u.packageCapabilities(k, settings)
	if f.Live == 0 {
		return out
	}
	out[shop.Mailboxes], out[shop.StorageLimit] = int64(f.Seats), 0
	for _, p := range f.Plans {
		out[shop.StorageLimit] = max(out[shop.StorageLimit], u.s.catalogue.QuotaBytes(p))
	}
	return out
}

// liveOrders are a customer's orders that are not deleted.
func (u *unit) liveOrders(c *customer.Customer) ([]*order.Order, error) {
	list, err := u.tx.OrdersByCustomer(u.ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var out []*order.Order
	for _, o := range list {
		if o.Live() {
			out = append(out, o)
		}
	}
	return out, nil
}

// endOfSubscription is when a subscription ends: with the last of the customer's
// orders, whose end another dialect may have moved. Without one it is its own.
func (u *unit) endOfSubscription(c *customer.Customer, s *shop.Subscription) (*time.Time, error) {
	orders, err := u.liveOrders(c)
	if err != nil {
		return nil, err
	}
	return endAmong(s, orders), nil
}

func endAmong(s *shop.Subscription, orders []*order.Order) *time.Time {
	var last *time.Time
	for _, o := range orders {
		if o.ExpiresAt != nil && (last == nil || o.ExpiresAt.After(*last)) {
			last = o.ExpiresAt
		}
	}
	if last == nil {
		last = s.EndsAt
	}
	return last
}
