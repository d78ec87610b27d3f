package packages

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/money"
)

// PackageChange is what an administrator says of a package; nil fields stay.
// Plan and seats count for those who are given the package from then on.
type PackageChange struct {
	Name         *string
	Active       *bool
	Free         *bool
	Plan         *plan.Plan // of a mail package
	Ending       *string    // of a domain package, "co.uk"; "" = any
	Prices       *[]PriceText
	Capabilities shop.Capabilities // those named; mailboxes are the seats
	Type         *string

	URLID, ImageURL, BannerHTML, AffiliateLink *string
	DisplayOrder, TrialDays                    *int
	RequireDomain, AllowMultiple, ShowInStore  *bool
}

// PriceText is a price as it was written.
type PriceText struct {
	Months int
	Amount string
}

// CreatePackage makes a mail package or a domain package.
type CreatePackage struct {
	Kind shop.Kind
	PackageChange
}

// ReasonPackageName says that a package's name is taken.
const ReasonPackageName = "PACKAGE_NAME_TAKEN"

// Bounds of packages.
const (
	maxPackages     = 500
	maxPeriod       = 120
	maxBanner       = 10_000
	maxCapabilities = 100
	maxDisplayOrder = 1_000_000
)

var (
	capabilityName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)

	errPackageName       = fault.New(fault.Invalid, "The brand has a package of this name").WithReason(ReasonPackageName)
	errSuspensionPackage = fault.New(fault.Invalid, "The suspension package can't be deleted, copied or sold").WithReason("SUSPENSION_PACKAGE")
	errManyPackages      = fault.Newf(fault.Invalid, "A brand has at most %d packages", maxPackages).WithReason("PACKAGES")
)

// CreatePackage adds to what the calling brand has on offer.
func (s *Service) CreatePackage(ctx context.Context, actor audit.Actor, cmd CreatePackage) (*PackageDetails, error) {
	if cmd.Kind != shop.MailPackage && cmd.Kind != shop.DomainPackage {
		return nil, fault.New(fault.Invalid, "Mail services and domain names are sold here, nothing else").WithReason(work.FieldPrefix + "productType")
	}
	return s.writePackage(ctx, actor, "package.create", func(u *work.Unit) (*shop.Package, error) {
		k := &shop.Package{PartnerID: u.Actor.PartnerID, Kind: cmd.Kind, Active: true, CreatedAt: u.Real}
		if k.Kind == shop.MailPackage {
			k.Plan = plan.Pro
			if cmd.Plan != nil {
				k.Plan = *cmd.Plan
			}
			if k.Seats = s.Catalogue[k.Plan].DefaultSeats; k.Seats == 0 {
				k.Seats = 1
			}
		}
		return k, changePackage(u, k, cmd.PackageChange)
	})
}

// ModifyPackage changes one; who has it keeps what he has until it is assigned anew.
func (s *Service) ModifyPackage(ctx context.Context, actor audit.Actor, id int64, cmd PackageChange) (*PackageDetails, error) {
	return s.writePackage(ctx, actor, "package.modify", func(u *work.Unit) (*shop.Package, error) {
		k, err := ShopPackage(u, id)
		if err != nil {
			return nil, err
		}
		return k, changePackage(u, k, cmd)
	})
}

// ClonePackage makes a copy, under another name if one is given.
func (s *Service) ClonePackage(ctx context.Context, actor audit.Actor, id int64, name string) (*PackageDetails, error) {
	return s.writePackage(ctx, actor, "package.clone", func(u *work.Unit) (*shop.Package, error) {
		from, err := ShopPackage(u, id)
		if err != nil {
			return nil, err
		}
		if from.Kind == shop.SuspensionPackage {
			return nil, errSuspensionPackage
		}
		k := *from
		k.ID, k.Origin, k.CreatedAt = 0, "", u.Real
		k.Prices, k.Capabilities = slices.Clone(k.Prices), maps.Clone(k.Capabilities)
		if name == "" {
			have, err := u.Tx.Packages(u.Ctx, k.PartnerID)
			if err != nil {
				return nil, err
			}
			name = freeName(have, "Copy of "+strings.ToValidUTF8(k.Name[:min(len(k.Name), work.MaxName-20)], ""))
		}
		return &k, changePackage(u, &k, PackageChange{Name: &name})
	})
}

