package dnssetup

import (
	"context"
	"fmt"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/dkim"
	"posthouse/internal/fault"
)

// DKIMState says what a key is for at present.
type DKIMState string

// The states, in the order in which a key goes through them.
const (
	DKIMWaiting   DKIMState = "waiting"   // its record is to be published; it does not sign yet
	DKIMSigning   DKIMState = "signing"   // its record must stay
	DKIMRetired   DKIMState = "retired"   // signs no more; its record must stay for what is under way
	DKIMDestroyed DKIMState = "destroyed" // its record may go
)

// State of a key.
func State(k *work.DKIMKey) DKIMState {
	switch {
	case k.DestroyedAt != nil:
		return DKIMDestroyed
	case k.RetiredAt != nil:
		return DKIMRetired
	case k.ActiveAt != nil:
		return DKIMSigning
	}
	return DKIMWaiting
}

func waits(k *work.DKIMKey) bool { return State(k) == DKIMWaiting }

// dkimOverlap is how long the record of a key that signs no more is needed:
// mail waits in queues for some days.
const dkimOverlap = 7 * 24 * time.Hour

// destroyAt is when a retired key ends; nil for others.
func destroyAt(k *work.DKIMKey) *time.Time {
	if State(k) != DKIMRetired {
		return nil
	}
	t := k.RetiredAt.Add(dkimOverlap)
	return &t
}

// DKIMKeyDetails is a key without its private part.
type DKIMKeyDetails struct {
	Domain      string
	Selector    string
	Algorithm   dkim.Algorithm
	TXTRecord   string // at <Selector>._domainkey.<Domain>
	State       DKIMState
	CreatedAt   time.Time
	ActiveAt    *time.Time
	RetiredAt   *time.Time
	DestroyedAt *time.Time
}

func dkimDetails(keys []*work.DKIMKey) []DKIMKeyDetails {
	out := make([]DKIMKeyDetails, 0, len(keys))
	for _, k := range keys {
		out = append(out, DKIMKeyDetails{Domain: k.Domain, Selector: k.Selector, Algorithm: k.Algorithm, TXTRecord: k.TXTRecord, State: State(k),
			CreatedAt: k.CreatedAt, ActiveAt: k.ActiveAt, RetiredAt: k.RetiredAt, DestroyedAt: k.DestroyedAt})
	}
	return out
}

// GenerateDKIMKeys is titan.md operation 18: the domain's RSA key, the newest
// that is to be published. Keys that exist are given as they are.
func (s *Service) GenerateDKIMKeys(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*DKIMKeyDetails, error) {
	keys, err := s.ensuredKeys(ctx, actor, ref, work.OpGenerateDKIMKeys)
	if err != nil {
		return nil, err
	}
	for i := len(keys) - 1; i >= 0; i-- {
		if k := keys[i]; k.Algorithm == dkim.RSA && (k.State == DKIMWaiting || k.State == DKIMSigning) {
			return &k, nil
		}
	}
	return nil, fault.Newf(fault.Internal, "The domain has no RSA key")
}

// DKIMKeys lists the keys of an order's domain, the oldest first. Missing ones are made.
func (s *Service) DKIMKeys(ctx context.Context, actor audit.Actor, ref work.OrderRef) ([]DKIMKeyDetails, error) {
	return s.ensuredKeys(ctx, actor, ref, work.OpRead)
}

func (s *Service) ensuredKeys(ctx context.Context, actor audit.Actor, ref work.OrderRef, op work.Operation) ([]DKIMKeyDetails, error) {
	var domain string
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, op)
		if err == nil {
			domain = o.Domain
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.EnsureDKIMKeys(ctx, domain); err != nil {
		return nil, err
	}
	keys, err := s.dkimKeys(ctx, domain)
	return dkimDetails(keys), err
}

// RotateDKIMKeys makes new signing keys for the domain of an order.
type RotateDKIMKeys struct {
	Order work.OrderRef
	Now   bool // sign with them at once, published or not
}

var errNotServing = fault.New(fault.Conflict, "Another order serves the domain").WithReason("NOT_SERVICEABLE")

