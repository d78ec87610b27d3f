package memstore

import (
	"bytes"
	"context"
	"maps"

	"posthouse/internal/clock"
	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
)

// txn is one transaction: a copy of the state that it may replace.
type txn struct {
	state
	clock    clock.Clock
	readOnly bool
}

var errTaken = fault.New(fault.Conflict, "The row exists already")

// writable is asked before anything is written.
func (t *txn) writable(ctx context.Context) error {
	if t.readOnly {
		return fault.New(fault.Internal, "A read transaction can't write")
	}
	return ctx.Err()
}

func (t *txn) InsertPartner(ctx context.Context, p *partner.Partner) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	row := clonePartner(p)
	p.ID = t.partners.insert(row)
	row.ID = p.ID
	return nil
}

func (t *txn) UpdatePartner(ctx context.Context, p *partner.Partner) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	return t.partners.update(p.ID, clonePartner(p))
}

func (t *txn) Partner(ctx context.Context, id int64) (*partner.Partner, error) {
	return t.partners.get(clonePartner, id), ctx.Err()
}

func (t *txn) Partners(ctx context.Context) ([]*partner.Partner, error) {
	return t.partners.find(clonePartner, func(*partner.Partner) bool { return true }), ctx.Err()
}

func (t *txn) InsertKey(ctx context.Context, k *partner.Key) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	same, err := t.KeyByHash(ctx, k.LookupHash)
	if err != nil {
		return err
	}
	if same != nil || t.partners.rows[k.PartnerID] == nil {
		return errTaken
	}
	row := cloneKey(k)
	k.ID = t.keys.insert(row)
	row.ID = k.ID
	return nil
}

func (t *txn) UpdateKey(ctx context.Context, k *partner.Key) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	old := t.keys.get(cloneKey, k.ID)
	if old == nil {
		return fault.New(fault.NotFound, "No such key")
	}
	n := cloneKey(k)
	old.Sealed, old.ExpiresAt, old.RevokedAt = n.Sealed, n.ExpiresAt, n.RevokedAt
	return t.keys.update(k.ID, old)
}

func (t *txn) Keys(ctx context.Context, partnerID int64) ([]*partner.Key, error) {
	return t.keys.find(cloneKey, func(k *partner.Key) bool { return k.PartnerID == partnerID }), ctx.Err()
}

func (t *txn) KeyByHash(ctx context.Context, lookupHash []byte) (*partner.Key, error) {
	for _, k := range t.keys.rows {
		if bytes.Equal(k.LookupHash, lookupHash) {
			return cloneKey(k), ctx.Err()
		}
	}
	return nil, ctx.Err()
}

func (t *txn) InsertCustomer(ctx context.Context, c *customer.Customer) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if t.sameCustomer(c) || t.partners.rows[c.PartnerID] == nil {
		return errTaken
	}
	row := cloneCustomer(c)
	c.ID = t.customers.insert(row)
	row.ID = c.ID
	return nil
}

// sameCustomer reports whether another customer has the same identity.
func (t *txn) sameCustomer(c *customer.Customer) bool {
	for _, o := range t.customers.rows {
		if o.ID != c.ID && o.PartnerID == c.PartnerID && o.CustomerID == c.CustomerID && o.ServerHost == c.ServerHost {
			return true
		}
	}
	return false
}

func (t *txn) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if t.sameCustomer(c) {
		return errTaken
	}
	return t.customers.update(c.ID, cloneCustomer(c))
}

func (t *txn) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	return t.customers.get(cloneCustomer, id), ctx.Err()
}

func (t *txn) CustomersByPartnerID(ctx context.Context, partnerID int64, customerID string) ([]*customer.Customer, error) {
	return t.customers.find(cloneCustomer, func(c *customer.Customer) bool {
		return c.PartnerID == partnerID && c.CustomerID == customerID
	}), ctx.Err()
}

func (t *txn) Address(ctx context.Context, orderID int64, local string) (*account.Address, error) {
	a, ok := t.addresses[addressKey{orderID, local}]
	if !ok {
		return nil, ctx.Err()
	}
	return &a, ctx.Err()
}

func (t *txn) TakeAddress(ctx context.Context, a account.Address) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	key := addressKey{a.OrderID, a.Local}
	if _, taken := t.addresses[key]; taken {
		return errTaken
	}
	t.addresses = with(t.addresses, key, a)
	return nil
}

func (t *txn) FreeAddress(ctx context.Context, orderID int64, local string) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	t.addresses = maps.Clone(t.addresses)
	delete(t.addresses, addressKey{orderID, local})
	return nil
}

// with is m with one entry more, and m as it was.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	out := make(map[K]V, len(m)+1)
	maps.Copy(out, m)
	out[k] = v
	return out
}

func (t *txn) CreateMailbox(ctx context.Context, accountID, quotaBytes int64) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	t.mailboxes = with(t.mailboxes, accountID, Mailbox{QuotaBytes: quotaBytes})
	return nil
}

func (t *txn) SetMailboxQuota(ctx context.Context, orderID, quotaBytes int64) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	accounts, err := t.AccountsByOrder(ctx, orderID, true)
	for _, a := range accounts {
		if m, ok := t.mailboxes[a.ID]; ok {
			m.QuotaBytes = quotaBytes
			t.mailboxes = with(t.mailboxes, a.ID, m)
		}
	}
	return err
}

func (t *txn) StorageUsed(ctx context.Context, accountIDs []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	for _, id := range accountIDs {
		if m, ok := t.mailboxes[id]; ok {
			out[id] = m.UsedBytes
		}
	}
	return out, ctx.Err()
}

var _ provision.Tx = (*txn)(nil)

// counts reports how an account enters its order's counters.
func counts(a *account.Account) (c order.Counters) {
	if a.Live() {
		c.Provisioned = 1
		if len(a.Suspensions) == 0 {
			c.Active = 1
		}
	}
	return c
}
