package tenancy

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// Caller is an authenticated API key's partner. Actor is ready for commands but
// for the request id.
type Caller struct {
	Partner *partner.Partner
	Key     *partner.Key
	KeyID   int64
	Actor   audit.Actor
}

// May reports whether the caller's key may be used for s.
func (c *Caller) May(s partner.Scope) bool { return c.Key.May(s) }

// KeyTokenPrefix begins a token that stands in for an API key, which begins with "p_".
const KeyTokenPrefix = "t_"

// AuthenticateKey finds the partner of a raw API key that calls from remote. It
// writes nothing. Unknown, revoked and expired keys get the same answer.
func (s *Service) AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*Caller, error) {
	form := raw
	rest, token := strings.CutPrefix(raw, KeyTokenPrefix)
	if token {
		form = "p_" + rest
	}
	claimed, ok := secret.APIKeyPartner(form)
	if !ok {
		return nil, work.ErrKeyInvalid
	}
	hash := secret.Hash(raw)
	now := s.Now()
	var out *Caller
	err := s.Store.Read(ctx, func(tx work.Tx) error {
		find := tx.KeyByHash
		if token { // T-37
			find = func(ctx context.Context, hash []byte) (*partner.Key, error) { return keyOfToken(ctx, tx, hash, now) }
		}
		k, err := find(ctx, hash)
		if err != nil {
			return err
		}
		if k == nil || k.PartnerID != claimed || !k.ValidAt(now) {
			return work.ErrKeyInvalid
		}
		p, err := tx.Partner(ctx, k.PartnerID)
		if err != nil {
			return err
		}
		if p == nil || p.Status != partner.Active {
			return work.ErrPartner
		}
		if !p.Allows(remote) {
			return work.ErrNetwork
		}
		out = &Caller{Partner: p, Key: k, KeyID: k.ID, Actor: audit.Actor{
			PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:" + strconv.FormatInt(k.ID, 10), Address: remote.Unmap().String(),
			KeyID: k.ID, ViaToken: token, Limited: !k.Signs(),
		}}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// KeyContext binds a sealed key to its partner.
func KeyContext(partnerID int64) string { return "api-key/" + strconv.FormatInt(partnerID, 10) }

// SigningKeys gives the raw keys of a partner that are valid now and for
// everything or for the Titan dialect, newest first: they sign JWTs and webhooks,
// and none may leave the process otherwise.
func (s *Service) SigningKeys(ctx context.Context, partnerID int64) ([]string, error) {
	now := s.Now()
	var keys []*partner.Key
	err := s.Store.Read(ctx, func(tx work.Tx) (err error) {
		keys, err = tx.Keys(ctx, partnerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, NewestKeyFirst)
	var out []string
	for _, k := range keys {
		if !k.ValidAt(now) || !k.Signs() {
			continue
		}
		raw, err := s.Sealer.Open(k.Sealed, KeyContext(partnerID))
		if err != nil {
			return nil, err
		}
		out = append(out, string(raw))
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "The partner has no valid key")
	}
	return out, nil
}

// NewestKeyFirst orders keys for slices.SortFunc.
func NewestKeyFirst(a, b *partner.Key) int {
	switch {
	case a.ID > b.ID:
		return -1
	case a.ID < b.ID:
		return 1
	}
	return 0
}

// keyOfToken gives the valid key that a token stands in for, nil when there is none.
func keyOfToken(ctx context.Context, tx work.Tx, hash []byte, now time.Time) (*partner.Key, error) {
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
