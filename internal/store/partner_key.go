package store

import (
	"context"

	"posthouse/internal/core/partner"
)

const keyColumns = "id, partner_id, lookup_hash, sealed, hint, created_at, expires_at, revoked_at"

func scanKey(row scanner, k *partner.Key) error {
	return row.Scan(&k.ID, &k.PartnerID, &k.LookupHash, &k.Sealed, &k.Hint,
		instant{&k.CreatedAt}, maybe{&k.ExpiresAt}, maybe{&k.RevokedAt})
}

// InsertKey implements provision.Tx.
func (t *tx) InsertKey(ctx context.Context, k *partner.Key) error {
	return t.insert(ctx, &k.ID, `INSERT INTO partner_key (partner_id, lookup_hash, sealed, hint, created_at, expires_at, revoked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.PartnerID, k.LookupHash, k.Sealed, k.Hint, micros(k.CreatedAt), microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt))
}

// UpdateKey implements provision.Tx.
func (t *tx) UpdateKey(ctx context.Context, k *partner.Key) error {
	return t.update(ctx, "UPDATE partner_key SET sealed = ?, expires_at = ?, revoked_at = ? WHERE id = ?",
		k.Sealed, microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt), k.ID)
}

// Keys implements provision.Tx.
func (t *tx) Keys(ctx context.Context, partnerID int64) ([]*partner.Key, error) {
	return all(ctx, t, scanKey, "SELECT "+keyColumns+" FROM partner_key WHERE partner_id = ? ORDER BY id", partnerID)
}

// KeyByHash implements provision.Tx.
func (t *tx) KeyByHash(ctx context.Context, lookupHash []byte) (*partner.Key, error) {
	return one(t.QueryRow(ctx, "SELECT "+keyColumns+" FROM partner_key WHERE lookup_hash = ?", lookupHash), scanKey)
}
