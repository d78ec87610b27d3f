package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
)

func (t *txn) InsertOrder(ctx context.Context, o *order.Order) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if t.customers.rows[o.CustomerID] == nil || t.partners.rows[o.PartnerID] == nil || t.otherServes(o) || repeated(o.Suspensions) {
		return errTaken
	}
	row := cloneOrder(o)
	o.ID = t.orders.insert(row)
	row.ID = o.ID
	return nil
}

func serves(o *order.Order) bool { return o.Serviceable && o.Live() }

// otherServes reports whether o would be the second order that serves its domain.
func (t *txn) otherServes(o *order.Order) bool {
	if !serves(o) {
		return false
	}
	for id, r := range t.orders.rows {
		if id != o.ID && r.Domain == o.Domain && serves(r) {
			return true
		}
	}
	return false
}

func (t *txn) UpdateOrder(ctx context.Context, o *order.Order) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if t.otherServes(o) || repeated(o.Suspensions) {
		return errTaken
	}
	return t.orders.update(o.ID, cloneOrder(o))
}

func (t *txn) Order(ctx context.Context, id int64) (*order.Order, error) {
	return t.orders.get(cloneOrder, id), ctx.Err()
}

func (t *txn) unpurged(match func(*order.Order) bool) []*order.Order {
	return t.orders.find(cloneOrder, func(o *order.Order) bool { return o.PurgedAt == nil && match(o) })
}

func (t *txn) OrdersByDomain(ctx context.Context, partnerID int64, domain string) ([]*order.Order, error) {
	return t.unpurged(func(o *order.Order) bool { return o.PartnerID == partnerID && o.Domain == domain }), ctx.Err()
}

func (t *txn) OrdersByCustomer(ctx context.Context, customerID int64) ([]*order.Order, error) {
	return t.unpurged(func(o *order.Order) bool { return o.CustomerID == customerID }), ctx.Err()
}

func (t *txn) OrdersOfDomain(ctx context.Context, domain string) ([]*order.Order, error) {
	return t.unpurged(func(o *order.Order) bool { return o.Domain == domain }), ctx.Err()
}

func (t *txn) ServiceableOrder(ctx context.Context, domain string) (*order.Order, error) {
	for _, o := range t.orders.rows {
		if o.Domain == domain && serves(o) {
			return cloneOrder(o), ctx.Err()
		}
	}
	return nil, ctx.Err()
}

func (t *txn) Counters(ctx context.Context, orderID int64) (order.Counters, error) {
	all, err := t.CountersOf(ctx, []int64{orderID})
	return all[orderID], err
}

func (t *txn) CountersOf(ctx context.Context, orderIDs []int64) (map[int64]order.Counters, error) {
	out := map[int64]order.Counters{}
	for _, a := range t.accounts.rows {
		if n := counts(a); n.Provisioned > 0 && slices.Contains(orderIDs, a.OrderID) {
			c := out[a.OrderID]
			c.Active += n.Active
			c.Provisioned += n.Provisioned
			out[a.OrderID] = c
		}
	}
	return out, ctx.Err()
}

func (t *txn) FindOrders(ctx context.Context, f provision.OrderFilter, limit int) ([]*order.Order, error) {
	out := t.orders.find(cloneOrder, func(o *order.Order) bool {
		return (f.PartnerID == 0 || o.PartnerID == f.PartnerID) && strings.HasPrefix(o.Domain, f.DomainPrefix) &&
			(f.PartnerOrderID == "" || o.PartnerOrderID == f.PartnerOrderID)
	})
	slices.Reverse(out)
	return out[:min(len(out), limit)], ctx.Err()
}

func (t *txn) InsertAccount(ctx context.Context, a *account.Account) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if t.orders.rows[a.OrderID] == nil || repeated(a.Suspensions) {
		return errTaken
	}
	row := cloneAccount(a)
	a.ID = t.accounts.insert(row)
	row.ID = a.ID
	return nil
}

func (t *txn) UpdateAccount(ctx context.Context, a *account.Account) error {
	if err := t.writable(ctx); err != nil {
		return err
	}
	if repeated(a.Suspensions) {
		return errTaken
	}
	return t.accounts.update(a.ID, cloneAccount(a))
}

func (t *txn) Account(ctx context.Context, id int64) (*account.Account, error) {
	return t.accounts.get(cloneAccount, id), ctx.Err()
}

func (t *txn) AccountsByOrder(ctx context.Context, orderID int64, includeDeleted bool) ([]*account.Account, error) {
	return t.accounts.find(cloneAccount, func(a *account.Account) bool {
		return a.OrderID == orderID && a.PurgedAt == nil && (includeDeleted || a.DeletedAt == nil)
	}), ctx.Err()
}

func (t *txn) AccountsByEmail(ctx context.Context, local, domain string) ([]*account.Account, error) {
	out := t.accounts.find(cloneAccount, func(a *account.Account) bool {
		return a.Local == local && a.Domain == domain && a.PurgedAt == nil
	})
	slices.SortFunc(out, func(a, b *account.Account) int {
		if a.Live() != b.Live() {
			if a.Live() {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return out, ctx.Err()
}

// repeated reports whether a set holds the same type and role twice.
func repeated(s suspension.Set) bool {
	for i, a := range s {
		for _, b := range s[:i] {
			if a.Type == b.Type && a.Role == b.Role {
				return true
			}
		}
	}
	return false
}
