package store

import (
	"context"
	"database/sql"
	"errors"

	"posthouse/internal/core/account"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

const accountColumns = `id, order_id, partner_id, local, domain, name, first_name, last_name, alternate_email,
	password_hash, is_admin, locale, source, deleted_at, deletion_reason, purge_at, purged_at, suspension_count,
	alias_count, created_at, updated_at, purge_begun_at, session_epoch, country`

// accountRow is an account and how many suspensions and aliases belong to it.
type accountRow struct {
	account.Account
	suspensions, aliases int
}

func scanAccount(row scanner, a *accountRow) error {
	return row.Scan(&a.ID, &a.OrderID, &a.PartnerID, &a.Local, &a.Domain, &a.Name, &a.FirstName, &a.LastName,
		&a.AlternateEmail, &a.PasswordHash, &a.IsAdmin, &a.Locale, &a.Source, maybe{&a.DeletedAt}, &a.DeletionReason,
		maybe{&a.PurgeAt}, maybe{&a.PurgedAt}, &a.suspensions, &a.aliases, instant{&a.CreatedAt}, instant{&a.UpdatedAt},
		maybe{&a.PurgeBegunAt}, &a.SessionEpoch, &a.Country)
}

// accountArgs are the values of accountColumns without the id.
func accountArgs(a *account.Account) []any {
	return []any{a.OrderID, a.PartnerID, a.Local, a.Domain, a.Name, a.FirstName, a.LastName, a.AlternateEmail,
		a.PasswordHash, a.IsAdmin, a.Locale, a.Source, microsOrNull(a.DeletedAt), a.DeletionReason,
		microsOrNull(a.PurgeAt), microsOrNull(a.PurgedAt), len(a.Suspensions), len(a.Aliases),
		micros(a.CreatedAt), micros(a.UpdatedAt), microsOrNull(a.PurgeBegunAt), a.SessionEpoch, a.Country}
}

// InsertAccount implements work.Tx.
func (t *tx) InsertAccount(ctx context.Context, a *account.Account) error {
	err := t.insert(ctx, &a.ID, `INSERT INTO account (order_id, partner_id, local, domain, name, first_name, last_name,
		alternate_email, password_hash, is_admin, locale, source, deleted_at, deletion_reason, purge_at, purged_at,
		suspension_count, alias_count, created_at, updated_at, purge_begun_at,
		session_epoch, country) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		accountArgs(a)...)
	if err != nil {
		return err
	}
	if err := t.insertSuspensions(ctx, accountSuspensions, a.ID, a.Suspensions); err != nil {
		return err
	}
	if err := t.insertAliases(ctx, a); err != nil {
		return err
	}
	return t.count(ctx, a.OrderID, counted(a.Live(), len(a.Suspensions)))
}

// UpdateAccount implements work.Tx.
func (t *tx) UpdateAccount(ctx context.Context, a *account.Account) error {
	was, err := t.countedAs(ctx, a.ID)
	if err != nil {
		return err
	}
	err = t.update(ctx, `UPDATE account SET order_id = ?, partner_id = ?, local = ?, domain = ?, name = ?, first_name = ?,
		last_name = ?, alternate_email = ?, password_hash = ?, is_admin = ?, locale = ?, source = ?, deleted_at = ?,
		deletion_reason = ?, purge_at = ?, purged_at = ?, suspension_count = ?, alias_count = ?, created_at = ?,
		updated_at = ?, purge_begun_at = ?, session_epoch = ?, country = ? WHERE id = ?`,
		append(accountArgs(a), a.ID)...)
	if err != nil {
		return err
	}
	if was.suspensions > 0 || len(a.Suspensions) > 0 {
		if err := t.replaceSuspensions(ctx, accountSuspensions, a.ID, a.Suspensions); err != nil {
			return err
		}
	}
	if was.aliases > 0 || len(a.Aliases) > 0 {
		if err := t.replaceAliases(ctx, a); err != nil {
			return err
		}
	}
	is := counted(a.Live(), len(a.Suspensions))
	if was.orderID == a.OrderID {
		return t.count(ctx, a.OrderID, is.minus(was.tally))
	}
	if err := t.count(ctx, was.orderID, tally{}.minus(was.tally)); err != nil {
		return err
	}
	return t.count(ctx, a.OrderID, is)
}

// tally is what accounts add to the counters of their order (T-45).
type tally struct{ active, provisioned int }

func (a tally) minus(b tally) tally { return tally{a.active - b.active, a.provisioned - b.provisioned} }

func counted(live bool, suspensions int) tally {
	switch {
	case !live:
		return tally{}
	case suspensions > 0:
		return tally{provisioned: 1}
	}
	return tally{active: 1, provisioned: 1}
}

// stored is what an update must know of the row before it.
type stored struct {
	tally

	orderID              int64
	suspensions, aliases int
}

func (t *tx) countedAs(ctx context.Context, id int64) (s stored, err error) {
	var live bool
	err = t.QueryRow(ctx, `SELECT order_id, deleted_at IS NULL AND purged_at IS NULL, suspension_count, alias_count
		FROM account WHERE id = ?`+t.ForUpdate(), id).Scan(&s.orderID, &live, &s.suspensions, &s.aliases)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fault.New(fault.NotFound, "There is no such row")
	}
	s.tally = counted(live, s.suspensions)
	return s, sqldb.Fault(err)
}

// count moves the counters of an order.
func (t *tx) count(ctx context.Context, orderID int64, by tally) error {
	if by == (tally{}) {
		return nil
	}
	return t.update(ctx, `UPDATE mail_order SET accounts_active = accounts_active + ?,
		accounts_provisioned = accounts_provisioned + ? WHERE id = ?`, by.active, by.provisioned, orderID)
}

// Account implements work.Tx.
func (t *tx) Account(ctx context.Context, id int64) (*account.Account, error) {
	r, err := one(t.QueryRow(ctx, "SELECT "+accountColumns+" FROM account WHERE id = ?", id), scanAccount)
	if r == nil || err != nil {
		return nil, err
	}
	list, err := t.complete(ctx, []*accountRow{r})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// AccountsByOrder implements work.Tx.
func (t *tx) AccountsByOrder(ctx context.Context, orderID int64, includeDeleted bool) ([]*account.Account, error) {
	query := "SELECT " + accountColumns + " FROM account WHERE order_id = ? AND purged_at IS NULL"
	if !includeDeleted {
		query += " AND deleted_at IS NULL"
	}
	return t.accounts(ctx, query+" ORDER BY id", orderID)
}

// AccountsByEmail implements work.Tx.
func (t *tx) AccountsByEmail(ctx context.Context, local, domain string) ([]*account.Account, error) {
	return t.accounts(ctx, "SELECT "+accountColumns+` FROM account WHERE domain = ? AND local = ? AND purged_at IS NULL
		ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, id DESC`, domain, local)
}

func (t *tx) accounts(ctx context.Context, query string, args ...any) ([]*account.Account, error) {
	rows, err := all(ctx, t, scanAccount, query, args...)
	if err != nil {
		return nil, err
	}
	return t.complete(ctx, rows)
}

// complete loads suspensions and aliases of the accounts that have some.
func (t *tx) complete(ctx context.Context, rows []*accountRow) ([]*account.Account, error) {
	var suspended, aliased []int64
	for _, r := range rows {
		if r.suspensions > 0 {
			suspended = append(suspended, r.ID)
		}
		if r.aliases > 0 {
			aliased = append(aliased, r.ID)
		}
	}
	sets, err := t.suspensions(ctx, accountSuspensions, suspended)
	if err != nil {
		return nil, err
	}
	aliases, err := t.aliases(ctx, aliased)
	if err != nil {
		return nil, err
	}
	list := make([]*account.Account, len(rows))
	for i, r := range rows {
		r.Suspensions, r.Aliases = sets[r.ID], aliases[r.ID]
		list[i] = &r.Account
	}
	return list, nil
}
