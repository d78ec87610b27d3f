package mailstore

import (
	"context"

	"posthouse/internal/store/sqldb"
)

// Changes gives what happened in a folder after since, which may be 0.
func (s *Store) Changes(ctx context.Context, folderID int64, since uint64) (*Changes, error) {
	v, err := s.View(ctx, folderID)
	if err != nil {
		return nil, err
	}
	c := &Changes{Folder: v.Folder}
	if since >= v.Folder.HighestModSeq {
		return c, nil
	}
	for i := range v.Entries {
		if v.Entries[i].ModSeq > since {
			c.Changed = append(c.Changed, v.Entries[i])
		}
	}
	var gone uidSet
	err = s.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		// Not beyond the view: later tombstones belong to later changes.
		gone, err = uidRanges(ctx, tx, `SELECT uid_from, uid_to FROM mail_vanished
			WHERE account_id = ? AND folder_id = ? AND modseq > ? AND modseq <= ?`,
			v.Folder.AccountID, folderID, int64(since), int64(v.Folder.HighestModSeq))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, r := range gone.merged() {
		for uid := r.from; ; uid++ {
			c.Vanished = append(c.Vanished, uid)
			if uid == r.to {
				break
			}
		}
	}
	return c, nil
}
