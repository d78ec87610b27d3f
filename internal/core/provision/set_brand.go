package provision

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/fault"
)

// SetBrand sets what a partner (ResellerID 0) or one of its resellers appears
// as, as a whole: an empty field falls back.
type SetBrand struct {
	PartnerID  int64
	ResellerID int64 // titanResellerId
	Brand      brand.Brand
	// IfUpdatedAt, when not nil, is the UpdatedAt that the caller has seen; the
	// zero time is that of a brand that was never set.
	IfUpdatedAt *time.Time
}

// BrandDetails is what was set, and what customers see.
type BrandDetails struct {
	Own       brand.Brand // UpdatedAt is zero when nothing was set
	Effective brand.Brand
}

var errBrandChanged = fault.New(fault.Conflict, "The brand was changed meanwhile").WithReason("CHANGED_MEANWHILE")

var errBrandRouted = fault.New(fault.Forbidden,
	"An API key with scopes, and a token, may not change URLs, frame origins and DNS names").WithReason("KEY_NEEDED")

// SetBrand is the partner's own or the operator's. Who has less than the
// partner's key may not lead customers elsewhere: links that set passwords
// begin with the brand's URLs.
func (s *Service) SetBrand(ctx context.Context, actor audit.Actor, cmd SetBrand) (*BrandDetails, error) {
	b, err := cmd.Brand.Checked(s.settings.PlainURLs)
	if err != nil {
		return nil, err
	}
	var out *BrandDetails
	err = s.write(ctx, actor, func(u *unit) error {
		if err := u.brandOwner(cmd.PartnerID, cmd.ResellerID); err != nil {
			return err
		}
		now, err := u.brandDetails(cmd.PartnerID, cmd.ResellerID)
		if err != nil {
			return err
		}
		if cmd.IfUpdatedAt != nil && !cmd.IfUpdatedAt.Equal(now.Own.UpdatedAt) {
			return errBrandChanged
		}
		if err := u.putBrand(cmd.PartnerID, cmd.ResellerID, b, now); err != nil {
			return err
		}
		out, err = u.brandDetails(cmd.PartnerID, cmd.ResellerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// putBrand keeps a checked brand in the place of what there is now.
func (u *unit) putBrand(partnerID, resellerID int64, b brand.Brand, now *BrandDetails) error {
	if borrowed(u.actor) && !b.SameRouted(now.Own) {
		return errBrandRouted
	}
	next := b
	next.PartnerID, next.ResellerID = partnerID, resellerID
	// By the platform's time, and always later: it tells versions apart.
	if next.UpdatedAt = u.real; !next.UpdatedAt.After(now.Own.UpdatedAt) {
		next.UpdatedAt = now.Own.UpdatedAt.Add(time.Microsecond)
	}
	if err := u.tx.PutBrand(u.ctx, &next); err != nil {
		return err
	}
	return u.record(partnerID, "brand.set", "partner", partnerID, detail{"reseller": resellerID, "brand": next})
}

// Brand gives a partner's brand (resellerID 0) or one of its resellers'.
func (s *Service) Brand(ctx context.Context, actor audit.Actor, partnerID, resellerID int64) (*BrandDetails, error) {
	var out *BrandDetails
	err := s.read(ctx, actor, func(u *unit) (err error) {
		if err := u.brandOwner(partnerID, resellerID); err != nil {
			return err
		}
		out, err = u.brandDetails(partnerID, resellerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) brandOwner(partnerID, resellerID int64) error {
	if !u.owns(partnerID) || resellerID < 0 {
		return errPartner
	}
	_, err := u.partner(partnerID)
	return err
}

func (u *unit) brandDetails(partnerID, resellerID int64) (*BrandDetails, error) {
	out := &BrandDetails{Own: brand.Brand{PartnerID: partnerID, ResellerID: resellerID}}
	own, err := u.tx.Brand(u.ctx, partnerID, resellerID)
	if err != nil {
		return nil, err
	}
	if own != nil {
		out.Own = *own
	}
	out.Effective, err = u.brand(partnerID, resellerID)
	return out, err
}
