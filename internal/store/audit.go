package store

import (
	"context"
	"slices"
	"strings"

	"posthouse/internal/core/audit"
)

func scanAudit(row scanner, r *audit.Record) error {
	return row.Scan(&r.ID, &r.PartnerID, &r.Actor, &r.Address, &r.RequestID, &r.Action, &r.Object, &r.ObjectID,
		document{(*[]byte)(&r.Detail)}, instant{&r.At})
}

// auditRows is how many records one statement writes at most: each number of
// them is a statement of its own to prepare.
const auditRows = 16

// AppendAudit implements work.Tx.
func (t *tx) AppendAudit(ctx context.Context, records ...*audit.Record) error {
	for part := range slices.Chunk(records, auditRows) {
		args := make([]any, 0, 9*len(part))
		for _, r := range part {
			args = append(args, r.PartnerID, r.Actor, r.Address, r.RequestID, r.Action, r.Object, r.ObjectID, documentOrNull(r.Detail), micros(r.At))
		}
		ids, err := all(ctx, t, func(r scanner, id *int64) error { return r.Scan(id) },
			"INSERT INTO audit (partner_id, actor, address, request_id, action, object, object_id, detail, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"+
				strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?)", len(part)-1)+" RETURNING id", args...)
		if err != nil {
			return err
		}
		for i, id := range ids { // rows come as they were given on both engines
			part[i].ID = *id
		}
	}
	return nil
}

// Audit implements work.Tx.
func (t *tx) Audit(ctx context.Context, partnerID, after int64, limit int) ([]*audit.Record, error) {
	return all(ctx, t, scanAudit, `SELECT id, partner_id, actor, address, request_id, action, object, object_id, detail, created_at
		FROM audit WHERE partner_id = ? AND id > ? ORDER BY id LIMIT ?`, partnerID, after, limit)
}
