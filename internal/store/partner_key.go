package store

import (
	"context"
	"strings"

	"posthouse/internal/core/partner"
)

const keyColumns = "id, partner_id, lookup_hash, sealed, hint, scopes, created_at, expires_at, revoked_at"

func scanKey(row scanner, k *partner.Key) error {
	var scopes string
	if err := row.Scan(&k.ID, &k.PartnerID, &k.LookupHash, &k.Sealed, &k.Hint, &scopes,
		instant{&k.CreatedAt}, maybe{&k.ExpiresAt}, maybe{&k.RevokedAt}); err != nil {
		return err
	}
	for _, s := range strings.Fields(scopes) {
		k.Scopes = append(k.Scopes, partner.Scope(s))
	}
	return nil
}

// InsertKey implements work.Tx.
func (t *tx) InsertKey(ctx context.Context, k *partner.Key) error {
	scopes := make([]string, 0, len(k.Scopes))
	for _, s := range k.Scopes {
		scopes = append(scopes, string(s))
	}
	return t.insert(ctx, &k.ID, `INSERT INTO partner_key (partner_id, lookup_hash, sealed, hint, scopes, created_at, expires_at, revoked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.PartnerID, k.LookupHash, k.Sealed, k.Hint, strings.Join(scopes, " "), micros(k.CreatedAt), microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt))
}

// UpdateKey implements work.Tx.
func (t *tx) UpdateKey(ctx context.Context, k *partner.Key) error {
	return t.update(ctx, "UPDATE partner_key SET sealed = ?, expires_at = ?, revoked_at = ? WHERE id = ?",
		k.Sealed, microsOrNull(k.ExpiresAt), microsOrNull(k.RevokedAt), k.ID)
}

// Keys implements work.Tx.
func (t *tx) Keys(ctx context.Context, partnerID int64) ([]*partner.Key, error) {
	return all(ctx, t, scanKey, "SELECT "+keyColumns+" FROM partner_key WHERE partner_id = ? ORDER BY id", partnerID)
}

// KeyByHash implements work.Tx.
func (t *tx) KeyByHash(ctx context.Context, lookupHash []byte) (*partner.Key, error) {
	return one(t.QueryRow(ctx, "SELECT "+keyColumns+" FROM partner_key WHERE lookup_hash = ?", lookupHash), scanKey)
}
