package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"posthouse/internal/core/webhook"
	"posthouse/internal/store/sqldb"
)

// What follows is for the dispatcher: transactions that lock the lanes that
// they work on, so that on PostgreSQL dispatchers never make each other start again.

// WaitingWebhooks gives every endpoint that may be sent to.
func (s *Store) WaitingWebhooks(ctx context.Context) (list []*webhook.Waiting, err error) {
	err = s.db.Read(ctx, func(t *sqldb.Tx) (err error) {
		list, err = all(ctx, s.tx(t), func(r scanner, w *webhook.Waiting) error {
			var fresh, failing sql.NullInt64
			if err := r.Scan(append(webhookDest(&w.Endpoint), &w.Sandbox, &fresh, &failing)...); err != nil {
				return err
			}
			w.Due = earlier(fresh, failing)
			return nil
		}, "SELECT "+prefixed("e.", webhookColumns)+`, p.sandbox,
			(SELECT MIN(l.due_at) FROM webhook_lane l WHERE l.endpoint_id = e.id AND l.failing = FALSE),
			(SELECT MIN(l.due_at) FROM webhook_lane l WHERE l.endpoint_id = e.id AND l.failing = TRUE)
			FROM webhook_endpoint e JOIN partner p ON p.id = e.partner_id WHERE e.deleted_at IS NULL AND e.paused = FALSE ORDER BY e.id`)
		return err
	})
	return list, err
}

// earlier gives the lesser of two times, zero when both are NULL.
func earlier(a, b sql.NullInt64) time.Time {
	switch {
	case !a.Valid && !b.Valid:
		return time.Time{}
	case !a.Valid || (b.Valid && b.Int64 < a.Int64):
		return at(b.Int64)
	}
	return at(a.Int64)
}