// DeletePackage takes one off for good. Who has subscribed to it keeps it.
func (s *Service) DeletePackage(ctx context.Context, actor audit.Actor, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		k, err := ShopPackage(u, id)
		if err != nil {
			return err
		}
		if k.Kind == shop.SuspensionPackage {
			return errSuspensionPackage
		}
		now := u.Real
		k.DeletedAt, k.UpdatedAt, k.Active = &now, now, false
		if err := u.Tx.UpdatePackage(u.Ctx, k); err != nil {
			return err
		}
		return u.Record(k.PartnerID, "package.delete", "package", k.ID, nil)
	})
}

// writePackage keeps what fn gives, a new one when it has no ref.
func (s *Service) writePackage(ctx context.Context, actor audit.Actor, action string, fn func(*work.Unit) (*shop.Package, error)) (*PackageDetails, error) {
	var out *PackageDetails
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		k, err := fn(u)
		if err != nil {
			return err
		}
		k.UpdatedAt = u.Real
		if err := keepPackage(u, k); err != nil {
			return err
		}
		if err := u.Record(k.PartnerID, action, "package", k.ID, work.Detail{
			"kind": k.Kind, "name": k.Name, "active": k.Active, "plan": k.Plan, "seats": k.Seats, "ending": k.Ending, "free": k.Free, "prices": k.Prices,
		}); err != nil {
			return err
		}
		out, err = packageDetails(u, k, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// keepPackage writes a package. Names are given once: of two with one name no
// panel shows which is which. Where there are two from before, both can be changed.
func keepPackage(u *work.Unit, k *shop.Package) error {
	have, err := u.Tx.Packages(u.Ctx, k.PartnerID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(have, func(o *shop.Package) bool { return o.ID == k.ID && o.Name == k.Name }) && looksOf(have, k.ID)[look(k.Name)] {
		return errPackageName
	}
	switch {
	case k.ID != 0:
		return u.Tx.UpdatePackage(u.Ctx, k)
	case len(have) >= maxPackages:
		return errManyPackages
	}
	return u.Tx.InsertPackage(u.Ctx, k)
}

// changePackage applies and checks what was said of a package.
func changePackage(u *work.Unit, k *shop.Package, c PackageChange) error {
	var f work.Fields
	text := func(field string, to *string, v *string, limit int) {
		if v != nil {
			f.Field(field, func(f *work.Fields) { *to = f.Text(field, *v, limit) })
		}
	}
	number := func(field string, to *int, v *int, limit int) {
		if v == nil {
			return
		}
		f.Field(field, func(f *work.Fields) {
			if *v < 0 || *v > limit {
				f.Failf("%s is not between 0 and %d", field, limit)
			}
		})
		*to = *v
	}
	if c.Name != nil {
		k.Name = *c.Name
	}
	f.Field("name", func(f *work.Fields) { k.Name = f.Required("name", k.Name, work.MaxName) })
	text("urlId", &k.Details.URLID, c.URLID, work.MaxFreeText)
	text("imageURL", &k.Details.ImageURL, c.ImageURL, work.MaxReason)
	text("bannerHTML", &k.Details.BannerHTML, c.BannerHTML, maxBanner)
	text("affiliateLink", &k.Details.AffiliateLink, c.AffiliateLink, work.MaxReason)
	number("displayOrder", &k.Details.DisplayOrder, c.DisplayOrder, maxDisplayOrder)
	number("trialDays", &k.Details.TrialDays, c.TrialDays, maxPeriod*31)
	if c.Type != nil {
		f.Field("type", func(f *work.Fields) {
			if k.Details.Type = strings.ToLower(*c.Type); !slices.Contains([]string{"standard", "offer", "demo"}, k.Details.Type) {
				f.Failf("The type is unknown")
			}
		})
	}
	assign(&k.Active, c.Active)
	assign(&k.Details.RequireDomain, c.RequireDomain)
	assign(&k.Details.AllowMultiplePurchase, c.AllowMultiple)
	if c.ShowInStore != nil {
		k.Details.Hidden = !*c.ShowInStore
	}
	if k.Kind == shop.SuspensionPackage {
		if c.Plan != nil || c.Ending != nil || c.Prices != nil || c.Free != nil {
			return errSuspensionPackage
		}
	} else {
		assign(&k.Free, c.Free)
		changeTerms(u, &f, k, c)
	}
	capabilities(&f, k, c.Capabilities, u.Platform.Catalogue)
	return f.Err
}

// assign writes what was given.
func assign[T any](to, v *T) {
	if v != nil {
		*to = *v
	}
}

// changeTerms is what is sold, and for how much.
func changeTerms(u *work.Unit, f *work.Fields, k *shop.Package, c PackageChange) {
	if c.Plan != nil {
		f.Field("plan", func(f *work.Fields) {
			if k.Kind != shop.MailPackage {
				f.Failf("A domain package has no plan")
			}
			f.Plan(u.Platform.Catalogue, *c.Plan)
		})
		k.Plan = *c.Plan
	}
	if c.Ending != nil {
		f.Field("tld", func(f *work.Fields) {
			if k.Kind != shop.DomainPackage {
				f.Failf("Only a domain package has an ending")
			}
			if *c.Ending != "" {
				k.Ending = endingField(f, *c.Ending)
			} else {
				k.Ending = ""
			}
		})
	}
	if c.Prices != nil {
		f.Field("prices", func(f *work.Fields) { k.Prices = priceFields(f, *c.Prices) })
	}
}

// endingField is the part of a domain name that is registered under, such as "co.uk".
func endingField(f *work.Fields, v string) string {
	v = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(v)), ".")
	d, err := mailaddr.ParseDomain("x." + v)
	if err != nil {
		f.Failf("The ending is not one of domain names")
		return ""
	}
	return strings.TrimPrefix(d, "x.")
}

// priceFields reads prices: two decimals, one of each period.
func priceFields(f *work.Fields, list []PriceText) []shop.Price {
	var out []shop.Price
	for _, p := range list {
		v, err := money.ParseValue(strings.TrimSpace(p.Amount))
		switch {
		case err != nil:
			f.Fail(err)
		case v < 0 || v%10 != 0:
			f.Failf("A price is not negative, and has two decimal places at most")
		case p.Months < 1 || p.Months > maxPeriod:
			f.Failf("A period is between 1 and %d months", maxPeriod)
		case slices.ContainsFunc(out, func(o shop.Price) bool { return o.Months == p.Months }):
			f.Failf("There are two prices for one period")
		}
		out = append(out, shop.Price{Months: p.Months, Amount: v})
		if f.Err != nil {
			return nil
		}
	}
	slices.SortFunc(out, func(a, b shop.Price) int { return a.Months - b.Months })
	return out
}

// capabilities are put into a package: mailboxes are its seats, and storage is
// its plan's.
func capabilities(f *work.Fields, k *shop.Package, list shop.Capabilities, catalogue plan.Catalogue) {
	kept := maps.Clone(k.Capabilities)
	for _, name := range list.Names() {
		n := list[name]
		f.Field(name, func(f *work.Fields) {
			switch {
			case name == shop.Mailboxes && k.Kind == shop.MailPackage:
				if err := order.CheckSeats(int(n)); err != nil {
					f.Fail(err)
				}
				k.Seats = int(n)
				return
			case name == shop.StorageLimit && k.Kind == shop.MailPackage:
				if n != catalogue.QuotaBytes(k.Plan) {
					f.Failf("The storage is that of the plan: %d", catalogue.QuotaBytes(k.Plan))
				}
				return
			}
			capability(f, name, n)
			if kept == nil {
				kept = shop.Capabilities{}
			}
			kept[name] = n
		})
	}
	if len(kept) > maxCapabilities {
		f.Failf("There are more than %d capabilities", maxCapabilities)
	}
	k.Capabilities = kept
}

func capability(f *work.Fields, name string, n int64) {
	if !capabilityName.MatchString(name) {
		f.Failf("The name of a capability has letters and digits only")
	}
	if n < 0 || n > 1<<53 {
		f.Failf("A capability is not negative, and at most 2 to the power of 53")
	}
}
