package provision

import (
	"context"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/order"
)

// brandOf gives what an order's customer sees: the reseller's brand over the
// partner's over the platform's.
func (u *unit) brandOf(o *order.Order) (brand.Brand, error) {
	var reseller int64
	if o.ResellerID != nil {
		reseller = *o.ResellerID
	}
	return u.brand(o.PartnerID, reseller)
}

// FrameOrigins gives who may show a page of a partner's, or of one of its
// resellers', inside its own when nobody is signed in. An unknown partner has the
// platform's, as one that has set none.
func (s *Service) FrameOrigins(ctx context.Context, partnerID, resellerID int64) ([]string, error) {
	var out []string
	err := s.read(ctx, platform, func(u *unit) error {
		b, err := u.brand(partnerID, resellerID)
		out = b.FrameOrigins
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) brand(partnerID, resellerID int64) (brand.Brand, error) {
	out := brand.Brand{PartnerID: partnerID, ResellerID: resellerID}
	levels := []int64{resellerID, 0}
	if resellerID == 0 {
		levels = levels[1:]
	}
	for _, id := range levels {
		b, err := u.tx.Brand(u.ctx, partnerID, id)
		if err != nil {
			return out, err
		}
		if b != nil {
			out = out.Over(*b)
		}
	}
	return out.Over(u.s.brand), nil
}
