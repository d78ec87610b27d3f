package retail

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
func (s *Service) SetUpShop(ctx context.Context, actor audit.Actor, cmd SetUpShop) (*tenancy.ShopDetails, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	change := packages.ModifyShop{}
	if len(cmd.Hosts) > 0 {
		change.Hosts = &cmd.Hosts
	}
	if cmd.TimeZone != "" {
		change.TimeZone = &cmd.TimeZone
	}
	if err := change.Check(packages.New(s.Platform)); err != nil {
		return nil, err
	}
	var out *tenancy.ShopDetails
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(cmd.PartnerID)
		if err != nil {
			return err
		}
		root, err := u.Tx.RootReseller(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if root == nil {
			make := reselling.CreateReseller{PartnerID: p.ID, Username: cmd.Username, SellingCurrency: cmd.Currency, NoKey: true}
			if err := make.Check(); err != nil {
				return err
			}
			if _, _, err := reselling.InsertReseller(u, make, ""); err != nil {
				return err
			}
		}
		settings, err := u.Tx.ShopSettings(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if settings == nil {
			if err := u.Tx.PutShopSettings(u.Ctx, p.ID, &shop.Settings{}, u.Real); err != nil {
				return err
			}
			if err := u.Record(p.ID, "shop.create", "partner", p.ID, nil); err != nil {
				return err
			}
		}
		if out, err = tenancy.ShowShop(u, p); err != nil {
			return err
		}
		if err := packages.ChangeSettings(u, out, change); err != nil {
			return err
		}
		return packages.MakePackages(u, p)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
