package store

import (
	"context"

	"posthouse/internal/core/forwarder"
)

const forwardColumns = "account_id, order_id, kind, email"

func scanForward(row scanner, f *forwarder.Forward) error {
	return row.Scan(&f.AccountID, &f.OrderID, &f.Kind, &f.Email)
}

// PutForwards implements work.Tx.
func (t *tx) PutForwards(ctx context.Context, orderID, accountID int64, k forwarder.Kind, emails []string) error {
	if _, err := t.Exec(ctx, "DELETE FROM mailbox_forward WHERE account_id = ? AND kind = ?", accountID, k); err != nil {
		return err
	}
	for i, e := range emails {
		if _, err := t.Exec(ctx, "INSERT INTO mailbox_forward (account_id, order_id, kind, position, email) VALUES (?, ?, ?, ?, ?)",
			accountID, orderID, k, i, e); err != nil {
			return err
		}
	}
	return nil
}

// ForwardsOf implements work.Tx.
func (t *tx) ForwardsOf(ctx context.Context, accountIDs []int64) (out []*forwarder.Forward, err error) {
	err = chunks(accountIDs, func(marks string, args []any) error {
		part, err := all(ctx, t, scanForward, "SELECT "+forwardColumns+" FROM mailbox_forward WHERE account_id IN ("+marks+
			") ORDER BY account_id, kind, position", args...)
		out = append(out, part...)
		return err
	})
	return out, err
}

// ForwardsOfOrder implements work.Tx.
func (t *tx) ForwardsOfOrder(ctx context.Context, orderID int64) ([]*forwarder.Forward, error) {
	return all(ctx, t, scanForward, "SELECT "+forwardColumns+" FROM mailbox_forward WHERE order_id = ? ORDER BY account_id, kind, position", orderID)
}

// DropForwardsTo implements work.Tx.
func (t *tx) DropForwardsTo(ctx context.Context, orderID int64, email string) error {
	_, err := t.Exec(ctx, "DELETE FROM mailbox_forward WHERE order_id = ? AND email = ?", orderID, email)
	return err
}

// ForwardersNaming implements work.Tx.
func (t *tx) ForwardersNaming(ctx context.Context, orderID int64, email string) ([]*forwarder.Forwarder, error) {
	return t.forwarders(ctx, "SELECT "+forwarderColumns+` FROM forwarder WHERE order_id = ? AND id IN
		(SELECT forwarder_id FROM forwarder_member WHERE account_id = 0 AND email = ?) ORDER BY id`, orderID, email)
}
