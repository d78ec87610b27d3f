package store

import (
	"context"

	"posthouse/internal/core/due"
)

// SetDue implements provision.Tx.
func (t *tx) SetDue(ctx context.Context, i due.Item) error {
	_, err := t.Exec(ctx, `INSERT INTO due (kind, object_id, partner_id, clock_id, due_at, try_at, attempts, last_error)
		VALUES (?, ?, ?, ?, ?, ?, 0, '')
		ON CONFLICT (kind, object_id) DO UPDATE SET due_at = excluded.due_at, try_at = excluded.try_at, attempts = 0, last_error = ''`,
		i.Kind, i.ObjectID, i.PartnerID, i.ClockID, micros(i.At), micros(i.At))
	return err
}

// ClearDue implements provision.Tx.
func (t *tx) ClearDue(ctx context.Context, k due.Kind, objectID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM due WHERE kind = ? AND object_id = ?", k, objectID)
	return err
}

// Due implements provision.Tx.
func (t *tx) Due(ctx context.Context, k due.Kind, objectID int64) (*due.Item, error) {
	return one(t.QueryRow(ctx, "SELECT "+dueColumns+" FROM due WHERE kind = ? AND object_id = ?", k, objectID), scanDue)
}

const dueColumns = "kind, object_id, partner_id, clock_id, due_at, attempts, last_error"

func scanDue(r scanner, i *due.Item) error {
	return r.Scan(&i.Kind, &i.ObjectID, &i.PartnerID, &i.ClockID, instant{&i.At}, &i.Attempts, &i.LastError)
}
