package store

import (
	"context"
	"time"

	"posthouse/internal/core/partner"
)

const clockColumns = "partner_id, offset_us, target, updated_at, lease_owner, lease_until"

func scanClock(r scanner, c *partner.Clock) error {
	var us int64
	if err := r.Scan(&c.PartnerID, &us, maybe{&c.Target}, instant{&c.UpdatedAt}, &c.Mover, instant{&c.MoverUntil}); err != nil {
		return err
	}
	c.Offset = time.Duration(us) * time.Microsecond
	return nil
}

// PartnerClock implements work.Tx.
func (t *tx) PartnerClock(ctx context.Context, partnerID int64) (*partner.Clock, error) {
	return one(t.QueryRow(ctx, "SELECT "+clockColumns+" FROM partner_clock WHERE partner_id = ?", partnerID), scanClock)
}

// MovingClocks implements work.Tx.
func (t *tx) MovingClocks(ctx context.Context, limit int) ([]*partner.Clock, error) {
	return all(ctx, t, scanClock, "SELECT "+clockColumns+" FROM partner_clock WHERE target IS NOT NULL ORDER BY partner_id LIMIT ?", limit)
}

// PutPartnerClock implements work.Tx.
func (t *tx) PutPartnerClock(ctx context.Context, c *partner.Clock) error {
	if hook := t.store.dueChanged; hook != nil {
		t.AfterCommit(func() { hook(c.PartnerID, time.Time{}) })
	}
	var until int64
	if !c.MoverUntil.IsZero() {
		until = micros(c.MoverUntil)
	}
	_, err := t.Exec(ctx, `INSERT INTO partner_clock (partner_id, offset_us, target, updated_at, lease_owner, lease_until) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET offset_us = excluded.offset_us, target = excluded.target, updated_at = excluded.updated_at,
		lease_owner = excluded.lease_owner, lease_until = excluded.lease_until`,
		c.PartnerID, c.Offset.Microseconds(), microsOrNull(c.Target), micros(c.UpdatedAt), c.Mover, until)
	return err
}
