package provision

import (
	"context"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
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

// ReasonResellerFull says that a reseller has as many customers as it may have.
const ReasonResellerFull = "RESELLER_FULL"

var (
	errResellerCurrency = fault.New(fault.Invalid, "The currency of a reseller stays").WithReason("RESELLER_CURRENCY")
	errResellerBusy     = fault.New(fault.Invalid, "The reseller has customers or resellers below it").WithReason("RESELLER_IN_USE")
	errAccountLimit     = fault.New(fault.Invalid, "The reseller has as many account holders as it may have").WithReason(ReasonResellerFull)
	errResellerDisabled = fault.New(fault.Invalid, "The reseller is not enabled").WithReason("RESELLER_DISABLED")
)

// BrandResellers gives those of the calling brand, by ref.
func (s *Service) BrandResellers(ctx context.Context, actor audit.Actor, offset, limit int) ([]*BrandReseller, error) {
	var out []*BrandReseller
	err := s.read(ctx, actor, func(u *unit) error {
		out = nil
		root, err := u.rootOf(u.actor.PartnerID)
		if err != nil {
			return err
		}
		list, err := u.tx.FindResellers(u.ctx, ResellerFilter{
			PartnerID: root.PartnerID, ParentIDs: []int64{root.ID}, Statuses: []reseller.Status{reseller.Active, reseller.Suspended}, Offset: offset, Limit: limit,
		})
		if err != nil {
			return err
		}
		for _, r := range list {
			b, err := u.showBrandReseller(r)
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
	err := s.read(ctx, actor, func(u *unit) error {
		r, err := u.brandReseller(id)
		if err != nil {
			return err
		}
		out, err = u.showBrandReseller(r)
		return err
	})
	return out, err
}

// brandReseller finds one of the actor's that is not deleted.
func (u *unit) brandReseller(id int64) (*reseller.Reseller, error) {
	root, err := u.rootOf(u.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	r, err := u.tx.Reseller(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil || r.ParentID != root.ID || r.Status == reseller.Deleted {
		return nil, errReseller
	}
	return r, nil
}

func (u *unit) showBrandReseller(r *reseller.Reseller) (*BrandReseller, error) {
	settings, err := u.shop(r.PartnerID)
	if err != nil {
		return nil, err
	}
	out := &BrandReseller{Reseller: r, Currency: shop.FindCurrency(r.SellingCurrency)}
	for _, l := range languagesOf(settings) {
		if l.Code == r.Profile.Language {
			out.Language = l.Ref
		}
	}
	return out, nil
}

// mayCreateHolder refuses a further customer of a reseller that is full or not enabled.
func (u *unit) mayCreateHolder(r *reseller.Reseller) error {
	if r.Status != reseller.Active {
		return errResellerDisabled
	}
	if r.Profile.AccountLimit == 0 {
		return nil
	}
	n, err := u.tx.CountCustomers(u.ctx, CustomerFilter{PartnerID: r.PartnerID, Resellers: []int64{r.ID}})
	if err == nil && n >= r.Profile.AccountLimit {
		err = errAccountLimit
	}
	return err
}

// CreateBrandReseller makes one. Its currency is chosen here for good.
func (s *Service) CreateBrandReseller(ctx context.Context, actor audit.Actor, cmd BrandResellerChange) (*BrandReseller, error) {
	if cmd.CurrencyRef == nil {
		return nil, fault.New(fault.Invalid, "The currency is missing").WithReason(FieldPrefix + "defaultCurrencyRef")
	}
	currency, ok := shop.CurrencyByRef(*cmd.CurrencyRef)
	if !ok {
		return nil, fault.New(fault.Invalid, "There is no such currency").WithReason(FieldPrefix + "defaultCurrencyRef")
	}
	cmd.CurrencyRef = nil
	var out *BrandReseller
	err := s.write(ctx, actor, func(u *unit) error {
		root, err := u.rootOf(u.actor.PartnerID)
		if err != nil {
			return err
		}
		until, err := secret.Alphanumeric(u.s.random, ticketLen)
		if err != nil {
			return err
		}
		r := &reseller.Reseller{
			PartnerID: root.PartnerID, ParentID: root.ID, Path: root.Path, Username: "new-" + until + "@unset.invalid", Status: reseller.Active,
			SellingCurrency: currency.Code, CreatedAt: u.real, UpdatedAt: u.real,
		}
		if err := fillReseller(r, root, nil); err != nil {
			return err
		}
		if _, err := u.changeBrandReseller(r, cmd); err != nil {
			return err
		}
		if err := u.tx.InsertReseller(u.ctx, r); err != nil {
			return err
		}
		if err := u.nameBrandReseller(r); err != nil {
			return err
		}
		if err := u.tx.UpdateReseller(u.ctx, r); err != nil {
			return err
		}
		if err := u.record(r.PartnerID, "reseller.create", "reseller", r.ID, detail{
			"parent": r.ParentID, "username": r.Username, "currency": r.SellingCurrency, "test": r.Test, "funds": r.Funds, "products": r.Products,
		}); err != nil {
			return err
		}
		out, err = u.showBrandReseller(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// nameBrandReseller gives a user name, which the other dialects need: the name
// itself when that is an address nobody has, else one that tells its number.
func (u *unit) nameBrandReseller(r *reseller.Reseller) error {
	if a, err := mailaddr.Parse(r.Profile.Name, mailaddr.AllowUTF8); err == nil {
		var f fields
		name := f.resellerName(a.String())
		other, err := u.tx.ResellerByUsername(u.ctx, r.PartnerID, name)
		if err != nil {
			return err
		}
		if f.err == nil && other == nil {
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
	err := s.write(ctx, actor, func(u *unit) error {
		r, err := u.brandReseller(id)
		if err != nil {
			return err
		}
		changed, err := u.changeBrandReseller(r, cmd)
		if err != nil {
			return err
		}
		if changed {
			r.UpdatedAt = u.real
			if err := u.tx.UpdateReseller(u.ctx, r); err != nil {
				return err
			}
			if err := u.record(r.PartnerID, "reseller.modify", "reseller", r.ID, detail{"profile": true, "status": r.Status}); err != nil {
				return err
			}
		}
		out, err = u.showBrandReseller(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changeBrandReseller applies what was said, and reports whether that is a change.
func (u *unit) changeBrandReseller(r *reseller.Reseller, cmd BrandResellerChange) (bool, error) {
	if cmd.CurrencyRef != nil && *cmd.CurrencyRef != shop.FindCurrency(r.SellingCurrency).Ref {
		return false, errResellerCurrency
	}
	p := r.Profile
	before, err := versionOf(p)
	if err != nil {
		return false, err
	}
	var f fields
	if cmd.Name != nil {
		f.field("name", func(f *fields) { p.Name = f.required("name", *cmd.Name, maxFreeText) })
	}
	if cmd.DisplayName != nil {
		f.field("displayName", func(f *fields) { p.Brand = f.required("name", *cmd.DisplayName, maxFreeText) })
	}
	if cmd.LoginURL != nil {
		f.field("loginURL", func(f *fields) { p.BrandURL = f.pageURL(*cmd.LoginURL, u.s.settings.PlainURLs) })
	}
	if cmd.Limit != nil {
		f.field("accountCreateLimit", func(f *fields) {
			if *cmd.Limit < 0 || *cmd.Limit > maxAccountLimit {
				f.failf("The limit is not between 0 and %d", maxAccountLimit)
			}
		})
		p.AccountLimit = *cmd.Limit
	}
	if cmd.LanguageRef != nil {
		settings, err := u.shop(r.PartnerID)
		if err != nil {
			return false, err
		}
		f.field("defaultLanguageRef", func(f *fields) {
			for _, l := range languagesOf(settings) {
				if l.Ref == *cmd.LanguageRef {
					p.Language = l.Code
					return
				}
			}
			f.failf("The brand has no such language")
		})
	}
	if f.err != nil {
		return false, f.err
	}
	status := r.Status
	if cmd.Enabled != nil {
		if status = reseller.Suspended; *cmd.Enabled {
			status = reseller.Active
		}
	}
	after, err := versionOf(p)
	if err != nil {
		return false, err
	}
	changed := before != after || status != r.Status
	r.Profile, r.Status = p, status
	return changed, nil
}

// DeleteBrandReseller needs that nobody is below it any more.
func (s *Service) DeleteBrandReseller(ctx context.Context, actor audit.Actor, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		r, err := u.brandReseller(id)
		if err != nil {
			return err
		}
		n, err := u.tx.CountCustomers(u.ctx, CustomerFilter{PartnerID: r.PartnerID, Resellers: []int64{r.ID}})
		if err != nil {
			return err
		}
		below, err := u.tx.CountResellers(u.ctx, ResellerFilter{
			PartnerID: r.PartnerID, ParentIDs: []int64{r.ID}, Statuses: []reseller.Status{reseller.Active, reseller.Suspended},
		})
		if err != nil {
			return err
		}
		if n+below > 0 {
			return errResellerBusy
		}
		r.Status, r.PasswordHash, r.UpdatedAt = reseller.Deleted, "", u.real
		r.Username = "deleted-" + strconv.FormatInt(r.ID, 10) + "@unset.invalid" // the name is free
		if err := u.tx.UpdateReseller(u.ctx, r); err != nil {
			return err
		}
		if err := u.tx.DropResellerTickets(u.ctx, r.ID); err != nil {
			return err
		}
		return u.record(r.PartnerID, "reseller.delete", "reseller", r.ID, nil)
	})
}
