package provision

import (
	"context"
	"net/netip"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
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
		if raw, err = u.addKey(&partner.Key{PartnerID: p.ID}); err != nil {
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

// addKey completes and keeps a key of a partner and gives its raw form. Keys go
// by the platform's time.
func (u *unit) addKey(k *partner.Key) (string, error) {
	raw, err := secret.NewAPIKey(u.s.random, k.PartnerID)
	if err != nil {
		return "", err
	}
	if k.Sealed, err = u.s.sealer.Seal([]byte(raw), keyContext(k.PartnerID)); err != nil {
		return "", err
	}
	k.LookupHash, k.Hint, k.CreatedAt = secret.Hash(raw), secret.Hint(raw), u.real
	if err := u.tx.InsertKey(u.ctx, k); err != nil {
		return "", err
	}
	d := detail{"hint": k.Hint}
	if len(k.Scopes) > 0 {
		d["scopes"] = k.Scopes
	}
	return raw, u.record(k.PartnerID, "key.create", "key", k.ID, d)
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
