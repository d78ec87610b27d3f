package tenancy

import (
	"context"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Shop gives what a brand is set to; the contract's defaults for a partner that
// was not set up as one.
func Shop(u *work.Unit, partnerID int64) (*shop.Settings, error) {
	s, err := u.Tx.ShopSettings(u.Ctx, partnerID)
	if err == nil && s == nil {
		s = &shop.Settings{}
	}
	return s, err
}

// ShopDetails is a partner as a brand of the BaseKit dialect.
type ShopDetails struct {
	Partner  *partner.Partner
	Root     *reseller.Reseller // whose ledger and prices are the brand's
	Settings *shop.Settings
}

var errNoShop = fault.New(fault.NotFound, "The partner is not set up as a brand").WithReason("NO_SHOP")

// ShowShop gives a partner as a brand; NO_SHOP when it was not set up as one.
func ShowShop(u *work.Unit, p *partner.Partner) (*ShopDetails, error) {
	settings, err := u.Tx.ShopSettings(u.Ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if settings == nil {
		return nil, errNoShop
	}
	root, err := u.RootOf(p.ID)
	return &ShopDetails{Partner: p, Root: root, Settings: settings}, err
}

// ShopHosts gives every brand's host names with the partner's id (B-01). It is
// for the door, never for a tenant's answer.
func (s *Service) ShopHosts(ctx context.Context) (map[string]int64, error) {
	var out map[string]int64
	err := s.Store.Read(ctx, func(tx work.Tx) (err error) {
		out, err = tx.ShopHosts(ctx)
		return err
	})
	return out, err
}
