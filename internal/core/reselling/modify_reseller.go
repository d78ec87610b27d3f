package reselling

import (
	"context"
	"net/netip"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// ModifyReseller changes what is not nil. A reseller changes itself and those
// below it, but Test and Funds are set from above.
type ModifyReseller struct {
	ResellerID     int64 // 0 = the reseller that acts
	Username       *string
	Profile        *reseller.Profile
	ConversionRate *string // of what is posted from now on
	TaxName        *string
	TaxRate        *string
	Test           *bool
	Funds          *reseller.Funds
}

// changeReseller finds with find, changes and saves. A change that changes
// nothing is no error.
func (s *Service) changeReseller(ctx context.Context, actor audit.Actor, find func(*work.Unit) (*reseller.Reseller, error), action string,
	change func(*work.Unit, *reseller.Reseller) (changed bool, d work.Detail, err error),
) (*reseller.Reseller, error) {
	var r *reseller.Reseller
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		if r, err = find(u); err != nil {
			return err
		}
		changed, d, err := change(u, r)
		if err != nil || !changed {
			return err
		}
		r.UpdatedAt = u.Real
		if err := u.Tx.UpdateReseller(u.Ctx, r); err != nil {
			return err
		}
		return u.Record(r.PartnerID, action, "reseller", r.ID, d)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// check reads the command in place.
func (cmd *ModifyReseller) check() error {
	var f work.Fields
	read := func(v **string, parse func(string) (string, error)) {
		if *v == nil {
			return
		}
		s, err := parse(**v)
		if err != nil {
			f.Fail(err)
		}
		*v = &s
	}
	read(&cmd.Username, func(s string) (string, error) { return ResellerName(&f, s), nil })
	read(&cmd.TaxName, func(s string) (string, error) { return f.Line("tax name", s, maxTaxName), nil })
	read(&cmd.ConversionRate, reseller.ParseRate)
	read(&cmd.TaxRate, reseller.ParseTaxRate)
	if cmd.Profile != nil {
		p := resellerProfile(&f, *cmd.Profile)
		cmd.Profile = &p
	}
	if cmd.Funds != nil && !cmd.Funds.Valid() {
		f.Failf("The way of funds is unknown")
	}
	return f.Err
}

// ModifyReseller gives the reseller as it is then.
func (s *Service) ModifyReseller(ctx context.Context, actor audit.Actor, cmd ModifyReseller) (*reseller.Reseller, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	find := func(u *work.Unit) (*reseller.Reseller, error) {
		if cmd.Test != nil || cmd.Funds != nil {
			return subordinate(u, cmd.ResellerID)
		}
		return itself(u, cmd.ResellerID)
	}
	return s.changeReseller(ctx, actor, find, "reseller.modify", func(u *work.Unit, r *reseller.Reseller) (bool, work.Detail, error) {
		d := work.Detail{}
		if cmd.Username != nil && *cmd.Username != r.Username {
			taken, err := u.Tx.ResellerByUsername(u.Ctx, r.PartnerID, *cmd.Username)
			if err != nil {
				return false, nil, err
			}
			if taken != nil {
				return false, nil, work.ErrUsernameExists
			}
		}
		differs(d, "username", &r.Username, cmd.Username)
		differs(d, "conversionRate", &r.ConversionRate, cmd.ConversionRate)
		differs(d, "taxName", &r.TaxName, cmd.TaxName)
		differs(d, "taxRate", &r.TaxRate, cmd.TaxRate)
		differs(d, "test", &r.Test, cmd.Test)
		differs(d, "funds", &r.Funds, cmd.Funds)
		if cmd.Profile != nil {
			limit := r.Profile.AccountLimit // not its own to say
			r.Profile, d["profile"] = *cmd.Profile, true
			r.Profile.AccountLimit = limit
		}
		return len(d) > 0, d, checkRate(r)
	})
}

// differs writes *v into to, and into d when that is a change.
func differs[T comparable](d work.Detail, name string, to, v *T) {
	if v != nil && *to != *v {
		*to, d[name] = *v, *v
	}
}

// SuspendReseller shuts a reseller and all below it out of the API and of
// sessions. The mail of its customers goes on.
func (s *Service) SuspendReseller(ctx context.Context, actor audit.Actor, id int64, reason string) error {
	return s.setResellerStatus(ctx, actor, id, reseller.Suspended, "reseller.suspend", reason)
}

// UnsuspendReseller undoes SuspendReseller.
func (s *Service) UnsuspendReseller(ctx context.Context, actor audit.Actor, id int64) error {
	return s.setResellerStatus(ctx, actor, id, reseller.Active, "reseller.unsuspend", "")
}

func (s *Service) setResellerStatus(ctx context.Context, actor audit.Actor, id int64, to reseller.Status, action, reason string) error {
	var f work.Fields
	if reason = f.Text("reason", reason, work.MaxReason); f.Err != nil {
		return f.Err
	}
	_, err := s.changeReseller(ctx, actor, func(u *work.Unit) (*reseller.Reseller, error) { return subordinate(u, id) }, action,
		func(_ *work.Unit, r *reseller.Reseller) (bool, work.Detail, error) {
			changed := r.Status != to
			r.Status = to
			return changed, work.Detail{"reason": reason}, nil
		})
	return err
}

// SetResellerNetworks replaces the allow-list; an empty one allows any address
// . It acts at once.
func (s *Service) SetResellerNetworks(ctx context.Context, actor audit.Actor, id int64, networks []netip.Prefix) error {
	var f work.Fields
	list := tenancy.Networks(&f, networks)
	if f.Err != nil {
		return f.Err
	}
	_, err := s.changeReseller(ctx, actor, func(u *work.Unit) (*reseller.Reseller, error) { return subordinate(u, id) }, "reseller.allow_list",
		func(_ *work.Unit, r *reseller.Reseller) (bool, work.Detail, error) {
			changed := !slices.Equal(r.AllowedNetworks, list)
			r.AllowedNetworks = list
			return changed, work.Detail{"networks": list}, nil
		})
	return err
}

// SignUpProducts replaces what a reseller may sell: nothing that its
// parent may not. What it loses, all below it lose.
func (s *Service) SignUpProducts(ctx context.Context, actor audit.Actor, id int64, keys []product.Key) (*reseller.Reseller, error) {
	return s.changeReseller(ctx, actor, func(u *work.Unit) (*reseller.Reseller, error) { return subordinate(u, id) }, "reseller.products",
		func(u *work.Unit, r *reseller.Reseller) (bool, work.Detail, error) {
			var parent *reseller.Reseller
			var err error
			if !r.Root() {
				if parent, err = u.Tx.Reseller(u.Ctx, r.ParentID); err != nil || parent == nil {
					return false, nil, err
				}
			}
			list, err := reseller.CheckProducts(keys, offeredBy(parent))
			if err != nil {
				return false, nil, err
			}
			changed := !slices.Equal(r.Products, list)
			r.Products = list
			return changed, work.Detail{"products": list}, narrowProducts(u, r)
		})
}

// narrowProducts takes from those below r what r has no more.
func narrowProducts(u *work.Unit, r *reseller.Reseller) error {
	below, err := u.Tx.ResellersBelow(u.Ctx, r)
	if err != nil {
		return err
	}
	for _, b := range below {
		if b.ID == r.ID {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(b.Products), func(k product.Key) bool { return !r.Sells(k) })
		if len(left) == len(b.Products) {
			continue
		}
		b.Products, b.UpdatedAt = left, u.Real
		if err := u.Tx.UpdateReseller(u.Ctx, b); err != nil {
			return err
		}
		if err := u.Record(b.PartnerID, "reseller.products", "reseller", b.ID, work.Detail{"products": left, "above": r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// SetResellerPassword sets the password of auth-password; "" takes it away.
// Tokens and temporary passwords end.
func (s *Service) SetResellerPassword(ctx context.Context, actor audit.Actor, id int64, password string) error {
	find := func(u *work.Unit) (*reseller.Reseller, error) { return itself(u, id) }
	hash := ""
	if password != "" {
		var f work.Fields
		if f.CustomerPassword(password); f.Err != nil {
			return f.Err
		}
		if err := s.Read(ctx, actor, func(u *work.Unit) error { // a foreign id costs no hash
			_, err := find(u)
			return err
		}); err != nil {
			return err
		}
		var err error
		if hash, err = s.Hasher.Hash(ctx, password); err != nil {
			return err
		}
	}
	_, err := s.changeReseller(ctx, actor, find, "reseller.set_password", func(u *work.Unit, r *reseller.Reseller) (bool, work.Detail, error) {
		r.PasswordHash = hash
		return true, work.Detail{"set": hash != ""}, u.Tx.DropResellerTickets(u.Ctx, r.ID)
	})
	return err
}
