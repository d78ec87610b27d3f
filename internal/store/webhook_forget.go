package store

import (
	"context"
	"time"

	"posthouse/internal/core/webhook"
	"posthouse/internal/store/sqldb"
)

// forgetStep bounds one transaction of ForgetWebhooks.
const forgetStep = 200

// ForgetWebhooks removes a bounded part of what is no longer kept: deliveries
// that were done before a moment, with their attempts, and what waits for
// deleted endpoints. more tells that there may be more of it.
func (s *Store) ForgetWebhooks(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.db.WriteRows(ctx, func(t *sqldb.Tx) error {
		more = false
		old, err := all(ctx, s.tx(t), func(r scanner, id *int64) error { return r.Scan(id) },
			"SELECT id FROM webhook_delivery WHERE done_at IS NOT NULL AND done_at < ? ORDER BY done_at LIMIT ?", micros(before), forgetStep)
		if err != nil {
			return err
		}
		ids := make([]int64, len(old))
		for i, id := range old {
			ids[i] = *id
		}
		if err := chunks(ids, func(marks string, args []any) error {
			if _, err := t.Exec(ctx, "DELETE FROM webhook_attempt WHERE delivery_id IN ("+marks+")", args...); err != nil {
				return err
			}
			_, err := t.Exec(ctx, "DELETE FROM webhook_delivery WHERE id IN ("+marks+")", args...)
			return err
		}); err != nil {
			return err
		}
		dropped, err := s.tx(t).dropLanes(ctx)
		if err != nil {
			return err
		}
		if _, err := t.Exec(ctx, endOfFailure); err != nil {
			return err
		}
		if _, err := t.Exec(ctx, "DELETE FROM webhook_replay WHERE finished_at IS NOT NULL AND finished_at < ?", micros(before)); err != nil {
			return err
		}
		more = len(ids) == forgetStep || dropped == forgetStep
		return nil
	})
	return more, err
}

// dropLanes drops what waits for deleted endpoints.
func (t *tx) dropLanes(ctx context.Context) (int, error) {
	lanes, err := all(ctx, t, func(r scanner, c *webhook.Claim) error { return r.Scan(&c.LaneID, &c.EndpointID, &c.Lane) },
		`SELECT l.id, l.endpoint_id, l.order_id FROM webhook_endpoint e JOIN webhook_lane l ON l.endpoint_id = e.id WHERE e.deleted_at IS NOT NULL LIMIT ?`, forgetStep)
	if err != nil {
		return 0, err
	}
	for _, l := range lanes {
		if _, err := t.Exec(ctx, "DELETE FROM webhook_lane WHERE id = ?", l.LaneID); err != nil {
			return 0, err
		}
		if _, err := t.Exec(ctx, `DELETE FROM webhook_attempt WHERE delivery_id IN
			(SELECT id FROM webhook_delivery WHERE endpoint_id = ? AND order_id = ? AND state = 'pending')`, l.EndpointID, l.Lane); err != nil {
			return 0, err
		}
		if _, err := t.Exec(ctx, "DELETE FROM webhook_delivery WHERE endpoint_id = ? AND order_id = ? AND state = 'pending'", l.EndpointID, l.Lane); err != nil {
			return 0, err
		}
	}
	return len(lanes), nil
}

// CountWebhookLanes counts what waits, for metrics.
func (s *Store) CountWebhookLanes(ctx context.Context) (lanes, failing int64, err error) {
	err = s.db.Read(ctx, func(t *sqldb.Tx) error {
		return t.ScanRow(ctx, []any{&lanes, &failing}, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN failing THEN 1 ELSE 0 END), 0) FROM webhook_lane")
	})
	return lanes, failing, err
}
