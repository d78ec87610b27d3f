package store

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

const orderColumns = `id, partner_id, customer_id, partner_order_id, domain, plan, seats, reseller_id, expires_at,
	billing_owner, billing_cycle, currency, source, source_context, locale, metadata, mail_service, pending_payment,
	deleted_at, deletion_reason, purge_at, purged_at, serviceable, ownership_token, proven_at, suspension_count,
	created_at, updated_at, reactivated_at, purge_begun_at, product_key, tenure, auto_renew, expired, cancelled`

// orderRow is an order and how many suspensions belong to it.
type orderRow struct {
	order.Order
	suspensions int
}

func scanOrder(row scanner, o *orderRow) error {
	return row.Scan(&o.ID, &o.PartnerID, &o.CustomerID, &o.PartnerOrderID, &o.Domain, &o.Plan, &o.Seats, &o.ResellerID,
		maybe{&o.ExpiresAt}, &o.BillingOwner, &o.BillingCycle, &o.Currency, &o.Source, &o.SourceContext, &o.Locale,
		document{(*[]byte)(&o.Metadata)}, &o.MailService, &o.PendingPayment, maybe{&o.DeletedAt}, &o.DeletionReason,
		maybe{&o.PurgeAt}, maybe{&o.PurgedAt}, &o.Serviceable, &o.OwnershipToken, maybe{&o.ProvenAt}, &o.suspensions,
		instant{&o.CreatedAt}, instant{&o.UpdatedAt}, maybe{&o.ReactivatedAt}, maybe{&o.PurgeBegunAt},
		&o.ProductKey, &o.Tenure, &o.AutoRenew, &o.Expired, &o.Cancelled)
}

// orderArgs are the values of orderColumns without the id. They can be compared.
func orderArgs(o *order.Order) []any {
	return []any{o.PartnerID, o.CustomerID, o.PartnerOrderID, o.Domain, o.Plan, o.Seats, numberOrNull(o.ResellerID),
		microsOrNull(o.ExpiresAt), o.BillingOwner, o.BillingCycle, o.Currency, o.Source, o.SourceContext, o.Locale,
		documentOrNull(o.Metadata), o.MailService, o.PendingPayment, microsOrNull(o.DeletedAt), o.DeletionReason,
		microsOrNull(o.PurgeAt), microsOrNull(o.PurgedAt), o.Serviceable, o.OwnershipToken, microsOrNull(o.ProvenAt),
		len(o.Suspensions), micros(o.CreatedAt), micros(o.UpdatedAt), microsOrNull(o.ReactivatedAt), microsOrNull(o.PurgeBegunAt),
		o.ProductKey, o.Tenure, o.AutoRenew, o.Expired, o.Cancelled}
}

// orderNames are the columns of orderArgs.
var orderNames = strings.Fields(strings.ReplaceAll(strings.TrimPrefix(orderColumns, "id,"), ",", " "))

// maxKnownOrders bounds how many orders a transaction remembers the rows of.
const maxKnownOrders = 64

// know remembers an order's row, which only this transaction can change.
func (t *tx) know(id int64, args []any) {
	if t.known == nil {
		return
	}
	if len(t.known) >= maxKnownOrders {
		clear(t.known)
	}
	t.known[id] = args
}

// InsertOrder implements work.Tx.
func (t *tx) InsertOrder(ctx context.Context, o *order.Order) error {
	args := orderArgs(o)
	err := t.insert(ctx, &o.ID, insertOrder, args...)
	if err != nil {
		return err
	}
	t.know(o.ID, args)
	return t.insertSuspensions(ctx, orderSuspensions, o.ID, o.Suspensions)
}

var insertOrder = "INSERT INTO mail_order (" + strings.Join(orderNames, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(orderNames)-1) + ") RETURNING id"

// UpdateOrder implements work.Tx. Of an order that this transaction has read
// or made, it writes the columns that changed: each column costs its indexes.
func (t *tx) UpdateOrder(ctx context.Context, o *order.Order) error {
	args := orderArgs(o)
	before := t.known[o.ID]
	delete(t.known, o.ID)
	var set []string
	var values []any
	for i, name := range orderNames {
		if before == nil || before[i] != args[i] {
			set, values = append(set, name+" = ?"), append(values, args[i])
		}
	}
	if len(set) > 0 {
		if err := t.update(ctx, "UPDATE mail_order SET "+strings.Join(set, ", ")+" WHERE id = ?", append(values, o.ID)...); err != nil {
			return err
		}
	}
	if before == nil || before[suspensionCount] != 0 || len(o.Suspensions) > 0 {
		if err := t.replaceSuspensions(ctx, orderSuspensions, o.ID, o.Suspensions); err != nil {
			return err
		}
	}
	t.know(o.ID, args)
	return nil
}

