package reselling

import (
	"context"
	"slices"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// CreateResellerKey adds a key beside the present ones.
type CreateResellerKey struct {
	ResellerID int64
	Life       time.Duration // 0 = until it is revoked
}

// RotateResellerKey adds a key; the newest of the present ones stays valid for Overlap.
type RotateResellerKey struct {
	ResellerID int64
	Overlap    *time.Duration // nil = Settings.KeyOverlap
}

var errResellerKeyGone = fault.New(fault.NotFound, "No such key").WithReason("NO_SUCH_KEY")

// CreateResellerKey makes a key and gives its raw form, which is shown only here.
func (s *Service) CreateResellerKey(ctx context.Context, actor audit.Actor, cmd CreateResellerKey) (*reseller.Key, string, error) {
	if cmd.Life < 0 {
		return nil, "", fault.New(fault.Invalid, "The life of the key is negative")
	}
	var k *reseller.Key
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := subordinate(u, cmd.ResellerID)
		if err != nil {
			return err
		}
		valid, err := validKeys(u, r)
		if err != nil {
			return err
		}
		if len(valid) >= tenancy.MaxKeys {
			return fault.Newf(fault.Conflict, "A reseller has at most %d valid keys", tenancy.MaxKeys).WithReason("TOO_MANY_KEYS")
		}
		var expires *time.Time
		if cmd.Life > 0 {
			end := u.Real.Add(cmd.Life)
			expires = &end
		}
		k, raw, err = addResellerKey(u, r, expires)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return k, raw, nil
}

// validKeys are those that authenticate now, newest first.
func validKeys(u *work.Unit, r *reseller.Reseller) ([]*reseller.Key, error) {
	keys, err := u.Tx.ResellerKeys(u.Ctx, r.ID)
	if err != nil {
		return nil, err
	}
	keys = slices.DeleteFunc(keys, func(k *reseller.Key) bool { return !k.ValidAt(u.Real) })
	slices.Reverse(keys)
	return keys, nil
}

// RotateResellerKey makes a new key. The newest of the present ones stays valid
// for the overlap, older ones are revoked at once.
func (s *Service) RotateResellerKey(ctx context.Context, actor audit.Actor, cmd RotateResellerKey) (string, error) {
	overlap := s.Settings.KeyOverlap
	if cmd.Overlap != nil {
		overlap = *cmd.Overlap
	}
	if overlap < 0 {
		return "", fault.New(fault.Invalid, "The overlap is negative")
	}
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := subordinate(u, cmd.ResellerID)
		if err != nil {
			return err
		}
		valid, err := validKeys(u, r)
		if err != nil {
			return err
		}
		end := u.Real.Add(overlap)
		for i, k := range valid {
			if i == 0 && overlap > 0 {
				if k.ExpiresAt != nil && !k.ExpiresAt.After(end) {
					continue
				}
				k.ExpiresAt = &end
			} else {
				k.RevokedAt = &u.Real
			}
			if err := u.Tx.UpdateResellerKey(u.Ctx, k); err != nil {
				return err
			}
			if err := u.Record(r.PartnerID, "reseller.retire_key", "reseller", r.ID, work.Detail{"key": k.ID, "hint": k.Hint, "revoked": k.RevokedAt != nil}); err != nil {
				return err
			}
		}
		_, raw, err = addResellerKey(u, r, nil)
		return err
	})
	if err != nil {
		return "", err
	}
	return raw, nil
}

// RevokeResellerKey ends a key at once. Revoking a revoked one does nothing.
func (s *Service) RevokeResellerKey(ctx context.Context, actor audit.Actor, resellerID, keyID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		r, err := subordinate(u, resellerID)
		if err != nil {
			return err
		}
		keys, err := u.Tx.ResellerKeys(u.Ctx, r.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(k *reseller.Key) bool { return k.ID == keyID })
		if i < 0 {
			return errResellerKeyGone
		}
		k := keys[i]
		if k.RevokedAt != nil {
			return nil
		}
		k.RevokedAt = &u.Real
		if err := u.Tx.UpdateResellerKey(u.Ctx, k); err != nil {
			return err
		}
		return u.Record(r.PartnerID, "reseller.revoke_key", "reseller", r.ID, work.Detail{"key": k.ID, "hint": k.Hint})
	})
}
