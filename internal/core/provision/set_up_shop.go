package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/shop"
)

// SetUpShop makes a partner a brand of the BaseKit dialect.
type SetUpShop struct {
	PartnerID int64
	// Of its root reseller, when it has none yet: ledger, prices and currency are there.
	Username string // an e-mail address
	Currency string // "" = the partner's; for good
	Hosts    []string
	TimeZone string
}

// SetUpShop is the operator's. What there is already stays, so that it can be repeated.
func (s *Service) SetUpShop(ctx context.Context, actor audit.Actor, cmd SetUpShop) (*ShopDetails, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	change := ModifyShop{}
	if len(cmd.Hosts) > 0 {
		change.Hosts = &cmd.Hosts
	}
	if cmd.TimeZone != "" {
		change.TimeZone = &cmd.TimeZone
	}
	if err := change.check(s); err != nil {
		return nil, err
	}
	var out *ShopDetails
	err := s.write(ctx, actor, func(u *unit) error {
		p, err := u.partner(cmd.PartnerID)
		if err != nil {
			return err
		}
		root, err := u.tx.RootReseller(u.ctx, p.ID)
		if err != nil {
			return err
		}
		if root == nil {
			make := CreateReseller{PartnerID: p.ID, Username: cmd.Username, SellingCurrency: cmd.Currency, NoKey: true}
			if err := make.check(); err != nil {
				return err
			}
			if _, _, err := u.createReseller(make, ""); err != nil {
				return err
			}
		}
		settings, err := u.tx.ShopSettings(u.ctx, p.ID)
		if err != nil {
			return err
		}
		if settings == nil {
			if err := u.tx.PutShopSettings(u.ctx, p.ID, &shop.Settings{}, u.real); err != nil {
				return err
			}
			if err := u.record(p.ID, "shop.create", "partner", p.ID, nil); err != nil {
				return err
			}
		}
		if out, err = u.shopDetails(p); err != nil {
			return err
		}
		if err := u.modifyShop(out, change); err != nil {
			return err
		}
		return u.makePackages(p)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
