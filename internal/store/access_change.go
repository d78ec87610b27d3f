package store

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

// AccessChanged implements work.Tx.
func (t *tx) AccessChanged(ctx context.Context, orderID, accountID int64) error {
	var id int64
	if t.store.accessChanged != nil {
		t.AfterCommit(t.store.accessChanged)
	}
	err := t.insert(ctx, &id, "UPDATE access_change_counter SET value = value + 1 WHERE id = 1 RETURNING value")
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, "INSERT INTO access_change (id, order_id, account_id, changed_at) VALUES (?, ?, ?, ?)",
		id, orderID, accountID, micros(t.store.clock.Now()))
	return err
}

// AccessChangesAfter implements work.Tx.
func (t *tx) AccessChangesAfter(ctx context.Context, after int64, limit int) ([]work.AccessChange, error) {
	rows, err := all(ctx, t, func(r scanner, c *work.AccessChange) error {
		return r.Scan(&c.ID, &c.OrderID, &c.AccountID, instant{&c.At})
	}, "SELECT id, order_id, account_id, changed_at FROM access_change WHERE id > ? ORDER BY id LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	list := make([]work.AccessChange, len(rows))
	for i, r := range rows {
		list[i] = *r
	}
	return list, nil
}

// LastAccessChange implements work.Tx.
func (t *tx) LastAccessChange(ctx context.Context) (id int64, err error) {
	err = t.ScanRow(ctx, []any{&id}, "SELECT COALESCE(MAX(id), 0) FROM access_change")
	return id, err
}

// ForgetAccessChanges implements work.Tx.
func (t *tx) ForgetAccessChanges(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM access_change WHERE changed_at < ? AND id < (SELECT MAX(id) FROM access_change)", micros(before))
	return err
}
