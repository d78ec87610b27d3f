package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

const webhookColumns = `id, partner_id, format, url, header_name, sealed_header, sealed_secret, events, suppress_own, paused,
	created_at, updated_at, deleted_at, failing_since, warned_at`

// webhookDest are the places for webhookColumns.
func webhookDest(e *webhook.Endpoint) []any {
	return []any{&e.ID, &e.PartnerID, &e.Format, &e.URL, &e.HeaderName, &e.SealedHeader, &e.SealedSecret, eventTypes{&e.Events}, &e.SuppressOwn, &e.Paused,
		instant{&e.CreatedAt}, instant{&e.UpdatedAt}, maybe{&e.DeletedAt}, maybe{&e.FailingSince}, maybe{&e.WarnedAt}}
}

func scanWebhook(row scanner, e *webhook.Endpoint) error { return row.Scan(webhookDest(e)...) }

// eventTypes scans a JSON list that may be NULL.
type eventTypes struct{ to *[]event.Type }

func (t eventTypes) Scan(src any) error {
	var raw []byte
	if err := (document{&raw}).Scan(src); err != nil {
		return err
	}
	*t.to = nil
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, t.to)
}

func webhookArgs(e *webhook.Endpoint) ([]any, error) {
	var events []byte
	if len(e.Events) > 0 {
		var err error
		if events, err = json.Marshal(e.Events); err != nil {
			return nil, fault.Wrap(err)
		}
	}
	return []any{e.PartnerID, e.Format, e.URL, e.HeaderName, e.SealedHeader, e.SealedSecret, documentOrNull(events), e.SuppressOwn, e.Paused,
		micros(e.CreatedAt), micros(e.UpdatedAt), microsOrNull(e.DeletedAt)}, nil
}

// InsertWebhook implements work.Tx.
func (t *tx) InsertWebhook(ctx context.Context, e *webhook.Endpoint) error {
	args, err := webhookArgs(e)
	if err != nil {
		return err
	}
	t.webhooksChanged(0)
	return t.insert(ctx, &e.ID, `INSERT INTO webhook_endpoint (partner_id, format, url, header_name, sealed_header, sealed_secret, events, suppress_own,
		paused, created_at, updated_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, args...)
}

// UpdateWebhook implements work.Tx.
func (t *tx) UpdateWebhook(ctx context.Context, e *webhook.Endpoint) error {
	args, err := webhookArgs(e)
	if err != nil {
		return err
	}
	t.webhooksChanged(0)
	return t.update(ctx, `UPDATE webhook_endpoint SET partner_id = ?, format = ?, url = ?, header_name = ?, sealed_header = ?, sealed_secret = ?, events = ?,
		suppress_own = ?, paused = ?, created_at = ?, updated_at = ?, deleted_at = ? WHERE id = ?`, append(args, e.ID)...)
}

// Webhook implements work.Tx.
func (t *tx) Webhook(ctx context.Context, id int64) (*webhook.Endpoint, error) {
	return one(t.QueryRow(ctx, "SELECT "+webhookColumns+" FROM webhook_endpoint WHERE id = ?", id), scanWebhook)
}

// Webhooks implements work.Tx.
func (t *tx) Webhooks(ctx context.Context, partnerID int64) ([]*webhook.Endpoint, error) {
	if partnerID == 0 {
		return all(ctx, t, scanWebhook, "SELECT "+webhookColumns+" FROM webhook_endpoint WHERE deleted_at IS NULL ORDER BY id")
	}
	return all(ctx, t, scanWebhook, "SELECT "+webhookColumns+" FROM webhook_endpoint WHERE partner_id = ? AND deleted_at IS NULL ORDER BY id", partnerID)
}

// WarnWebhook implements work.Tx.
func (t *tx) WarnWebhook(ctx context.Context, id int64, at time.Time) (bool, error) {
	n, err := t.Exec(ctx, "UPDATE webhook_endpoint SET warned_at = ? WHERE id = ? AND warned_at IS NULL AND failing_since IS NOT NULL", micros(at), id)
	return n > 0, err
}

// FailWebhooks implements work.Tx.
func (t *tx) FailWebhooks(ctx context.Context, partnerID int64, n, status int) error {
	_, err := t.Exec(ctx, `INSERT INTO webhook_fault (partner_id, remaining, status) VALUES (?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET remaining = excluded.remaining, status = excluded.status`, partnerID, n, status)
	return err
}

// webhooksChanged tells this process's dispatcher after the commit: lanes of an
// endpoint may be due, or with 0 anything may be different.
func (t *tx) webhooksChanged(endpointID int64) {
	if hook := t.store.webhooksChanged; hook != nil {
		t.AfterCommit(func() { hook(endpointID) })
	}
}

// prefixed puts an alias before each name of a column list.
func prefixed(alias, columns string) string {
	list := strings.Split(columns, ",")
	for i, c := range list {
		list[i] = alias + strings.TrimSpace(c)
	}
	return strings.Join(list, ", ")
}
