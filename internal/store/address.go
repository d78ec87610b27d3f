package store

import (
	"context"

	"posthouse/internal/core/account"
)

func scanAddress(row scanner, a *account.Address) error {
	return row.Scan(&a.OrderID, &a.Local, &a.Kind, &a.AccountID)
}

// Address implements work.Tx.
func (t *tx) Address(ctx context.Context, orderID int64, local string) (*account.Address, error) {
	return one(t.QueryRow(ctx, "SELECT order_id, local, kind, account_id FROM address WHERE order_id = ? AND local = ?",
		orderID, local), scanAddress)
}

// TakeAddress implements work.Tx.
func (t *tx) TakeAddress(ctx context.Context, a account.Address) error {
	_, err := t.Exec(ctx, "INSERT INTO address (order_id, local, kind, account_id) VALUES (?, ?, ?, ?)",
		a.OrderID, a.Local, a.Kind, a.AccountID)
	return err
}

// FreeAddress implements work.Tx.
func (t *tx) FreeAddress(ctx context.Context, orderID int64, local string) error {
	_, err := t.Exec(ctx, "DELETE FROM address WHERE order_id = ? AND local = ?", orderID, local)
	return err
}
