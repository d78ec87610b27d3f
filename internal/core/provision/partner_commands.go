package provision

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// maxNetworks bounds a partner's allow-list.
const maxNetworks = 1000

// CreatePartner makes a tenant with a first key.
type CreatePartner struct {
	Name            string
	Sandbox         bool
	AllowedNetworks []netip.Prefix
	Settings        partner.Settings
}

// RotateKey adds a key; the present one stays valid for Overlap.
type RotateKey struct {
	PartnerID int64
	Overlap   *time.Duration // nil = Settings.KeyOverlap
}

// PartnerDetails is a partner with its keys, newest first, without secrets.
type PartnerDetails struct {
	Partner *partner.Partner
	Keys    []*partner.Key
}

// CreatePartner makes a partner and gives its first key, which is shown only here.
func (s *Service) CreatePartner(ctx context.Context, actor audit.Actor, cmd CreatePartner) (*partner.Partner, string, error) {
	if err := checkOperator(actor); err != nil {
		return nil, "", err
	}
	var f fields
	name := f.required("name", cmd.Name, maxName)
	networks := f.networks(cmd.AllowedNetworks)
	settings := f.settings(cmd.Settings)
	if f.err != nil {
		return nil, "", f.err
	}
	var p *partner.Partner
	var raw string
	err := s.write(ctx, actor, func(u *unit) (err error) {
		p = &partner.Partner{
			Name: name, Status: partner.Active, Sandbox: cmd.Sandbox, AllowedNetworks: networks, Settings: settings,
			CreatedAt: u.now, UpdatedAt: u.now,
		}
		if err := u.tx.InsertPartner(u.ctx, p); err != nil {
			return err
		}
		if raw, err = u.addKey(p.ID); err != nil {
			return err
		}
		return u.record(p.ID, "partner.create", "partner", p.ID, detail{"name": p.Name, "sandbox": p.Sandbox})
	})
	if err != nil {
		return nil, "", err
	}
	return p, raw, nil
}

func (f *fields) networks(in []netip.Prefix) []netip.Prefix {
	if len(in) > maxNetworks {
		f.failf("At most %d networks can be listed", maxNetworks)
		return nil
	}
	out := make([]netip.Prefix, 0, len(in))
	for _, n := range in {
		if !n.IsValid() {
			f.failf("A network is not valid")
			return nil
		}
		out = append(out, n.Masked())
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}

func (f *fields) settings(v partner.Settings) partner.Settings {
	v.Currency = f.currency(v.Currency)
	if !v.BillingOwner.Valid() {
		f.failf("The billing owner is unknown")
	}
	if (v.RatePerSecond != nil && *v.RatePerSecond < 0) || (v.RateBurst != nil && *v.RateBurst < 0) {
		f.failf("A rate is negative")
	}
	return v
}

// addKey makes a key of a partner.
func (u *unit) addKey(partnerID int64) (string, error) {
	raw, err := secret.NewAPIKey(u.s.random, partnerID)
	if err != nil {
		return "", err
	}
	sealed, err := u.s.sealer.Seal([]byte(raw), keyContext(partnerID))
	if err != nil {
		return "", err
	}
	k := &partner.Key{PartnerID: partnerID, LookupHash: secret.Hash(raw), Sealed: sealed, Hint: secret.Hint(raw), CreatedAt: u.now}
	if err := u.tx.InsertKey(u.ctx, k); err != nil {
		return "", err
	}
	return raw, u.record(partnerID, "key.create", "key", k.ID, detail{"hint": k.Hint})
}

// Partners gives all partners.
func (s *Service) Partners(ctx context.Context, actor audit.Actor) ([]*partner.Partner, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out []*partner.Partner
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.tx.Partners(u.ctx)
		return err
	})
	return out, err
}

