package tenancy

import (
	"context"
	"strings"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/order"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
)

// BrandOf gives what an order's customer sees: the reseller's brand over the
// partner's over the platform's.
func BrandOf(u *work.Unit, o *order.Order) (brand.Brand, error) {
	return Brand(u, o.PartnerID, work.ResellerOf(o))
}

// FrameOrigins gives who may show a page of a partner's, or of one of its
// resellers', inside its own when nobody is signed in. An unknown partner has the
// platform's, as one that has set none.
func (s *Service) FrameOrigins(ctx context.Context, partnerID, resellerID int64) ([]string, error) {
	var out []string
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		b, err := Brand(u, partnerID, resellerID)
		out = b.FrameOrigins
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Brand gives a reseller's brand over what its profile says of it, over the
// partner's, over the profile of the partner's root, over the platform's.
func Brand(u *work.Unit, partnerID, resellerID int64) (brand.Brand, error) {
	out := brand.Brand{PartnerID: partnerID, ResellerID: resellerID}
	levels := []int64{resellerID, 0}
	if resellerID == 0 {
		levels = levels[1:]
	}
	for _, id := range levels {
		b, err := u.Tx.Brand(u.Ctx, partnerID, id)
		if err != nil {
			return out, err
		}
		if b != nil {
			out = out.Over(*b)
		}
		named, err := profileBrand(u, partnerID, id)
		if err != nil {
			return out, err
		}
		out = out.Over(named)
	}
	return out.Over(u.Platform.DefaultBrand), nil
}

// profileBrand is the name that a reseller's profile gives it and the page that
// it names, where its customers find help. The panel's address is not taken from
// there: a reseller changes its profile itself, and links with tokens lead only
// where somebody above has agreed to (SetBrand). The root stands for the partner (0).
// A number of the partner's own that is no reseller's has none.
func profileBrand(u *work.Unit, partnerID, resellerID int64) (out brand.Brand, err error) {
	var r *reseller.Reseller
	if resellerID == 0 {
		r, err = u.Tx.RootReseller(u.Ctx, partnerID)
	} else {
		r, err = u.Tx.Reseller(u.Ctx, resellerID)
	}
	if err != nil || r == nil || r.PartnerID != partnerID {
		return out, err
	}
	if b, err := (brand.Brand{Name: r.Profile.Brand, SenderName: r.Profile.Brand}).Checked(u.Platform.Settings.PlainURLs); err == nil {
		out = b
	}
	page := r.Profile.BrandURL
	if page != "" && !strings.Contains(page, "://") {
		page = "https://" + page
	}
	if b, err := (brand.Brand{SupportURL: page}).Checked(u.Platform.Settings.PlainURLs); err == nil {
		out.SupportURL = b.SupportURL
	}
	return out, nil
}
