package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
)

// A search gives a page and an exact total, over as many transactions as an
// issuer may have (docs/adr/0034-transaction-search.md). Few rows (of parties,
// ids, rare terms, rare amounts) are counted and sorted as they are. For many,
// the total is a sum of counters; so is where in time a page lies, and only that
// stretch of rows is read.

// fewRows is how many rows a search may collect and sort; a variable for tests.
var fewRows int64 = 20_000

// fewAmounts is how many rows of rare amounts those may be before what else is
// asked for.
var fewAmounts int64 = 5000

// search is one run of SearchTransactions.
type search struct {
	*tx
	ctx  context.Context
	q    *work.TransactionQuery
	text *wanted
	// changed is what is not in the counters yet; nil = not read yet.
	changed []*change
}

// SearchTransactions implements work.Tx.
func (t *tx) SearchTransactions(ctx context.Context, q work.TransactionQuery) ([]*ledger.Transaction, int64, error) {
	s := &search{tx: t, ctx: ctx, q: &q}
	ids, total, err := s.find()
	if err != nil || len(ids) == 0 {
		return nil, total, err
	}
	rows, err := t.TransactionsByID(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b *ledger.Transaction) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return rows, total, nil
}

// find gives the ids of the page and the total.
func (s *search) find() ([]int64, int64, error) {
	q := s.q
	if q.Parties != nil || q.IDs != nil {
		return s.collect(s.named())
	}
	if q.Description != "" {
		var err error
		if s.text, err = s.want(s.ctx, q.IssuerID, q.Description); err != nil {
			return nil, 0, err
		}
		if len(s.text.shapes) == 0 && !s.text.every {
			c := s.issuers("term_id IN ("+marks(len(s.text.terms))+")", anys(s.text.terms)...)
			return s.collect(s.covered(c))
		}
	}
	if q.Low != nil || q.High != nil {
		few, err := s.fewOfAmount()
		if err != nil {
			return nil, 0, err
		}
		if few {
			return s.collect(s.covered(s.ofAmount()))
		}
	}
	if q.Greedy != nil {
		return s.collect(s.covered(s.issuers("TRUE"))) // by parties only, in practice
	}
	return s.many(q.Types, q.Manual, q.Order, q.Offset, q.Limit)
}

// conditions of a WHERE.
type conditions struct {
	from string // "" = the table itself
	selection
}

func (c *conditions) with(condition string, args ...any) *conditions {
	c.and(true, condition, args...)
	return c
}

func (c *conditions) sql() string {
	return cmp.Or(c.from, "ledger_transaction") + " WHERE " + strings.TrimPrefix(c.where.String(), " AND ")
}

// issuers begins with an index of the issuer's transactions.
func (s *search) issuers(condition string, args ...any) *conditions {
	c := &conditions{}
	return c.with("issuer_id = ? AND party_kind = ?", s.q.IssuerID, s.q.Kind).with(condition, args...)
}

// named begins with parties or ids.
func (s *search) named() *conditions {
	c, q := &conditions{}, s.q
	if q.Parties == nil {
		c.with("COALESCE(issuer_id, 0) = ?", q.IssuerID)
	} else {
		c.with(hidden("party_id", q.IDs != nil)+" IN ("+marks(len(q.Parties))+")", anys(q.Parties)...)
	}
	c.with(hidden("party_kind", q.IDs != nil)+" = ?", q.Kind)
	c.and(q.IDs != nil, "id IN ("+marks(len(q.IDs))+")", anys(q.IDs)...)
	s.amountsOf(c)
	if q.Description != "" {
		c.with("LOWER(description) LIKE ? ESCAPE '\\'", "%"+escaped.Replace(lower(q.Description))+"%")
	}
	return s.restOf(c)
}

// covered adds what the index in use is not chosen for.
func (s *search) covered(c *conditions) *conditions {
	s.amountsOf(c)
	s.textOf(c)
	return s.restOf(c)
}

func (s *search) restOf(c *conditions) *conditions {
	q := s.q
	c.and(q.Types != nil, hidden("type", true)+" IN ("+marks(len(q.Types))+")", anys(q.Types)...)
	if q.Manual != nil {
		c.with(hidden("manual", true)+" = ?", *q.Manual)
	}
	if q.Greedy != nil {
		c.with("greedy = ?", *q.Greedy)
	}
	s.rangesOf(c)
	return c
}

// hidden keeps a column from drawing the engine to another index.
func hidden(column string, hide bool) string {
	if !hide {
		return column
	}
	switch column {
	case "open", "manual":
		return "COALESCE(" + column + ", FALSE)"
	case "type", "party_kind":
		return "COALESCE(" + column + ", '')"
	default:
		return "COALESCE(" + column + ", 0)"
	}
}

func (s *search) amountsOf(c *conditions) {
	if s.q.Low != nil || s.q.High != nil {
		condition, args := s.amounts(hidden("amount", true))
		c.with(condition, args...)
	}
}

// amounts compares absolute values.
func (s *search) amounts(column string) (string, []any) {
	low, high := s.bounds()
	return "(" + column + " BETWEEN ? AND ? OR " + column + " BETWEEN ? AND ?)", []any{low, high, -high, -low}
}

// bounds gives Low and High in thousandths.
func (s *search) bounds() (low, high int64) {
	low, high = 0, math.MaxInt64/2
	if s.q.Low != nil {
		low = max(0, min(*s.q.Low, high/1000)*1000)
	}
	if s.q.High != nil {
		high = min(*s.q.High, high/1000) * 1000
	}
	return low, high
}

