package provision

import (
	"context"
	"strconv"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/partner"
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
	err := s.write(ctx, actor, func(u *unit) error {
		all, err := u.listedCustomers(ListMailOrders{CustomerID: cmd.CustomerID, CustomerNumber: cmd.CustomerNumber})
		if err != nil {
			return err
		}
		if len(all) > 1 {
			return errSeveralHosts
		}
		if all[0].Status != customer.Active {
			return errCustomer
		}
		if raw, err = secret.Alphanumeric(u.s.random, secretLen); err != nil {
			return err
		}
		if err := u.tx.InsertPartnerToken(u.ctx, &PartnerToken{
			Hash: secret.Hash(raw), PartnerID: all[0].PartnerID, CustomerID: all[0].ID, KeyID: u.actor.KeyID, ExpiresAt: u.now.Add(life),
		}); err != nil {
			return err
		}
		return u.record(all[0].PartnerID, "panel_token.create", "customer", all[0].ID, detail{"minutes": int(life / time.Minute)})
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// keyTokenPrefix begins a token that stands in for an API key, which begins with "p_".
const keyTokenPrefix = "t_"

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
	err := s.write(ctx, actor, func(u *unit) error {
		r, err := secret.Alphanumeric(u.s.random, secretLen)
		if err != nil {
			return err
		}
		raw = keyTokenPrefix + strconv.FormatInt(u.actor.PartnerID, 10) + ":" + r
		if err := u.tx.InsertPartnerToken(u.ctx, &PartnerToken{
			Hash: secret.Hash(raw), PartnerID: u.actor.PartnerID, KeyID: u.actor.KeyID, ExpiresAt: u.real.Add(keyTokenLife),
		}); err != nil {
			return err
		}
		return u.record(u.actor.PartnerID, "key_token.create", "key", u.actor.KeyID, nil)
	})
	if err != nil {
		return "", 0, err
	}
	return raw, keyTokenLife, nil
}

// keyOfToken gives the valid key that a token stands in for, nil when there is none.
func keyOfToken(ctx context.Context, tx Tx, hash []byte, now time.Time) (*partner.Key, error) {
	t, err := tx.PartnerToken(ctx, hash)
	if err != nil {
		return nil, err
	}
	if t == nil || t.CustomerID != 0 || !now.Before(t.ExpiresAt) {
		return nil, nil
	}
	keys, err := tx.Keys(ctx, t.PartnerID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.ID == t.KeyID {
			return k, nil
		}
	}
	return nil, nil
}
