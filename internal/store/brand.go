package store

import (
	"context"
	"encoding/json"

	"posthouse/internal/core/brand"
	"posthouse/internal/fault"
)

func scanBrand(r scanner, b *brand.Brand) error {
	var content string
	if err := r.Scan(&b.PartnerID, &b.ResellerID, &content, instant{&b.UpdatedAt}); err != nil {
		return err
	}
	return json.Unmarshal([]byte(content), b)
}

// Brand implements work.Tx.
func (t *tx) Brand(ctx context.Context, partnerID, resellerID int64) (*brand.Brand, error) {
	return one(t.QueryRow(ctx, "SELECT partner_id, reseller_id, content, updated_at FROM brand WHERE partner_id = ? AND reseller_id = ?",
		partnerID, resellerID), scanBrand)
}

// PutBrand implements work.Tx.
func (t *tx) PutBrand(ctx context.Context, b *brand.Brand) error {
	content, err := json.Marshal(b)
	if err != nil {
		return fault.Wrap(err)
	}
	_, err = t.Exec(ctx, `INSERT INTO brand (partner_id, reseller_id, content, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (partner_id, reseller_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at`,
		b.PartnerID, b.ResellerID, string(content), micros(b.UpdatedAt))
	return err
}
