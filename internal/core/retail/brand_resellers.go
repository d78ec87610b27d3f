package retail

import (
	"context"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/secret"
)

// A brand's resellers are those directly below its root (basekit.md section 7).
// One that is made here has neither key nor password: the brand acts for it.

// BrandReseller is one of them as it is shown.
type BrandReseller struct {
	Reseller *reseller.Reseller
	Currency shop.Currency
	Language int64 // defaultLanguageRef; 0 = none of the brand's
}

// BrandResellerChange is what is said of one; nil fields stay.
type BrandResellerChange struct {
	Name        *string
	DisplayName *string
	CurrencyRef *int64
	LanguageRef *int64
	LoginURL    *string
	Limit       *int // accountCreateLimit; 0 = none
	Enabled     *bool
}

const maxAccountLimit = 10_000_000

var (
	errResellerCurrency = fault.New(fault.Invalid, "The currency of a reseller stays").WithReason("RESELLER_CURRENCY")
	errResellerBusy     = fault.New(fault.Invalid, "The reseller has customers or resellers below it").WithReason("RESELLER_IN_USE")
)

// BrandResellers gives those of the calling brand, by ref.
func (s *Service) BrandResellers(ctx context.Context, actor audit.Actor, offset, limit int) ([]*BrandReseller, error) {
	var out []*BrandReseller
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = nil
		root, err := u.RootOf(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		list, err := u.Tx.FindResellers(u.Ctx, work.ResellerFilter{
			PartnerID: root.PartnerID, ParentIDs: []int64{root.ID}, Statuses: []reseller.Status{reseller.Active, reseller.Suspended}, Offset: offset, Limit: limit,
		})
		if err != nil {
			return err
		}
		for _, r := range list {
			b, err := showBrandReseller(u, r)
			if err != nil {
				return err
			}
			out = append(out, b)
		}
		return nil
	})
	return out, err
}

// BrandReseller gives one of them.
func (s *Service) BrandReseller(ctx context.Context, actor audit.Actor, id int64) (*BrandReseller, error) {
	var out *BrandReseller
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		r, err := brandReseller(u, id)
		if err != nil {
			return err
		}
		out, err = showBrandReseller(u, r)
		return err
	})
	return out, err
}

