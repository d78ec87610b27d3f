package store

import (
	"context"
	"time"

	"posthouse/internal/core/work"
)

// ClaimRequest implements work.Tx.
func (t *tx) ClaimRequest(ctx context.Context, r *work.IdempotentRequest) (bool, error) {
	n, err := t.Exec(ctx, `INSERT INTO idempotency (partner_id, key_hash, request_hash, owner, outcome, status, answer, created_at, leased_until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner_id, key_hash) DO NOTHING`,
		r.PartnerID, r.KeyHash, r.RequestHash, r.Owner, r.Outcome, r.Status, r.Answer, micros(r.CreatedAt), micros(r.LeasedUntil))
	return n == 1, err
}

// Request implements work.Tx.
func (t *tx) Request(ctx context.Context, partnerID int64, keyHash []byte) (*work.IdempotentRequest, error) {
	return one(t.QueryRow(ctx, `SELECT partner_id, key_hash, request_hash, owner, outcome, status, answer, created_at, leased_until
		FROM idempotency WHERE partner_id = ? AND key_hash = ?`, partnerID, keyHash), scanRequest)
}

func scanRequest(row scanner, r *work.IdempotentRequest) error {
	return row.Scan(&r.PartnerID, &r.KeyHash, &r.RequestHash, &r.Owner, &r.Outcome, &r.Status, &r.Answer,
		instant{&r.CreatedAt}, instant{&r.LeasedUntil})
}

// UpdateRequest implements work.Tx.
func (t *tx) UpdateRequest(ctx context.Context, r *work.IdempotentRequest, owner []byte) (bool, error) {
	n, err := t.Exec(ctx, `UPDATE idempotency SET owner = ?, outcome = ?, status = ?, answer = ?, leased_until = ?
		WHERE partner_id = ? AND key_hash = ? AND owner = ?`,
		r.Owner, r.Outcome, r.Status, r.Answer, micros(r.LeasedUntil), r.PartnerID, r.KeyHash, owner)
	return n == 1, err
}

// DropRequest implements work.Tx.
func (t *tx) DropRequest(ctx context.Context, partnerID int64, keyHash, owner []byte, outcome work.Outcome) error {
	_, err := t.Exec(ctx, "DELETE FROM idempotency WHERE partner_id = ? AND key_hash = ? AND owner = ? AND outcome = ?",
		partnerID, keyHash, owner, outcome)
	return err
}

// ForgetRequests implements work.Tx.
func (t *tx) ForgetRequests(ctx context.Context, before time.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM idempotency WHERE created_at < ?", micros(before))
	return err
}
