package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// Fill is how full one mailbox is.
type Fill struct {
	AccountID  int64
	UsedBytes  int64
	LimitBytes int64 // 0 = no limit
}

// Fill gives the mailboxes that follow an account, by id, at most limit; purged
// ones are absent.
func (s *Store) Fill(ctx context.Context, after int64, limit int) (out []Fill, err error) {
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT account_id, used_bytes, quota_bytes FROM mail_box
			WHERE account_id > ? AND account_id > 0 AND LENGTH(wrapped_key) > 0 ORDER BY account_id LIMIT ?`, after, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f Fill
			if err := rows.Scan(&f.AccountID, &f.UsedBytes, &f.LimitBytes); err != nil {
				return sqldb.Fault(err)
			}
			out = append(out, f)
		}
		return sqldb.Fault(rows.Err())
	})
	return out, err
}
