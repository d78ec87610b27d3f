package packages

import (
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SubscriptionOf gives a customer's live subscription and its package; nil
// without one.
func SubscriptionOf(u *work.Unit, c *customer.Customer) (*shop.Subscription, *shop.Package, error) {
	s, err := u.Tx.LiveSubscription(u.Ctx, c.ID)
	if err != nil || s == nil {
		return nil, nil, err
	}
	k, err := PackageOf(u, s)
	return s, k, err
}

// PackageOf gives the package of a subscription, which is there as long as that is.
func PackageOf(u *work.Unit, s *shop.Subscription) (*shop.Package, error) {
	k, err := u.Tx.Package(u.Ctx, s.PackageID)
	if err == nil && k == nil {
		err = fault.Newf(fault.Internal, "The package of subscription %d is missing", s.ID)
	}
	return k, err
}

// Subscribed is SubscriptionOf, but where the suspension package stands in for
// another one it gives that.
func Subscribed(u *work.Unit, c *customer.Customer) (*shop.Subscription, *shop.Package, error) {
	s, k, err := SubscriptionOf(u, c)
	if err != nil || s == nil || k.Kind != shop.SuspensionPackage {
		return s, k, err
	}
	former, err := FormerOf(u, s)
	if err != nil || former == nil {
		return nil, nil, err
	}
	k, err = PackageOf(u, former)
	return former, k, err
}

// FormerOf gives what a suspension package stands in for, nil for nothing.
func FormerOf(u *work.Unit, s *shop.Subscription) (*shop.Subscription, error) {
	if s.FormerID == 0 {
		return nil, nil
	}
	return u.Tx.Subscription(u.Ctx, s.FormerID)
}

// PackageFor gives what a customer's orders have plan and seats of: his package,
// else the brand's default (B-15). nil: the brand has no mail package at all.
func PackageFor(u *work.Unit, c *customer.Customer) (*shop.Package, error) {
	_, k, err := Subscribed(u, c)
	if err != nil || k != nil && k.Kind == shop.MailPackage {
		return k, err
	}
	return DefaultPackage(u, c.PartnerID)
}

// DefaultPackage is the one that was set, as long as it is on offer, else the
// cheapest of those that are no trials.
func DefaultPackage(u *work.Unit, partnerID int64) (*shop.Package, error) {
	settings, err := tenancy.Shop(u, partnerID)
	if err != nil {
		return nil, err
	}
	if settings.DefaultPackage != 0 {
		k, err := u.Tx.Package(u.Ctx, settings.DefaultPackage)
		if err != nil || k != nil && k.PartnerID == partnerID && k.Kind == shop.MailPackage && k.OnOffer() {
			return k, err
		}
	}
	list, err := u.Tx.Packages(u.Ctx, partnerID)
	if err != nil {
		return nil, err
	}
	var found *shop.Package
	var least PackagePrice
	for _, k := range list {
		if k.Kind != shop.MailPackage || !k.OnOffer() || u.Platform.Catalogue[k.Plan].Trial {
			continue
		}
		v, err := packagePrice(u, k, nil, 1)
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
func packageCapabilities(u *work.Unit, k *shop.Package, settings *shop.Settings) shop.Capabilities {
	own := shop.Capabilities{}
	if k != nil && k.Kind == shop.MailPackage {
		own[shop.Mailboxes], own[shop.StorageLimit] = int64(k.Seats), u.Platform.Catalogue.QuotaBytes(k.Plan)
	}
	if k == nil {
		return shop.Merged(settings.Capabilities, own)
	}
	return shop.Merged(settings.Capabilities, k.Capabilities, own)
}

// Capabilities are what a customer of a package and of such orders may do. Of
// seats and storage it is the most that one of his orders has (B-19).
func Capabilities(u *work.Unit, k *shop.Package, settings *shop.Settings, f work.HolderFigures) shop.Capabilities {
	out := packageCapabilities(u, k, settings)
	if f.Live == 0 {
		return out
	}
	out[shop.Mailboxes], out[shop.StorageLimit] = int64(f.Seats), 0
	for _, p := range f.Plans {
		out[shop.StorageLimit] = max(out[shop.StorageLimit], u.Platform.Catalogue.QuotaBytes(p))
	}
	return out
}

// LiveOrders are a customer's orders that are not deleted.
func LiveOrders(u *work.Unit, c *customer.Customer) ([]*order.Order, error) {
	list, err := u.Tx.OrdersByCustomer(u.Ctx, c.ID)
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

// EndOfSubscription is when a subscription ends: with the last of the customer's
// orders, whose end another dialect may have moved. Without one it is its own.
func EndOfSubscription(u *work.Unit, c *customer.Customer, s *shop.Subscription) (*time.Time, error) {
	orders, err := LiveOrders(u, c)
	if err != nil {
		return nil, err
	}
	return EndAmong(s, orders), nil
}

// EndAmong is the latest end of a subscription's orders, else the one of its own.
func EndAmong(s *shop.Subscription, orders []*order.Order) *time.Time {
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

// ExpireSubscription ends one now.
func ExpireSubscription(u *work.Unit, s *shop.Subscription) error {
	now := u.Now
	s.ExpiredAt, s.UpdatedAt = &now, now
	return u.Tx.UpdateSubscription(u.Ctx, s)
}

// InsertSubscription keeps one; that another lives since this unit has looked is
// for AssignPackage to see.
func InsertSubscription(u *work.Unit, s *shop.Subscription) error {
	err := u.Tx.InsertSubscription(u.Ctx, s)
	if fault.Is(err, fault.Conflict) {
		err = fault.New(fault.Conflict, "The account package was changed meanwhile").WithReason(ReasonSubscriptions)
	}
	return err
}
