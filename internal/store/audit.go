package store

import (
	"context"

	"posthouse/internal/core/audit"
)

func scanAudit(row scanner, r *audit.Record) error {
	return row.Scan(&r.ID, &r.PartnerID, &r.Actor, &r.Address, &r.RequestID, &r.Action, &r.Object, &r.ObjectID,
		document{(*[]byte)(&r.Detail)}, instant{&r.At})
}

// AppendAudit implements provision.Tx.
func (t *tx) AppendAudit(ctx context.Context, r *audit.Record) error {
	return t.insert(ctx, &r.ID, `INSERT INTO audit (partner_id, actor, address, request_id, action, object, object_id, detail, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.PartnerID, r.Actor, r.Address, r.RequestID, r.Action, r.Object, r.ObjectID, documentOrNull(r.Detail), micros(r.At))
}

// Audit implements provision.Tx.
func (t *tx) Audit(ctx context.Context, partnerID, after int64, limit int) ([]*audit.Record, error) {
	return all(ctx, t, scanAudit, `SELECT id, partner_id, actor, address, request_id, action, object, object_id, detail, created_at
		FROM audit WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?`, partnerID, after, limit)
}
