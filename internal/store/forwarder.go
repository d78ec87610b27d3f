package store

import (
	"context"
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/store/sqldb"
)

const forwarderColumns = "id, order_id, partner_id, local, domain, created_at, updated_at"

func scanForwarder(row scanner, f *forwarder.Forwarder) error {
	return row.Scan(&f.ID, &f.OrderID, &f.PartnerID, &f.Local, &f.Domain, instant{&f.CreatedAt}, instant{&f.UpdatedAt})
}

// memberRow is a member and where it stands.
type memberRow struct {
	forwarder.Member

	forwarderID, position int64
}

func scanMember(row scanner, m *memberRow) error {
	return row.Scan(&m.forwarderID, &m.position, &m.Email, &m.AccountID)
}

// InsertForwarder implements work.Tx.
func (t *tx) InsertForwarder(ctx context.Context, f *forwarder.Forwarder) error {
	err := t.insert(ctx, &f.ID, `INSERT INTO forwarder (order_id, partner_id, local, domain, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, f.OrderID, f.PartnerID, f.Local, f.Domain, micros(f.CreatedAt), micros(f.UpdatedAt))
	if err != nil {
		return err
	}
	return t.insertMembers(ctx, f.ID, 0, f.Members)
}

func (t *tx) insertMembers(ctx context.Context, id, from int64, members []forwarder.Member) error {
	for i, m := range members {
		if _, err := t.Exec(ctx, "INSERT INTO forwarder_member (forwarder_id, position, email, account_id) VALUES (?, ?, ?, ?)",
			id, from+int64(i), m.Email, m.AccountID); err != nil {
			return err
		}
	}
	return nil
}

// UpdateForwarder implements work.Tx. It writes what differs: a member that
// joins or leaves is one row.
func (t *tx) UpdateForwarder(ctx context.Context, f *forwarder.Forwarder) error {
	if err := t.update(ctx, "UPDATE forwarder SET local = ?, domain = ?, updated_at = ? WHERE id = ?",
		f.Local, f.Domain, micros(f.UpdatedAt), f.ID); err != nil {
		return err
	}
	was, err := all(ctx, t, scanMember, "SELECT forwarder_id, position, email, account_id FROM forwarder_member WHERE forwarder_id = ? ORDER BY position", f.ID)
	if err != nil {
		return err
	}
	wanted := make(map[forwarder.Member]bool, len(f.Members))
	for _, m := range f.Members {
		wanted[m] = true
	}
	next := int64(0)
	kept := make([]forwarder.Member, 0, len(f.Members))
	for _, m := range was {
		next = m.position + 1
		if wanted[m.Member] {
			kept = append(kept, m.Member)
			continue
		}
		if _, err := t.Exec(ctx, "DELETE FROM forwarder_member WHERE forwarder_id = ? AND position = ?", f.ID, m.position); err != nil {
			return err
		}
	}
	if len(kept) <= len(f.Members) && slices.Equal(kept, f.Members[:len(kept)]) {
		return t.insertMembers(ctx, f.ID, next, f.Members[len(kept):])
	}
	if err := t.deleteMembers(ctx, f.ID); err != nil {
		return err
	}
	return t.insertMembers(ctx, f.ID, 0, f.Members)
}

func (t *tx) deleteMembers(ctx context.Context, id int64) error {
	_, err := t.Exec(ctx, "DELETE FROM forwarder_member WHERE forwarder_id = ?", id)
	return err
}

// DeleteForwarder implements work.Tx.
func (t *tx) DeleteForwarder(ctx context.Context, id int64) error {
	if err := t.deleteMembers(ctx, id); err != nil {
		return err
	}
	_, err := t.Exec(ctx, "DELETE FROM forwarder WHERE id = ?", id)
	return err
}

// Forwarder implements work.Tx.
func (t *tx) Forwarder(ctx context.Context, orderID int64, local string) (*forwarder.Forwarder, error) {
	f, err := one(t.QueryRow(ctx, "SELECT "+forwarderColumns+" FROM forwarder WHERE order_id = ? AND local = ?", orderID, local), scanForwarder)
	if f == nil || err != nil {
		return nil, err
	}
	return f, t.members(ctx, []*forwarder.Forwarder{f})
}

// ForwardersOfOrder implements work.Tx.
func (t *tx) ForwardersOfOrder(ctx context.Context, orderID int64) ([]*forwarder.Forwarder, error) {
	return t.forwarders(ctx, "SELECT "+forwarderColumns+" FROM forwarder WHERE order_id = ? ORDER BY id", orderID)
}

// ForwardersWith implements work.Tx.
func (t *tx) ForwardersWith(ctx context.Context, accountID int64) ([]*forwarder.Forwarder, error) {
	if accountID <= 0 {
		return nil, nil
	}
	return t.forwarders(ctx, "SELECT "+forwarderColumns+` FROM forwarder WHERE id IN
		(SELECT forwarder_id FROM forwarder_member WHERE account_id > 0 AND account_id = ?) ORDER BY id`, accountID)
}

func (t *tx) forwarders(ctx context.Context, query string, args ...any) ([]*forwarder.Forwarder, error) {
	list, err := all(ctx, t, scanForwarder, query, args...)
	if err != nil {
		return nil, err
	}
	return list, t.members(ctx, list)
}

// members completes forwarders.
func (t *tx) members(ctx context.Context, list []*forwarder.Forwarder) error {
	if len(list) == 0 {
		return nil
	}
	byID := make(map[int64]*forwarder.Forwarder, len(list))
	ids := make([]int64, len(list))
	for i, f := range list {
		byID[f.ID], ids[i] = f, f.ID
	}
	return chunks(ids, func(marks string, args []any) error {
		rows, err := all(ctx, t, scanMember, `SELECT forwarder_id, position, email, account_id FROM forwarder_member
			WHERE forwarder_id IN (`+marks+") ORDER BY forwarder_id, position", args...)
		for _, m := range rows {
			f := byID[m.forwarderID]
			f.Members = append(f.Members, m.Member)
		}
		return err
	})
}

// ForwarderCounts implements work.Tx.
func (t *tx) ForwarderCounts(ctx context.Context, orderID int64) (forwarders, members int, err error) {
	err = t.ScanRow(ctx, []any{&forwarders, &members}, `SELECT (SELECT COUNT(*) FROM forwarder WHERE order_id = ?),
		(SELECT COUNT(*) FROM forwarder_member m JOIN forwarder f ON f.id = m.forwarder_id WHERE f.order_id = ?)`, orderID, orderID)
	return forwarders, members, err
}

// Accounts implements work.Tx.
func (t *tx) Accounts(ctx context.Context, ids []int64) ([]*account.Account, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []*account.Account
	for part := range slices.Chunk(ids, sqldb.MaxIn) {
		marks, args := sqldb.In(part)
		list, err := t.accounts(ctx, "SELECT "+accountColumns+" FROM account WHERE id IN ("+marks+") ORDER BY id", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
