package store

import (
	"context"
	"time"

	"posthouse/internal/core/legalexport"
)

const legalExportColumns = `id, partner_id, order_id, account_id, state, size_bytes, messages, checkpoint, attempts, try_at, last_error,
	owner, leased_until, created_at, completed_at, expires_at`

func scanLegalExport(r scanner, j *legalexport.Job) error {
	return r.Scan(&j.ID, &j.PartnerID, &j.OrderID, &j.AccountID, &j.State, &j.SizeBytes, &j.Messages, document{(*[]byte)(&j.Checkpoint)}, &j.Attempts,
		instant{&j.TryAt}, &j.LastError, &j.Owner, instant{&j.LeasedUntil}, instant{&j.CreatedAt}, maybe{&j.CompletedAt}, maybe{&j.ExpiresAt})
}

// InsertLegalExport implements work.Tx.
func (t *tx) InsertLegalExport(ctx context.Context, j *legalexport.Job) error {
	return t.insert(ctx, &j.ID, `INSERT INTO legal_export (partner_id, order_id, account_id, state, size_bytes, messages, checkpoint, attempts, try_at, last_error,
			owner, leased_until, created_at, completed_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		j.PartnerID, j.OrderID, j.AccountID, j.State, j.SizeBytes, j.Messages, documentOrNull(j.Checkpoint), j.Attempts, micros(j.TryAt), j.LastError,
		j.Owner, micros(j.LeasedUntil), micros(j.CreatedAt), microsOrNull(j.CompletedAt), microsOrNull(j.ExpiresAt))
}

// UpdateLegalExport implements work.Tx.
func (t *tx) UpdateLegalExport(ctx context.Context, j *legalexport.Job) error {
	return t.update(ctx, `UPDATE legal_export SET state = ?, size_bytes = ?, messages = ?, checkpoint = ?, attempts = ?, try_at = ?, last_error = ?,
			owner = ?, leased_until = ?, completed_at = ?, expires_at = ? WHERE id = ?`,
		j.State, j.SizeBytes, j.Messages, documentOrNull(j.Checkpoint), j.Attempts, micros(j.TryAt), j.LastError,
		j.Owner, micros(j.LeasedUntil), microsOrNull(j.CompletedAt), microsOrNull(j.ExpiresAt), j.ID)
}

// LegalExport implements work.Tx.
func (t *tx) LegalExport(ctx context.Context, id int64) (*legalexport.Job, error) {
	return one(t.QueryRow(ctx, "SELECT "+legalExportColumns+" FROM legal_export WHERE id = ?", id), scanLegalExport)
}

// LegalExports implements work.Tx.
func (t *tx) LegalExports(ctx context.Context, accountID int64) ([]*legalexport.Job, error) {
	return all(ctx, t, scanLegalExport, "SELECT "+legalExportColumns+" FROM legal_export WHERE account_id = ? ORDER BY id DESC", accountID)
}

// NextLegalExport implements work.Tx.
func (t *tx) NextLegalExport(ctx context.Context, afterPartner int64, now time.Time) (*legalexport.Job, error) {
	us := micros(now)
	return one(t.QueryRow(ctx, "SELECT "+legalExportColumns+` FROM legal_export e
		WHERE state IN ('queued', 'running') AND try_at <= ? AND leased_until <= ?
			AND NOT EXISTS (SELECT 1 FROM legal_export r WHERE r.partner_id = e.partner_id AND r.state IN ('queued', 'running') AND r.leased_until > ?)
		ORDER BY CASE WHEN partner_id > ? THEN 0 ELSE 1 END, partner_id, id LIMIT 1`, us, us, us, afterPartner), scanLegalExport)
}

// ReleaseLegalExports implements work.Tx.
func (t *tx) ReleaseLegalExports(ctx context.Context) error {
	_, err := t.Exec(ctx, "UPDATE legal_export SET owner = '', leased_until = 0 WHERE state IN ('queued', 'running') AND leased_until > 0")
	return err
}
