package tenancy

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// PartnerSettings are a partner's settings as it sees them itself.
type PartnerSettings struct {
	Settings partner.Settings
	Version  string // changes with every change
}

// ModifyPartnerSettings is a partner's change of its own settings; nil fields
// stay. What decides who is billed, what is accepted and how much may be asked
// (billing owner, optional amounts, server scope, rates) is the operator's.
type ModifyPartnerSettings struct {
	Currency     *string
	CollateHosts *bool
	Carts        *bool
	NoSetupMail  *bool
	Version      string // "" = whatever it is now
}

// errVersion is the fault of a change whose caller has seen another version.
var errVersion = fault.New(fault.Conflict, "It has changed since it was read").WithReason("PRECONDITION_FAILED")

// PartnerSettings gives the calling partner's settings.
func (s *Service) PartnerSettings(ctx context.Context, actor audit.Actor) (*PartnerSettings, error) {
	var out *PartnerSettings
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		out, err = settingsOf(p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// settingsOf counts by content: two versions of the same content are one.
func settingsOf(p *partner.Partner) (*PartnerSettings, error) {
	v, err := VersionOf(p.Settings)
	return &PartnerSettings{Settings: p.Settings, Version: v}, err
}

// VersionOf tells contents apart.
func VersionOf(content any) (string, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return "", fault.Wrap(err)
	}
	return hex.EncodeToString(secret.Hash(string(raw))[:12]), nil
}

// ModifyPartnerSettings changes the calling partner's settings.
func (s *Service) ModifyPartnerSettings(ctx context.Context, actor audit.Actor, cmd ModifyPartnerSettings) (*PartnerSettings, error) {
	var out *PartnerSettings
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(u.Actor.PartnerID)
		if err != nil {
			return err
		}
		before, err := settingsOf(p)
		if err != nil {
			return err
		}
		if cmd.Version != "" && cmd.Version != before.Version {
			return errVersion
		}
		change := work.Detail{}
		if cmd.Currency != nil {
			p.Settings.Currency = *cmd.Currency
			change["currency"] = *cmd.Currency
		}
		if cmd.CollateHosts != nil {
			p.Settings.CollateHosts = *cmd.CollateHosts
			change["collateHosts"] = *cmd.CollateHosts
		}
		if cmd.Carts != nil {
			p.Settings.Carts = *cmd.Carts
			change["carts"] = *cmd.Carts
		}
		if cmd.NoSetupMail != nil {
			p.Settings.NoSetupMail = *cmd.NoSetupMail
			change["noSetupMail"] = *cmd.NoSetupMail
		}
		var f work.Fields
		if p.Settings = settingsField(&f, p.Settings); f.Err != nil {
			return f.Err
		}
		if out, err = settingsOf(p); err != nil || out.Version == before.Version {
			return err
		}
		p.UpdatedAt = u.Real
		if err := u.Tx.UpdatePartner(u.Ctx, p); err != nil {
			return err
		}
		return u.Record(p.ID, "partner.settings", "partner", p.ID, change)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Currency is what an order's amounts are in.
func Currency(u *work.Unit, p *partner.Partner, given string) string {
	switch {
	case given != "":
		return given
	case p.Settings.Currency != "":
		return p.Settings.Currency
	}
	return u.Platform.Settings.DefaultCurrency
}
