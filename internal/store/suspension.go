package store

import (
	"cmp"
	"context"
	"slices"

	"posthouse/internal/core/suspension"
)

// suspended is one kind of thing that carries suspensions, by its statements.
type suspended struct{ sel, ins, del string }

var (
	orderSuspensions = suspended{
		sel: "SELECT order_id, type, role, reseller_id, suspended_on, note FROM order_suspension WHERE order_id IN (",
		ins: "INSERT INTO order_suspension (order_id, type, role, reseller_id, suspended_on, note) VALUES (?, ?, ?, ?, ?, ?)",
		del: "DELETE FROM order_suspension WHERE order_id = ?",
	}
	accountSuspensions = suspended{
		sel: "SELECT account_id, type, role, reseller_id, suspended_on, note FROM account_suspension WHERE account_id IN (",
		ins: "INSERT INTO account_suspension (account_id, type, role, reseller_id, suspended_on, note) VALUES (?, ?, ?, ?, ?, ?)",
		del: "DELETE FROM account_suspension WHERE account_id = ?",
	}
)

func (t *tx) insertSuspensions(ctx context.Context, of suspended, id int64, set suspension.Set) error {
	for _, s := range set {
		if _, err := t.Exec(ctx, of.ins, id, s.Type, s.Role, s.ResellerID, micros(s.On), s.Note); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replaceSuspensions(ctx context.Context, of suspended, id int64, set suspension.Set) error {
	if _, err := t.Exec(ctx, of.del, id); err != nil {
		return err
	}
	return t.insertSuspensions(ctx, of, id, set)
}

// suspensions gives the sets of those ids that have one.
func (t *tx) suspensions(ctx context.Context, of suspended, ids []int64) (map[int64]suspension.Set, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	sets := make(map[int64]suspension.Set, len(ids))
	err := chunks(ids, func(marks string, args []any) error {
		type row struct {
			id int64
			suspension.Suspension
		}
		list, err := all(ctx, t, func(r scanner, v *row) error {
			return r.Scan(&v.id, &v.Type, &v.Role, &v.ResellerID, instant{&v.On}, &v.Note)
		}, of.sel+marks+")", args...)
		for _, r := range list {
			sets[r.id] = append(sets[r.id], r.Suspension)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		slices.SortFunc(set, func(a, b suspension.Suspension) int {
			return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Role, b.Role), cmp.Compare(a.ResellerID, b.ResellerID))
		})
	}
	return sets, nil
}
