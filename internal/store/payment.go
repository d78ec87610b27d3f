package store

import (
	"context"
	"database/sql"
	"errors"

	"posthouse/internal/core/work"
)

func scanPayment(row scanner, p *work.Payment) error {
	return row.Scan(&p.ID, &p.PartnerID, &p.OrderID, &p.TxnID, &p.Action, &p.Currency, &p.ChargedAmount,
		&p.ChargedUSDAmount, &p.DiscountAmount, &p.TaxAmount, instant{&p.At})
}

// InsertPayment implements work.Tx. The index payment_once decides.
func (t *tx) InsertPayment(ctx context.Context, p *work.Payment) (bool, error) {
	err := t.insert(ctx, &p.ID, `INSERT INTO payment (partner_id, order_id, txn_id, action, currency, charged_amount,
		charged_usd_amount, discount_amount, tax_amount, paid_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		p.PartnerID, p.OrderID, p.TxnID, p.Action, p.Currency, p.ChargedAmount,
		p.ChargedUSDAmount, p.DiscountAmount, p.TaxAmount, micros(p.At))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Payments implements work.Tx.
func (t *tx) Payments(ctx context.Context, orderID int64) ([]*work.Payment, error) {
	return all(ctx, t, scanPayment, `SELECT id, partner_id, order_id, txn_id, action, currency, charged_amount,
		charged_usd_amount, discount_amount, tax_amount, paid_at FROM payment WHERE order_id = ? ORDER BY id`, orderID)
}
