package dnssetup

import (
	"context"
	"crypto"
	"crypto/x509"

	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/dkim"
	"posthouse/internal/fault"
)

// DKIMSigner is a signing key ready for use.
type DKIMSigner struct {
	Domain    string
	Selector  string
	Algorithm dkim.Algorithm
	TXTRecord string // at <Selector>._domainkey.<Domain>
	Key       crypto.Signer
}

// DKIMKeyContext binds a sealed key to its place in the DNS.
func DKIMKeyContext(domain, selector string) string { return "dkim/" + selector + "/" + domain }

// EnsureDKIMKeys gives a domain's signing keys, RSA first. What is missing is
// made, outside of the transaction: RSA keys take their time. Callers keep what
// they get for a while.
func (s *Service) EnsureDKIMKeys(ctx context.Context, domain string) ([]DKIMSigner, error) {
	domain, err := order.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	keys, err := s.dkimKeys(ctx, domain)
	if err != nil {
		return nil, err
	}
	var fresh []*work.DKIMKey
	for _, alg := range []dkim.Algorithm{dkim.RSA, dkim.Ed25519} {
		if hasDKIMKey(keys, alg) {
			continue
		}
		k, err := s.generateDKIMKey(domain, selectorOf(s.Settings.DKIMSelector, alg, 1), alg)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, k)
	}
	if len(fresh) > 0 {
		if keys, err = s.keepDKIMKeys(ctx, domain, fresh); err != nil {
			return nil, err
		}
	}
	out := make([]DKIMSigner, 0, len(keys))
	for _, k := range keys {
		if State(k) != DKIMSigning {
			continue
		}
		signer, err := s.openDKIMKey(k)
		if err != nil {
			return nil, err
		}
		out = append(out, DKIMSigner{Domain: k.Domain, Selector: k.Selector, Algorithm: k.Algorithm, TXTRecord: k.TXTRecord, Key: signer})
	}
	return out, nil
}

func (s *Service) dkimKeys(ctx context.Context, domain string) ([]*work.DKIMKey, error) {
	var keys []*work.DKIMKey
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		keys, err = u.Tx.DKIMKeys(u.Ctx, domain)
		return err
	})
	return keys, err
}

func hasDKIMKey(keys []*work.DKIMKey, alg dkim.Algorithm) bool {
	for _, k := range keys {
		if k.Algorithm == alg && State(k) == DKIMSigning {
			return true
		}
	}
	return false
}

// keepDKIMKeys stores fresh keys for a domain that has an order; of two callers
// at once the first one's are kept.
func (s *Service) keepDKIMKeys(ctx context.Context, domain string, fresh []*work.DKIMKey) ([]*work.DKIMKey, error) {
	var keys []*work.DKIMKey
	err := s.Write(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		orders, err := u.Tx.OrdersOfDomain(u.Ctx, domain)
		if err != nil {
			return err
		}
		if len(orders) == 0 {
			return work.ErrOrder
		}
		if keys, err = u.Tx.DKIMKeys(u.Ctx, domain); err != nil {
			return err
		}
		for _, k := range fresh {
			if hasDKIMKey(keys, k.Algorithm) {
				continue
			}
			n := *k
			now := u.Now
			n.CreatedAt, n.ActiveAt = now, &now // the first keys sign at once
			if err := u.Tx.InsertDKIMKey(u.Ctx, &n); err != nil {
				return err
			}
			if err := u.Record(0, "dkim_key.create", "dkim_key", n.ID, work.Detail{"domain": domain, "selector": n.Selector}); err != nil {
				return err
			}
		}
		keys, err = u.Tx.DKIMKeys(u.Ctx, domain)
		return err
	})
	return keys, err
}

func (s *Service) generateDKIMKey(domain, selector string, alg dkim.Algorithm) (*work.DKIMKey, error) {
	key, err := dkim.Generate(alg, s.Random)
	if err != nil {
		return nil, err
	}
	k := &work.DKIMKey{Domain: domain, Selector: selector, Algorithm: alg}
	if k.TXTRecord, err = dkim.Record(key.Public()); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	k.Sealed, err = s.Sealer.Seal(der, DKIMKeyContext(domain, k.Selector))
	return k, err
}

func (s *Service) openDKIMKey(k *work.DKIMKey) (crypto.Signer, error) {
	der, err := s.Sealer.Open(k.Sealed, DKIMKeyContext(k.Domain, k.Selector))
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Internal, "A stored DKIM key can't sign")
	}
	return signer, nil
}
