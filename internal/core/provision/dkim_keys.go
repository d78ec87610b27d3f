package provision

import (
	"context"
	"crypto"
	"crypto/x509"

	"posthouse/internal/core/order"
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
	var fresh []*DKIMKey
	for _, alg := range []dkim.Algorithm{dkim.RSA, dkim.Ed25519} {
		if hasDKIMKey(keys, alg) {
			continue
		}
		k, err := s.generateDKIMKey(domain, selectorOf(s.settings.DKIMSelector, alg, 1), alg)
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
		if k.State() != DKIMSigning {
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

func (s *Service) dkimKeys(ctx context.Context, domain string) ([]*DKIMKey, error) {
	var keys []*DKIMKey
	err := s.read(ctx, platform, func(u *unit) (err error) {
		keys, err = u.tx.DKIMKeys(u.ctx, domain)
		return err
	})
	return keys, err
}

func hasDKIMKey(keys []*DKIMKey, alg dkim.Algorithm) bool {
	for _, k := range keys {
		if k.Algorithm == alg && k.State() == DKIMSigning {
			return true
		}
	}
	return false
}

// keepDKIMKeys stores fresh keys for a domain that has an order; of two callers
// at once the first one's are kept.
func (s *Service) keepDKIMKeys(ctx context.Context, domain string, fresh []*DKIMKey) ([]*DKIMKey, error) {
	var keys []*DKIMKey
	err := s.write(ctx, platform, func(u *unit) (err error) {
		orders, err := u.tx.OrdersOfDomain(u.ctx, domain)
		if err != nil {
			return err
		}
		if len(orders) == 0 {
			return errOrder
		}
		if keys, err = u.tx.DKIMKeys(u.ctx, domain); err != nil {
			return err
		}
		for _, k := range fresh {
			if hasDKIMKey(keys, k.Algorithm) {
				continue
			}
			n := *k
			now := u.now
			n.CreatedAt, n.ActiveAt = now, &now // the first keys sign at once
			if err := u.tx.InsertDKIMKey(u.ctx, &n); err != nil {
				return err
			}
			if err := u.record(0, "dkim_key.create", "dkim_key", n.ID, detail{"domain": domain, "selector": n.Selector}); err != nil {
				return err
			}
		}
		keys, err = u.tx.DKIMKeys(u.ctx, domain)
		return err
	})
	return keys, err
}

func (s *Service) generateDKIMKey(domain, selector string, alg dkim.Algorithm) (*DKIMKey, error) {
	key, err := dkim.Generate(alg, s.random)
	if err != nil {
		return nil, err
	}
	k := &DKIMKey{Domain: domain, Selector: selector, Algorithm: alg}
	if k.TXTRecord, err = dkim.Record(key.Public()); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	k.Sealed, err = s.sealer.Seal(der, DKIMKeyContext(domain, k.Selector))
	return k, err
}

func (s *Service) openDKIMKey(k *DKIMKey) (crypto.Signer, error) {
	der, err := s.sealer.Open(k.Sealed, DKIMKeyContext(k.Domain, k.Selector))
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
