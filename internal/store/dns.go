package store

import (
	"context"
	"encoding/json"

	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func scanDNSCheck(r scanner, c *work.DNSCheck) error {
	var content string
	if err := r.Scan(&c.OrderID, &content, instant{&c.CheckedAt}, maybe{&c.VerifiedAt}, maybe{&c.ToldAt}); err != nil {
		return err
	}
	return json.Unmarshal([]byte(content), &c.Found)
}

// DNSCheck implements work.Tx.
func (t *tx) DNSCheck(ctx context.Context, orderID int64) (*work.DNSCheck, error) {
	return one(t.QueryRow(ctx, "SELECT order_id, content, checked_at, verified_at, told_at FROM dns_check WHERE order_id = ?", orderID), scanDNSCheck)
}

// PutDNSCheck implements work.Tx.
func (t *tx) PutDNSCheck(ctx context.Context, c *work.DNSCheck) error {
	content, err := json.Marshal(c.Found)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, `INSERT INTO dns_check (order_id, content, checked_at, verified_at, told_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (order_id) DO UPDATE SET content = excluded.content, checked_at = excluded.checked_at,
			verified_at = excluded.verified_at, told_at = excluded.told_at`,
		c.OrderID, string(content), micros(c.CheckedAt), microsOrNull(c.VerifiedAt), microsOrNull(c.ToldAt))
	return err
}

func scanSandboxDNS(r scanner, d *work.SandboxDNS) error {
	var content string
	if err := r.Scan(&d.PartnerID, &content, instant{&d.UpdatedAt}); err != nil {
		return err
	}
	return json.Unmarshal([]byte(content), &d.Records)
}

// SandboxDNS implements work.Tx.
func (t *tx) SandboxDNS(ctx context.Context, partnerID int64) (*work.SandboxDNS, error) {
	return one(t.QueryRow(ctx, "SELECT partner_id, content, updated_at FROM sandbox_dns WHERE partner_id = ?", partnerID), scanSandboxDNS)
}

// DeleteSandboxDNS implements work.Tx.
func (t *tx) DeleteSandboxDNS(ctx context.Context, partnerID int64) (bool, error) {
	n, err := t.Exec(ctx, "DELETE FROM sandbox_dns WHERE partner_id = ?", partnerID)
	return n > 0, err
}

// PutSandboxDNS implements work.Tx.
func (t *tx) PutSandboxDNS(ctx context.Context, d *work.SandboxDNS) error {
	content, err := json.Marshal(d.Records)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, `INSERT INTO sandbox_dns (partner_id, content, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at`,
		d.PartnerID, string(content), micros(d.UpdatedAt))
	return err
}
