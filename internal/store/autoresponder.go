package store

import (
	"context"

	"posthouse/internal/core/autoresponder"
)

const autoresponderColumns = "account_id, order_id, is_on, subject, message, format, quotes, ends_at, updated_at"

func scanAutoresponder(row scanner, a *autoresponder.Autoresponder) error {
	return row.Scan(&a.AccountID, &a.OrderID, &a.On, &a.Subject, &a.Message, &a.Format, &a.QuoteOriginal, maybe{&a.EndsAt}, instant{&a.UpdatedAt})
}

// PutAutoresponder implements work.Tx.
func (t *tx) PutAutoresponder(ctx context.Context, a *autoresponder.Autoresponder) error {
	_, err := t.Exec(ctx, "INSERT INTO autoresponder ("+autoresponderColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id) DO UPDATE SET is_on = excluded.is_on, subject = excluded.subject, message = excluded.message,
		format = excluded.format, quotes = excluded.quotes, ends_at = excluded.ends_at, updated_at = excluded.updated_at`,
		a.AccountID, a.OrderID, a.On, a.Subject, a.Message, a.Format, a.QuoteOriginal, microsOrNull(a.EndsAt), micros(a.UpdatedAt))
	return err
}

// Autoresponder implements work.Tx.
func (t *tx) Autoresponder(ctx context.Context, accountID int64) (*autoresponder.Autoresponder, error) {
	return one(t.QueryRow(ctx, "SELECT "+autoresponderColumns+" FROM autoresponder WHERE account_id = ?", accountID), scanAutoresponder)
}

// AutorespondersOn implements work.Tx.
func (t *tx) AutorespondersOn(ctx context.Context, accountIDs []int64) (out []*autoresponder.Autoresponder, err error) {
	err = chunks(accountIDs, func(marks string, args []any) error {
		part, err := all(ctx, t, scanAutoresponder, "SELECT "+autoresponderColumns+" FROM autoresponder WHERE account_id IN ("+marks+
			") AND is_on ORDER BY account_id", args...)
		out = append(out, part...)
		return err
	})
	return out, err
}

// AutorespondersOfOrder implements work.Tx.
func (t *tx) AutorespondersOfOrder(ctx context.Context, orderID int64) ([]*autoresponder.Autoresponder, error) {
	return all(ctx, t, scanAutoresponder, "SELECT "+autoresponderColumns+" FROM autoresponder WHERE order_id = ? ORDER BY account_id", orderID)
}
