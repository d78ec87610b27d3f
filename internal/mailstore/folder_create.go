package mailstore

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// CreateFolder makes a folder and those above it (RFC 9051 section 6.3.4).
// fault.AlreadyExists; fault.Invalid for a name or a special use that can't be.
func (s *Store) CreateFolder(ctx context.Context, accountID int64, name, specialUse string) (*Folder, error) {
	name, err := FolderName(name)
	if err != nil {
		return nil, err
	}
	if !knownUse(specialUse) {
		return nil, fault.New(fault.Invalid, "Unknown special use").WithReason("USEATTR")
	}
	var f folderRow
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		b, err := lockBox(ctx, tx, accountID, 0, 0)
		if err != nil {
			return err
		}
		missing, err := missingOf(ctx, tx, accountID, name)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			return fault.New(fault.AlreadyExists, "The folder exists already")
		}
		var existing int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_folder WHERE account_id = ?`, accountID).Scan(&existing); err != nil {
			return sqldb.Fault(err)
		}
		if existing+len(missing) > s.cfg.MaxFolders {
			return fault.New(fault.TooMany, "The mailbox has too many folders").WithReason("LIMIT")
		}
		validity, err := takeUIDValidity(ctx, tx, accountID, len(missing))
		if err != nil {
			return err
		}
		var id int64
		for i, n := range missing {
			use := ""
			if n == name {
				use = specialUse
			}
			if id, err = insertFolder(ctx, tx, accountID, n, use, validity+uint32(i), b.modseq); err != nil {
				return err
			}
		}
		s.changed(tx, accountID)
		f, err = folderByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &f.Folder, nil
}

// missingOf gives name and those above it that are not there, the highest
// first; none if name is. It asks for these alone: a client that makes thousands
// of folders must not have the others read each time while writers wait.
func missingOf(ctx context.Context, tx *sqldb.Tx, accountID int64, name string) ([]string, error) {
	var missing []string
	for at := len(name); at > 0; at = strings.LastIndexByte(name[:at], '/') {
		var n int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_folder WHERE account_id = ? AND name = ?`, accountID, name[:at]).Scan(&n)
		if err != nil {
			return nil, sqldb.Fault(err)
		}
		switch {
		case n == 0:
			missing = append(missing, name[:at])
		case at == len(name):
			return nil, nil
		}
	}
	slices.Reverse(missing)
	return missing, nil
}

func knownUse(use string) bool {
	switch use {
	case "", `\Drafts`, `\Sent`, `\Junk`, `\Trash`, `\Archive`:
		return true
	}
	return false
}

// takeUIDValidity gives the first of n values that no folder of the account ever had.
func takeUIDValidity(ctx context.Context, tx *sqldb.Tx, accountID int64, n int) (uint32, error) {
	var next int64
	err := tx.QueryRow(ctx, `UPDATE mail_box SET next_uid_validity = next_uid_validity + ? WHERE account_id = ? RETURNING next_uid_validity`,
		n, accountID).Scan(&next)
	return uint32(next - int64(n)), noRows(err, errNoAccount)
}

func insertFolder(ctx context.Context, tx *sqldb.Tx, accountID int64, name, use string, validity uint32, modseq uint64) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `INSERT INTO mail_folder (account_id, name, special_use, uid_validity, uid_next, modseq, change_floor,
		messages, unseen, deleted, size_bytes, first_recent) VALUES (?, ?, ?, ?, 1, ?, 0, 0, 0, 0, 0, 1) RETURNING id`,
		accountID, name, use, int64(validity), int64(modseq)).Scan(&id)
	return id, sqldb.Fault(err)
}
