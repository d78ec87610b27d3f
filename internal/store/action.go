package store

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/reseller"
)

const actionColumns = `id, partner_id, reseller_id, customer_id, order_id, product_key, type, description, status, status_text, change, option,
	invoice_id, actor, added_at, started_at, completed_at`

func scanAction(row scanner, a *action.Action) error {
	return row.Scan(&a.ID, &a.PartnerID, &a.ResellerID, &a.CustomerID, &a.OrderID, &a.ProductKey, &a.Type, &a.Description, &a.Status, &a.StatusText,
		fromJSON{&a.Change}, &a.Option, &a.InvoiceID, &a.Actor, instant{&a.AddedAt}, maybe{&a.StartedAt}, maybe{&a.CompletedAt})
}

// InsertAction implements work.Tx.
func (t *tx) InsertAction(ctx context.Context, a *action.Action) error {
	change, err := toJSON(a.Change)
	if err != nil {
		return err
	}
	return t.insert(ctx, &a.ID, `INSERT INTO order_action (partner_id, reseller_id, customer_id, order_id, product_key, type, description, status, status_text,
		pending, change, option, invoice_id, actor, added_at, started_at, completed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		a.PartnerID, a.ResellerID, a.CustomerID, a.OrderID, a.ProductKey, a.Type, a.Description, a.Status, a.StatusText,
		a.Status.Pending(), change, a.Option, a.InvoiceID, a.Actor, micros(a.AddedAt), microsOrNull(a.StartedAt), microsOrNull(a.CompletedAt))
}

// UpdateAction implements work.Tx.
func (t *tx) UpdateAction(ctx context.Context, a *action.Action) error {
	change, err := toJSON(a.Change)
	if err != nil {
		return err
	}
	return t.update(ctx, `UPDATE order_action SET description = ?, status = ?, status_text = ?, pending = ?, change = ?, invoice_id = ?, started_at = ?,
		completed_at = ? WHERE id = ?`, a.Description, a.Status, a.StatusText, a.Status.Pending(), change, a.InvoiceID, microsOrNull(a.StartedAt),
		microsOrNull(a.CompletedAt), a.ID)
}

// Action implements work.Tx.
func (t *tx) Action(ctx context.Context, id int64) (*action.Action, error) {
	return one(t.QueryRow(ctx, "SELECT "+actionColumns+" FROM order_action WHERE id = ?", id), scanAction)
}

// PendingAction implements work.Tx.
func (t *tx) PendingAction(ctx context.Context, orderID int64) (*action.Action, error) {
	return one(t.QueryRow(ctx, "SELECT "+actionColumns+" FROM order_action WHERE order_id = ? AND pending", orderID), scanAction)
}

// ActionOfInvoice implements work.Tx.
func (t *tx) ActionOfInvoice(ctx context.Context, transactionID int64) (*action.Action, error) {
	return one(t.QueryRow(ctx, "SELECT "+actionColumns+" FROM order_action WHERE invoice_id = ? AND invoice_id <> 0 ORDER BY id LIMIT 1", transactionID), scanAction)
}

// LastAction implements work.Tx.
func (t *tx) LastAction(ctx context.Context, orderID int64, typ action.Type, succeeded bool) (*action.Action, error) {
	q := "SELECT " + actionColumns + " FROM order_action WHERE order_id = ? AND type = ?"
	if succeeded {
		q += " AND status = 'Success'"
	}
	return one(t.QueryRow(ctx, q+" ORDER BY id DESC LIMIT 1", orderID, typ), scanAction)
}

// LockedActions implements work.Tx.
func (t *tx) LockedActions(ctx context.Context, r *reseller.Reseller, after int64, limit int) ([]*action.Action, error) {
	path := pathText(r.Path)
	return all(ctx, t, scanAction, "SELECT "+actionColumns+` FROM order_action WHERE status = 'InvoicePaid' AND id > ?
		AND reseller_id IN (SELECT r.id FROM reseller r WHERE r.path >= ? AND r.path < ?) ORDER BY id LIMIT ?`, after, path, path+"\U0010FFFF", limit)
}

// LockedResellers implements work.Tx.
func (t *tx) LockedResellers(ctx context.Context, after int64, limit int) ([]int64, error) {
	return t.leaps(ctx, limit, after, "SELECT MIN(reseller_id) FROM order_action WHERE status = 'InvoicePaid' AND reseller_id > ?")
}
