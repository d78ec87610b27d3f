package mailstore

import (
	"context"
	"maps"
	"slices"
	"strings"

	"posthouse/internal/store/sqldb"
)

// inBatch is how many ids one statement names. One length only, so that few
// statements are prepared; short lists are padded with an id that doesn't exist.
const inBatch = 64

var inList = strings.TrimSuffix(strings.Repeat("?,", inBatch), ",")

// batches calls fn with the arguments of lead followed by inBatch ids at a time.
func batches(lead []any, ids []int64, fn func(args []any) error) error {
	args := make([]any, len(lead)+inBatch)
	copy(args, lead)
	for len(ids) > 0 {
		n := min(len(ids), inBatch)
		for i := range inBatch {
			if i < n {
				args[len(lead)+i] = ids[i]
			} else {
				args[len(lead)+i] = int64(-1)
			}
		}
		if err := fn(args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// letGo takes copies of messages from an account; messages that nobody holds
// any more are deleted. Their bytes on disk come back by compaction. It returns
// how much of them there is.
func (s *Store) letGo(ctx context.Context, tx *sqldb.Tx, accountID int64, gone map[int64]int) (freed released, err error) {
	dropped, err := dropHoldings(ctx, tx, accountID, gone)
	if err != nil {
		return freed, err
	}
	return dropMessages(ctx, tx, dropped)
}

// released counts messages that ceased to exist.
type released struct {
	messages int64
	bytes    int64 // as stored
}

// dropHoldings takes copies off and gives the messages that the account no longer holds.
func dropHoldings(ctx context.Context, tx *sqldb.Tx, accountID int64, gone map[int64]int) ([]int64, error) {
	// Nearly all messages are in one folder once: those go with few statements.
	byCount := map[int][]int64{}
	for id, n := range gone {
		byCount[n] = append(byCount[n], id)
	}
	var dropped []int64
	for _, n := range slices.Sorted(maps.Keys(byCount)) {
		ids := byCount[n]
		slices.Sort(ids)
		left := make(map[int64]struct{}, len(ids))
		for _, id := range ids {
			left[id] = struct{}{}
		}
		err := batches([]any{accountID, n}, ids, func(args []any) error {
			rows, err := tx.Query(ctx, `DELETE FROM mail_holding WHERE account_id = ? AND copies <= ? AND message_id IN (`+inList+`) RETURNING message_id`, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					return sqldb.Fault(err)
				}
				dropped = append(dropped, id)
				delete(left, id)
			}
			return sqldb.Fault(rows.Err())
		})
		if err != nil {
			return nil, err
		}
		err = batches([]any{n, accountID}, slices.Sorted(maps.Keys(left)), func(args []any) error {
			_, err := tx.Exec(ctx, `UPDATE mail_holding SET copies = copies - ? WHERE account_id = ? AND message_id IN (`+inList+`)`, args...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(dropped)
	return dropped, nil
}

// dropMessages counts one holder less of each message and deletes those without any.
func dropMessages(ctx context.Context, tx *sqldb.Tx, ids []int64) (freed released, err error) {
	err = batches(nil, ids, func(args []any) error {
		// Locked in one order, that two accounts letting go of the same mail don't
		// wait for each other.
		if lock := tx.ForUpdate(); lock != "" {
			rows, err := tx.Query(ctx, `SELECT id FROM mail_message WHERE id IN (`+inList+`) ORDER BY id`+lock, args...)
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			if err := rows.Close(); err != nil {
				return sqldb.Fault(err)
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE mail_message SET holders = holders - 1 WHERE id IN (`+inList+`)`, args...); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `DELETE FROM mail_message WHERE holders <= 0 AND id IN (`+inList+`) RETURNING stored_bytes`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				return sqldb.Fault(err)
			}
			freed.messages++
			freed.bytes += n
		}
		return sqldb.Fault(rows.Err())
	})
	return freed, err
}
