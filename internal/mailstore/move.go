package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// Move moves messages into another folder of the account, all or none (RFC 6851).
// UIDs that don't exist are passed over.
func (s *Store) Move(ctx context.Context, folderID int64, uids []uint32, destFolderID int64) (*CopyResult, error) {
	uids = append([]uint32{}, ascending(uids)...) // never nil, which would mean all
	var out *CopyResult
	err := s.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
		b, f, entries, err := s.lockFolder(ctx, tx, folderID, uids)
		if err != nil {
			return err
		}
		out, err = s.moveEntries(ctx, tx, f, b, entries, pick(entries.entries, uids), destFolderID)
		return err
	})
	return out, err
}

// moveEntries moves within the account, so that what is held and used stays the same.
func (s *Store) moveEntries(ctx context.Context, tx *sqldb.Tx, f folderRow, b box, all stretch, chosen []Entry, destID int64) (*CopyResult, error) {
	out, err := s.insertCopies(ctx, tx, f, b, all, chosen, destID)
	if err != nil || len(chosen) == 0 {
		return out, err
	}
	if err := removeEntries(ctx, tx, f, b, all, chosen); err != nil {
		return nil, err
	}
	var size int64
	for i := range chosen {
		size += chosen[i].Size
	}
	_, err = tx.Exec(ctx, `UPDATE mail_box SET used_bytes = used_bytes + ?, entries = entries + ? WHERE account_id = ?`, size, len(chosen), b.account)
	return out, err
}
