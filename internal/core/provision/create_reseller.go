package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CreateReseller makes a node of a partner's tree. ParentID 0 makes the root.
type CreateReseller struct {
	PartnerID          int64
	ParentID           int64
	Username           string // an e-mail address; required
	Profile            reseller.Profile
	Test               bool
	Funds              reseller.Funds // "" = postpaid
	SellingCurrency    string         // "" = the parent's; of a root the partner's
	AccountingCurrency string         // "" = SellingCurrency
	ConversionRate     string         // "" = 1
	Products           []product.Key  // nil = all
}

// resellerKeyLen is the length of an API key in alphanumeric characters.
const resellerKeyLen = 32

// CreateReseller gives the reseller and its first API key, which is shown only here.
func (s *Service) CreateReseller(ctx context.Context, actor audit.Actor, cmd CreateReseller) (*reseller.Reseller, string, error) {
	if err := checkOperator(actor); err != nil {
		return nil, "", err
	}
	var f fields
	cmd.Username = f.contact("user name", cmd.Username)
	if cmd.Username == "" {
		f.failf("The user name is missing")
	}
	cmd.SellingCurrency, cmd.AccountingCurrency = f.currency(cmd.SellingCurrency), f.currency(cmd.AccountingCurrency)
	if f.err != nil {
		return nil, "", f.err
	}
	var r *reseller.Reseller
	var raw string
	err := s.write(ctx, actor, func(u *unit) error {
		p, err := u.partner(cmd.PartnerID)
		if err != nil {
			return err
		}
		r = &reseller.Reseller{
			PartnerID: p.ID, ParentID: cmd.ParentID, Username: cmd.Username, Profile: cmd.Profile, Status: reseller.Active, Test: cmd.Test, Funds: cmd.Funds,
			SellingCurrency: u.currency(p, cmd.SellingCurrency), AccountingCurrency: cmd.AccountingCurrency, ConversionRate: cmd.ConversionRate,
			Products: cmd.Products, CreatedAt: u.real, UpdatedAt: u.real,
		}
		if cmd.ParentID != 0 {
			parent, err := u.tx.Reseller(u.ctx, cmd.ParentID)
			if err != nil {
				return err
			}
			if parent == nil || parent.PartnerID != p.ID {
				return errReseller
			}
			r.Path = parent.Path
			if cmd.SellingCurrency == "" {
				r.SellingCurrency = parent.SellingCurrency
			}
		} else if root, err := u.tx.RootReseller(u.ctx, p.ID); err != nil || root != nil {
			if err == nil {
				err = fault.New(fault.Conflict, "The partner has a root reseller already").WithReason("ROOT_EXISTS")
			}
			return err
		}
		fillReseller(r)
		if err := u.tx.InsertReseller(u.ctx, r); err != nil {
			return err
		}
		if raw, err = u.addResellerKey(r); err != nil {
			return err
		}
		return u.record(p.ID, "reseller.create", "reseller", r.ID, detail{"parent": r.ParentID, "username": r.Username})
	})
	if err != nil {
		return nil, "", err
	}
	return r, raw, nil
}

// fillReseller sets what was left out.
func fillReseller(r *reseller.Reseller) {
	if r.Funds == "" {
		r.Funds = reseller.Postpaid
	}
	if r.AccountingCurrency == "" {
		r.AccountingCurrency = r.SellingCurrency
	}
	if r.ConversionRate == "" {
		r.ConversionRate = "1"
	}
	if r.Products == nil {
		for _, p := range product.All() {
			r.Products = append(r.Products, p.Key)
		}
	}
}

// addResellerKey makes a key and gives its raw form.
func (u *unit) addResellerKey(r *reseller.Reseller) (string, error) {
	raw, err := secret.Alphanumeric(u.s.random, resellerKeyLen)
	if err != nil {
		return "", err
	}
	return raw, u.tx.InsertResellerKey(u.ctx, &reseller.Key{ResellerID: r.ID, LookupHash: secret.Hash(raw), Hint: raw[len(raw)-4:], CreatedAt: u.real})
}