// RotateDKIMKeys makes a new key of each kind and gives all keys. The new ones
// sign once a check has seen their records; then the old ones retire and are
// destroyed a week later. While new ones wait, a repeat makes no others.
func (s *Service) RotateDKIMKeys(ctx context.Context, actor audit.Actor, cmd RotateDKIMKeys) ([]DKIMKeyDetails, error) {
	keys, err := s.ensuredKeys(ctx, actor, cmd.Order, work.OpRotateDKIMKeys)
	if err != nil {
		return nil, err
	}
	domain := keys[0].Domain
	var fresh []*work.DKIMKey
	if !someWait(keys) {
		n := nextSelector(s.Settings.DKIMSelector, keys)
		for _, alg := range []dkim.Algorithm{dkim.RSA, dkim.Ed25519} {
			k, err := s.generateDKIMKey(domain, selectorOf(s.Settings.DKIMSelector, alg, n), alg)
			if err != nil {
				return nil, err
			}
			fresh = append(fresh, k)
		}
	}
	var out []DKIMKeyDetails
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpRotateDKIMKeys)
		if err != nil {
			return err
		}
		if !o.Serviceable {
			return errNotServing
		}
		now, err := u.Tx.DKIMKeys(u.Ctx, o.Domain)
		if err != nil {
			return err
		}
		if !someWait(dkimDetails(now)) {
			for _, k := range fresh {
				n := *k
				n.CreatedAt = u.Now
				if err := u.Tx.InsertDKIMKey(u.Ctx, &n); err != nil {
					return err
				}
				if err := u.Record(o.PartnerID, "dkim_key.create", "dkim_key", n.ID, work.Detail{"domain": o.Domain, "selector": n.Selector}); err != nil {
					return err
				}
			}
		}
		if cmd.Now {
			if err := useNewDKIMKeys(u, o, func(string) bool { return true }); err != nil {
				return err
			}
		}
		if now, err = u.Tx.DKIMKeys(u.Ctx, o.Domain); err != nil {
			return err
		}
		out = dkimDetails(now)
		return RemindDNS(u, o)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func someWait(keys []DKIMKeyDetails) bool {
	for _, k := range keys {
		if k.State == DKIMWaiting {
			return true
		}
	}
	return false
}

// selectorOf names the nth pair of keys: titan and titan-ed, titan2 and titan-ed2.
func selectorOf(base string, alg dkim.Algorithm, n int) string {
	if alg == dkim.Ed25519 {
		base += "-ed"
	}
	if n > 1 {
		base += fmt.Sprint(n)
	}
	return base
}

// nextSelector gives a number that no key of the domain has, destroyed ones
// included: receivers may remember their records.
func nextSelector(base string, keys []DKIMKeyDetails) int {
	used := map[string]bool{}
	for _, k := range keys {
		used[k.Selector] = true
	}
	n := 2
	for used[selectorOf(base, dkim.RSA, n)] || used[selectorOf(base, dkim.Ed25519, n)] {
		n++
	}
	return n
}

// useNewDKIMKeys lets waiting keys sign whose records are published, and retires
// the others of their kind. Only the order that serves the domain has a say.
func useNewDKIMKeys(u *work.Unit, o *order.Order, published func(selector string) bool) error {
	if !o.Serviceable {
		return nil
	}
	keys, err := u.Tx.DKIMKeys(u.Ctx, o.Domain)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if !waits(k) || !published(k.Selector) {
			continue
		}
		now := u.Now
		for _, old := range keys {
			if old.Algorithm != k.Algorithm || State(old) != DKIMSigning {
				continue
			}
			old.RetiredAt = &now
			if err := saveDKIMKey(u, o, old, "dkim_key.retire"); err != nil {
				return err
			}
		}
		k.ActiveAt = &now
		if err := saveDKIMKey(u, o, k, "dkim_key.use"); err != nil {
			return err
		}
	}
	return nil
}

// destroyOldDKIMKeys ends keys whose overlap is over.
func destroyOldDKIMKeys(u *work.Unit, o *order.Order) error {
	if !o.Serviceable {
		return nil
	}
	keys, err := u.Tx.DKIMKeys(u.Ctx, o.Domain)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if t := destroyAt(k); t == nil || u.Now.Before(*t) {
			continue
		}
		now := u.Now
		k.DestroyedAt, k.Sealed = &now, []byte{}
		if err := saveDKIMKey(u, o, k, "dkim_key.destroy"); err != nil {
			return err
		}
	}
	return nil
}

func saveDKIMKey(u *work.Unit, o *order.Order, k *work.DKIMKey, action string) error {
	if err := u.Tx.UpdateDKIMKey(u.Ctx, k); err != nil {
		return err
	}
	return u.Record(o.PartnerID, action, "dkim_key", k.ID, work.Detail{"domain": k.Domain, "selector": k.Selector})
}
