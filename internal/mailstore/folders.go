package mailstore

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

var (
	errNoFolder  = fault.New(fault.NotFound, "There is no such folder")
	errNoMessage = fault.New(fault.NotFound, "There is no such message")
)

const folderColumns = `f.id, f.account_id, f.name, f.uid_validity, f.uid_next, f.modseq, f.special_use,
	(SELECT COUNT(*) FROM mail_subscription s WHERE s.account_id = f.account_id AND s.name = f.name),
	f.messages, f.unseen, f.deleted, f.size_bytes, f.first_recent, f.change_floor`

// folderRow is a folder with what only the store wants to know.
type folderRow struct {
	Folder
	changeFloor uint64
}

type scanner interface{ Scan(dest ...any) error }

func scanFolder(row scanner) (folderRow, error) {
	var f folderRow
	var subscribed int
	err := row.Scan(&f.ID, &f.AccountID, &f.Name, &f.UIDValidity, &f.UIDNext, &f.HighestModSeq, &f.SpecialUse, &subscribed,
		&f.Messages, &f.Unseen, &f.Deleted, &f.Size, &f.FirstRecent, &f.changeFloor)
	f.Subscribed = subscribed > 0
	return f, err
}

func folderByID(ctx context.Context, tx *sqldb.Tx, id int64) (folderRow, error) {
	f, err := scanFolder(tx.QueryRow(ctx, `SELECT `+folderColumns+` FROM mail_folder f WHERE f.id = ?`, id))
	return f, noRows(err, errNoFolder)
}

func folderByName(ctx context.Context, tx *sqldb.Tx, accountID int64, name string) (folderRow, error) {
	f, err := scanFolder(tx.QueryRow(ctx, `SELECT `+folderColumns+` FROM mail_folder f WHERE f.account_id = ? AND f.name = ?`, accountID, name))
	return f, noRows(err, errNoFolder)
}

// Folders gives an account's folders with their counts, by name.
func (s *Store) Folders(ctx context.Context, accountID int64) ([]Folder, error) {
	var out []Folder
	err := s.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = foldersOf(ctx, tx, accountID)
		return err
	})
	return out, err
}

func foldersOf(ctx context.Context, tx *sqldb.Tx, accountID int64) ([]Folder, error) {
	rows, err := tx.Query(ctx, `SELECT `+folderColumns+` FROM mail_folder f WHERE f.account_id = ?`, accountID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Folder
	for rows.Next() {
		f, err := scanFolder(rows)
		if err != nil {
			return nil, sqldb.Fault(err)
		}
		out = append(out, f.Folder)
	}
	// Sorted here: the engines' collations differ.
	slices.SortFunc(out, func(a, b Folder) int { return strings.Compare(a.Name, b.Name) })
	return out, sqldb.Fault(rows.Err())
}

// Folder looks a folder up by name; fault.NotFound.
func (s *Store) Folder(ctx context.Context, accountID int64, name string) (*Folder, error) {
	name, err := FolderName(name)
	if err != nil {
		return nil, errNoFolder // a name that can't be is not there
	}
	var f folderRow
	err = s.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		f, err = folderByName(ctx, tx, accountID, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &f.Folder, nil
}
