package provision

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
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
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.shopBrand(u.actor.PartnerID)
		return err
	})
	return out, err
}

func (u *unit) shopBrand(partnerID int64) (*ShopBrand, error) {
	p, err := u.partner(partnerID)
	if err != nil {
		return nil, err
	}
	out := &ShopBrand{Partner: p}
	if out.Settings, err = u.shop(p.ID); err != nil {
		return nil, err
	}
	if out.Name, err = u.shopName(p.ID, out.Settings); err != nil {
		return nil, err
	}
	if out.Appearance, err = u.shopAppearance(p.ID, out.Settings); err != nil {
		return nil, err
	}
	if out.Currency, err = u.shopCurrency(p.ID); err != nil {
		return nil, err
	}
	k, err := u.defaultPackage(p.ID)
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
	err := s.write(ctx, actor, func(u *unit) error {
		if cmd.Active != nil && !*cmd.Active {
			return fault.New(fault.Invalid, "Only the operator closes a brand").WithReason(FieldPrefix + "active")
		}
		p, err := u.partner(u.actor.PartnerID)
		if err != nil {
			return err
		}
		if err := u.changeAppearance(p.ID, cmd); err != nil {
			return err
		}
		if err := u.changeShop(p, cmd); err != nil {
			return err
		}
		out, err = u.shopBrand(p.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) changeAppearance(partnerID int64, cmd ModifyShopBrand) error {
	now, err := u.brandDetails(partnerID, 0)
	if err != nil {
		return err
	}
	b, changed := now.Own, false
	var f fields
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
		f.field(v.field, func(f *fields) {
			if _, err := v.alone(*v.given).Checked(u.s.settings.PlainURLs); err != nil {
				f.fail(fault.Newf(fault.Invalid, "%s is not valid", v.field))
			}
		})
		changed = changed || *v.to != strings.TrimSpace(*v.given)
		*v.to = *v.given
	}
	if f.err != nil || !changed {
		return f.err
	}
	if b, err = b.Checked(u.s.settings.PlainURLs); err != nil {
		return err
	}
	return u.putBrand(partnerID, 0, b, now)
}

func (u *unit) changeShop(p *partner.Partner, cmd ModifyShopBrand) error {
	settings, err := u.shop(p.ID)
	if err != nil {
		return err
	}
	before, err := versionOf(settings)
	if err != nil {
		return err
	}
	next := *settings
	var f fields
	if cmd.Name != nil {
		f.field("name", func(f *fields) { next.Name = f.line("name", *cmd.Name, maxName) })
	}
	if cmd.Domain != nil {
		f.field("domain", func(f *fields) { next.Domain = f.hostName(*cmd.Domain) })
	}
	if cmd.SupportEmail != nil {
		f.field("supportEmail", func(f *fields) { next.SupportEmail = f.contact("email address", *cmd.SupportEmail) })
	}
	if cmd.FaviconURL != nil {
		f.field("faviconURL", func(f *fields) {
			next.FaviconURL = f.pageURL(*cmd.FaviconURL, u.s.settings.PlainURLs)
		})
	}
	if len(cmd.Capabilities) > 0 {
		k := &shop.Package{Kind: shop.DomainPackage, Capabilities: next.Capabilities}
		f.capabilities(k, cmd.Capabilities, u.s.catalogue)
		next.Capabilities = k.Capabilities
	}
	if f.err != nil {
		return f.err
	}
	if cmd.DefaultPackage != nil {
		if err := u.namePackage(p, "defaultPackageRef", &next.DefaultPackage, *cmd.DefaultPackage, shop.MailPackage); err != nil {
			return err
		}
	}
	if cmd.PreferredPackage != nil {
		if err := u.namePackage(p, "preferredPackageRef", &next.PreferredPackage, *cmd.PreferredPackage, shop.MailPackage, shop.DomainPackage); err != nil {
			return err
		}
	}
	return u.putShop(p, before, &next)
}

// namePackage notes one of the brand's packages in its settings.
func (u *unit) namePackage(p *partner.Partner, field string, to *int64, id int64, kinds ...shop.Kind) error {
	*to = id
	err := u.checkPackage(p, id, kinds...)
	if fault.Is(err, fault.Invalid) {
		err = fault.Newf(fault.Invalid, "%s names no package on offer", field).WithReason(FieldPrefix + field)
	}
	return err
}

// putShop keeps what a brand is set to, if it has changed.
func (u *unit) putShop(p *partner.Partner, before string, next *shop.Settings) error {
	after, err := versionOf(next)
	if err != nil || after == before {
		return err
	}
	if err := u.tx.PutShopSettings(u.ctx, p.ID, next, u.real); err != nil {
		return err
	}
	return u.record(p.ID, "shop.set", "partner", p.ID, detail{"settings": next})
}

// pageURL is an address of a page, by the rules of brands; "" stays.
func (f *fields) pageURL(v string, plain bool) string {
	b, err := brand.Brand{LogoURL: v}.Checked(plain)
	if err != nil {
		f.failf("That is not the address of a page")
	}
	return b.LogoURL
}

// hostName is one name of the DNS; "" stays.
func (f *fields) hostName(v string) string {
	if v = strings.TrimSpace(v); v == "" {
		return ""
	}
	if d := f.ending(v); f.err == nil {
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
	err := s.read(ctx, actor, func(u *unit) error {
		settings, err := u.shop(u.actor.PartnerID)
		if err != nil {
			return err
		}
		out = languagesOf(settings)
		return nil
	})
	return out, err
}

// languagesOf are the brand's own, else those that the platform has texts in.
func languagesOf(settings *shop.Settings) (out []Language) {
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
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.domainEndings()
		return err
	})
	return out, err
}

func (u *unit) domainEndings() ([]*shop.Package, error) {
	settings, err := u.shop(u.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	list, err := u.tx.Packages(u.ctx, u.actor.PartnerID)
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
	var f fields
	var list []string
	f.field("tlds", func(f *fields) {
		if len(endings) > maxEndings {
			f.failf("There are more than %d endings", maxEndings)
			return
		}
		for _, e := range endings {
			if e = f.ending(e); f.err == nil && !slices.Contains(list, e) {
				list = append(list, e)
			}
		}
	})
	if f.err != nil {
		return nil, f.err
	}
	var out []*shop.Package
	err := s.write(ctx, actor, func(u *unit) error {
		p, err := u.partner(u.actor.PartnerID)
		if err != nil {
			return err
		}
		settings, err := u.shop(p.ID)
		if err != nil {
			return err
		}
		before, err := versionOf(settings)
		if err != nil {
			return err
		}
		next := *settings
		next.Endings = list
		if err := u.putShop(p, before, &next); err != nil {
			return err
		}
		if err := u.makePackages(p); err != nil {
			return err
		}
		out, err = u.domainEndings()
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
