package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"posthouse/internal/core/cart"
	"posthouse/internal/fault"
)

// InsertCart implements work.Tx.
func (t *tx) InsertCart(ctx context.Context, c *cart.Cart) error {
	content, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, `INSERT INTO cart (tracking_id, partner_id, order_id, content, created_at, expires_at, executed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		c.TrackingID, c.PartnerID, c.OrderID, string(content), micros(c.CreatedAt), micros(c.ExpiresAt), microsOrNull(c.ExecutedAt))
	return err
}

// Cart implements work.Tx.
func (t *tx) Cart(ctx context.Context, trackingID string) (*cart.Cart, error) {
	return one(t.QueryRow(ctx, `SELECT tracking_id, partner_id, order_id, content, created_at, expires_at, executed_at
		FROM cart WHERE tracking_id = ?`, trackingID), func(r scanner, c *cart.Cart) error {
		var content string
		if err := r.Scan(&c.TrackingID, &c.PartnerID, &c.OrderID, &content, instant{&c.CreatedAt}, instant{&c.ExpiresAt},
			maybe{&c.ExecutedAt}); err != nil {
			return err
		}
		return json.Unmarshal([]byte(content), c)
	})
}

// ExecuteCart implements work.Tx.
func (t *tx) ExecuteCart(ctx context.Context, trackingID string, at time.Time) (bool, error) {
	n, err := t.Exec(ctx, "UPDATE cart SET executed_at = ? WHERE tracking_id = ? AND executed_at IS NULL", micros(at), trackingID)
	return n == 1, err
}

// ForgetCarts implements work.Tx.
func (t *tx) ForgetCarts(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM cart WHERE executed_at IS NULL AND expires_at < ?", micros(before))
	return err
}

// AddonCounters implements work.Tx.
func (t *tx) AddonCounters(ctx context.Context, orderID int64) (map[string]int64, error) {
	type counter struct {
		addon    string
		quantity int64
	}
	rows, err := all(ctx, t, func(r scanner, c *counter) error { return r.Scan(&c.addon, &c.quantity) },
		"SELECT addon, quantity FROM order_addon WHERE order_id = ? ORDER BY addon", orderID)
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(rows))
	for _, c := range rows {
		out[c.addon] = c.quantity
	}
	return out, nil
}

// AddAddon implements work.Tx.
func (t *tx) AddAddon(ctx context.Context, orderID int64, addon string, quantity int) error {
	_, err := t.Exec(ctx, `INSERT INTO order_addon (order_id, addon, quantity) VALUES (?, ?, ?)
		ON CONFLICT (order_id, addon) DO UPDATE SET quantity = order_addon.quantity + excluded.quantity`, orderID, addon, quantity)
	return err
}

// AddonCatalogue implements work.Tx.
func (t *tx) AddonCatalogue(ctx context.Context, partnerID int64) (list []cart.Product, err error) {
	var content string
	err = t.ScanRow(ctx, []any{&content}, "SELECT content FROM addon_catalogue WHERE partner_id = ?", partnerID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list, fault.Wrap(json.Unmarshal([]byte(content), &list))
}

// PutAddonCatalogue implements work.Tx.
func (t *tx) PutAddonCatalogue(ctx context.Context, partnerID int64, products []cart.Product, at time.Time) error {
	content, err := json.Marshal(products)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, `INSERT INTO addon_catalogue (partner_id, content, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at`,
		partnerID, string(content), micros(at))
	return err
}