// ClaimWebhooks leases due lanes to owner until a moment, for each request in its order.
func (s *Store) ClaimWebhooks(ctx context.Context, owner string, now, until time.Time, requests []webhook.ClaimRequest) (out []webhook.Claimed, err error) {
	err = s.db.WriteRows(ctx, func(t *sqldb.Tx) error {
		out = make([]webhook.Claimed, len(requests))
		for i, r := range requests {
			if err := s.tx(t).claimWebhooks(ctx, owner, now, until, r, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (t *tx) claimWebhooks(ctx context.Context, owner string, now, until time.Time, r webhook.ClaimRequest, out *webhook.Claimed) error {
	e, err := t.Webhook(ctx, r.EndpointID)
	if err != nil || e == nil || e.Paused || e.DeletedAt != nil {
		return err
	}
	out.Endpoint = e
	var lanes []int64
	take := func(failing bool, limit int) error {
		if limit -= len(lanes); limit <= 0 {
			return nil
		}
		more, err := t.dueLanes(ctx, r.EndpointID, failing, now, limit)
		lanes = append(lanes, more...)
		if err != nil || len(more) == 0 {
			return err
		}
		return chunks(more, func(marks string, args []any) error {
			_, err := t.Exec(ctx, "UPDATE webhook_lane SET owner = ?, due_at = ? WHERE id IN ("+marks+")", append([]any{owner, micros(until)}, args...)...)
			return err
		})
	}
	if r.RetriesFirst {
		if err := take(true, (r.Limit+1)/2); err != nil {
			return err
		}
	}
	if err := take(false, r.Limit); err != nil {
		return err
	}
	if err := take(true, r.Limit); err != nil {
		return err
	}
	if len(lanes) < r.Limit {
		var fresh, failing sql.NullInt64
		if err := t.ScanRow(ctx, []any{&fresh, &failing}, `SELECT
			(SELECT MIN(due_at) FROM webhook_lane WHERE endpoint_id = ? AND failing = FALSE),
			(SELECT MIN(due_at) FROM webhook_lane WHERE endpoint_id = ? AND failing = TRUE)`, r.EndpointID, r.EndpointID); err != nil {
			return err
		}
		out.Due = earlier(fresh, failing)
	}
	if err := t.loadClaims(ctx, owner, lanes, out); err != nil {
		return err
	}
	return t.takeFaults(ctx, out)
}

// dueLanes locks lanes that nobody works on, the longest due first.
func (t *tx) dueLanes(ctx context.Context, endpointID int64, failing bool, now time.Time, limit int) (list []int64, err error) {
	rows, err := all(ctx, t, func(r scanner, id *int64) error { return r.Scan(id) },
		`SELECT id FROM webhook_lane WHERE endpoint_id = ? AND failing = ? AND due_at <= ? ORDER BY due_at LIMIT ?`+t.SkipLocked(),
		endpointID, failing, micros(now), limit)
	for _, id := range rows {
		list = append(list, *id)
	}
	return list, err
}

func (t *tx) loadClaims(ctx context.Context, owner string, lanes []int64, out *webhook.Claimed) error {
	return chunks(lanes, func(marks string, args []any) error {
		list, err := all(ctx, t, func(r scanner, c *webhook.Claim) error {
			return r.Scan(&c.LaneID, &c.EndpointID, &c.PartnerID, &c.Lane, maybe{&c.FailingSince}, &c.DeliveryID, &c.Attempts, &c.Replay,
				instant{&c.CreatedAt}, &c.EventID, &c.Type, document{(*[]byte)(&c.Data)})
		}, `SELECT l.id, l.endpoint_id, l.partner_id, l.order_id, l.failing_since, d.id, d.attempts, d.replay, d.created_at, e.public_id, e.type, e.data
			FROM webhook_lane l JOIN webhook_delivery d ON d.id = l.head_id JOIN event e ON e.id = d.event_id WHERE l.id IN (`+marks+")", args...)
		for _, c := range list {
			c.Owner, c.Format = owner, out.Endpoint.Format
			out.Claims = append(out.Claims, *c)
		}
		return err
	})
}

// takeFaults marks the attempts that a sandbox partner wants to fail.
func (t *tx) takeFaults(ctx context.Context, out *webhook.Claimed) error {
	for i := range out.Claims {
		var status int
		err := t.ScanRow(ctx, []any{&status}, "UPDATE webhook_fault SET remaining = remaining - 1 WHERE partner_id = ? AND remaining > 0 RETURNING status",
			out.Endpoint.PartnerID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Claims[i].Fault = status
	}
	return nil
}

// SettleWebhook notes what became of the attempt at a lane's head and gives the
// lane back: due at once when it went well and more waits, later when not.
func (s *Store) SettleWebhook(ctx context.Context, c *webhook.Claim, a *webhook.Attempt, now time.Time) (out webhook.Settled, err error) {
	err = s.db.WriteRows(ctx, func(t *sqldb.Tx) (err error) {
		out, err = s.tx(t).settleWebhook(ctx, c, a, now)
		return err
	})
	return out, err
}

func (t *tx) settleWebhook(ctx context.Context, c *webhook.Claim, a *webhook.Attempt, now time.Time) (out webhook.Settled, err error) {
	var owner string
	err = t.ScanRow(ctx, []any{&owner}, "SELECT owner FROM webhook_lane WHERE id = ?"+t.ForUpdate(), c.LaneID)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && owner != c.Owner) {
		return webhook.Settled{Lost: true}, nil
	}
	if err != nil {
		return out, err
	}
	var done *time.Time
	state := webhook.Pending
	pause, again := c.Format.Pause(a.Number)
	switch {
	case c.Format.Succeeded(a):
		done, state = &now, webhook.Delivered
	case !again:
		done, state = &now, webhook.Failed
	}
	if err := t.update(ctx, `UPDATE webhook_delivery SET state = ?, attempts = ?, last_status = ?, last_error = ?, first_at = COALESCE(first_at, ?),
		last_at = ?, done_at = ? WHERE id = ?`, state, a.Number, a.Status, a.Error, micros(a.At), micros(a.At), microsOrNull(done), c.DeliveryID); err != nil {
		return out, err
	}
	if _, err := t.Exec(ctx, `INSERT INTO webhook_attempt (delivery_id, number, started_at, took_us, status, error, excerpt) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (delivery_id, number) DO NOTHING`,
		a.DeliveryID, a.Number, micros(a.At), a.Took.Microseconds(), a.Status, a.Error, a.Excerpt); err != nil {
		return out, err
	}
	if state != webhook.Pending {
		return t.nextInLane(ctx, c, now)
	}
	return t.laneFailed(ctx, c, a, pause)
}

// nextInLane moves a lane on after a success, or when its head is given up. Who appends to it holds its row,
// so the look for what waits sees all that was appended.
func (t *tx) nextInLane(ctx context.Context, c *webhook.Claim, now time.Time) (out webhook.Settled, err error) {
	var next sql.NullInt64
	if err := t.ScanRow(ctx, []any{&next}, "SELECT MIN(id) FROM webhook_delivery WHERE endpoint_id = ? AND order_id = ? AND state = 'pending'",
		c.EndpointID, c.Lane); err != nil {
		return out, err
	}
	if next.Valid {
		out.Due = now
		_, err = t.Exec(ctx, `UPDATE webhook_lane SET head_id = ?, pending = pending - 1, failing = FALSE, failing_since = NULL, due_at = ?, owner = ''
			WHERE id = ?`, next.Int64, micros(now), c.LaneID)
	} else {
		_, err = t.Exec(ctx, "DELETE FROM webhook_lane WHERE id = ?", c.LaneID)
	}
	if err != nil || c.FailingSince == nil {
		return out, err
	}
	_, err = t.Exec(ctx, endOfFailure+" AND id = ?", c.EndpointID)
	return out, err
}

// endOfFailure ends the period of failure of endpoints without a failing lane.
const endOfFailure = `UPDATE webhook_endpoint SET failing_since = NULL, warned_at = NULL WHERE failing_since IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM webhook_lane l WHERE l.endpoint_id = webhook_endpoint.id AND l.failing = TRUE)`

func (t *tx) laneFailed(ctx context.Context, c *webhook.Claim, a *webhook.Attempt, pause time.Duration) (out webhook.Settled, err error) {
	if a.Number > webhook.KeptAttempts {
		if _, err := t.Exec(ctx, "DELETE FROM webhook_attempt WHERE delivery_id = ? AND number <= ?", a.DeliveryID, a.Number-webhook.KeptAttempts); err != nil {
			return out, err
		}
	}
	out.Due, out.FailingSince = a.At.Add(pause), c.FailingSince
	if out.FailingSince == nil {
		out.FailingSince = &a.At
	}
	if _, err := t.Exec(ctx, "UPDATE webhook_lane SET failing = TRUE, failing_since = ?, due_at = ?, owner = '' WHERE id = ?",
		micros(*out.FailingSince), micros(out.Due), c.LaneID); err != nil {
		return out, err
	}
	_, err = t.Exec(ctx, "UPDATE webhook_endpoint SET failing_since = ? WHERE id = ? AND failing_since IS NULL", micros(a.At), c.EndpointID)
	return out, err
}

// ReleaseWebhooks gives lanes back that were not tried: they are due at once.
func (s *Store) ReleaseWebhooks(ctx context.Context, claims []*webhook.Claim, now time.Time) error {
	return s.db.WriteRows(ctx, func(t *sqldb.Tx) error {
		for _, c := range claims {
			if _, err := t.Exec(ctx, "UPDATE webhook_lane SET owner = '', due_at = ? WHERE id = ? AND owner = ?", micros(now), c.LaneID, c.Owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReclaimWebhooks gives every leased lane back: for a dispatcher that starts and
// knows that it is the only one.
func (s *Store) ReclaimWebhooks(ctx context.Context, now time.Time) error {
	return s.db.WriteRows(ctx, func(t *sqldb.Tx) error {
		_, err := t.Exec(ctx, "UPDATE webhook_lane SET owner = '', due_at = ? WHERE owner <> ''", micros(now))
		return err
	})
}
