package tenancy

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/work"
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
	b, err := cmd.Brand.Checked(s.Settings.PlainURLs)
	if err != nil {
		return nil, err
	}
	var out *BrandDetails
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		if err := brandOwner(u, cmd.PartnerID, cmd.ResellerID); err != nil {
			return err
		}
		now, err := ShowBrand(u, cmd.PartnerID, cmd.ResellerID)
		if err != nil {
			return err
		}
		if cmd.IfUpdatedAt != nil && !cmd.IfUpdatedAt.Equal(now.Own.UpdatedAt) {
			return errBrandChanged
		}
		if err := PutBrand(u, cmd.PartnerID, cmd.ResellerID, b, now); err != nil {
			return err
		}
		out, err = ShowBrand(u, cmd.PartnerID, cmd.ResellerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PutBrand keeps a checked brand in the place of what there is now.
func PutBrand(u *work.Unit, partnerID, resellerID int64, b brand.Brand, now *BrandDetails) error {
	if work.Borrowed(u.Actor) && !b.SameRouted(now.Own) {
		return errBrandRouted
	}
	next := b
	next.PartnerID, next.ResellerID = partnerID, resellerID
	// By the platform's time, and always later: it tells versions apart.
	if next.UpdatedAt = u.Real; !next.UpdatedAt.After(now.Own.UpdatedAt) {
		next.UpdatedAt = now.Own.UpdatedAt.Add(time.Microsecond)
	}
	if err := u.Tx.PutBrand(u.Ctx, &next); err != nil {
		return err
	}
	return u.Record(partnerID, "brand.set", "partner", partnerID, work.Detail{"reseller": resellerID, "brand": next})
}

// Brand gives a partner's brand (resellerID 0) or one of its resellers'.
func (s *Service) Brand(ctx context.Context, actor audit.Actor, partnerID, resellerID int64) (*BrandDetails, error) {
	var out *BrandDetails
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		if err := brandOwner(u, partnerID, resellerID); err != nil {
			return err
		}
		out, err = ShowBrand(u, partnerID, resellerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func brandOwner(u *work.Unit, partnerID, resellerID int64) error {
	if !u.Owns(partnerID) || resellerID < 0 {
		return work.ErrPartner
	}
	_, err := u.Partner(partnerID)
	return err
}

// ShowBrand gives what was set for a partner, or for one of its resellers, and what
// comes of it.
func ShowBrand(u *work.Unit, partnerID, resellerID int64) (*BrandDetails, error) {
	out := &BrandDetails{Own: brand.Brand{PartnerID: partnerID, ResellerID: resellerID}}
	own, err := u.Tx.Brand(u.Ctx, partnerID, resellerID)
	if err != nil {
		return nil, err
	}
	if own != nil {
		out.Own = *own
	}
	out.Effective, err = Brand(u, partnerID, resellerID)
	return out, err
}
