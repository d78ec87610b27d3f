package memstore

import (
	"slices"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
)

// Rows are copied on the way in and on the way out, so that nobody changes a
// stored one by its pointers. What is empty comes back as nil, as from SQL.

func ptr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func list[S ~[]E, E any](s S) S {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}

func instant(t *time.Time) *time.Time { return ptr(t) }

func clonePartner(p *partner.Partner) *partner.Partner {
	c := *p
	c.AllowedNetworks = list(p.AllowedNetworks)
	c.Settings.RatePerSecond, c.Settings.RateBurst = ptr(p.Settings.RatePerSecond), ptr(p.Settings.RateBurst)
	return &c
}

func cloneKey(k *partner.Key) *partner.Key {
	c := *k
	c.LookupHash, c.Sealed = list(k.LookupHash), list(k.Sealed)
	c.ExpiresAt, c.RevokedAt = instant(k.ExpiresAt), instant(k.RevokedAt)
	return &c
}

func cloneCustomer(c *customer.Customer) *customer.Customer { return ptr(c) }

func cloneOrder(o *order.Order) *order.Order {
	c := *o
	c.ResellerID, c.Metadata, c.Suspensions = ptr(o.ResellerID), list(o.Metadata), list(o.Suspensions)
	c.ExpiresAt, c.DeletedAt, c.PurgeAt = instant(o.ExpiresAt), instant(o.DeletedAt), instant(o.PurgeAt)
	c.PurgedAt, c.ProvenAt = instant(o.PurgedAt), instant(o.ProvenAt)
	return &c
}

func cloneAccount(a *account.Account) *account.Account {
	c := *a
	c.Suspensions, c.Aliases = list(a.Suspensions), list(a.Aliases)
	c.DeletedAt, c.PurgeAt, c.PurgedAt = instant(a.DeletedAt), instant(a.PurgeAt), instant(a.PurgedAt)
	return &c
}

func cloneDKIMKey(k *provision.DKIMKey) *provision.DKIMKey {
	c := *k
	c.Sealed, c.RetiredAt = list(k.Sealed), instant(k.RetiredAt)
	return &c
}
