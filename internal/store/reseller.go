package store

import (
	"context"
	"strconv"
	"strings"

	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

const resellerColumns = `id, partner_id, parent_id, path, username, password_hash, profile, status, test, funds, selling_currency,
	accounting_currency, conversion_rate, tax_name, tax_rate, total_receipts, allowed_networks, products, created_at, updated_at`

// idPath is a path of ids as it is kept: "/1/5/".
type idPath struct{ to *[]int64 }

func (p idPath) Scan(src any) error {
	var s string
	switch v := src.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	}
	*p.to = nil
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' }) {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return err
		}
		*p.to = append(*p.to, id)
	}
	return nil
}

func pathText(ids []int64) string {
	var b strings.Builder
	b.WriteByte('/')
	for _, id := range ids {
		b.WriteString(strconv.FormatInt(id, 10))
		b.WriteByte('/')
	}
	return b.String()
}

func scanReseller(row scanner, r *reseller.Reseller) error {
	return row.Scan(&r.ID, &r.PartnerID, &r.ParentID, idPath{&r.Path}, &r.Username, &r.PasswordHash, fromJSON{&r.Profile}, &r.Status, &r.Test, &r.Funds,
		&r.SellingCurrency, &r.AccountingCurrency, &r.ConversionRate, &r.TaxName, &r.TaxRate, &r.TotalReceipts, fromJSON{&r.AllowedNetworks},
		fromJSON{&r.Products}, instant{&r.CreatedAt}, instant{&r.UpdatedAt})
}

// resellerArgs are the values that both statements write.
func resellerArgs(r *reseller.Reseller) ([]any, error) {
	profile, err := toJSON(r.Profile)
	if err != nil {
		return nil, err
	}
	networks, err := toJSON(r.AllowedNetworks)
	if err != nil {
		return nil, err
	}
	products, err := toJSON(r.Products)
	return []any{r.PartnerID, r.ParentID, pathText(r.Path), r.Username, r.PasswordHash, fold(r.Profile.Name), fold(r.Profile.Company), profile, r.Status, r.Test, r.Funds,
		r.SellingCurrency, r.AccountingCurrency, r.ConversionRate, r.TaxName, r.TaxRate, r.TotalReceipts, networks, products, micros(r.CreatedAt), micros(r.UpdatedAt)}, err
}

