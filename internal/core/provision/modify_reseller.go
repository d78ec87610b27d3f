package provision

import (
	"context"
	"net/netip"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
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
func (s *Service) changeReseller(ctx context.Context, actor audit.Actor, find func(*unit) (*reseller.Reseller, error), action string,
	change func(*unit, *reseller.Reseller) (changed bool, d detail, err error),
) (*reseller.Reseller, error) {
	var r *reseller.Reseller
	err := s.write(ctx, actor, func(u *unit) (err error) {
		if r, err = find(u); err != nil {
			return err
		}
		changed, d, err := change(u, r)
		if err != nil || !changed {
			return err
		}
		r.UpdatedAt = u.real
		if err := u.tx.UpdateReseller(u.ctx, r); err != nil {
			return err
		}
		return u.record(r.PartnerID, action, "reseller", r.ID, d)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// check reads the command in place.
func (cmd *ModifyReseller) check() error {
	var f fields
	read := func(v **string, parse func(string) (string, error)) {
		if *v == nil {
			return
		}
		s, err := parse(**v)
		if err != nil {
			f.fail(err)
		}
		*v = &s
	}
	read(&cmd.Username, func(s string) (string, error) { return f.resellerName(s), nil })
	read(&cmd.TaxName, func(s string) (string, error) { return f.line("tax name", s, maxTaxName), nil })
	read(&cmd.ConversionRate, reseller.ParseRate)
	read(&cmd.TaxRate, reseller.ParseTaxRate)
	if cmd.Profile != nil {
		p := f.resellerProfile(*cmd.Profile)
		cmd.Profile = &p
	}
	if cmd.Funds != nil && !cmd.Funds.Valid() {
		f.failf("The way of funds is unknown")
	}
	return f.err
}

// ModifyReseller gives the reseller as it is then.
func (s *Service) ModifyReseller(ctx context.Context, actor audit.Actor, cmd ModifyReseller) (*reseller.Reseller, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	find := func(u *unit) (*reseller.Reseller, error) {
		if cmd.Test != nil || cmd.Funds != nil {
			return u.subordinate(cmd.ResellerID)
		}
		return u.itself(cmd.ResellerID)
	}
	return s.changeReseller(ctx, actor, find, "reseller.modify", func(u *unit, r *reseller.Reseller) (bool, detail, error) {
		d := detail{}
		if cmd.Username != nil && *cmd.Username != r.Username {
			taken, err := u.tx.ResellerByUsername(u.ctx, r.PartnerID, *cmd.Username)
			if err != nil {
				return false, nil, err
			}
			if taken != nil {
				return false, nil, errUsernameExists
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
func differs[T comparable](d detail, name string, to, v *T) {
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
	var f fields
	if reason = f.text("reason", reason, maxReason); f.err != nil {
		return f.err
	}
	_, err := s.changeReseller(ctx, actor, func(u *unit) (*reseller.Reseller, error) { return u.subordinate(id) }, action,
		func(_ *unit, r *reseller.Reseller) (bool, detail, error) {
			changed := r.Status != to
			r.Status = to
			return changed, detail{"reason": reason}, nil
		})
	return err
}

// SetResellerNetworks replaces the allow-list; an empty one allows any address
// . It acts at once.
func (s *Service) SetResellerNetworks(ctx context.Context, actor audit.Actor, id int64, networks []netip.Prefix) error {
	var f fields
	list := f.networks(networks)
	if f.err != nil {
		return f.err
	}
	_, err := s.changeReseller(ctx, actor, func(u *unit) (*reseller.Reseller, error) { return u.subordinate(id) }, "reseller.allow_list",
		func(_ *unit, r *reseller.Reseller) (bool, detail, error) {
			changed := !slices.Equal(r.AllowedNetworks, list)
			r.AllowedNetworks = list
			return changed, detail{"networks": list}, nil
		})
	return err
}

// SignUpProducts replaces what a reseller may sell: nothing that its
// parent may not. What it loses, all below it lose.
func (s *Service) SignUpProducts(ctx context.Context, actor audit.Actor, id int64, keys []product.Key) (*reseller.Reseller, error) {
	return s.changeReseller(ctx, actor, func(u *unit) (*reseller.Reseller, error) { return u.subordinate(id) }, "reseller.products",
		func(u *unit, r *reseller.Reseller) (bool, detail, error) {
			var parent *reseller.Reseller
			var err error
			if !r.Root() {
				if parent, err = u.tx.Reseller(u.ctx, r.ParentID); err != nil || parent == nil {
					return false, nil, err
				}
			}
			list, err := reseller.CheckProducts(keys, offeredBy(parent))
			if err != nil {
				return false, nil, err
			}
			changed := !slices.Equal(r.Products, list)
			r.Products = list
			return changed, detail{"products": list}, u.narrowProducts(r)
		})
}

// narrowProducts takes from those below r what r has no more.
func (u *unit) narrowProducts(r *reseller.Reseller) error {
	below, err := u.tx.ResellersBelow(u.ctx, r)
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
		b.Products, b.UpdatedAt = left, u.real
		if err := u.tx.UpdateReseller(u.ctx, b); err != nil {
			return err
		}
		if err := u.record(b.PartnerID, "reseller.products", "reseller", b.ID, detail{"products": left, "above": r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// SetResellerPassword sets the password of auth-password; "" takes it away.
// Tokens and temporary passwords end.
func (s *Service) SetResellerPassword(ctx context.Context, actor audit.Actor, id int64, password string) error {
	find := func(u *unit) (*reseller.Reseller, error) { return u.itself(id) }
	hash := ""
	if password != "" {
		var f fields
		if f.customerPassword(password); f.err != nil {
			return f.err
		}
		if err := s.read(ctx, actor, func(u *unit) error { // a foreign id costs no hash
			_, err := find(u)
			return err
		}); err != nil {
			return err
		}
		var err error
		if hash, err = s.hasher.Hash(ctx, password); err != nil {
			return err
		}
	}
	_, err := s.changeReseller(ctx, actor, find, "reseller.set_password", func(u *unit, r *reseller.Reseller) (bool, detail, error) {
		r.PasswordHash = hash
		return true, detail{"set": hash != ""}, u.tx.DropResellerTickets(u.ctx, r.ID)
	})
	return err
}
