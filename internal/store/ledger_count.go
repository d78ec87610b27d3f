package store

import (
	"context"

	"posthouse/internal/core/ledger"
	"posthouse/internal/money"
)

// The counters of an issuer's transactions: InsertTransaction and
// UpdateTransaction keep them in the same transaction. Nobody lists what the
// platform charges (issuer 0): that is not counted.

const dayMicros = 24 * 3600 * 1_000_000

// spanWidths are the widths in days of the spans that have counters, each a
// multiple of the one before. A search adds up the widest that fit.
var spanWidths = []int64{1, 16, 256}

// bucketOf gives 2k for an amount of exactly k units, 2k+1 for one above, so
// that bounds in whole units fall between buckets.
func bucketOf(amount money.Value) int64 {
	a := int64(amount.Abs())
	b := a / 1000 * 2
	if a%1000 != 0 {
		b++
	}
	return b
}

// countTransaction adds n to the counters of a transaction that is open or not.
func (t *tx) countTransaction(ctx context.Context, x *ledger.Transaction, open bool, shapeID, n int64) error {
	if x.IssuerID == 0 {
		return nil
	}
	day := micros(x.At) / dayMicros
	var args []any
	for _, width := range spanWidths {
		args = append(args, x.IssuerID, x.Party.Kind, width, open, x.Type, x.Manual, day/width, bucketOf(x.Amount), shapeID, n)
	}
	if _, err := t.Exec(ctx, `INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id) DO UPDATE SET n = ledger_count.n + excluded.n`,
		args...); err != nil || n > 0 {
		return err
	}
	const columns = 10
	for i := range spanWidths {
		if _, err := t.Exec(ctx, `DELETE FROM ledger_count WHERE issuer_id = ? AND party_kind = ? AND width = ? AND open = ? AND type = ? AND manual = ?
			AND span = ? AND bucket = ? AND shape_id = ? AND n = 0`, args[i*columns:(i+1)*columns-1]...); err != nil {
			return err
		}
	}
	return nil
}

// RecountTransactions implements provision.Tx.
func (t *tx) RecountTransactions(ctx context.Context, issuerID int64) error {
	if _, err := t.Exec(ctx, "DELETE FROM ledger_count WHERE issuer_id = ?", issuerID); err != nil {
		return err
	}
	for _, width := range spanWidths {
		if _, err := t.Exec(ctx, `INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n)
			SELECT issuer_id, party_kind, CAST(? AS BIGINT), open, type, manual, at / ?, 2 * (ABS(amount) / 1000) + CASE WHEN amount % 1000 <> 0 THEN 1 ELSE 0 END, shape_id, COUNT(*)
			FROM ledger_transaction WHERE issuer_id = ? AND issuer_id <> 0 GROUP BY 1, 2, 4, 5, 6, 7, 8, 9`, width, width*dayMicros, issuerID); err != nil {
			return err
		}
	}
	return nil
}
