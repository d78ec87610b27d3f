package store

import (
	"context"
	"database/sql"
	"errors"

	"posthouse/internal/store/sqldb"
)

// CatchAll implements work.Tx.
func (t *tx) CatchAll(ctx context.Context, orderID int64) (accountID int64, err error) {
	err = t.QueryRow(ctx, "SELECT account_id FROM catch_all WHERE order_id = ?", orderID).Scan(&accountID)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return accountID, sqldb.Fault(err)
}

// SetCatchAll implements work.Tx.
func (t *tx) SetCatchAll(ctx context.Context, orderID, accountID int64) error {
	_, err := t.Exec(ctx, `INSERT INTO catch_all (order_id, account_id) VALUES (?, ?)
		ON CONFLICT (order_id) DO UPDATE SET account_id = excluded.account_id`, orderID, accountID)
	return err
}

// ClearCatchAll implements work.Tx.
func (t *tx) ClearCatchAll(ctx context.Context, orderID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM catch_all WHERE order_id = ?", orderID)
	return err
}
