package packages

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// PackageDetails is a package as it is shown (basekit.md 4.5).
type PackageDetails struct {
	Package      *shop.Package
	Capabilities shop.Capabilities // whole
	Prices       []PackagePrice
	Currency     shop.Currency // of the prices
	Brand        shop.Currency // the brand's own
	BrandName    string
}

// PriceOf is what a period costs; nothing where there is no price.
func (d *PackageDetails) PriceOf(months int) money.Value {
	for _, p := range d.Prices {
		if p.Months == months {
			return p.Amount
		}
	}
	return 0
}

// AccountPackage is a customer's subscription as it is shown.
type AccountPackage struct {
	Subscription *shop.Subscription
	Package      *PackageDetails
	EndsAt       *time.Time
	Free         bool
}

// PackageFilter selects packages of a brand; nil and empty fields do not restrict.
type PackageFilter struct {
	Active      *bool
	ShowInStore *bool
	ContentType string
	ProductType string
	Type        string
	CurrencyRef int64
	Months      *int // sold for that period; 0 = without one
}

// Reasons why a package or subscription is refused.
const (
	ReasonNoPackage     = "NO_SUCH_PACKAGE"
	ReasonPackageOff    = "PACKAGE_OFF"            // not on offer
	ReasonPeriod        = "BILLING_PERIOD"         // not sold for that
	ReasonSubscriptions = "SUBSCRIPTION_OVERTAKEN" // another was made meanwhile: may be tried again
)

// The faults of packages and subscriptions; foreign and deleted ones are unknown.
var (
	ErrPackage      = fault.New(fault.NotFound, "No such package").WithReason(ReasonNoPackage)
	ErrPackageOff   = fault.New(fault.Invalid, "The package is not on offer").WithReason(ReasonPackageOff)
	ErrSubscription = fault.New(fault.NotFound, "No such account package").WithReason("NO_SUCH_ACCOUNT_PACKAGE")
)

