package mailstore

import (
	"context"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// Subscribe adds a name to the account's subscriptions, or removes it. There
// need not be a folder of that name (RFC 9051 section 6.3.7).
func (s *Store) Subscribe(ctx context.Context, accountID int64, name string, on bool) error {
	name, err := FolderName(name)
	if err != nil {
		return err
	}
	return s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		if !on {
			_, err := tx.Exec(ctx, `DELETE FROM mail_subscription WHERE account_id = ? AND name = ?`, accountID, name)
			return err
		}
		var boxes, names int
		err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM mail_box WHERE account_id = ? AND account_id > 0),
			(SELECT COUNT(*) FROM mail_subscription WHERE account_id = ?)`, accountID, accountID).Scan(&boxes, &names)
		if err != nil {
			return sqldb.Fault(err)
		}
		if boxes == 0 {
			return errNoAccount
		}
		if names >= 2*s.cfg.MaxFolders {
			return fault.New(fault.TooMany, "Too many subscriptions").WithReason("LIMIT")
		}
		_, err = tx.Exec(ctx, `INSERT INTO mail_subscription (account_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, accountID, name)
		return err
	})
}

// Subscriptions gives the subscribed names, sorted.
func (s *Store) Subscriptions(ctx context.Context, accountID int64) ([]string, error) {
	var out []string
	err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT name FROM mail_subscription WHERE account_id = ?`, accountID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return sqldb.Fault(err)
			}
			out = append(out, name)
		}
		return sqldb.Fault(rows.Err())
	})
	slices.Sort(out)
	return out, err
}
