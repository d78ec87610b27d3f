package store

import (
	"context"

	"posthouse/internal/core/account"
)

func (t *tx) insertAliases(ctx context.Context, a *account.Account) error {
	for i, l := range a.Aliases {
		if _, err := t.Exec(ctx, "INSERT INTO account_alias (account_id, position, local, display_name, held) VALUES (?, ?, ?, ?, ?)",
			a.ID, i, l.Local, l.DisplayName, l.Held); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replaceAliases(ctx context.Context, a *account.Account) error {
	if _, err := t.Exec(ctx, "DELETE FROM account_alias WHERE account_id = ?", a.ID); err != nil {
		return err
	}
	return t.insertAliases(ctx, a)
}

// aliases gives the aliases, in their order, of those accounts that have some.
func (t *tx) aliases(ctx context.Context, accountIDs []int64) (map[int64][]account.Alias, error) {
	if len(accountIDs) == 0 {
		return nil, nil
	}
	out := make(map[int64][]account.Alias, len(accountIDs))
	err := chunks(accountIDs, func(marks string, args []any) error {
		type row struct {
			id int64
			account.Alias
		}
		list, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.id, &v.Local, &v.DisplayName, &v.Held) },
			"SELECT account_id, local, display_name, held FROM account_alias WHERE account_id IN ("+marks+") ORDER BY account_id, position", args...)
		for _, r := range list {
			out[r.id] = append(out[r.id], r.Alias)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
