package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"posthouse/internal/store/sqldb"
)

// Left is something of a purged object that should be gone.
type Left struct {
	Object string // "account" or "order"
	ID     int64
	What   string
}

// String is for people.
func (l Left) String() string { return fmt.Sprintf("purged %s %d: %s", l.Object, l.ID, l.What) }

// verifyStep is how many purged objects one transaction looks at.
const verifyStep = 1000

// VerifyPurged looks for anything of a purged account or order that is still
// there: rows, personal data, a mailbox. It may run beside a working server.
func (s *Store) VerifyPurged(ctx context.Context, find func(Left)) (objects int64, err error) {
	for _, k := range []struct {
		object, ids, personal string
		rows                  []string
	}{
		{"account", "SELECT id FROM account WHERE purged_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
			"SELECT COUNT(*) FROM account WHERE id = ? AND (name <> '' OR first_name <> '' OR last_name <> '' OR alternate_email <> '' OR password_hash <> '')", accountRows},
		{"order", "SELECT id FROM mail_order WHERE purged_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
			"SELECT COUNT(*) FROM account WHERE order_id = ? AND purged_at IS NULL", orderRows},
	} {
		counts := []string{k.personal}
		for _, q := range k.rows {
			counts = append(counts, "SELECT COUNT(*)"+strings.TrimPrefix(q, "DELETE"))
		}
		for after := int64(0); ; {
			var ids []int64
			var found []Left
			err := s.db.Read(ctx, func(sq *sqldb.Tx) error {
				t := &tx{Tx: sq, store: s}
				found = nil
				rows, err := all(ctx, t, func(r scanner, id *int64) error { return r.Scan(id) }, k.ids, after, verifyStep)
				if err != nil {
					return err
				}
				ids = nil
				for _, id := range rows {
					ids = append(ids, *id)
				}
				found, err = t.left(ctx, k.object, ids, counts)
				return err
			})
			if err != nil {
				return objects, err
			}
			objects += int64(len(ids))
			for _, l := range found {
				find(l)
			}
			if len(ids) < verifyStep {
				break
			}
			after = ids[len(ids)-1]
		}
	}
	return objects, nil
}

// left looks at objects of one kind; the first of counts is about what a row may
// no longer say.
func (t *tx) left(ctx context.Context, object string, ids []int64, counts []string) (out []Left, err error) {
	for _, id := range ids {
		for i, q := range counts {
			var n int64
			if err := t.ScanRow(ctx, []any{&n}, q, id); err != nil {
				return nil, err
			}
			if n == 0 {
				continue
			}
			what := fmt.Sprintf("%d rows are left: %s", n, strings.TrimPrefix(q, "SELECT COUNT(*) FROM "))
			if i == 0 {
				what = map[string]string{"account": "personal data is left", "order": "accounts are not purged"}[object]
			}
			out = append(out, Left{object, id, what})
		}
	}
	if object != "account" || len(ids) == 0 {
		return out, nil
	}
	boxes, err := t.store.mail.UsedTx(ctx, t.Tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, there := boxes[id]; there {
			out = append(out, Left{object, id, "the mailbox is left"})
		}
	}
	slices.SortStableFunc(out, func(a, b Left) int { return int(a.ID - b.ID) })
	return out, nil
}
