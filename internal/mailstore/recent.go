package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// ClaimRecent takes the messages that no session has announced as \Recent yet:
// those with the returned UID and later are the caller's, nobody else's.
func (s *Store) ClaimRecent(ctx context.Context, folderID int64) (firstRecent uint32, err error) {
	var f folderRow
	err = s.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		f, err = folderByID(ctx, tx, folderID)
		return err
	})
	if err != nil || f.FirstRecent == f.UIDNext {
		return f.FirstRecent, err
	}
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRow(ctx, `SELECT first_recent FROM mail_folder WHERE id = ?`+tx.ForUpdate(), folderID).Scan(&firstRecent)
		if err != nil {
			return noRows(err, errNoFolder)
		}
		_, err = tx.Exec(ctx, `UPDATE mail_folder SET first_recent = uid_next WHERE id = ?`, folderID)
		return err
	})
	return firstRecent, err
}
