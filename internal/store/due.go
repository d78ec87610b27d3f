package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/work"
)

// SetDue implements work.Tx.
func (t *tx) SetDue(ctx context.Context, i due.Item) error {
	if hook := t.store.dueChanged; hook != nil {
		t.AfterCommit(func() { hook(i.ClockID, i.At) })
	}
	_, err := t.Exec(ctx, `INSERT INTO due (kind, object_id, partner_id, clock_id, due_at, try_at, attempts, last_error)
		VALUES (?, ?, ?, ?, ?, ?, 0, '')
		ON CONFLICT (kind, object_id) DO UPDATE SET due_at = excluded.due_at, try_at = excluded.try_at, attempts = 0, last_error = '', lease_owner = ''`,
		i.Kind, i.ObjectID, i.PartnerID, i.ClockID, micros(i.At), micros(i.At))
	return err
}

// ClearDue implements work.Tx.
func (t *tx) ClearDue(ctx context.Context, k due.Kind, objectID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM due WHERE kind = ? AND object_id = ?", k, objectID)
	return err
}

// Due implements work.Tx.
func (t *tx) Due(ctx context.Context, k due.Kind, objectID int64) (*due.Item, error) {
	return one(t.QueryRow(ctx, "SELECT "+dueColumns+" FROM due WHERE kind = ? AND object_id = ?", k, objectID), scanDue)
}

const dueColumns = "kind, object_id, partner_id, clock_id, due_at, attempts, last_error"

func scanDue(r scanner, i *due.Item) error {
	return r.Scan(&i.Kind, &i.ObjectID, &i.PartnerID, &i.ClockID, instant{&i.At}, &i.Attempts, &i.LastError)
}

// NextDueOf implements work.Tx. The item's At is when it is tried.
func (t *tx) NextDueOf(ctx context.Context, clockID int64) (*due.Item, error) {
	return one(t.QueryRow(ctx, "SELECT kind, object_id, partner_id, clock_id, try_at, attempts, last_error FROM due WHERE clock_id = ? ORDER BY try_at LIMIT 1",
		clockID), scanDue)
}

// CountDue implements work.Tx.
func (t *tx) CountDue(ctx context.Context, clockID int64, until time.Time, limit int) (n int, err error) {
	err = t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*) FROM (SELECT 1 AS x FROM due WHERE clock_id = ? AND try_at <= ? LIMIT ?) AS d",
		clockID, micros(until), limit)
	return n, err
}

// DueItems implements work.Tx.
func (t *tx) DueItems(ctx context.Context, f work.DueFilter, limit int) ([]*due.Item, error) {
	query, args := "SELECT "+dueColumns+" FROM due WHERE 1 = 1", []any{}
	if f.PartnerID != 0 {
		query, args = query+" AND partner_id = ?", append(args, f.PartnerID)
	}
	if f.Kind != "" {
		query, args = query+" AND kind = ?", append(args, f.Kind)
	}
	if f.Failed {
		query += " AND attempts > 0"
	}
	return all(ctx, t, scanDue, query+" ORDER BY try_at, kind, object_id LIMIT ?", append(args, limit)...)
}

// RetryDue implements work.Tx.
func (t *tx) RetryDue(ctx context.Context, k due.Kind, objectID int64, at time.Time) (bool, error) {
	n, err := t.Exec(ctx, "UPDATE due SET try_at = ? WHERE kind = ? AND object_id = ?", micros(at), k, objectID)
	return n > 0, err
}

// OrdersAfter implements work.Tx.
func (t *tx) OrdersAfter(ctx context.Context, kinds []due.Kind, after int64, limit int) ([]work.ScheduledOrder, error) {
	list, err := t.orders(ctx, "SELECT "+orderColumns+" FROM mail_order WHERE id > ? AND purged_at IS NULL ORDER BY id LIMIT ?", after, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make([]work.ScheduledOrder, len(list))
	for i, o := range list {
		out[i] = work.ScheduledOrder{Order: o, Items: map[due.Kind]*due.Item{}}
	}
	for _, k := range kinds {
		items, err := t.itemsOf(ctx, k, list[0].ID, list[len(list)-1].ID)
		if err != nil {
			return nil, err
		}
		for _, o := range out {
			if i := items[o.ID]; i != nil {
				o.Items[k] = i
			}
		}
	}
	return out, nil
}

// AccountsAfter implements work.Tx.
func (t *tx) AccountsAfter(ctx context.Context, after int64, limit int) ([]work.ScheduledAccount, error) {
	list, err := t.accounts(ctx, "SELECT "+accountColumns+" FROM account WHERE id > ? AND deleted_at IS NOT NULL AND purged_at IS NULL ORDER BY id LIMIT ?", after, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	items, err := t.itemsOf(ctx, due.Account, list[0].ID, list[len(list)-1].ID)
	if err != nil {
		return nil, err
	}
	out := make([]work.ScheduledAccount, len(list))
	for i, a := range list {
		out[i] = work.ScheduledAccount{Account: a, Item: items[a.ID]}
	}
	return out, nil
}

func (t *tx) itemsOf(ctx context.Context, k due.Kind, from, to int64) (map[int64]*due.Item, error) {
	list, err := all(ctx, t, scanDue, "SELECT "+dueColumns+" FROM due WHERE kind = ? AND object_id >= ? AND object_id <= ?", k, from, to)
	out := make(map[int64]*due.Item, len(list))
	for _, i := range list {
		out[i.ObjectID] = i
	}
	return out, err
}

// SweepCursor implements work.Tx.
func (t *tx) SweepCursor(ctx context.Context, k due.Kind) (after int64, finished *time.Time, err error) {
	err = t.ScanRow(ctx, []any{&after, maybe{&finished}}, "SELECT after_id, finished_at FROM due_sweep WHERE kind = ?", k)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	return after, finished, err
}

// PutSweepCursor implements work.Tx.
func (t *tx) PutSweepCursor(ctx context.Context, k due.Kind, after int64, finished *time.Time) error {
	_, err := t.Exec(ctx, `INSERT INTO due_sweep (kind, after_id, finished_at) VALUES (?, ?, ?)
		ON CONFLICT (kind) DO UPDATE SET after_id = excluded.after_id, finished_at = COALESCE(excluded.finished_at, due_sweep.finished_at)`,
		k, after, microsOrNull(finished))
	return err
}
