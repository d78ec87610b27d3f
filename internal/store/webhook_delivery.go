package store

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

const deliveryColumns = `d.id, d.partner_id, d.endpoint_id, d.order_id, d.event_id, e.public_id, e.type, d.replay, d.state, d.attempts,
	d.last_status, d.last_error, d.created_at, d.first_at, d.last_at, d.done_at`

func scanDelivery(row scanner, d *webhook.Delivery) error {
	err := row.Scan(&d.ID, &d.PartnerID, &d.EndpointID, &d.OrderID, &d.EventRow, &d.EventID, &d.Type, &d.Replay, &d.State, &d.Attempts,
		&d.LastStatus, &d.LastError, instant{&d.CreatedAt}, maybe{&d.FirstAt}, maybe{&d.LastAt}, maybe{&d.DoneAt})
	d.OrderID, d.CustomerID = webhook.LaneOf(d.OrderID)
	return err
}

// EnqueueWebhook implements work.Tx. The lane's row is written, and so
// locked, even when it exists: whoever settles its last delivery at the same
// moment waits for this commit and then sees the new one, or goes first and this
// transaction finds the row changed.
func (t *tx) EnqueueWebhook(ctx context.Context, d *webhook.Delivery) error {
	lane := webhook.Lane(d.OrderID, d.CustomerID)
	err := t.insert(ctx, &d.ID, `INSERT INTO webhook_delivery (partner_id, endpoint_id, order_id, event_id, replay, state, attempts, last_status,
		last_error, created_at) VALUES (?, ?, ?, ?, ?, 'pending', 0, 0, '', ?) RETURNING id`,
		d.PartnerID, d.EndpointID, lane, d.EventRow, d.Replay, micros(d.CreatedAt))
	if err != nil {
		return err
	}
	d.State = webhook.Pending
	t.webhooksChanged(d.EndpointID)
	_, err = t.Exec(ctx, `INSERT INTO webhook_lane (endpoint_id, order_id, partner_id, head_id, pending, failing, due_at, owner)
		VALUES (?, ?, ?, ?, 1, FALSE, ?, '')
		ON CONFLICT (endpoint_id, order_id) DO UPDATE SET pending = webhook_lane.pending + 1`,
		d.EndpointID, lane, d.PartnerID, d.ID, micros(d.CreatedAt))
	return err
}

// WebhookWaits implements work.Tx.
func (t *tx) WebhookWaits(ctx context.Context, endpointID, lane, eventRow int64) (bool, error) {
	var n int
	err := t.ScanRow(ctx, []any{&n}, `SELECT COUNT(*) FROM webhook_delivery WHERE endpoint_id = ? AND order_id = ? AND state = 'pending' AND event_id = ?`,
		endpointID, lane, eventRow)
	return n > 0, err
}

// WebhookDelivery implements work.Tx.
func (t *tx) WebhookDelivery(ctx context.Context, id int64) (*webhook.Delivery, error) {
	return one(t.QueryRow(ctx, "SELECT "+deliveryColumns+" FROM webhook_delivery d JOIN event e ON e.id = d.event_id WHERE d.id = ?", id), scanDelivery)
}

// WebhookDeliveries implements work.Tx.
func (t *tx) WebhookDeliveries(ctx context.Context, f work.DeliveryFilter) ([]*webhook.Delivery, error) {
	var where []string
	var args []any
	add := func(use bool, cond string, arg any) {
		if use {
			where, args = append(where, cond), append(args, arg)
		}
	}
	add(f.PartnerID != 0, "d.partner_id = ?", f.PartnerID)
	add(f.EndpointID != 0, "d.endpoint_id = ?", f.EndpointID)
	add(f.OrderID != 0, "d.order_id = ?", f.OrderID)
	add(f.EventID != "", "e.public_id = ?", f.EventID)
	add(f.State == webhook.Pending, "d.state = 'pending' AND d.state = ?", f.State) // the literal lets the partial index serve
	add(f.State != "" && f.State != webhook.Pending, "d.state = ?", f.State)
	add(f.Before != 0, "d.id < ?", f.Before)
	query := "SELECT " + deliveryColumns + " FROM webhook_delivery d JOIN event e ON e.id = d.event_id"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	return all(ctx, t, scanDelivery, query+" ORDER BY d.id DESC LIMIT ?", append(args, f.Limit)...)
}

// WebhookAttempts implements work.Tx.
func (t *tx) WebhookAttempts(ctx context.Context, deliveryID int64) ([]*webhook.Attempt, error) {
	return all(ctx, t, func(r scanner, a *webhook.Attempt) error {
		var us int64
		if err := r.Scan(&a.DeliveryID, &a.Number, instant{&a.At}, &us, &a.Status, &a.Error, &a.Excerpt); err != nil {
			return err
		}
		a.Took = time.Duration(us) * time.Microsecond
		return nil
	}, `SELECT delivery_id, number, started_at, took_us, status, error, excerpt FROM webhook_attempt WHERE delivery_id = ? ORDER BY number DESC`, deliveryID)
}

// ShiftWebhookLanes implements work.Tx. A lane being delivered has its
// lease's end in due_at, which is the platform's business.
func (t *tx) ShiftWebhookLanes(ctx context.Context, partnerID int64, by time.Duration) error {
	t.webhooksChanged(0)
	_, err := t.Exec(ctx, `UPDATE webhook_lane SET due_at = due_at - ? WHERE owner = '' AND partner_id = ?
		AND endpoint_id IN (SELECT id FROM webhook_endpoint WHERE partner_id = ?)`, by.Microseconds(), partnerID, partnerID)
	return err
}

// WebhooksSettled implements work.Tx.
func (t *tx) WebhooksSettled(ctx context.Context, partnerID int64, now time.Time) (bool, error) {
	var n int
	err := t.ScanRow(ctx, []any{&n}, `SELECT COUNT(*) FROM webhook_endpoint e WHERE e.partner_id = ? AND e.deleted_at IS NULL AND e.paused = FALSE
		AND EXISTS (SELECT 1 FROM webhook_lane l WHERE l.endpoint_id = e.id AND (l.owner <> '' OR l.due_at <= ?))`, partnerID, micros(now))
	return n == 0, err
}
