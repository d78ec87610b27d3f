package queue

import (
	"context"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// purgeBatch is how many messages one look finds.
const purgeBatch = 100

// Purge ends what a purged account has in the queue: its messages to whoever has
// not got them, held ones too, and what was captured of it. Nobody is told: the
// sender is no more. It fails for the time being while one of them is being
// delivered; broken off or failed, it can be called again.
func (q *Queue) Purge(ctx context.Context, accountID int64) error {
	if accountID <= 0 {
		return fault.New(fault.Invalid, "Not an account id")
	}
	if _, err := q.dropAll(ctx, `SELECT id, message_id FROM sandbox_message WHERE account_id = ? ORDER BY id LIMIT ?`, accountID, captureBatch); err != nil {
		return err
	}
	for {
		var open []int64
		err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
			rows, err := tx.Query(ctx, `SELECT DISTINCT queue_id FROM queue_recipient WHERE account_id = ? AND state IN ('ready', 'leased', 'held')
				ORDER BY queue_id LIMIT ?`, accountID, purgeBatch)
			if err != nil {
				return err
			}
			open, err = collect(rows, func() (id int64, err error) { err = rows.Scan(&id); return id, err })
			return err
		})
		if err != nil || len(open) == 0 {
			return err
		}
		for _, id := range open {
			if err := q.purgeMessage(ctx, id); err != nil {
				return err
			}
		}
	}
}

func (q *Queue) purgeMessage(ctx context.Context, id int64) error {
	return q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		if err := lockMessage(ctx, tx, id); err != nil {
			return err
		}
		m, err := loadMessage(ctx, tx, `id = ?`, id)
		if err != nil || m == nil || !m.finished.IsZero() {
			return err
		}
		now := q.clock.Now()
		if _, err := tx.Exec(ctx, `UPDATE queue_recipient SET state = 'expired', finished_at = ?, last_reply = 'the account was purged', fail_reason = ''
			WHERE queue_id = ? AND state IN ('ready', 'held')`, micros(now), id); err != nil {
			return err
		}
		finished, err := q.finishTx(ctx, tx, m, now)
		if err == nil && !finished {
			err = &fault.Error{Code: fault.Conflict, Text: "A message of the account is being delivered", Temporary: true}
		}
		return err
	})
}