// brandReseller finds one of the actor's that is not deleted.
func brandReseller(u *work.Unit, id int64) (*reseller.Reseller, error) {
	root, err := u.RootOf(u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	r, err := u.Tx.Reseller(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil || r.ParentID != root.ID || r.Status == reseller.Deleted {
		return nil, work.ErrReseller
	}
	return r, nil
}

func showBrandReseller(u *work.Unit, r *reseller.Reseller) (*BrandReseller, error) {
	settings, err := tenancy.Shop(u, r.PartnerID)
	if err != nil {
		return nil, err
	}
	out := &BrandReseller{Reseller: r, Currency: shop.FindCurrency(r.SellingCurrency)}
	for _, l := range packages.LanguagesOf(settings) {
		if l.Code == r.Profile.Language {
			out.Language = l.Ref
		}
	}
	return out, nil
}

// CreateBrandReseller makes one. Its currency is chosen here for good.
func (s *Service) CreateBrandReseller(ctx context.Context, actor audit.Actor, cmd BrandResellerChange) (*BrandReseller, error) {
	if cmd.CurrencyRef == nil {
		return nil, fault.New(fault.Invalid, "The currency is missing").WithReason(work.FieldPrefix + "defaultCurrencyRef")
	}
	currency, ok := shop.CurrencyByRef(*cmd.CurrencyRef)
	if !ok {
		return nil, fault.New(fault.Invalid, "There is no such currency").WithReason(work.FieldPrefix + "defaultCurrencyRef")
	}
	cmd.CurrencyRef = nil
	var out *BrandReseller
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		root, err := u.RootOf(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		until, err := secret.Alphanumeric(u.Platform.Random, ticket.TicketLen)
		if err != nil {
			return err
		}
		r := &reseller.Reseller{
			PartnerID: root.PartnerID, ParentID: root.ID, Path: root.Path, Username: "new-" + until + "@unset.invalid", Status: reseller.Active,
			SellingCurrency: currency.Code, CreatedAt: u.Real, UpdatedAt: u.Real,
		}
		if err := reselling.FillReseller(r, root, nil); err != nil {
			return err
		}
		if _, err := changeBrandReseller(u, r, cmd); err != nil {
			return err
		}
		if err := u.Tx.InsertReseller(u.Ctx, r); err != nil {
			return err
		}
		if err := nameBrandReseller(u, r); err != nil {
			return err
		}
		if err := u.Tx.UpdateReseller(u.Ctx, r); err != nil {
			return err
		}
		if err := u.Record(r.PartnerID, "reseller.create", "reseller", r.ID, work.Detail{
			"parent": r.ParentID, "username": r.Username, "currency": r.SellingCurrency, "test": r.Test, "funds": r.Funds, "products": r.Products,
		}); err != nil {
			return err
		}
		out, err = showBrandReseller(u, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// nameBrandReseller gives a user name, which the other dialects need: the name
// itself when that is an address nobody has, else one that tells its number.
func nameBrandReseller(u *work.Unit, r *reseller.Reseller) error {
	if a, err := mailaddr.Parse(r.Profile.Name, mailaddr.AllowUTF8); err == nil {
		var f work.Fields
		name := reselling.ResellerName(&f, a.String())
		other, err := u.Tx.ResellerByUsername(u.Ctx, r.PartnerID, name)
		if err != nil {
			return err
		}
		if f.Err == nil && other == nil {
			r.Username = name
			return nil
		}
	}
	r.Username = "reseller-" + strconv.FormatInt(r.ID, 10) + "@unset.invalid"
	return nil
}

// ModifyBrandReseller changes one.
func (s *Service) ModifyBrandReseller(ctx context.Context, actor audit.Actor, id int64, cmd BrandResellerChange) (*BrandReseller, error) {
	var out *BrandReseller
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := brandReseller(u, id)
		if err != nil {
			return err
		}
		changed, err := changeBrandReseller(u, r, cmd)
		if err != nil {
			return err
		}
		if changed {
			r.UpdatedAt = u.Real
			if err := u.Tx.UpdateReseller(u.Ctx, r); err != nil {
				return err
			}
			if err := u.Record(r.PartnerID, "reseller.modify", "reseller", r.ID, work.Detail{"profile": true, "status": r.Status}); err != nil {
				return err
			}
		}
		out, err = showBrandReseller(u, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changeBrandReseller applies what was said, and reports whether that is a change.
func changeBrandReseller(u *work.Unit, r *reseller.Reseller, cmd BrandResellerChange) (bool, error) {
	if cmd.CurrencyRef != nil && *cmd.CurrencyRef != shop.FindCurrency(r.SellingCurrency).Ref {
		return false, errResellerCurrency
	}
	p := r.Profile
	before, err := tenancy.VersionOf(p)
	if err != nil {
		return false, err
	}
	var f work.Fields
	if cmd.Name != nil {
		f.Field("name", func(f *work.Fields) { p.Name = f.Required("name", *cmd.Name, work.MaxFreeText) })
	}
	if cmd.DisplayName != nil {
		f.Field("displayName", func(f *work.Fields) { p.Brand = f.Required("name", *cmd.DisplayName, work.MaxFreeText) })
	}
	if cmd.LoginURL != nil {
		f.Field("loginURL", func(f *work.Fields) { p.BrandURL = packages.PageURL(f, *cmd.LoginURL, u.Platform.Settings.PlainURLs) })
	}
	if cmd.Limit != nil {
		f.Field("accountCreateLimit", func(f *work.Fields) {
			if *cmd.Limit < 0 || *cmd.Limit > maxAccountLimit {
				f.Failf("The limit is not between 0 and %d", maxAccountLimit)
			}
		})
		p.AccountLimit = *cmd.Limit
	}
	if cmd.LanguageRef != nil {
		settings, err := tenancy.Shop(u, r.PartnerID)
		if err != nil {
			return false, err
		}
		f.Field("defaultLanguageRef", func(f *work.Fields) {
			for _, l := range packages.LanguagesOf(settings) {
				if l.Ref == *cmd.LanguageRef {
					p.Language = l.Code
					return
				}
			}
			f.Failf("The brand has no such language")
		})
	}
	if f.Err != nil {
		return false, f.Err
	}
	status := r.Status
	if cmd.Enabled != nil {
		if status = reseller.Suspended; *cmd.Enabled {
			status = reseller.Active
		}
	}
	after, err := tenancy.VersionOf(p)
	if err != nil {
		return false, err
	}
	changed := before != after || status != r.Status
	r.Profile, r.Status = p, status
	return changed, nil
}

// DeleteBrandReseller needs that nobody is below it any more.
func (s *Service) DeleteBrandReseller(ctx context.Context, actor audit.Actor, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := brandReseller(u, id)
		if err != nil {
			return err
		}
		n, err := u.Tx.CountCustomers(u.Ctx, work.CustomerFilter{PartnerID: r.PartnerID, Resellers: []int64{r.ID}})
		if err != nil {
			return err
		}
		below, err := u.Tx.CountResellers(u.Ctx, work.ResellerFilter{
			PartnerID: r.PartnerID, ParentIDs: []int64{r.ID}, Statuses: []reseller.Status{reseller.Active, reseller.Suspended},
		})
		if err != nil {
			return err
		}
		if n+below > 0 {
			return errResellerBusy
		}
		r.Status, r.PasswordHash, r.UpdatedAt = reseller.Deleted, "", u.Real
		r.Username = "deleted-" + strconv.FormatInt(r.ID, 10) + "@unset.invalid" // the name is free
		if err := u.Tx.UpdateReseller(u.Ctx, r); err != nil {
			return err
		}
		if err := u.Tx.DropResellerTickets(u.Ctx, r.ID); err != nil {
			return err
		}
		return u.Record(r.PartnerID, "reseller.delete", "reseller", r.ID, nil)
	})
}
