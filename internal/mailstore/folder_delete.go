package mailstore

import (
	"context"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// DeleteFolder removes a folder and the messages in it. Folders below stay, and
// so does a subscription. INBOX can't be deleted (RFC 9051 section 6.3.5).
func (s *Store) DeleteFolder(ctx context.Context, accountID int64, name string) error {
	name, err := FolderName(name)
	if err != nil {
		return errNoFolder
	}
	if name == Inbox {
		return fault.New(fault.Forbidden, "INBOX can't be deleted").WithReason("CANNOT")
	}
	var id int64
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		b, err := lockBox(ctx, tx, accountID, 0, 0)
		if err != nil {
			return err
		}
		f, err := folderByName(ctx, tx, accountID, name)
		if err != nil {
			return err
		}
		id = f.ID
		v, err := viewIn(ctx, tx, f, s.views.peek(f.ID), false)
		if err != nil {
			return err
		}
		if len(v.Entries) > 0 {
			if err := removeEntries(ctx, tx, f, b, stretch{v.Entries, true}, v.Entries); err != nil {
				return err
			}
			if _, err := s.letGo(ctx, tx, accountID, copiesOf(v.Entries)); err != nil {
				return err
			}
		}
		for _, q := range []string{`DELETE FROM mail_change WHERE folder_id = ?`, `DELETE FROM mail_folder WHERE id = ?`} {
			if _, err := tx.Exec(ctx, q, f.ID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_folder_gone (account_id, modseq, folder_id) VALUES (?, ?, ?)`, accountID, int64(b.modseq), f.ID); err != nil {
			return err
		}
		s.changed(tx, accountID)
		return nil
	})
	if err == nil {
		s.views.forget(id)
	}
	return err
}
