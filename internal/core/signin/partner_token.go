package signin

import (
	"context"
	"strconv"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// GeneratePanelToken is operation X1 (T-36).
type GeneratePanelToken struct {
	CustomerID     string
	CustomerNumber int64         // titanCustomerId; wins
	Validity       time.Duration // 0 = 30 minutes; at most 60
}

// The life of a panel token.
const (
	panelTokenLife = 30 * time.Minute
	panelTokenMost = 60 * time.Minute
)

// GeneratePanelToken makes a token that opens the control panel with all orders
// of a customer, as often as wanted while it lives. It dies with the key that
// asked for it.
func (s *Service) GeneratePanelToken(ctx context.Context, actor audit.Actor, cmd GeneratePanelToken) (string, error) {
	if actor.KeyID == 0 || actor.Limited {
		return "", errNeedsKey
	}
	if cmd.Validity < 0 {
		return "", fault.New(fault.Invalid, "The validity is negative")
	}
	life := panelTokenLife
	if cmd.Validity > 0 {
		life = min(cmd.Validity, panelTokenMost)
	}
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		all, err := ordering.ListedCustomers(u, ordering.ListMailOrders{CustomerID: cmd.CustomerID, CustomerNumber: cmd.CustomerNumber})
		if err != nil {
			return err
		}
		if len(all) > 1 {
			return work.ErrSeveralHosts
		}
		if all[0].Status != customer.Active {
			return work.ErrCustomer
		}
		if raw, err = secret.Alphanumeric(u.Platform.Random, secretLen); err != nil {
			return err
		}
		if err := u.Tx.InsertPartnerToken(u.Ctx, &work.PartnerToken{
			Hash: secret.Hash(raw), PartnerID: all[0].PartnerID, CustomerID: all[0].ID, KeyID: u.Actor.KeyID, ExpiresAt: u.Now.Add(life),
		}); err != nil {
			return err
		}
		return u.Record(all[0].PartnerID, "panel_token.create", "customer", all[0].ID, work.Detail{"minutes": int(life / time.Minute)})
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// keyTokenLife is the life of such a token (T-37).
const keyTokenLife = time.Hour

var errNeedsKey = fault.New(fault.Forbidden, "This needs the API key itself").WithReason("KEY_NEEDED")

// GenerateKeyToken is operation X2: a token that stands in for the API key that
// asks, for an hour and not longer than the key is valid. One token doesn't give
// another, or it would live for ever.
func (s *Service) GenerateKeyToken(ctx context.Context, actor audit.Actor) (string, time.Duration, error) {
	if actor.KeyID == 0 || actor.ViaToken {
		return "", 0, errNeedsKey
	}
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := secret.Alphanumeric(u.Platform.Random, secretLen)
		if err != nil {
			return err
		}
		raw = tenancy.KeyTokenPrefix + strconv.FormatInt(u.Actor.PartnerID, 10) + ":" + r
		if err := u.Tx.InsertPartnerToken(u.Ctx, &work.PartnerToken{
			Hash: secret.Hash(raw), PartnerID: u.Actor.PartnerID, KeyID: u.Actor.KeyID, ExpiresAt: u.Real.Add(keyTokenLife),
		}); err != nil {
			return err
		}
		return u.Record(u.Actor.PartnerID, "key_token.create", "key", u.Actor.KeyID, nil)
	})
	if err != nil {
		return "", 0, err
	}
	return raw, keyTokenLife, nil
}
