package mailstore

import (
	"context"
	"database/sql"
	"math"

	"posthouse/internal/store/sqldb"
)

// Entries gives a folder's messages from a UID on, by UID, at most limit: for
// who goes through a folder once, and needs no View of all of it. A folder that
// is gone has none.
func (s *Store) Entries(ctx context.Context, folderID int64, from uint32, limit int) (out []Entry, err error) {
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out = nil
		var last sql.NullInt64
		err := tx.QueryRow(ctx, `SELECT MAX(uid) FROM (SELECT uid FROM mail_entry WHERE folder_id = ? AND uid >= ? ORDER BY uid LIMIT ?) AS page`,
			folderID, int64(from), limit).Scan(&last)
		if err != nil || !last.Valid || last.Int64 >= math.MaxUint32 {
			return sqldb.Fault(err)
		}
		out, err = entriesBetween(ctx, tx, folderID, from, uint32(last.Int64)+1, 0, make([]Entry, 0, limit))
		return err
	})
	return out, err
}
