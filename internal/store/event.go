package store

import (
	"context"

	"posthouse/internal/core/event"
	"posthouse/internal/store/sqldb"
)

func scanEvent(row scanner, e *event.Event) error {
	return row.Scan(&e.ID, &e.PublicID, &e.PartnerID, &e.OrderID, &e.CustomerID, &e.Type, document{(*[]byte)(&e.Data)},
		&e.Actor, &e.RequestID, instant{&e.At})
}

// AppendEvent implements work.Tx.
func (t *tx) AppendEvent(ctx context.Context, e *event.Event) error {
	if t.Engine() == sqldb.Postgres && e.OrderID != 0 {
		// Ids come from a sequence, which knows nothing of commits: the order's row
		// lets only one writer at a time append, so its events' ids grow in commit
		// order. The lock does not hinder those who insert rows that refer to it.
		if _, err := t.Exec(ctx, "SELECT 1 FROM mail_order WHERE id = ? FOR NO KEY UPDATE", e.OrderID); err != nil {
			return err
		}
	}
	if t.Engine() == sqldb.Postgres && e.CustomerID != 0 {
		if _, err := t.Exec(ctx, "SELECT 1 FROM customer WHERE id = ? FOR NO KEY UPDATE", e.CustomerID); err != nil {
			return err
		}
	}
	return t.insert(ctx, &e.ID, `INSERT INTO event (public_id, partner_id, order_id, customer_id, type, data, actor, request_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		e.PublicID, e.PartnerID, e.OrderID, e.CustomerID, e.Type, documentOrNull(e.Data), e.Actor, e.RequestID, micros(e.At))
}

// Events implements work.Tx.
func (t *tx) Events(ctx context.Context, partnerID, after int64, limit int) ([]*event.Event, error) {
	return all(ctx, t, scanEvent, `SELECT `+eventColumns+`
		FROM event WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?`, partnerID, after, limit)
}

// EventsOfOrder implements work.Tx.
func (t *tx) EventsOfOrder(ctx context.Context, orderID int64, limit int) ([]*event.Event, error) {
	return all(ctx, t, scanEvent, `SELECT `+eventColumns+`
		FROM event WHERE order_id = ? ORDER BY id DESC LIMIT ?`, orderID, limit)
}
