package store

import (
	"context"
	"slices"

	"posthouse/internal/core/price"
)

// listIs selects the rows of one list.
const listIs = " WHERE partner_id = ? AND issuer_id = ? AND audience = ? AND party_id = ?"

func scanPrice(row scanner, r *price.Row) error {
	return row.Scan(&r.Product, &r.Unit, &r.Action, &r.Months, &r.Figure)
}

const priceColumns = "SELECT product_key, unit, action, months, figure FROM price"

// Price implements work.Tx. The party's own row is looked for by its whole
// key: SQLite plans a query for one of two parties anew at each run.
func (t *tx) Price(ctx context.Context, l price.List, i price.Item) (*price.Row, error) {
	const item = " WHERE partner_id = ? AND issuer_id = ? AND audience = ? AND product_key = ? AND unit = ? AND action = ? AND months = ? AND party_id = "
	key := []any{l.PartnerID, l.IssuerID, l.Audience, i.Product, i.Unit, i.Action, i.Months}
	return one(t.QueryRow(ctx, priceColumns+item+"COALESCE((SELECT party_id FROM price"+item+"?), 0)", append(slices.Concat(key, key), l.PartyID)...), scanPrice)
}

// Prices implements work.Tx.
func (t *tx) Prices(ctx context.Context, l price.List) ([]price.Row, error) {
	rows, err := all(ctx, t, scanPrice, priceColumns+listIs, l.PartnerID, l.IssuerID, l.Audience, l.PartyID)
	if err != nil {
		return nil, err
	}
	out := make([]price.Row, len(rows))
	for i, r := range rows {
		out[i] = *r
	}
	return out, nil
}

// HasPrices implements work.Tx.
func (t *tx) HasPrices(ctx context.Context, l price.List) (bool, error) {
	n, err := one(t.QueryRow(ctx, "SELECT 1 FROM price"+listIs+" LIMIT 1", l.PartnerID, l.IssuerID, l.Audience, l.PartyID),
		func(row scanner, v *int) error { return row.Scan(v) })
	return n != nil, err
}

// SetPrice implements work.Tx.
func (t *tx) SetPrice(ctx context.Context, l price.List, r price.Row) error {
	_, err := t.Exec(ctx, `INSERT INTO price (partner_id, issuer_id, audience, party_id, product_key, unit, action, months, figure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (partner_id, issuer_id, audience, product_key, unit, action, months, party_id) DO UPDATE SET figure = excluded.figure`,
		l.PartnerID, l.IssuerID, l.Audience, l.PartyID, r.Product, r.Unit, r.Action, r.Months, r.Figure.String())
	return err
}

// RemovePrice implements work.Tx.
func (t *tx) RemovePrice(ctx context.Context, l price.List, i price.Item) error {
	_, err := t.Exec(ctx, "DELETE FROM price"+listIs+" AND product_key = ? AND unit = ? AND action = ? AND months = ?",
		l.PartnerID, l.IssuerID, l.Audience, l.PartyID, i.Product, i.Unit, i.Action, i.Months)
	return err
}

// ClearPrices implements work.Tx.
func (t *tx) ClearPrices(ctx context.Context, l price.List) error {
	_, err := t.Exec(ctx, "DELETE FROM price"+listIs, l.PartnerID, l.IssuerID, l.Audience, l.PartyID)
	return err
}
