package provision

import "posthouse/internal/core/shop"

// shop gives what a brand is set to; the contract's defaults for a partner that
// was not set up as one.
func (u *unit) shop(partnerID int64) (*shop.Settings, error) {
	s, err := u.tx.ShopSettings(u.ctx, partnerID)
	if err == nil && s == nil {
		s = &shop.Settings{}
	}
	return s, err
}
