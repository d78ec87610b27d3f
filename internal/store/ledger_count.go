package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"posthouse/internal/core/ledger"
	"posthouse/internal/money"
)

// The counters of an issuer's transactions. InsertTransaction and
// UpdateTransaction note in the same transaction what changes; some hundreds of
// changes move the counters together, as most of them move the same ones. A
// search adds what is noted to what is counted. Nobody lists what the platform
// charges (issuer 0): that is not counted.

const dayMicros = 24 * 3600 * 1_000_000

// spanWidths are the widths in days of the spans that have counters, each a
// multiple of the one before. A search adds up the widest that fit.
var spanWidths = []int64{1, 16, 256}

// Counters are by bucket and shape, by one of them, and by none: so that those
// which a search adds up lie side by side, the kind is part of the width.
const (
	anyBucket = 1000 // more than each width
	anyShape  = 2000
	whole     = -1 // the bucket, or the shape, of counters over all
)

// foldEvery is how many changes move the counters together, on average; a
// variable for tests.
var foldEvery uint64 = 256

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

// counter is what transactions are counted by.
type counter struct {
	kind   ledger.Kind
	open   bool
	typ    ledger.Type
	manual bool
	width  int64
	span   int64 // in spans of that width
	bucket int64
	shape  int64
}

func (a counter) compare(b counter) int {
	flag := func(x, y bool) int {
		switch {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.width, b.width), flag(a.open, b.open), cmp.Compare(a.typ, b.typ), flag(a.manual, b.manual),
		cmp.Compare(a.span, b.span), cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.shape, b.shape))
}

// change is a number to add, of a day.
type change struct {
	counter
	n int64
}

// countTransaction notes a transaction that is now open or not; turned: it was
// counted as the opposite.
func (t *tx) countTransaction(ctx context.Context, x *ledger.Transaction, shapeID int64, open, turned bool) error {
	if x.IssuerID == 0 {
		return nil
	}
	day, bucket := micros(x.At)/dayMicros, bucketOf(x.Amount)
	args := []any{x.IssuerID, x.Party.Kind, open, x.Type, x.Manual, day, bucket, shapeID, 1}
	more := ""
	if turned {
		args = append(args, x.IssuerID, x.Party.Kind, !open, x.Type, x.Manual, day, bucket, shapeID, -1)
		more = ", (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	}
	var id int64
	if err := t.insert(ctx, &id, `INSERT INTO ledger_change (issuer_id, party_kind, open, type, manual, day, bucket, shape_id, n)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`+more+" RETURNING id", args...); err != nil {
		return err
	}
	if !folds(id) {
		return nil
	}
	return t.foldChanges(ctx, x.IssuerID)
}

// folds spreads the ids of changes over the circle by the golden ratio: whichever
// of them are one issuer's, about one in foldEvery is chosen. To count the
// issuer's would make all its writers read what the others write.
func folds(id int64) bool { return uint64(id)*0x9E3779B97F4A7C15 < math.MaxUint64/foldEvery }

// foldChanges moves an issuer's counters by what is noted. One statement reads
// and removes it: what others note meanwhile stays.
func (t *tx) foldChanges(ctx context.Context, issuerID int64) error {
	list, err := t.changes(ctx, "DELETE FROM ledger_change WHERE issuer_id = ? RETURNING "+changeColumns, issuerID)
	if err != nil {
		return err
	}
	sums := make(map[counter]int64)
	for _, c := range list {
		day := c.span
		for _, c.width = range spanWidths {
			c.span = day / c.width
			for _, by := range [...][3]int64{{0, c.bucket, c.shape}, {anyBucket, whole, c.shape}, {anyShape, c.bucket, whole}, {anyBucket + anyShape, whole, whole}} {
				one := c.counter
				one.width, one.bucket, one.shape = c.width+by[0], by[1], by[2]
				sums[one] += c.n
			}
		}
	}
	keys := make([]counter, 0, len(sums))
	for k, n := range sums {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, counter.compare)
	return t.addCounters(ctx, issuerID, keys, sums)
}

// counterRows is how many counters one statement moves at most.
const counterRows = 64

func (t *tx) addCounters(ctx context.Context, issuerID int64, keys []counter, sums map[counter]int64) error {
	for left := keys; len(left) > 0; {
		n := counterRows // and powers of two for the rest: few statements to prepare
		for n > len(left) {
			n /= 2
		}
		args := make([]any, 0, 10*n)
		for _, k := range left[:n] {
			args = append(args, issuerID, k.kind, k.width, k.open, k.typ, k.manual, k.span, k.bucket, k.shape, sums[k])
		}
		if _, err := t.Exec(ctx, "INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"+
			strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", n-1)+
			" ON CONFLICT (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id) DO UPDATE SET n = ledger_count.n + excluded.n", args...); err != nil {
			return err
		}
		left = left[n:]
	}
	for _, k := range keys {
		if sums[k] > 0 {
			continue
		}
		if _, err := t.Exec(ctx, `DELETE FROM ledger_count WHERE issuer_id = ? AND party_kind = ? AND width = ? AND open = ? AND type = ? AND manual = ?
			AND span = ? AND bucket = ? AND shape_id = ? AND n = 0`, issuerID, k.kind, k.width, k.open, k.typ, k.manual, k.span, k.bucket, k.shape); err != nil {
			return err
		}
	}
	return nil
}

const changeColumns = "party_kind, open, type, manual, day, bucket, shape_id, n"

func (t *tx) changes(ctx context.Context, query string, args ...any) ([]*change, error) {
	return all(ctx, t, func(r scanner, c *change) error {
		return r.Scan(&c.kind, &c.open, &c.typ, &c.manual, &c.span, &c.bucket, &c.shape, &c.n)
	}, query, args...)
}

// RecountTransactions implements work.Tx.
func (t *tx) RecountTransactions(ctx context.Context, issuerID int64) error {
	for _, table := range []string{"ledger_count", "ledger_change"} {
		if _, err := t.Exec(ctx, "DELETE FROM "+table+" WHERE issuer_id = ?", issuerID); err != nil {
			return err
		}
	}
	const bucket, all = "2 * (ABS(amount) / 1000) + CASE WHEN amount % 1000 <> 0 THEN 1 ELSE 0 END", "CAST(-1 AS BIGINT)"
	for _, width := range spanWidths {
		for over, by := range map[int64]string{0: bucket + ", shape_id", anyBucket: all + ", shape_id", anyShape: bucket + ", " + all, anyBucket + anyShape: all + ", " + all} {
			if _, err := t.Exec(ctx, "INSERT INTO ledger_count (issuer_id, party_kind, width, open, type, manual, span, bucket, shape_id, n) "+
				"SELECT issuer_id, party_kind, CAST(? AS BIGINT), open, type, manual, at / ?, "+by+
				", COUNT(*) FROM ledger_transaction WHERE issuer_id = ? AND issuer_id <> 0 GROUP BY 1, 2, 4, 5, 6, 7, 8, 9", width+over, width*dayMicros, issuerID); err != nil {
				return err
			}
		}
	}
	return nil
}
