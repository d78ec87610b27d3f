package store

import (
	"context"
	"strings"

	"posthouse/internal/core/action"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// orderFilter is a WHERE clause that grows.
type orderFilter struct {
	text strings.Builder
	args []any
}

func (c *orderFilter) and(text string, args ...any) {
	if c.text.Len() > 0 {
		c.text.WriteString(" AND ")
	}
	c.text.WriteString(text)
	c.args = append(c.args, args...)
}

// in restricts a column to values, if there are any.
func (c *orderFilter) in(column string, values []int64) {
	if len(values) > 0 {
		marks, args := sqldb.In(values)
		c.and(column+" IN ("+marks+")", args...)
	}
}

// inTexts is in for texts.
func inTexts[T ~string](c *orderFilter, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	c.and(column+" IN ("+strings.Repeat("?,", len(args)-1)+"?)", args...)
}

// sellersIDs is a list for IN: the ids of the resellers meant, 0 with a root.
func sellersIDs(s work.Sellers) (string, []any) {
	var ids []int64
	var parts []string
	var args []any
	for _, r := range s.Of {
		ids = append(ids, r.ID)
		if r.Root() {
			ids = append(ids, 0)
		}
		if s.Below {
			path := pathText(r.Path)
			parts, args = append(parts, "path >= ? AND path < ?"), append(args, path, path+"\U0010FFFF")
		}
	}
	marks, all := sqldb.In(ids)
	if len(parts) == 0 {
		return marks, all
	}
	// 0 is no row of the table.
	text := "SELECT id FROM reseller WHERE " + strings.Join(parts, " OR ")
	for _, id := range ids {
		if id == 0 {
			return text + " UNION ALL SELECT 0", args
		}
	}
	return text, args
}

// everyone reports whether all of a partner's customers are meant.
func everyone(s work.Sellers) bool {
	for _, r := range s.Of {
		if s.Below && r.Root() {
			return true
		}
	}
	return false
}

// orderStates is order.Shown as conditions; storetest compares the two.
var orderStates = map[order.Shown]string{
	order.ShownArchived:   "(" + orderPurged + ")",
	order.ShownRestorable: "(NOT (" + orderPurged + ") AND deleted_at IS NOT NULL AND expired)",
	order.ShownDeleted:    "(NOT (" + orderPurged + ") AND deleted_at IS NOT NULL AND NOT expired)",
	order.ShownInactive:   "(" + orderLive + " AND pending_payment)",
	order.ShownSuspended:  "(" + orderLive + " AND NOT pending_payment AND suspension_count > 0)",
	order.ShownActive:     "(" + orderLive + " AND NOT pending_payment AND suspension_count = 0)",
}

const (
	orderPurged = "purged_at IS NOT NULL OR purge_begun_at IS NOT NULL OR (deleted_at IS NOT NULL AND purge_at IS NOT NULL AND purge_at <= ?)"
	orderLive   = "deleted_at IS NULL AND purged_at IS NULL AND purge_begun_at IS NULL"
)

// orderOrdering is what a search may be ordered by.
var orderOrdering = map[work.OrderColumn]string{
	work.ByOrderID: "id", work.ByCustomerID: "customer_id", work.ByDomain: "domain",
	work.ByCreation: "created_at", work.ByExpiry: "COALESCE(expires_at, 0)",
}

// SearchOrders implements work.Tx.
func (t *tx) SearchOrders(ctx context.Context, f work.OrderSearchFilter) (int, []*order.Order, error) {
	var c orderFilter
	c.and("partner_id = ?", f.Sellers.PartnerID)
	if !everyone(f.Sellers) {
		list, args := sellersIDs(f.Sellers)
		c.and("customer_id IN (SELECT id FROM customer WHERE partner_id = ? AND reseller_id IN ("+list+"))", append([]any{f.Sellers.PartnerID}, args...)...)
	}
	inTexts(&c, "product_key", f.Products)
	c.in("id", f.OrderIDs)
	c.in("customer_id", f.CustomerIDs)
	if len(f.States) > 0 {
		var parts []string
		var args []any
		for _, s := range f.States {
			text, known := orderStates[s]
			if !known {
				text = "1 = 0"
			}
			parts = append(parts, text)
			for range strings.Count(text, "?") {
				args = append(args, micros(f.At))
			}
		}
		c.and("("+strings.Join(parts, " OR ")+")", args...)
	}
	switch {
	case strings.Contains(f.Domain, "%"):
		c.and(`domain LIKE ? ESCAPE '\'`, strings.NewReplacer(`\`, `\\`, "_", `\_`).Replace(f.Domain))
	case f.Domain != "":
		c.and("domain = ?", f.Domain)
	}
	if f.CreatedAfter != nil {
		c.and("created_at > ?", micros(*f.CreatedAfter))
	}
	if f.CreatedBefore != nil {
		c.and("created_at < ?", micros(*f.CreatedBefore))
	}
	if f.ExpiresAfter != nil {
		c.and("expires_at > ?", micros(*f.ExpiresAfter))
	}
	if f.ExpiresBefore != nil {
		c.and("expires_at < ?", micros(*f.ExpiresBefore))
	}
	by := ""
	for _, o := range f.OrderBy {
		column := orderOrdering[o.Column]
		if column == "" {
			continue
		}
		if by += column; o.Desc {
			by += " DESC"
		}
		by += ", "
	}
	total, err := t.total(ctx, "mail_order", &c)
	if err != nil || total <= f.Offset {
		return total, nil, err
	}
	page, err := t.orders(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE "+c.text.String()+" ORDER BY "+by+"id LIMIT ? OFFSET ?", append(c.args, f.Limit, f.Offset)...)
	return total, page, err
}

// SearchActions implements work.Tx.
func (t *tx) SearchActions(ctx context.Context, f work.ActionSearchFilter) (int, []*action.Action, error) {
	var c orderFilter
	c.and("partner_id = ?", f.Sellers.PartnerID)
	if !everyone(f.Sellers) {
		list, args := sellersIDs(f.Sellers)
		c.and("reseller_id IN ("+list+")", args...)
	}
	if f.Pending {
		c.and("pending")
	} else {
		c.and("NOT pending")
	}
	c.in("id", f.IDs)
	c.in("order_id", f.OrderIDs)
	inTexts(&c, "product_key", f.Products)
	inTexts(&c, "status", f.Statuses)
	inTexts(&c, "type", f.Types)
	total, err := t.total(ctx, "order_action", &c)
	if err != nil || total <= f.Offset {
		return total, nil, err
	}
	page, err := all(ctx, t, scanAction, "SELECT "+actionColumns+" FROM order_action WHERE "+c.text.String()+" ORDER BY id LIMIT ? OFFSET ?", append(c.args, f.Limit, f.Offset)...)
	return total, page, err
}

func (t *tx) total(ctx context.Context, table string, c *orderFilter) (n int, err error) {
	err = sqldb.Fault(t.QueryRow(ctx, "SELECT COUNT(*) FROM "+table+" WHERE "+c.text.String(), c.args...).Scan(&n))
	return n, err
}
