package store

import (
	"context"

	"posthouse/internal/core/work"
)

func scanDKIMKey(row scanner, k *work.DKIMKey) error {
	return row.Scan(&k.ID, &k.Domain, &k.Selector, &k.Algorithm, &k.Sealed, &k.TXTRecord,
		instant{&k.CreatedAt}, maybe{&k.ActiveAt}, maybe{&k.RetiredAt}, maybe{&k.DestroyedAt})
}

// InsertDKIMKey implements work.Tx.
func (t *tx) InsertDKIMKey(ctx context.Context, k *work.DKIMKey) error {
	return t.insert(ctx, &k.ID, `INSERT INTO dkim_key (domain, selector, algorithm, sealed, txt_record, created_at, active_at, retired_at, destroyed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.Domain, k.Selector, k.Algorithm, k.Sealed, k.TXTRecord, micros(k.CreatedAt), microsOrNull(k.ActiveAt),
		microsOrNull(k.RetiredAt), microsOrNull(k.DestroyedAt))
}

// DKIMKeys implements work.Tx.
func (t *tx) DKIMKeys(ctx context.Context, domain string) ([]*work.DKIMKey, error) {
	return all(ctx, t, scanDKIMKey, `SELECT id, domain, selector, algorithm, sealed, txt_record, created_at, active_at, retired_at, destroyed_at
		FROM dkim_key WHERE domain = ? ORDER BY id`, domain)
}

// UpdateDKIMKey implements work.Tx.
func (t *tx) UpdateDKIMKey(ctx context.Context, k *work.DKIMKey) error {
	return t.update(ctx, "UPDATE dkim_key SET sealed = ?, active_at = ?, retired_at = ?, destroyed_at = ? WHERE id = ?",
		k.Sealed, microsOrNull(k.ActiveAt), microsOrNull(k.RetiredAt), microsOrNull(k.DestroyedAt), k.ID)
}