// suspensionCount is where orderArgs has it.
var suspensionCount = slices.Index(orderNames, "suspension_count")

// Order implements work.Tx.
func (t *tx) Order(ctx context.Context, id int64) (*order.Order, error) {
	return t.oneOrder(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE id = ?", id)
}

// OrdersByDomain implements work.Tx.
func (t *tx) OrdersByDomain(ctx context.Context, partnerID int64, domain string) ([]*order.Order, error) {
	return t.orders(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE domain = ? AND partner_id = ? AND purged_at IS NULL ORDER BY id",
		domain, partnerID)
}

// OrdersOfDomain implements work.Tx.
func (t *tx) OrdersOfDomain(ctx context.Context, domain string) ([]*order.Order, error) {
	return t.orders(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE domain = ? AND purged_at IS NULL ORDER BY id", domain)
}

// OrdersByCustomer implements work.Tx.
func (t *tx) OrdersByCustomer(ctx context.Context, customerID int64) ([]*order.Order, error) {
	return t.orders(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE customer_id = ? AND purged_at IS NULL ORDER BY id", customerID)
}

// ServiceableOrder implements work.Tx. Its conditions are those of the
// index mail_order_serviceable.
func (t *tx) ServiceableOrder(ctx context.Context, domain string) (*order.Order, error) {
	return t.oneOrder(ctx, "SELECT "+orderColumns+
		" FROM mail_order WHERE domain = ? AND serviceable AND deleted_at IS NULL AND purged_at IS NULL", domain)
}

// FindOrders implements work.Tx.
func (t *tx) FindOrders(ctx context.Context, f work.OrderFilter, limit int) ([]*order.Order, error) {
	query, args := "SELECT "+orderColumns+" FROM mail_order WHERE 1 = 1", []any{}
	if f.PartnerID != 0 {
		query, args = query+" AND partner_id = ?", append(args, f.PartnerID)
	}
	if f.PartnerOrderID != "" {
		query, args = query+" AND partner_order_id = ?", append(args, f.PartnerOrderID)
	}
	if f.DomainPrefix != "" {
		// A range, unlike LIKE, is a matter of the index on both engines and has no wildcards.
		query, args = query+" AND domain >= ? AND domain < ?", append(args, f.DomainPrefix, f.DomainPrefix+"\U0010FFFF")
	}
	return t.orders(ctx, query+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
}

// Counters implements work.Tx.
func (t *tx) Counters(ctx context.Context, orderID int64) (order.Counters, error) {
	all, err := t.CountersOf(ctx, []int64{orderID})
	return all[orderID], err
}

// CountersOf implements work.Tx.
func (t *tx) CountersOf(ctx context.Context, orderIDs []int64) (map[int64]order.Counters, error) {
	out := make(map[int64]order.Counters, len(orderIDs))
	err := chunks(orderIDs, func(marks string, args []any) error {
		type row struct {
			id int64
			n  order.Counters
		}
		list, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.id, &v.n.Active, &v.n.Provisioned) },
			"SELECT id, accounts_active, accounts_provisioned FROM mail_order WHERE accounts_provisioned > 0 AND id IN ("+marks+")", args...)
		for _, r := range list {
			out[r.id] = r.n
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *tx) oneOrder(ctx context.Context, query string, args ...any) (*order.Order, error) {
	r, err := one(t.QueryRow(ctx, query, args...), scanOrder)
	if r == nil || err != nil {
		return nil, err
	}
	if err := t.loadOrderSuspensions(ctx, []*orderRow{r}); err != nil {
		return nil, err
	}
	if t.known != nil {
		t.know(r.ID, orderArgs(&r.Order))
	}
	return &r.Order, nil
}

func (t *tx) orders(ctx context.Context, query string, args ...any) ([]*order.Order, error) {
	rows, err := all(ctx, t, scanOrder, query, args...)
	if err != nil {
		return nil, err
	}
	if err := t.loadOrderSuspensions(ctx, rows); err != nil {
		return nil, err
	}
	list := make([]*order.Order, len(rows))
	for i, r := range rows {
		list[i] = &r.Order
	}
	return list, nil
}

func (t *tx) loadOrderSuspensions(ctx context.Context, rows []*orderRow) error {
	var ids []int64
	for _, r := range rows {
		if r.suspensions > 0 {
			ids = append(ids, r.ID)
		}
	}
	sets, err := t.suspensions(ctx, orderSuspensions, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		r.Suspensions = sets[r.ID]
	}
	return nil
}
