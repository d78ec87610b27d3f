package tenancy

import (
	"context"
	"net/netip"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
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
	if err := work.CheckOperator(actor); err != nil {
		return nil, "", err
	}
	var f work.Fields
	name := f.Required("name", cmd.Name, work.MaxName)
	networks := Networks(&f, cmd.AllowedNetworks)
	settings := settingsField(&f, cmd.Settings)
	if f.Err != nil {
		return nil, "", f.Err
	}
	var p *partner.Partner
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		p = &partner.Partner{
			Name: name, Status: partner.Active, Sandbox: cmd.Sandbox, AllowedNetworks: networks, Settings: settings,
			CreatedAt: u.Now, UpdatedAt: u.Now,
		}
		if err := u.Tx.InsertPartner(u.Ctx, p); err != nil {
			return err
		}
		if raw, err = addKey(u, &partner.Key{PartnerID: p.ID}); err != nil {
			return err
		}
		return u.Record(p.ID, "partner.create", "partner", p.ID, work.Detail{"name": p.Name, "sandbox": p.Sandbox})
	})
	if err != nil {
		return nil, "", err
	}
	return p, raw, nil
}

// Networks checks an allow-list and gives it sorted, each network once.
func Networks(f *work.Fields, in []netip.Prefix) []netip.Prefix {
	if len(in) > maxNetworks {
		f.Failf("At most %d networks can be listed", maxNetworks)
		return nil
	}
	out := make([]netip.Prefix, 0, len(in))
	for _, n := range in {
		if !n.IsValid() {
			f.Failf("A network is not valid")
			return nil
		}
		out = append(out, n.Masked())
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}

func settingsField(f *work.Fields, v partner.Settings) partner.Settings {
	v.Currency = f.Currency(v.Currency)
	if !v.BillingOwner.Valid() {
		f.Failf("The billing owner is unknown")
	}
	if (v.RatePerSecond != nil && *v.RatePerSecond < 0) || (v.RateBurst != nil && *v.RateBurst < 0) {
		f.Failf("A rate is negative")
	}
	return v
}

// addKey completes and keeps a key of a partner and gives its raw form. Keys go
// by the platform's time.
func addKey(u *work.Unit, k *partner.Key) (string, error) {
	raw, err := secret.NewAPIKey(u.Platform.Random, k.PartnerID)
	if err != nil {
		return "", err
	}
	if k.Sealed, err = u.Platform.Sealer.Seal([]byte(raw), KeyContext(k.PartnerID)); err != nil {
		return "", err
	}
	k.LookupHash, k.Hint, k.CreatedAt = secret.Hash(raw), secret.Hint(raw), u.Real
	if err := u.Tx.InsertKey(u.Ctx, k); err != nil {
		return "", err
	}
	d := work.Detail{"hint": k.Hint}
	if len(k.Scopes) > 0 {
		d["scopes"] = k.Scopes
	}
	return raw, u.Record(k.PartnerID, "key.create", "key", k.ID, d)
}

// Partners gives all partners.
func (s *Service) Partners(ctx context.Context, actor audit.Actor) ([]*partner.Partner, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []*partner.Partner
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.Partners(u.Ctx)
		return err
	})
	return out, err
}

// ShowPartner gives a partner with its keys.
func (s *Service) ShowPartner(ctx context.Context, actor audit.Actor, partnerID int64) (*PartnerDetails, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *PartnerDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(partnerID)
		if err != nil {
			return err
		}
		keys, err := u.Tx.Keys(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		slices.SortFunc(keys, NewestKeyFirst)
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
func (s *Service) changePartner(ctx context.Context, actor audit.Actor, id int64, action string, change func(*partner.Partner) (bool, work.Detail)) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(id)
		if err != nil {
			return err
		}
		changed, d := change(p)
		if !changed {
			return nil
		}
		p.UpdatedAt = u.Now
		if err := u.Tx.UpdatePartner(u.Ctx, p); err != nil {
			return err
		}
		return u.Record(p.ID, action, "partner", p.ID, d)
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

func setPartnerStatus(to partner.Status) func(*partner.Partner) (bool, work.Detail) {
	return func(p *partner.Partner) (bool, work.Detail) {
		changed := p.Status != to
		p.Status = to
		return changed, nil
	}
}

// SetAllowedNetworks replaces the allow-list; an empty one allows any address (T-05).
func (s *Service) SetAllowedNetworks(ctx context.Context, actor audit.Actor, partnerID int64, networks []netip.Prefix) error {
	var f work.Fields
	list := Networks(&f, networks)
	if f.Err != nil {
		return f.Err
	}
	return s.changePartner(ctx, actor, partnerID, "partner.allow_list", func(p *partner.Partner) (bool, work.Detail) {
		changed := !slices.Equal(p.AllowedNetworks, list)
		p.AllowedNetworks = list
		return changed, work.Detail{"networks": list}
	})
}

// SetPartnerSettings replaces the settings.
func (s *Service) SetPartnerSettings(ctx context.Context, actor audit.Actor, partnerID int64, settings partner.Settings) error {
	var f work.Fields
	settings = settingsField(&f, settings)
	if f.Err != nil {
		return f.Err
	}
	return s.changePartner(ctx, actor, partnerID, "partner.settings", func(p *partner.Partner) (bool, work.Detail) {
		p.Settings = settings
		return true, work.Detail{"settings": settings}
	})
}
