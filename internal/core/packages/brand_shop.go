package packages

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ShopBrand is a brand as the BaseKit dialect shows it.
type ShopBrand struct {
	Partner        *partner.Partner
	Settings       *shop.Settings
	Appearance     brand.Brand // effective
	Name           string
	Currency       shop.Currency
	DefaultPackage int64 // 0 = none
	Capabilities   shop.Capabilities
}

// ModifyShopBrand changes what is not nil.
type ModifyShopBrand struct {
	Name             *string
	DisplayName      *string
	Domain           *string
	Email            *string
	SupportEmail     *string
	DefaultPackage   *int64 // 0 = the cheapest
	PreferredPackage *int64 // 0 = none
	LogoURL          *string
	FaviconURL       *string
	HelpURL          *string
	Capabilities     shop.Capabilities
	Active           *bool
}

// ShopBrand gives the calling brand.
func (s *Service) ShopBrand(ctx context.Context, actor audit.Actor) (*ShopBrand, error) {
	var out *ShopBrand
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = shopBrand(u, u.Actor.PartnerID)
		return err
	})
	return out, err
}

func shopBrand(u *work.Unit, partnerID int64) (*ShopBrand, error) {
	p, err := u.Partner(partnerID)
	if err != nil {
		return nil, err
	}
	out := &ShopBrand{Partner: p}
	if out.Settings, err = tenancy.Shop(u, p.ID); err != nil {
		return nil, err
	}
	if out.Name, err = shopName(u, p.ID, out.Settings); err != nil {
		return nil, err
	}
	if out.Appearance, err = ShopAppearance(u, p.ID, out.Settings); err != nil {
		return nil, err
	}
	if out.Currency, err = ShopCurrency(u, p.ID); err != nil {
		return nil, err
	}
	k, err := DefaultPackage(u, p.ID)
	if err != nil {
		return nil, err
	}
	if k != nil {
		out.DefaultPackage = k.ID
	}
	out.Capabilities = shop.Merged(out.Settings.Capabilities)
	return out, nil
}

