package store

import (
	"context"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
)

const eventColumns = "id, public_id, partner_id, order_id, customer_id, type, data, actor, request_id, created_at"

// CountEvents implements work.Tx.
func (t *tx) CountEvents(ctx context.Context, partnerID int64, from, to time.Time) (n int, last int64, err error) {
	err = t.ScanRow(ctx, []any{&n, &last}, "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM event WHERE partner_id = ? AND created_at >= ? AND created_at < ?",
		partnerID, micros(from), micros(to))
	return n, last, err
}

// ReplayedEvents implements work.Tx.
func (t *tx) ReplayedEvents(ctx context.Context, r *webhook.Replay, limit int) ([]*event.Event, error) {
	return all(ctx, t, scanEvent, "SELECT "+eventColumns+` FROM event WHERE partner_id = ? AND created_at >= ? AND created_at < ?
		AND (created_at > ? OR id > ?) AND id <= ? ORDER BY created_at, id LIMIT ?`,
		r.PartnerID, micros(r.CursorAt), micros(r.To), micros(r.CursorAt), r.CursorEvent, r.LastEvent, limit)
}

// InsertWebhookReplay implements work.Tx.
func (t *tx) InsertWebhookReplay(ctx context.Context, r *webhook.Replay) error {
	t.webhooksChanged(0)
	return t.insert(ctx, &r.ID, `INSERT INTO webhook_replay (partner_id, endpoint_id, from_at, to_at, last_event, cursor_at, cursor_event, total, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.PartnerID, r.EndpointID, micros(r.From), micros(r.To), r.LastEvent, micros(r.CursorAt), r.CursorEvent, r.Total, micros(r.CreatedAt))
}

// UpdateWebhookReplay implements work.Tx.
func (t *tx) UpdateWebhookReplay(ctx context.Context, r *webhook.Replay) error {
	return t.update(ctx, "UPDATE webhook_replay SET cursor_at = ?, cursor_event = ?, finished_at = ? WHERE id = ?",
		micros(r.CursorAt), r.CursorEvent, microsOrNull(r.FinishedAt), r.ID)
}

// NextWebhookReplay implements work.Tx.
func (t *tx) NextWebhookReplay(ctx context.Context, afterPartner int64) (*webhook.Replay, error) {
	const open = "SELECT " + replayColumns + " FROM webhook_replay WHERE finished_at IS NULL AND partner_id > ? ORDER BY partner_id, id LIMIT 1"
	r, err := one(t.QueryRow(ctx, open, afterPartner), scanReplay)
	if r != nil || err != nil || afterPartner == 0 {
		return r, err
	}
	return one(t.QueryRow(ctx, open, 0), scanReplay)
}

const replayColumns = "id, partner_id, endpoint_id, from_at, to_at, last_event, cursor_at, cursor_event, total, created_at, finished_at"

func scanReplay(row scanner, r *webhook.Replay) error {
	return row.Scan(&r.ID, &r.PartnerID, &r.EndpointID, instant{&r.From}, instant{&r.To}, &r.LastEvent, instant{&r.CursorAt}, &r.CursorEvent,
		&r.Total, instant{&r.CreatedAt}, maybe{&r.FinishedAt})
}

// OpenWebhookReplays implements work.Tx.
func (t *tx) OpenWebhookReplays(ctx context.Context, partnerID int64, limit int) ([]*webhook.Replay, error) {
	return all(ctx, t, scanReplay, "SELECT "+replayColumns+` FROM webhook_replay WHERE finished_at IS NULL AND partner_id = ? ORDER BY id LIMIT ?`, partnerID, limit)
}
