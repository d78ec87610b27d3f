package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/store/sqldb"
)

// AddressesAfter implements work.Tx.
func (t *tx) AddressesAfter(ctx context.Context, orderID int64, after string, limit int) ([]*account.Address, error) {
	return all(ctx, t, scanAddress, `SELECT order_id, local, kind, account_id FROM address WHERE order_id = ? AND local > ?
		ORDER BY local LIMIT ?`, orderID, after, limit)
}

// PasswordGuesses implements work.Tx.
func (t *tx) PasswordGuesses(ctx context.Context, orderID int64, local string) (until time.Time, err error) {
	err = t.QueryRow(ctx, "SELECT until_at FROM password_guess WHERE order_id = ? AND local = ?", orderID, local).Scan(instant{&until})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return until, sqldb.Fault(err)
}

// PutPasswordGuesses implements work.Tx.
func (t *tx) PutPasswordGuesses(ctx context.Context, orderID int64, local string, until time.Time) error {
	if until.IsZero() {
		_, err := t.Exec(ctx, "DELETE FROM password_guess WHERE order_id = ? AND local = ?", orderID, local)
		return err
	}
	_, err := t.Exec(ctx, `INSERT INTO password_guess (order_id, local, until_at) VALUES (?, ?, ?)
		ON CONFLICT (order_id, local) DO UPDATE SET until_at = excluded.until_at`, orderID, local, micros(until))
	return err
}

// ForgetPasswordGuesses implements work.Tx.
func (t *tx) ForgetPasswordGuesses(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM password_guess WHERE until_at < ?", micros(before))
	return err
}

// OrderContact implements work.Tx.
func (t *tx) OrderContact(ctx context.Context, orderID int64) (email string, err error) {
	err = t.QueryRow(ctx, "SELECT email FROM order_contact WHERE order_id = ?", orderID).Scan(&email)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return email, sqldb.Fault(err)
}

// PutOrderContact implements work.Tx.
func (t *tx) PutOrderContact(ctx context.Context, orderID int64, email string) error {
	_, err := t.Exec(ctx, `INSERT INTO order_contact (order_id, email) VALUES (?, ?)
		ON CONFLICT (order_id) DO UPDATE SET email = excluded.email`, orderID, email)
	return err
}
