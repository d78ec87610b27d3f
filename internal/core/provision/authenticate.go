package provision

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
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

// AuthenticateKey finds the partner of a raw API key that calls from remote. It
// writes nothing. Unknown, revoked and expired keys get the same answer.
func (s *Service) AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*Caller, error) {
	form := raw
	rest, token := strings.CutPrefix(raw, keyTokenPrefix)
	if token {
		form = "p_" + rest
	}
	claimed, ok := secret.APIKeyPartner(form)
	if !ok {
		return nil, errKeyInvalid
	}
	hash := secret.Hash(raw)
	now := s.now()
	var out *Caller
	err := s.store.Read(ctx, func(tx Tx) error {
		find := tx.KeyByHash
		if token { // T-37
			find = func(ctx context.Context, hash []byte) (*partner.Key, error) { return keyOfToken(ctx, tx, hash, now) }
		}
		k, err := find(ctx, hash)
		if err != nil {
			return err
		}
		if k == nil || k.PartnerID != claimed || !k.ValidAt(now) {
			return errKeyInvalid
		}
		p, err := tx.Partner(ctx, k.PartnerID)
		if err != nil {
			return err
		}
		if p == nil || p.Status != partner.Active {
			return errPartner
		}
		if !p.Allows(remote) {
			return errNetwork
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

// keyContext binds a sealed key to its partner.
func keyContext(partnerID int64) string { return "api-key/" + strconv.FormatInt(partnerID, 10) }

// SigningKeys gives the raw keys of a partner that are valid now and for
// everything or for the Titan dialect, newest first: they sign JWTs and webhooks, and none may leave the process otherwise.
func (s *Service) SigningKeys(ctx context.Context, partnerID int64) ([]string, error) {
	now := s.now()
	var keys []*partner.Key
	err := s.store.Read(ctx, func(tx Tx) (err error) {
		keys, err = tx.Keys(ctx, partnerID)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, newestKeyFirst)
	var out []string
	for _, k := range keys {
		if !k.ValidAt(now) || !k.Signs() {
			continue
		}
		raw, err := s.sealer.Open(k.Sealed, keyContext(partnerID))
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

func newestKeyFirst(a, b *partner.Key) int {
	switch {
	case a.ID > b.ID:
		return -1
	case a.ID < b.ID:
		return 1
	}
	return 0
}
