package mailstore

import (
	"context"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// RenameFolder renames a folder and those below it. Renaming INBOX moves its
// messages into a new folder and leaves INBOX empty (RFC 9051 section 6.3.6).
func (s *Store) RenameFolder(ctx context.Context, accountID int64, from, to string) error {
	from, err := FolderName(from)
	if err != nil {
		return errNoFolder
	}
	if to, err = FolderName(to); err != nil {
		return err
	}
	if under(to, from) && from != Inbox {
		return fault.New(fault.Invalid, "A folder can't be moved into itself").WithReason("CANNOT")
	}
	return s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		b, err := lockBox(ctx, tx, accountID, 0, 0)
		if err != nil {
			return err
		}
		all, err := foldersOf(ctx, tx, accountID)
		if err != nil {
			return err
		}
		byName := make(map[string]int64, len(all))
		for _, f := range all {
			byName[f.Name] = f.ID
		}
		if byName[from] == 0 {
			return errNoFolder
		}
		if byName[to] != 0 {
			return fault.New(fault.AlreadyExists, "The folder exists already")
		}
		if err := s.createParents(ctx, tx, accountID, to, byName, b); err != nil {
			return err
		}
		s.changed(tx, accountID)
		if from == Inbox {
			return s.emptyInbox(ctx, tx, b, byName[Inbox], to)
		}
		for _, f := range all {
			name := to
			if under(f.Name, from) {
				name = to + strings.TrimPrefix(f.Name, from)
			} else if f.Name != from {
				continue
			}
			if len(name) > maxNameBytes || strings.Count(name, "/") >= maxLevels {
				return invalidName("too long")
			}
			if byName[name] != 0 {
				return fault.New(fault.AlreadyExists, "A folder below exists already")
			}
			if _, err := tx.Exec(ctx, `UPDATE mail_folder SET name = ?, modseq = ? WHERE id = ?`, name, int64(b.modseq), f.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) createParents(ctx context.Context, tx *sqldb.Tx, accountID int64, name string, has map[string]int64, b box) error {
	for i := range len(name) {
		if name[i] != '/' || has[name[:i]] != 0 {
			continue
		}
		validity, err := takeUIDValidity(ctx, tx, accountID, 1)
		if err != nil {
			return err
		}
		id, err := insertFolder(ctx, tx, accountID, name[:i], "", validity, b.modseq)
		if err != nil {
			return err
		}
		has[name[:i]] = id
	}
	return nil
}

func (s *Store) emptyInbox(ctx context.Context, tx *sqldb.Tx, b box, inboxID int64, to string) error {
	validity, err := takeUIDValidity(ctx, tx, b.account, 1)
	if err != nil {
		return err
	}
	destID, err := insertFolder(ctx, tx, b.account, to, "", validity, b.modseq)
	if err != nil {
		return err
	}
	f, err := folderByID(ctx, tx, inboxID)
	if err != nil {
		return err
	}
	v, err := viewIn(ctx, tx, f, s.views.peek(inboxID), false)
	if err != nil {
		return err
	}
	_, err = s.moveEntries(ctx, tx, f, b, stretch{v.Entries, true}, v.Entries, destID)
	return err
}