func (s *search) textOf(c *conditions) {
	w := s.text
	switch {
	case w == nil:
	case w.every:
		c.with("LOWER(description) LIKE ? ESCAPE '\\'", w.like)
	default:
		args := append(anys(w.shapes), anys(w.terms)...)
		c.with("(COALESCE(shape_id, 0) IN ("+marks(len(w.shapes))+") OR COALESCE(term_id, 0) IN ("+marks(len(w.terms))+") AND LOWER(description) LIKE ? ESCAPE '\\')", append(args, w.like)...)
	}
}

func (s *search) rangesOf(c *conditions) {
	var one []string
	var args []any
	for _, r := range s.q.Ranges {
		from, to := microsOf(r)
		text := "COALESCE(at, 0) >= ? AND COALESCE(at, 0) < ?"
		args = append(args, from, to)
		if r.Open != nil {
			text += " AND COALESCE(open, FALSE) = ?"
			args = append(args, *r.Open)
		}
		one = append(one, "("+text+")")
	}
	if one == nil {
		one = []string{"FALSE"}
	}
	c.with("("+strings.Join(one, " OR ")+")", args...)
}

// forever is a late time that ends a span of each width.
const forever = math.MaxInt64 / 2 / (256 * dayMicros) * (256 * dayMicros)

// microsOf gives the bounds of a range.
func microsOf(r work.TransactionRange) (from, to int64) {
	from, to = 0, forever
	if r.From != nil {
		from = max(0, micros(*r.From))
	}
	if r.To != nil {
		to = micros(*r.To)
	}
	return from, to
}

// ofAmount reads the amounts on either side of zero: SQLite takes one stretch of
// an index only where there is no OR.
func (s *search) ofAmount() *conditions {
	low, high := s.bounds()
	const side = "SELECT * FROM ledger_transaction WHERE issuer_id = ? AND party_kind = ? AND amount BETWEEN ? AND ?"
	c := &conditions{from: "(" + side + " UNION ALL " + side + ") t"}
	c.args = []any{s.q.IssuerID, s.q.Kind, low, high, s.q.IssuerID, s.q.Kind, -high, -max(low, 1)}
	return c
}

// fewOfAmount reports whether not many have an amount within the bounds.
func (s *search) fewOfAmount() (bool, error) {
	low, high := s.bounds()
	left := fewAmounts
	for _, side := range [][2]int64{{low, high}, {-high, -low}} {
		var n int64
		if err := s.ScanRow(s.ctx, []any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM ledger_transaction WHERE issuer_id = ? AND party_kind = ?
			AND amount BETWEEN ? AND ? LIMIT ?) few`, s.q.IssuerID, s.q.Kind, side[0], side[1], left+1); err != nil {
			return false, err
		}
		if left -= n; left < 0 {
			return false, nil
		}
	}
	return true, nil
}

// collect counts and sorts all rows of c.
func (s *search) collect(c *conditions) ([]int64, int64, error) {
	var total int64
	if err := s.ScanRow(s.ctx, []any{&total}, "SELECT COUNT(*) FROM "+c.sql(), c.args...); err != nil || total <= s.q.Offset {
		return nil, total, err
	}
	ids, err := s.ids(c, s.q.Order, s.q.Offset, s.q.Limit)
	return ids, total, err
}

// ids gives a page of c.
func (s *search) ids(c *conditions, order []work.TransactionOrder, offset int64, limit int) ([]int64, error) {
	list, err := all(s.ctx, s.tx, func(r scanner, id *int64) error { return r.Scan(id) },
		"SELECT id FROM "+c.sql()+" ORDER BY "+orderBy(order)+" LIMIT ? OFFSET ?", append(slices.Clone(c.args), limit, offset)...)
	out := make([]int64, len(list))
	for i, id := range list {
		out[i] = *id
	}
	return out, err
}

var columnOf = map[work.TransactionColumn]string{
	work.ByTime: "at", work.ByTransaction: "id", work.ByParty: "party_id", work.ByType: "type",
	work.ByManual: "manual", work.ByAmount: "amount",
}

func orderBy(order []work.TransactionOrder) string {
	var keys []string
	for _, o := range withTies(order) {
		key := columnOf[o.By]
		if o.Desc {
			key += " DESC"
		}
		keys = append(keys, key)
		if o.By == work.ByTransaction { // nothing can be after that
			break
		}
	}
	return strings.Join(keys, ", ")
}

// withTies completes an order: the newest first if there is none.
func withTies(order []work.TransactionOrder) []work.TransactionOrder {
	desc := true
	if len(order) > 0 {
		desc = order[len(order)-1].Desc
	}
	return append(slices.Clone(order), work.TransactionOrder{By: work.ByTime, Desc: desc}, work.TransactionOrder{By: work.ByTransaction, Desc: desc})
}

// TransactionsByID implements work.Tx.
func (t *tx) TransactionsByID(ctx context.Context, ids []int64) (out []*ledger.Transaction, err error) {
	err = chunks(ids, func(marks string, args []any) error {
		list, err := all(ctx, t, scanTransaction, "SELECT "+transactionColumns+" FROM ledger_transaction WHERE id IN ("+marks+")", args...)
		out = append(out, list...)
		return err
	})
	return out, err
}

// marks are n placeholders, filled up to a power of two like sqldb.In's.
func marks(n int) string {
	size := 1
	for size < n {
		size *= 2
	}
	return strings.Repeat("?,", size-1) + "?"
}

// anys gives the arguments of marks; an empty list is NULL, which is in no list.
func anys[T any](list []T) []any {
	size := 1
	for size < len(list) {
		size *= 2
	}
	out := make([]any, size)
	for i := range out {
		if len(list) > 0 {
			out[i] = list[min(i, len(list)-1)]
		}
	}
	return out
}
