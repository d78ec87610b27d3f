package reselling

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// ResellerCaller is an authenticated reseller.
type ResellerCaller struct {
	Actor    audit.Actor
	Reseller *reseller.Reseller
	Partner  *partner.Partner
	KeyID    int64
}

// maxResellerKey bounds what is looked up.
const maxResellerKey = 128

var errResellerKey = fault.New(fault.Unauthenticated, "The reseller id or the key is wrong, or the address is not allowed")

// AuthenticateReseller checks an API key (resellerclub.md section 2). Whatever is
// wrong, the answer is the same.
func (s *Service) AuthenticateReseller(ctx context.Context, resellerID int64, key string, remote netip.Addr) (*ResellerCaller, error) {
	if key == "" || len(key) > maxResellerKey {
		return nil, errResellerKey
	}
	var out *ResellerCaller
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		k, err := u.Tx.ResellerKeyByHash(u.Ctx, secret.Hash(key))
		if err != nil {
			return err
		}
		if k == nil || k.ResellerID != resellerID || !k.ValidAt(u.Real) {
			return errResellerKey
		}
		r, err := u.Tx.Reseller(u.Ctx, resellerID)
		if err != nil {
			return err
		}
		out, err = admitReseller(u, r, remote, k.ID)
		return err
	})
	return out, err
}

func admitReseller(u *work.Unit, r *reseller.Reseller, remote netip.Addr, keyID int64) (*ResellerCaller, error) {
	if r == nil || !r.Allows(remote) {
		return nil, errResellerKey
	}
	if active, err := u.ActiveChain(r); err != nil || !active {
		return nil, cmp.Or(err, error(errResellerKey))
	}
	p, err := u.Tx.Partner(u.Ctx, r.PartnerID)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Status != partner.Active {
		return nil, errResellerKey
	}
	return &ResellerCaller{Reseller: r, Partner: p, KeyID: keyID, Actor: audit.Actor{
		PartnerID: p.ID, Role: suspension.RolePartner, Name: fmt.Sprintf("reseller:%d", r.ID), Address: remote.String(),
		Limited: true, Limit: audit.Limit{ResellerID: r.ID},
	}}, nil
}
