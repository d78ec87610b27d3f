package tenancy

import (
	"context"
	"slices"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MaxKeys bounds a partner's valid keys.
const MaxKeys = 100

// RotateKey adds a key; the present one stays valid for Overlap.
type RotateKey struct {
	PartnerID int64
	Overlap   *time.Duration // nil = Settings.KeyOverlap
}

// CreateKey adds a key beside the present ones.
type CreateKey struct {
	PartnerID int64
	Scopes    []partner.Scope // none = everything
}

// CreateKey makes a key and gives its raw form, which is shown only here.
func (s *Service) CreateKey(ctx context.Context, actor audit.Actor, cmd CreateKey) (*partner.Key, string, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, "", err
	}
	names := make([]string, 0, len(cmd.Scopes))
	for _, n := range cmd.Scopes {
		names = append(names, string(n))
	}
	scopes, err := partner.ParseScopes(names)
	if err != nil {
		return nil, "", err
	}
	var k *partner.Key
	var raw string
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		if _, err := u.Partner(cmd.PartnerID); err != nil {
			return err
		}
		keys, err := u.Tx.Keys(u.Ctx, cmd.PartnerID)
		if err != nil {
			return err
		}
		valid := 0
		for _, other := range keys {
			if other.ValidAt(u.Real) {
				valid++
			}
		}
		if valid >= MaxKeys {
			return fault.Newf(fault.Conflict, "A partner has at most %d valid keys", MaxKeys).WithReason("TOO_MANY_KEYS")
		}
		k = &partner.Key{PartnerID: cmd.PartnerID, Scopes: scopes}
		raw, err = addKey(u, k)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return k, raw, nil
}

// OwnKeys gives a partner's keys to itself, newest first, without secrets.
func (s *Service) OwnKeys(ctx context.Context, actor audit.Actor) ([]*partner.Key, error) {
	var out []*partner.Key
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		keys, err := u.Tx.Keys(u.Ctx, u.Actor.PartnerID)
		if err != nil {
			return err
		}
		for _, k := range keys {
			k.Sealed, k.LookupHash = nil, nil
		}
		slices.SortFunc(keys, NewestKeyFirst)
		out = keys
		return nil
	})
	return out, err
}

// RotateKey makes a new key. The newest of the present ones stays valid for the
// overlap, so that at most two are valid; older ones are revoked at once (T-06). Keys with
// scopes are left alone: each has a holder of its own.
func (s *Service) RotateKey(ctx context.Context, actor audit.Actor, cmd RotateKey) (string, error) {
	if err := work.CheckOperator(actor); err != nil {
		return "", err
	}
	overlap := s.Settings.KeyOverlap
	if cmd.Overlap != nil {
		overlap = *cmd.Overlap
	}
	if overlap < 0 {
		return "", fault.New(fault.Invalid, "The overlap is negative")
	}
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		if _, err := u.Partner(cmd.PartnerID); err != nil {
			return err
		}
		keys, err := u.Tx.Keys(u.Ctx, cmd.PartnerID)
		if err != nil {
			return err
		}
		slices.SortFunc(keys, NewestKeyFirst)
		end := u.Real.Add(overlap)
		kept := false
		for _, k := range keys {
			if !k.ValidAt(u.Real) || len(k.Scopes) > 0 {
				continue
			}
			now := u.Real
			switch {
			case kept || overlap == 0:
				k.RevokedAt = &now
			case k.ExpiresAt == nil || k.ExpiresAt.After(end):
				k.ExpiresAt = &end
			}
			kept = true
			if err := u.Tx.UpdateKey(u.Ctx, k); err != nil {
				return err
			}
			if err := u.Record(cmd.PartnerID, "key.retire", "key", k.ID, work.Detail{"hint": k.Hint, "revoked": k.RevokedAt != nil}); err != nil {
				return err
			}
		}
		raw, err = addKey(u, &partner.Key{PartnerID: cmd.PartnerID})
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// RevokeKey ends a key at once. Revoking a revoked one does nothing.
func (s *Service) RevokeKey(ctx context.Context, actor audit.Actor, partnerID, keyID int64) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		keys, err := u.Tx.Keys(u.Ctx, partnerID)
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
			now := u.Real
			k.RevokedAt = &now
			if err := u.Tx.UpdateKey(u.Ctx, k); err != nil {
				return err
			}
			return u.Record(partnerID, "key.revoke", "key", k.ID, work.Detail{"hint": k.Hint})
		}
		return fault.New(fault.NotFound, "No such key")
	})
}
