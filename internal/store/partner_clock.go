package store

import (
	"context"
	"time"

	"posthouse/internal/core/partner"
)

// PartnerClock implements provision.Tx.
func (t *tx) PartnerClock(ctx context.Context, partnerID int64) (*partner.Clock, error) {
	return one(t.QueryRow(ctx, "SELECT partner_id, offset_us, target, updated_at FROM partner_clock WHERE partner_id = ?", partnerID),
		func(r scanner, c *partner.Clock) error {
			var us int64
			if err := r.Scan(&c.PartnerID, &us, maybe{&c.Target}, instant{&c.UpdatedAt}); err != nil {
				return err
			}
			c.Offset = time.Duration(us) * time.Microsecond
			return nil
		})
}

// PutPartnerClock implements provision.Tx.
func (t *tx) PutPartnerClock(ctx context.Context, c *partner.Clock) error {
	_, err := t.Exec(ctx, `INSERT INTO partner_clock (partner_id, offset_us, target, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET offset_us = excluded.offset_us, target = excluded.target, updated_at = excluded.updated_at`,
		c.PartnerID, c.Offset.Microseconds(), microsOrNull(c.Target), micros(c.UpdatedAt))
	return err
}