// ModifyShopBrand changes the calling brand: its appearance by the rules of
// SetBrand, and what it is set to.
func (s *Service) ModifyShopBrand(ctx context.Context, actor audit.Actor, cmd ModifyShopBrand) (*ShopBrand, error) {
	var out *ShopBrand
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		if cmd.Active != nil && !*cmd.Active {
			return fault.New(fault.Invalid, "Only the operator closes a brand").WithReason(work.FieldPrefix + "active")
		}
		p, err := u.Partner(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		if err := changeAppearance(u, p.ID, cmd); err != nil {
			return err
		}
		if err := changeShop(u, p, cmd); err != nil {
			return err
		}
		out, err = shopBrand(u, p.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func changeAppearance(u *work.Unit, partnerID int64, cmd ModifyShopBrand) error {
	now, err := tenancy.ShowBrand(u, partnerID, 0)
	if err != nil {
		return err
	}
	b, changed := now.Own, false
	var f work.Fields
	for _, v := range []struct {
		field string
		to    *string
		given *string
		alone func(string) brand.Brand // with this field only, to know whose fault it is
	}{
		{"displayName", &b.Name, cmd.DisplayName, func(s string) brand.Brand { return brand.Brand{Name: s} }},
		{"email", &b.ContactEmail, cmd.Email, func(s string) brand.Brand { return brand.Brand{ContactEmail: s} }},
		{"logoImageURL", &b.LogoURL, cmd.LogoURL, func(s string) brand.Brand { return brand.Brand{LogoURL: s} }},
		{"helpURL", &b.SupportURL, cmd.HelpURL, func(s string) brand.Brand { return brand.Brand{SupportURL: s} }},
	} {
		if v.given == nil {
			continue
		}
		f.Field(v.field, func(f *work.Fields) {
			if _, err := v.alone(*v.given).Checked(u.Platform.Settings.PlainURLs); err != nil {
				f.Fail(fault.Newf(fault.Invalid, "%s is not valid", v.field))
			}
		})
		changed = changed || *v.to != strings.TrimSpace(*v.given)
		*v.to = *v.given
	}
	if f.Err != nil || !changed {
		return f.Err
	}
	if b, err = b.Checked(u.Platform.Settings.PlainURLs); err != nil {
		return err
	}
	return tenancy.PutBrand(u, partnerID, 0, b, now)
}

func changeShop(u *work.Unit, p *partner.Partner, cmd ModifyShopBrand) error {
	settings, err := tenancy.Shop(u, p.ID)
	if err != nil {
		return err
	}
	before, err := tenancy.VersionOf(settings)
	if err != nil {
		return err
	}
	next := *settings
	var f work.Fields
	if cmd.Name != nil {
		f.Field("name", func(f *work.Fields) { next.Name = f.Line("name", *cmd.Name, work.MaxName) })
	}
	if cmd.Domain != nil {
		f.Field("domain", func(f *work.Fields) { next.Domain = hostName(f, *cmd.Domain) })
	}
	if cmd.SupportEmail != nil {
		f.Field("supportEmail", func(f *work.Fields) { next.SupportEmail = f.Contact("email address", *cmd.SupportEmail) })
	}
	if cmd.FaviconURL != nil {
		f.Field("faviconURL", func(f *work.Fields) {
			next.FaviconURL = PageURL(f, *cmd.FaviconURL, u.Platform.Settings.PlainURLs)
		})
	}
	if len(cmd.Capabilities) > 0 {
		k := &shop.Package{Kind: shop.DomainPackage, Capabilities: next.Capabilities}
		capabilities(&f, k, cmd.Capabilities, u.Platform.Catalogue)
		next.Capabilities = k.Capabilities
	}
	if f.Err != nil {
		return f.Err
	}
	if cmd.DefaultPackage != nil {
		if err := namePackage(u, p, "defaultPackageRef", &next.DefaultPackage, *cmd.DefaultPackage, shop.MailPackage); err != nil {
			return err
		}
	}
	if cmd.PreferredPackage != nil {
		if err := namePackage(u, p, "preferredPackageRef", &next.PreferredPackage, *cmd.PreferredPackage, shop.MailPackage, shop.DomainPackage); err != nil {
			return err
		}
	}
	return putShop(u, p, before, &next)
}

// namePackage notes one of the brand's packages in its settings.
func namePackage(u *work.Unit, p *partner.Partner, field string, to *int64, id int64, kinds ...shop.Kind) error {
	*to = id
	err := checkPackage(u, p, id, kinds...)
	if fault.Is(err, fault.Invalid) {
		err = fault.Newf(fault.Invalid, "%s names no package on offer", field).WithReason(work.FieldPrefix + field)
	}
	return err
}

// putShop keeps what a brand is set to, if it has changed.
func putShop(u *work.Unit, p *partner.Partner, before string, next *shop.Settings) error {
	after, err := tenancy.VersionOf(next)
	if err != nil || after == before {
		return err
	}
	if err := u.Tx.PutShopSettings(u.Ctx, p.ID, next, u.Real); err != nil {
		return err
	}
	return u.Record(p.ID, "shop.set", "partner", p.ID, work.Detail{"settings": next})
}

// PageURL is an address of a page, by the rules of brands; "" stays.
func PageURL(f *work.Fields, v string, plain bool) string {
	b, err := brand.Brand{LogoURL: v}.Checked(plain)
	if err != nil {
		f.Failf("That is not the address of a page")
	}
	return b.LogoURL
}

// hostName is one name of the DNS; "" stays.
func hostName(f *work.Fields, v string) string {
	if v = strings.TrimSpace(v); v == "" {
		return ""
	}
	if d := endingField(f, v); f.Err == nil {
		return d
	}
	return ""
}

// Language is one that account holders may have; Ref is its place in the list.
type Language struct {
	Ref  int64
	Code string
	Name string
}

// Languages gives those of the calling brand.
func (s *Service) Languages(ctx context.Context, actor audit.Actor) ([]Language, error) {
	var out []Language
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		settings, err := tenancy.Shop(u, u.Actor.PartnerID)
		if err != nil {
			return err
		}
		out = LanguagesOf(settings)
		return nil
	})
	return out, err
}

// LanguagesOf are the brand's own, else those that the platform has texts in.
func LanguagesOf(settings *shop.Settings) (out []Language) {
	names := map[string]string{}
	var codes []string
	for _, l := range locale.All() {
		if _, known := names[l.Text]; !known {
			name, _, _ := strings.Cut(l.Name, " (")
			names[l.Text], codes = name, append(codes, l.Text)
		}
		names[l.Tag] = l.Name
	}
	if len(settings.Languages) > 0 {
		codes = settings.Languages
	}
	for i, code := range codes {
		name := names[strings.ToLower(code)]
		if name == "" {
			name = code
		}
		out = append(out, Language{int64(i + 1), code, name})
	}
	return out
}

// maxEndings bounds what a brand sells names under.
const maxEndings = 200

// DomainEndings gives the endings that the calling brand sells names under, and
// the package of each; none = any.
func (s *Service) DomainEndings(ctx context.Context, actor audit.Actor) ([]*shop.Package, error) {
	var out []*shop.Package
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = domainEndings(u)
		return err
	})
	return out, err
}

func domainEndings(u *work.Unit) ([]*shop.Package, error) {
	settings, err := tenancy.Shop(u, u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	list, err := u.Tx.Packages(u.Ctx, u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	var out []*shop.Package
	for _, ending := range settings.Endings {
		i := slices.IndexFunc(list, func(k *shop.Package) bool { return k.Kind == shop.DomainPackage && k.Ending == ending && k.OnOffer() })
		if i >= 0 {
			out = append(out, list[i])
		} else {
			out = append(out, &shop.Package{Ending: ending})
		}
	}
	return out, nil
}

// SetDomainEndings replaces them. Each has a domain package (B-20); that of one
// that goes is no longer on offer.
func (s *Service) SetDomainEndings(ctx context.Context, actor audit.Actor, endings []string) ([]*shop.Package, error) {
	var f work.Fields
	var list []string
	f.Field("tlds", func(f *work.Fields) {
		if len(endings) > maxEndings {
			f.Failf("There are more than %d endings", maxEndings)
			return
		}
		for _, e := range endings {
			if e = endingField(f, e); f.Err == nil && !slices.Contains(list, e) {
				list = append(list, e)
			}
		}
	})
	if f.Err != nil {
		return nil, f.Err
	}
	var out []*shop.Package
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		settings, err := tenancy.Shop(u, p.ID)
		if err != nil {
			return err
		}
		before, err := tenancy.VersionOf(settings)
		if err != nil {
			return err
		}
		next := *settings
		next.Endings = list
		if err := putShop(u, p, before, &next); err != nil {
			return err
		}
		if err := MakePackages(u, p); err != nil {
			return err
		}
		out, err = domainEndings(u)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
