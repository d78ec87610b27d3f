package queue

import (
	"context"
	"time"

	"posthouse/internal/store/sqldb"
)

const (
	janitorPeriod = time.Hour
	forgetAtOnce  = 200 // messages in one transaction
)

// forget deletes messages whose last recipient ended longer than Keep ago, and
// what was captured longer ago than that is kept.
func (q *Queue) forget(ctx context.Context) error {
	if err := q.forgetCaptured(ctx); err != nil {
		return err
	}
	if err := q.forgetForwards(ctx); err != nil {
		return err
	}
	for {
		var n int
		err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			rows, err := tx.Query(ctx, `SELECT id FROM queue_message WHERE finished_at > 0 AND finished_at < ? ORDER BY finished_at LIMIT ?`+tx.SkipLocked(),
				micros(q.clock.Now().Add(-q.cfg.Keep)), forgetAtOnce)
			if err != nil {
				return err
			}
			ids, err := collect(rows, func() (id int64, err error) { err = rows.Scan(&id); return id, err })
			if err != nil {
				return err
			}
			n = len(ids)
			for _, table := range []string{`queue_copy WHERE queue_id`, `queue_attempt WHERE queue_id`, `queue_recipient WHERE queue_id`, `queue_message WHERE id`} {
				err := eachIDs(ids, func(list string, args []any) error {
					_, err := tx.Exec(ctx, `DELETE FROM `+table+` IN (`+list+`)`, args...)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < forgetAtOnce {
			return err
		}
	}
}