// Packages gives those of the calling brand by ref, deleted ones not.
func (s *Service) Packages(ctx context.Context, actor audit.Actor, f PackageFilter) ([]*PackageDetails, error) {
	var out []*PackageDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		list, err := u.Tx.Packages(u.Ctx, u.Actor.PartnerID)
		if err != nil {
			return err
		}
		for _, k := range list {
			if !f.takes(k) {
				continue
			}
			d, err := packageDetails(u, k, nil)
			if err != nil {
				return err
			}
			if f.CurrencyRef != 0 && f.CurrencyRef != d.Currency.Ref ||
				f.Months != nil && !slices.ContainsFunc(d.Prices, func(p PackagePrice) bool { return p.Months == *f.Months }) {
				continue
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// takes applies what needs no price.
func (f PackageFilter) takes(k *shop.Package) bool {
	text := func(want, have string) bool { return want == "" || strings.EqualFold(want, have) }
	return k.DeletedAt == nil && (f.Active == nil || *f.Active == k.Active) && (f.ShowInStore == nil || *f.ShowInStore != k.Details.Hidden) &&
		text(f.ContentType, k.ContentType()) && text(f.ProductType, k.ProductType()) && text(f.Type, k.Type())
}

// Package gives one of the calling brand's.
func (s *Service) Package(ctx context.Context, actor audit.Actor, id int64) (*PackageDetails, error) {
	var out *PackageDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		k, err := ShopPackage(u, id)
		if err != nil {
			return err
		}
		out, err = packageDetails(u, k, nil)
		return err
	})
	return out, err
}

// ShopPackage finds one of the actor's that is not deleted.
func ShopPackage(u *work.Unit, id int64) (*shop.Package, error) {
	k, err := u.Tx.Package(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if k == nil || k.PartnerID != u.Actor.PartnerID || k.DeletedAt != nil {
		return nil, ErrPackage
	}
	return k, nil
}

// packageDetails completes a package for a customer, nil for anybody.
func packageDetails(u *work.Unit, k *shop.Package, c *customer.Customer) (*PackageDetails, error) {
	settings, err := tenancy.Shop(u, k.PartnerID)
	if err != nil {
		return nil, err
	}
	out := &PackageDetails{Package: k, Capabilities: packageCapabilities(u, k, settings)}
	if out.Prices, err = packagePrices(u, k, c); err != nil {
		return nil, err
	}
	if out.BrandName, err = shopName(u, k.PartnerID, settings); err != nil {
		return nil, err
	}
	if out.Brand, err = ShopCurrency(u, k.PartnerID); err != nil {
		return nil, err
	}
	out.Currency = out.Brand
	if c != nil && c.ResellerID != 0 {
		var r *reseller.Reseller
		if r, err = u.SellerOf(c); err == nil {
			out.Currency = shop.FindCurrency(r.SellingCurrency)
		}
	}
	return out, err
}

// shopName is what a brand is called in lists.
func shopName(u *work.Unit, partnerID int64, settings *shop.Settings) (string, error) {
	if settings.Name != "" {
		return settings.Name, nil
	}
	p, err := u.Partner(partnerID)
	if err != nil {
		return "", err
	}
	return p.Name, nil
}

// ShopAppearance is how a brand appears to its customers; one that goes by no
// name but the platform's is called what it is called in lists.
func ShopAppearance(u *work.Unit, partnerID int64, settings *shop.Settings) (brand.Brand, error) {
	out, err := tenancy.Brand(u, partnerID, 0)
	if err == nil && out.Name == u.Platform.DefaultBrand.Name {
		out.Name, err = shopName(u, partnerID, settings)
	}
	return out, err
}

// ShopCurrency is what a brand sells in: its root reseller's.
func ShopCurrency(u *work.Unit, partnerID int64) (shop.Currency, error) {
	root, err := u.Tx.RootReseller(u.Ctx, partnerID)
	if err != nil {
		return shop.Currency{}, err
	}
	if root != nil {
		return shop.FindCurrency(root.SellingCurrency), nil
	}
	p, err := u.Partner(partnerID)
	if err != nil {
		return shop.Currency{}, err
	}
	return shop.FindCurrency(tenancy.Currency(u, p, "")), nil
}

// ShowAccountPackage completes a subscription.
func ShowAccountPackage(u *work.Unit, c *customer.Customer, s *shop.Subscription) (*AccountPackage, error) {
	k, err := PackageOf(u, s)
	if err != nil {
		return nil, err
	}
	out := &AccountPackage{Subscription: s, Free: k.Free}
	if out.Package, err = packageDetails(u, k, c); err != nil {
		return nil, err
	}
	switch {
	case !s.Live():
		out.EndsAt = s.ExpiredAt
	case k.Kind == shop.MailPackage:
		out.EndsAt, err = EndOfSubscription(u, c, s)
	}
	return out, err
}

// AccountPackageFilter selects subscriptions.
type AccountPackageFilter struct {
	Billed      bool // only those in the billing cycle
	ContentType string
}

// AccountPackages gives what a customer has subscribed to: one at most.
func (s *Service) AccountPackages(ctx context.Context, actor audit.Actor, customerID int64, f AccountPackageFilter) ([]*AccountPackage, error) {
	var out []*AccountPackage
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		sub, k, err := SubscriptionOf(u, c)
		if err != nil || sub == nil {
			return err
		}
		if f.Billed && !sub.Billed || f.ContentType != "" && !strings.EqualFold(f.ContentType, k.ContentType()) {
			return nil
		}
		a, err := ShowAccountPackage(u, c, sub)
		out = []*AccountPackage{a}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AccountPackage gives one of a customer's, expired ones too.
func (s *Service) AccountPackage(ctx context.Context, actor audit.Actor, customerID, id int64) (*AccountPackage, error) {
	var out *AccountPackage
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		sub, err := u.Tx.Subscription(u.Ctx, id)
		if err != nil {
			return err
		}
		if sub == nil || sub.CustomerID != c.ID {
			return ErrSubscription
		}
		out, err = ShowAccountPackage(u, c, sub)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