// ShowPartner gives a partner with its keys.
func (s *Service) ShowPartner(ctx context.Context, actor audit.Actor, partnerID int64) (*PartnerDetails, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out *PartnerDetails
	err := s.read(ctx, actor, func(u *unit) error {
		p, err := u.partner(partnerID)
		if err != nil {
			return err
		}
		keys, err := u.tx.Keys(u.ctx, p.ID)
		if err != nil {
			return err
		}
		slices.SortFunc(keys, newestKeyFirst)
		out = &PartnerDetails{Partner: p, Keys: keys}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changePartner loads, changes and saves a partner. A change that changes
// nothing is no error.
func (s *Service) changePartner(ctx context.Context, actor audit.Actor, id int64, action string, change func(*partner.Partner) (bool, detail)) error {
	if err := checkOperator(actor); err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		p, err := u.partner(id)
		if err != nil {
			return err
		}
		changed, d := change(p)
		if !changed {
			return nil
		}
		p.UpdatedAt = u.now
		if err := u.tx.UpdatePartner(u.ctx, p); err != nil {
			return err
		}
		return u.record(p.ID, action, "partner", p.ID, d)
	})
}

// SuspendPartner makes the partner's keys answer as if there were no such
// partner. Mail goes on.
func (s *Service) SuspendPartner(ctx context.Context, actor audit.Actor, partnerID int64) error {
	return s.changePartner(ctx, actor, partnerID, "partner.suspend", setPartnerStatus(partner.Suspended))
}

// UnsuspendPartner undoes SuspendPartner.
func (s *Service) UnsuspendPartner(ctx context.Context, actor audit.Actor, partnerID int64) error {
	return s.changePartner(ctx, actor, partnerID, "partner.unsuspend", setPartnerStatus(partner.Active))
}

func setPartnerStatus(to partner.Status) func(*partner.Partner) (bool, detail) {
	return func(p *partner.Partner) (bool, detail) {
		changed := p.Status != to
		p.Status = to
		return changed, nil
	}
}

// SetAllowedNetworks replaces the allow-list; an empty one allows any address (T-05).
func (s *Service) SetAllowedNetworks(ctx context.Context, actor audit.Actor, partnerID int64, networks []netip.Prefix) error {
	var f fields
	list := f.networks(networks)
	if f.err != nil {
		return f.err
	}
	return s.changePartner(ctx, actor, partnerID, "partner.allow_list", func(p *partner.Partner) (bool, detail) {
		changed := !slices.Equal(p.AllowedNetworks, list)
		p.AllowedNetworks = list
		return changed, detail{"networks": list}
	})
}

// SetPartnerSettings replaces the settings.
func (s *Service) SetPartnerSettings(ctx context.Context, actor audit.Actor, partnerID int64, settings partner.Settings) error {
	var f fields
	settings = f.settings(settings)
	if f.err != nil {
		return f.err
	}
	return s.changePartner(ctx, actor, partnerID, "partner.settings", func(p *partner.Partner) (bool, detail) {
		p.Settings = settings
		return true, detail{"settings": settings}
	})
}

// RotateKey makes a new key. The newest of the present ones stays valid for the
// overlap, so that at most two are valid; older ones are revoked at once (T-06).
func (s *Service) RotateKey(ctx context.Context, actor audit.Actor, cmd RotateKey) (string, error) {
	if err := checkOperator(actor); err != nil {
		return "", err
	}
	overlap := s.settings.KeyOverlap
	if cmd.Overlap != nil {
		overlap = *cmd.Overlap
	}
	if overlap < 0 {
		return "", fault.New(fault.Invalid, "The overlap is negative")
	}
	var raw string
	err := s.write(ctx, actor, func(u *unit) error {
		if _, err := u.partner(cmd.PartnerID); err != nil {
			return err
		}
		keys, err := u.tx.Keys(u.ctx, cmd.PartnerID)
		if err != nil {
			return err
		}
		slices.SortFunc(keys, newestKeyFirst)
		end := u.now.Add(overlap)
		kept := false
		for _, k := range keys {
			if !k.ValidAt(u.now) {
				continue
			}
			now := u.now
			switch {
			case kept || overlap == 0:
				k.RevokedAt = &now
			case k.ExpiresAt == nil || k.ExpiresAt.After(end):
				k.ExpiresAt = &end
			}
			kept = true
			if err := u.tx.UpdateKey(u.ctx, k); err != nil {
				return err
			}
			if err := u.record(cmd.PartnerID, "key.retire", "key", k.ID, detail{"hint": k.Hint, "revoked": k.RevokedAt != nil}); err != nil {
				return err
			}
		}
		raw, err = u.addKey(cmd.PartnerID)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// RevokeKey ends a key at once. Revoking a revoked one does nothing.
func (s *Service) RevokeKey(ctx context.Context, actor audit.Actor, partnerID, keyID int64) error {
	if err := checkOperator(actor); err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		keys, err := u.tx.Keys(u.ctx, partnerID)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.ID != keyID {
				continue
			}
			if k.RevokedAt != nil {
				return nil
			}
			now := u.now
			k.RevokedAt = &now
			if err := u.tx.UpdateKey(u.ctx, k); err != nil {
				return err
			}
			return u.record(partnerID, "key.revoke", "key", k.ID, detail{"hint": k.Hint})
		}
		return fault.New(fault.NotFound, "No such key")
	})
}
