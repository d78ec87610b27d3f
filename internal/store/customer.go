package store

import (
	"cmp"
	"context"
	"strings"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

const customerColumns = `id, partner_id, customer_id, server_host, name, email, alternate_email, country, locale,
	password_hash, status, created_at, updated_at, reseller_id, username, company, city, state, contact, pin, total_receipts,
	suspended_by, holder, deleted_at`

func scanCustomer(row scanner, c *customer.Customer) error {
	return row.Scan(&c.ID, &c.PartnerID, &c.CustomerID, &c.ServerHost, &c.Name, &c.Email, &c.AlternateEmail,
		&c.Country, &c.Locale, &c.PasswordHash, &c.Status, instant{&c.CreatedAt}, instant{&c.UpdatedAt},
		&c.ResellerID, &c.Username, &c.Company, &c.City, &c.State, fromJSON{&c.Contact}, &c.PIN, &c.TotalReceipts, &c.SuspendedBy,
		fromJSON{&c.Holder}, maybe{&c.DeletedAt})
}

// customerArgs are the values of customerColumns without the id, and those that
// searches compare.
func customerArgs(c *customer.Customer) ([]any, error) {
	contact, err := toJSON(c.Contact)
	if err != nil {
		return nil, err
	}
	holder, err := toJSON(c.Holder)
	_, last := c.Names()
	return []any{c.PartnerID, c.CustomerID, c.ServerHost, c.Name, c.Email, c.AlternateEmail, c.Country, c.Locale, c.PasswordHash, c.Status,
		micros(c.CreatedAt), micros(c.UpdatedAt), c.ResellerID, c.Username, c.Company, c.City, c.State, contact, c.PIN, int64(c.TotalReceipts),
		c.SuspendedBy, holder, microsOrNull(c.DeletedAt), fold(cmp.Or(c.Username, c.Email)), fold(c.Name), fold(c.Company), fold(c.City), fold(c.State),
		fold(c.Email), fold(last)}, err
}

// InsertCustomer implements work.Tx.
func (t *tx) InsertCustomer(ctx context.Context, c *customer.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	if err := t.insert(ctx, &c.ID, `INSERT INTO customer (partner_id, customer_id, server_host, name, email, alternate_email,
		country, locale, password_hash, status, created_at, updated_at, reseller_id, username, company, city, state, contact,
		pin, total_receipts, suspended_by, holder, deleted_at, username_key, name_key, company_key, city_key, state_key, email_key, last_key)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, args...); err != nil {
		return err
	}
	return t.countCustomer(ctx, nil, placeOf(c))
}

// UpdateCustomer implements work.Tx.
func (t *tx) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	before, err := one(t.QueryRow(ctx, "SELECT partner_id, reseller_id, id, status, deleted_at, created_at FROM customer WHERE id = ?", c.ID), scanPlace)
	if err != nil {
		return err
	}
	if err := t.update(ctx, `UPDATE customer SET partner_id = ?, customer_id = ?, server_host = ?, name = ?, email = ?,
		alternate_email = ?, country = ?, locale = ?, password_hash = ?, status = ?, created_at = ?, updated_at = ?,
		reseller_id = ?, username = ?, company = ?, city = ?, state = ?, contact = ?, pin = ?, total_receipts = ?,
		suspended_by = ?, holder = ?, deleted_at = ?, username_key = ?, name_key = ?, company_key = ?, city_key = ?, state_key = ?,
		email_key = ?, last_key = ? WHERE id = ?`, append(args, c.ID)...); err != nil {
		return err
	}
	return t.countCustomer(ctx, before, placeOf(c))
}

// Customer implements work.Tx.
func (t *tx) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	return one(t.QueryRow(ctx, "SELECT "+customerColumns+" FROM customer WHERE id = ?", id), scanCustomer)
}

// CustomersByPartnerID implements work.Tx.
func (t *tx) CustomersByPartnerID(ctx context.Context, partnerID int64, customerID string) ([]*customer.Customer, error) {
	return all(ctx, t, scanCustomer,
		"SELECT "+customerColumns+" FROM customer WHERE partner_id = ? AND customer_id = ? AND status <> 'deleted' ORDER BY id", partnerID, customerID)
}

// fold is how searches see a text.
func fold(s string) string { return strings.ToLower(s) }

// CustomerByUsername implements work.Tx. Its conditions are those of the
// index customer_username.
func (t *tx) CustomerByUsername(ctx context.Context, partnerID int64, username string) (*customer.Customer, error) {
	if username == "" {
		return nil, nil
	}
	return one(t.QueryRow(ctx, "SELECT "+customerColumns+` FROM customer
		WHERE partner_id = ? AND username = ? AND username <> '' AND status <> 'deleted'`, partnerID, username), scanCustomer)
}

// customerWhere is the condition of a search.
func customerWhere(f work.CustomerFilter) (string, []any) {
	where, args := " FROM customer WHERE partner_id = ?", []any{f.PartnerID}
	and := func(condition string, values ...any) {
		where, args = where+" AND "+condition, append(args, values...)
	}
	in := func(column string, ids []int64) {
		if ids != nil {
			marks, values := sqldb.In(ids)
			and(column+" IN ("+marks+")", values...)
		}
	}
	in("id", f.IDs)
	in("reseller_id", f.Resellers)
	for _, p := range []struct{ column, pattern string }{
		{"username_key", f.Username}, {"name_key", f.Name}, {"company_key", f.Company}, {"city_key", f.City}, {"state_key", f.State},
	} {
		if p.pattern != "" {
			condition, value := matching(p.column, fold(p.pattern))
			and(condition, value)
		}
	}
	if len(f.Statuses) == 0 {
		and("status <> 'deleted'")
	} else {
		marks := strings.Repeat(", ?", len(f.Statuses))[2:]
		var values []any
		for _, s := range f.Statuses {
			values = append(values, s)
		}
		and("status IN ("+marks+")", values...)
	}
	if f.CreatedAfter != nil {
		and("created_at > ?", micros(*f.CreatedAfter))
	}
	if f.CreatedBefore != nil {
		and("created_at < ?", micros(*f.CreatedBefore))
	}
	if f.ReceiptsFrom != nil {
		and("total_receipts >= ?", int64(*f.ReceiptsFrom))
	}
	if f.ReceiptsTo != nil {
		and("total_receipts <= ?", int64(*f.ReceiptsTo))
	}
	return where, args
}

// matching compares a column with a pattern in which % stands for any text.
func matching(column, pattern string) (condition, value string) {
	if !strings.Contains(pattern, "%") {
		return column + " = ?", pattern
	}
	return column + " LIKE ? ESCAPE '!'", strings.NewReplacer("!", "!!", "_", "!_").Replace(pattern)
}

// CountCustomers implements work.Tx.
func (t *tx) CountCustomers(ctx context.Context, f work.CustomerFilter) (int, error) {
	where, args := customerWhere(f)
	var n int
	return n, t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*)"+where, args...)
}

// FindCustomers implements work.Tx.
func (t *tx) FindCustomers(ctx context.Context, f work.CustomerFilter, offset int64, limit int) ([]*customer.Customer, error) {
	where, args := customerWhere(f)
	return all(ctx, t, scanCustomer, "SELECT "+customerColumns+where+" ORDER BY id LIMIT ? OFFSET ?", append(args, limit, offset)...)
}

// LiveOrdersOf implements work.Tx.
func (t *tx) LiveOrdersOf(ctx context.Context, customerIDs []int64) (map[int64]int, error) {
	out := make(map[int64]int, len(customerIDs))
	err := chunks(customerIDs, func(marks string, args []any) error {
		type row struct {
			id int64
			n  int
		}
		list, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.id, &v.n) },
			"SELECT customer_id, COUNT(*) FROM mail_order WHERE deleted_at IS NULL AND purged_at IS NULL AND customer_id IN ("+marks+") GROUP BY customer_id", args...)
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
