package store

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

// QuotaNotices implements work.Tx.
func (t *tx) QuotaNotices(ctx context.Context, accountIDs []int64) (map[int64][]work.QuotaLevel, error) {
	type told struct {
		account int64
		level   work.QuotaLevel
	}
	out := map[int64][]work.QuotaLevel{}
	err := chunks(accountIDs, func(marks string, args []any) error {
		rows, err := all(ctx, t, func(r scanner, v *told) error { return r.Scan(&v.account, &v.level) },
			"SELECT account_id, level FROM quota_notice WHERE account_id IN ("+marks+") ORDER BY account_id, level", args...)
		for _, r := range rows {
			out[r.account] = append(out[r.account], r.level)
		}
		return err
	})
	return out, err
}

// PutQuotaNotice implements work.Tx.
func (t *tx) PutQuotaNotice(ctx context.Context, accountID int64, level work.QuotaLevel, at time.Time) (bool, error) {
	n, err := t.Exec(ctx, "INSERT INTO quota_notice (account_id, level, told_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", accountID, level, micros(at))
	return n == 1, err
}

// DropQuotaNotices implements work.Tx.
func (t *tx) DropQuotaNotices(ctx context.Context, accountID int64) error {
	_, err := t.Exec(ctx, "DELETE FROM quota_notice WHERE account_id = ?", accountID)
	return err
}
