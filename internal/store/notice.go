package store

import (
	"context"

	"posthouse/internal/core/notice"
)

// InsertNotice implements provision.Tx.
func (t *tx) InsertNotice(ctx context.Context, n *notice.Notice) error {
	return t.insert(ctx, &n.ID, `INSERT INTO notice (partner_id, reseller_id, order_id, account_id, kind, recipient, fallback, locale,
		data, sealed_token, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		n.PartnerID, n.ResellerID, n.OrderID, n.AccountID, n.Kind, n.To, n.FallbackTo, n.Locale,
		documentOrNull(n.Data), n.SealedToken, micros(n.CreatedAt))
}