// InsertReseller implements work.Tx. It appends the new id to Path.
func (t *tx) InsertReseller(ctx context.Context, r *reseller.Reseller) error {
	args, err := resellerArgs(r)
	if err != nil {
		return err
	}
	if err := t.insert(ctx, &r.ID, `INSERT INTO reseller (partner_id, parent_id, path, username, password_hash, name, company, profile, status, test, funds,
		selling_currency, accounting_currency, conversion_rate, tax_name, tax_rate, total_receipts, allowed_networks, products, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, args...); err != nil {
		return err
	}
	r.Path = append(r.Path[:len(r.Path):len(r.Path)], r.ID)
	return t.update(ctx, "UPDATE reseller SET path = ? WHERE id = ?", pathText(r.Path), r.ID)
}

// UpdateReseller implements work.Tx.
func (t *tx) UpdateReseller(ctx context.Context, r *reseller.Reseller) error {
	args, err := resellerArgs(r)
	if err != nil {
		return err
	}
	return t.update(ctx, `UPDATE reseller SET partner_id = ?, parent_id = ?, path = ?, username = ?, password_hash = ?, name = ?, company = ?, profile = ?,
		status = ?, test = ?, funds = ?, selling_currency = ?, accounting_currency = ?, conversion_rate = ?, tax_name = ?, tax_rate = ?, total_receipts = ?,
		allowed_networks = ?, products = ?, created_at = ?, updated_at = ? WHERE id = ?`, append(args, r.ID)...)
}

// Reseller implements work.Tx.
func (t *tx) Reseller(ctx context.Context, id int64) (*reseller.Reseller, error) {
	return one(t.QueryRow(ctx, "SELECT "+resellerColumns+" FROM reseller WHERE id = ?", id), scanReseller)
}

// RootReseller implements work.Tx.
func (t *tx) RootReseller(ctx context.Context, partnerID int64) (*reseller.Reseller, error) {
	return one(t.QueryRow(ctx, "SELECT "+resellerColumns+" FROM reseller WHERE partner_id = ? AND parent_id = 0", partnerID), scanReseller)
}

// ResellerByUsername implements work.Tx.
func (t *tx) ResellerByUsername(ctx context.Context, partnerID int64, username string) (*reseller.Reseller, error) {
	return one(t.QueryRow(ctx, "SELECT "+resellerColumns+" FROM reseller WHERE partner_id = ? AND username = ?", partnerID, username), scanReseller)
}

// ResellersBelow implements work.Tx.
func (t *tx) ResellersBelow(ctx context.Context, r *reseller.Reseller) ([]*reseller.Reseller, error) {
	path := pathText(r.Path)
	return all(ctx, t, scanReseller, "SELECT "+resellerColumns+" FROM reseller WHERE path >= ? AND path < ? ORDER BY id", path, path+"\U0010FFFF")
}

const resellerKeyColumns = "id, reseller_id, lookup_hash, hint, created_at, expires_at, revoked_at"

func scanResellerKey(row scanner, k *reseller.Key) error {
	return row.Scan(&k.ID, &k.ResellerID, &k.LookupHash, &k.Hint, instant{&k.CreatedAt}, maybe{&k.ExpiresAt}, maybe{&k.RevokedAt})
}

// InsertResellerKey implements work.Tx.
func (t *tx) InsertResellerKey(ctx context.Context, k *reseller.Key) error {
	return t.insert(ctx, &k.ID, "INSERT INTO reseller_key (reseller_id, lookup_hash, hint, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
		k.ResellerID, k.LookupHash, k.Hint, micros(k.CreatedAt), microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt))
}

// UpdateResellerKey implements work.Tx.
func (t *tx) UpdateResellerKey(ctx context.Context, k *reseller.Key) error {
	return t.update(ctx, "UPDATE reseller_key SET expires_at = ?, revoked_at = ? WHERE id = ?", microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt), k.ID)
}

// ResellerKeys implements work.Tx.
func (t *tx) ResellerKeys(ctx context.Context, resellerID int64) ([]*reseller.Key, error) {
	return all(ctx, t, scanResellerKey, "SELECT "+resellerKeyColumns+" FROM reseller_key WHERE reseller_id = ? ORDER BY id", resellerID)
}

// ResellerKeyByHash implements work.Tx.
func (t *tx) ResellerKeyByHash(ctx context.Context, hash []byte) (*reseller.Key, error) {
	return one(t.QueryRow(ctx, "SELECT "+resellerKeyColumns+" FROM reseller_key WHERE lookup_hash = ?", hash), scanResellerKey)
}

// resellerWhere selects by a filter. The columns name and company are there for
// this alone, folded.
func resellerWhere(f work.ResellerFilter) (string, []any) {
	where, args := " FROM reseller WHERE 1 = 1", []any(nil)
	and := func(condition string, values ...any) {
		where += " AND " + condition
		args = append(args, values...)
	}
	in := func(column string, ids []int64) {
		if len(ids) > 0 {
			marks, values := sqldb.In(ids)
			and(column+" IN ("+marks+")", values...)
		}
	}
	if f.PartnerID != 0 {
		and("partner_id = ?", f.PartnerID)
	}
	if len(f.Path) > 0 {
		path := pathText(f.Path)
		and("path >= ? AND path < ?", path, path+"\U0010FFFF")
	}
	in("id", f.IDs)
	in("parent_id", f.ParentIDs)
	for _, p := range []struct{ column, pattern string }{{"username", f.Username}, {"name", f.Name}, {"company", f.Company}} {
		if p.pattern != "" {
			condition, value := matching(p.column, fold(p.pattern))
			and(condition, value)
		}
	}
	if len(f.Statuses) > 0 {
		var values []any
		for _, s := range f.Statuses {
			values = append(values, s)
		}
		and("status IN ("+strings.Repeat(", ?", len(values))[2:]+")", values...)
	}
	if f.CreatedAfter != nil {
		and("created_at > ?", micros(*f.CreatedAfter))
	}
	if f.CreatedBefore != nil {
		and("created_at < ?", micros(*f.CreatedBefore))
	}
	return where, args
}

// CountResellers implements work.Tx.
func (t *tx) CountResellers(ctx context.Context, f work.ResellerFilter) (int, error) {
	where, args := resellerWhere(f)
	var n int
	return n, t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*)"+where, args...)
}

// FindResellers implements work.Tx.
func (t *tx) FindResellers(ctx context.Context, f work.ResellerFilter) ([]*reseller.Reseller, error) {
	where, args := resellerWhere(f)
	return all(ctx, t, scanReseller, "SELECT "+resellerColumns+where+" ORDER BY id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)...)
}
