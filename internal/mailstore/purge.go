package mailstore

import (
	"context"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// PurgeReport tells what Purge destroyed.
type PurgeReport struct {
	Folders  int64
	Entries  int64
	Bytes    int64 // sum of the entries' sizes
	Messages int64 // that nobody else held
	Stored   int64 // bytes of those on disk; they come back by compaction
}

func (r *PurgeReport) add(o PurgeReport) {
	r.Folders += o.Folders
	r.Entries += o.Entries
	r.Bytes += o.Bytes
	r.Messages += o.Messages
	r.Stored += o.Stored
}

// purgeStep is how many messages one transaction of a purge lets go.
const purgeStep = 2000

// BeginPurgeTx destroys an account's key in somebody's transaction: from its
// commit on nothing of the mailbox can be read and nothing is added to it. It
// counts what is there then; for an account without a mailbox, nothing. Purge
// does the rest.
func (s *Store) BeginPurgeTx(ctx context.Context, tx *sqldb.Tx, accountID int64) (folders, messages, bytes int64, err error) {
	if accountID <= queueHolder {
		return 0, 0, 0, fault.New(fault.Invalid, "Not an account id")
	}
	if err := s.destroyKey(ctx, tx, accountID); err != nil {
		return 0, 0, 0, err
	}
	err = tx.QueryRow(ctx, countFolders, accountID).Scan(&folders, &messages, &bytes)
	return folders, messages, bytes, sqldb.Fault(err)
}

const countFolders = `SELECT COUNT(*), COALESCE(SUM(messages), 0), COALESCE(SUM(size_bytes), 0) FROM mail_folder WHERE account_id = ?`

// destroyKey overwrites the key where it lies with zeros of its length, then
// marks the box as keyless, which locks every other change out.
func (s *Store) destroyKey(ctx context.Context, tx *sqldb.Tx, accountID int64) error {
	if _, err := tx.Exec(ctx, `UPDATE mail_box SET wrapped_key = ? WHERE account_id = ? AND LENGTH(wrapped_key) > 0`, make([]byte, wrappedKeySize), accountID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE mail_box SET wrapped_key = ?, modseq = modseq + 1 WHERE account_id = ?`, []byte{}, accountID); err != nil {
		return err
	}
	s.changed(tx, accountID)
	tx.AfterCommit(func() {
		s.boxes.forget(accountID)
		s.search.forget(accountID)
	})
	return nil
}

// Purge destroys an account's mail for good: first its key, after which nothing
// of it can be read any more, then the rows. Broken off, it can be called again;
// for an account that is not there it does nothing.
func (s *Store) Purge(ctx context.Context, accountID int64) (PurgeReport, error) {
	var total PurgeReport
	if accountID <= queueHolder {
		return total, fault.New(fault.Invalid, "Not an account id")
	}
	var folders []Folder
	err := s.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
		if err := s.destroyKey(ctx, tx, accountID); err != nil {
			return err
		}
		folders, err = foldersOf(ctx, tx, accountID)
		return err
	})
	if err != nil {
		return total, err
	}
	s.boxes.forget(accountID)
	s.search.forget(accountID)
	for more := true; more; {
		var step PurgeReport
		err := s.db.WriteRows(ctx, func(tx *sqldb.Tx) (err error) {
			step = PurgeReport{}
			more, err = s.purgeMessages(ctx, tx, accountID, &step)
			return err
		})
		if err != nil {
			return total, err
		}
		total.add(step)
	}
	for _, f := range folders {
		s.views.forget(f.ID)
	}
	var rest PurgeReport
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		rest = PurgeReport{}
		return purgeRows(ctx, tx, accountID, &rest)
	})
	if err == nil {
		total.add(rest)
	}
	return total, err
}

// purgeMessages lets some messages go and reports whether there may be more.
func (s *Store) purgeMessages(ctx context.Context, tx *sqldb.Tx, accountID int64, r *PurgeReport) (more bool, err error) {
	// Who deletes a holding counts it: two that purge one account count it once.
	rows, err := tx.Query(ctx, `DELETE FROM mail_holding WHERE account_id = ? AND message_id IN
		(SELECT message_id FROM mail_holding WHERE account_id = ? ORDER BY message_id LIMIT ?) RETURNING message_id`, accountID, accountID, purgeStep)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return false, sqldb.Fault(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Close(); err != nil {
		return false, sqldb.Fault(err)
	}
	if len(ids) == 0 { // none left, or another purge of the account has just taken them
		var left int64
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_holding WHERE account_id = ?`, accountID).Scan(&left)
		return left > 0, sqldb.Fault(err)
	}
	slices.Sort(ids)
	freed, err := dropMessages(ctx, tx, ids)
	r.Messages, r.Stored = freed.messages, freed.bytes
	return true, err
}

func purgeRows(ctx context.Context, tx *sqldb.Tx, accountID int64, r *PurgeReport) error {
	err := tx.QueryRow(ctx, countFolders, accountID).
		Scan(&r.Folders, &r.Entries, &r.Bytes)
	if err != nil {
		return sqldb.Fault(err)
	}
	for _, q := range []string{
		`DELETE FROM mail_entry WHERE folder_id IN (SELECT id FROM mail_folder WHERE account_id = ?)`,
		`DELETE FROM mail_change WHERE folder_id IN (SELECT id FROM mail_folder WHERE account_id = ?)`,
		`DELETE FROM mail_folder WHERE account_id = ?`,
		`DELETE FROM mail_vanished WHERE account_id = ?`,
		`DELETE FROM mail_folder_gone WHERE account_id = ?`,
		`DELETE FROM mail_subscription WHERE account_id = ?`,
		`DELETE FROM mail_search WHERE account_id = ?`,
		`DELETE FROM mail_box WHERE account_id = ?`,
	} {
		if _, err := tx.Exec(ctx, q, accountID); err != nil {
			return err
		}
	}
	return nil
}
