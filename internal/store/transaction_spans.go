package store

import (
	"cmp"
	"slices"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// piece is a stretch of time within one range and how many it holds.
type piece struct {
	rng      int // index of the range
	from, to int64
	n        int64
}

// among is what many looks through: a selection by type and key.
type among struct {
	types  []ledger.Type
	manual []bool
}

var (
	everyType = []ledger.Type{ledger.Credit, ledger.Debit, ledger.Invoice, ledger.Receipt} // as they sort
	both      = []bool{false, true}
)

// many finds the page of a search whose rows may be a million.
func (s *search) many(types []ledger.Type, manual *bool, order []work.TransactionOrder, offset int64, limit int) ([]int64, int64, error) {
	m := among{types, both}
	if types == nil {
		m.types = everyType
	}
	if manual != nil {
		m.manual = []bool{*manual}
	}
	if len(order) > 0 && (order[0].By == work.ByType || order[0].By == work.ByManual) {
		return s.branches(m, order, offset, limit)
	}
	pieces, total, err := s.pieces(m)
	if err != nil || total <= offset {
		return nil, total, err
	}
	if len(order) == 0 || order[0].By == work.ByTime {
		ids, err := s.stretch(m, pieces, order, offset, limit)
		return ids, total, err
	}
	var c *conditions
	if total <= fewRows {
		c = s.issuers("TRUE")
		s.timed(c, m, pieces)
		s.textOf(c)
		s.amountsOf(c)
		s.rangesOf(c)
	} else {
		c = s.along(order)
		c.with(hidden("type", true)+" IN ("+marks(len(m.types))+")", anys(m.types)...)
		c.with(hidden("manual", true)+" IN ("+marks(len(m.manual))+")", anys(m.manual)...)
		s.textOf(c)
		s.amountsOf(c)
		s.rangesOf(c)
	}
	ids, err := s.ids(c, order, offset, limit)
	return ids, total, err
}

// along goes along the index of an order. PostgreSQL has no idea how many rows
// the filters leave and would rather sort them all: it sees the filters only
// after the order, behind an OFFSET.
func (s *search) along(order []work.TransactionOrder) *conditions {
	if s.Engine() != sqldb.Postgres {
		return s.issuers("TRUE")
	}
	return &conditions{from: "(SELECT id, party_id, type, manual, amount, at, open, shape_id, term_id, description FROM ledger_transaction WHERE issuer_id = ? AND party_kind = ? ORDER BY " +
		orderBy(order) + " OFFSET 0) t", selection: selection{args: []any{s.q.IssuerID, s.q.Kind}}}
}

// timed makes use of the index by time, for all of the pieces' time.
func (s *search) timed(c *conditions, m among, pieces []piece) {
	open := []bool{}
	from, to := pieces[0].from, pieces[0].to
	for _, p := range pieces {
		for _, o := range openOf(s.q.Ranges[p.rng]) {
			if !slices.Contains(open, o) {
				open = append(open, o)
			}
		}
		from, to = min(from, p.from), max(to, p.to)
	}
	c.with("open IN ("+marks(len(open))+")", anys(open)...)
	c.with("type IN ("+marks(len(m.types))+")", anys(m.types)...)
	c.with("manual IN ("+marks(len(m.manual))+")", anys(m.manual)...)
	c.with("at >= ? AND at < ?", from, to)
}

func openOf(r work.TransactionRange) []bool {
	if r.Open == nil {
		return both
	}
	return []bool{*r.Open}
}

// branches sorts by a column with few values: one search after the other.
func (s *search) branches(m among, order []work.TransactionOrder, offset int64, limit int) (ids []int64, total int64, err error) {
	type branch struct {
		types  []ledger.Type
		manual *bool
	}
	var list []branch
	rest := order[1:]
	if order[0].By == work.ByType {
		var one *bool
		if len(m.manual) == 1 {
			one = &m.manual[0]
		}
		for _, t := range everyType {
			if slices.Contains(m.types, t) {
				list = append(list, branch{[]ledger.Type{t}, one})
			}
		}
	} else {
		for _, v := range m.manual {
			list = append(list, branch{m.types, &v})
		}
	}
	if order[0].Desc {
		slices.Reverse(list)
	}
	if len(rest) == 0 {
		rest = []work.TransactionOrder{{By: work.ByTime, Desc: order[0].Desc}}
	}
	for _, b := range list {
		page, n, err := s.many(b.types, b.manual, rest, max(0, offset-total), limit-len(ids))
		if err != nil {
			return nil, 0, err
		}
		total += n
		if len(ids) < limit {
			ids = append(ids, page...)
		}
	}
	return ids, total, nil
}

// pieces gives the stretches of time that hold something, the latest first.
func (s *search) pieces(m among) (out []piece, total int64, err error) {
	for i, r := range s.q.Ranges {
		var list []piece
		if s.text != nil && s.text.every { // no counter tells
			from, to := microsOf(r)
			list, err = s.rows(m, i, from, to, false)
		} else {
			list, err = s.piecesOf(m, i)
		}
		if err != nil {
			return nil, 0, err
		}
		slices.SortFunc(list, func(a, b piece) int { return cmp.Compare(b.from, a.from) })
		out = append(out, list...)
	}
	for _, p := range out {
		total += p.n
	}
	return out, total, nil
}

// piecesOf adds up counters of whole spans, the widest that fit, and rows of the
// days that the range has a part of.
func (s *search) piecesOf(m among, rng int) ([]piece, error) {
	from, to := microsOf(s.q.Ranges[rng])
	if from >= to {
		return nil, nil
	}
	firstDay, lastDay := up(from, dayMicros), to/dayMicros // whole days
	if firstDay > lastDay {
		return s.rows(m, rng, from, to, false)
	}
	var out []piece
	add := func(list []piece, err error) error {
		out = append(out, list...)
		return err
	}
	for _, w := range stretches(firstDay, lastDay) {
		if err := add(s.counted(m, rng, w.width, w.first, w.last)); err != nil {
			return nil, err
		}
	}
	noted, err := s.noted(m, rng, firstDay, lastDay)
	if err != nil {
		return nil, err
	}
	out = merge(out, noted)
	if err := add(s.rows(m, rng, from, firstDay*dayMicros, false)); err != nil {
		return nil, err
	}
	if err := add(s.rows(m, rng, lastDay*dayMicros, to, false)); err != nil {
		return nil, err
	}
	if s.text != nil { // what the terms add to the whole days
		extra, err := s.rows(m, rng, firstDay*dayMicros, lastDay*dayMicros, true)
		if err != nil {
			return nil, err
		}
		out = merge(out, extra)
	}
	return out, nil
}

// spans are those of a width from first up to, not including, last.
type spans struct{ width, first, last int64 }

// stretches covers days from first up to, not including, last: what lies on
// either side of whole wider spans is made of narrower ones.
func stretches(first, last int64) (out []spans) {
	for i := len(spanWidths) - 1; i >= 0; i-- {
		from, to := up(first, spanWidths[i]), last/spanWidths[i]
		if from >= to {
			continue
		}
		out = stretches(first, from*spanWidths[i])
		out = append(out, spans{spanWidths[i], from, to})
		return append(out, stretches(to*spanWidths[i], last)...)
	}
	return nil
}

// merge adds days to the stretches that they are in; what comes to nothing goes.
func merge(list, days []piece) []piece {
	slices.SortFunc(list, func(a, b piece) int { return cmp.Compare(a.from, b.from) })
	known := len(list)
	for _, d := range days {
		i, found := slices.BinarySearchFunc(list[:known], d.from, func(p piece, at int64) int {
			if p.to <= at {
				return -1
			}
			if p.from > at {
				return 1
			}
			return 0
		})
		if found {
			list[i].n += d.n
		} else {
			list = append(list, d)
		}
	}
	return slices.DeleteFunc(list, func(p piece) bool { return p.n == 0 })
}

// counted gives the counters of spans from first up to, not including, last.
func (s *search) counted(m among, rng int, width, first, last int64) ([]piece, error) {
	if first >= last {
		return nil, nil
	}
	open := openOf(s.q.Ranges[rng])
	low, high, bounded := s.buckets()
	kind := width
	if !bounded {
		kind += anyBucket
	}
	if s.text == nil {
		kind += anyShape
	}
	c := &conditions{from: "ledger_count"}
	c.with("issuer_id = ? AND party_kind = ? AND width = ?", s.q.IssuerID, s.q.Kind, kind)
	c.with("open IN ("+marks(len(open))+")", anys(open)...)
	c.with("type IN ("+marks(len(m.types))+")", anys(m.types)...)
	c.with("manual IN ("+marks(len(m.manual))+")", anys(m.manual)...)
	c.with("span >= ? AND span < ?", first, last)
	c.and(bounded, "bucket BETWEEN ? AND ?", low, high)
	if s.text != nil {
		c.with(hidden("shape_id", true)+" IN ("+marks(len(s.text.shapes))+")", anys(s.text.shapes)...)
	}
	return s.tally(rng, width*dayMicros, "SELECT span, CAST(SUM(n) AS BIGINT) FROM "+c.sql()+" GROUP BY span", c.args)
}

// buckets gives the bounds of amounts, if there are any.
func (s *search) buckets() (low, high int64, ok bool) {
	low, high = s.bounds()
	return low / 1000 * 2, high / 1000 * 2, s.q.Low != nil || s.q.High != nil
}

// noted gives what the counters of days from first up to, not including, last
// are to be changed by.
func (s *search) noted(m among, rng int, first, last int64) ([]piece, error) {
	if s.changed == nil {
		list, err := s.changes(s.ctx, "SELECT "+changeColumns+" FROM ledger_change WHERE issuer_id = ?", s.q.IssuerID)
		if err != nil {
			return nil, err
		}
		s.changed = append([]*change{}, list...)
	}
	open := openOf(s.q.Ranges[rng])
	low, high, bounded := s.buckets()
	days := make(map[int64]int64)
	for _, c := range s.changed {
		if c.kind == s.q.Kind && first <= c.span && c.span < last && slices.Contains(open, c.open) && slices.Contains(m.types, c.typ) && slices.Contains(m.manual, c.manual) &&
			(!bounded || low <= c.bucket && c.bucket <= high) && (s.text == nil || slices.Contains(s.text.shapes, c.shape)) {
			days[c.span] += c.n
		}
	}
	var out []piece
	for day, n := range days {
		out = append(out, piece{rng: rng, from: day * dayMicros, to: (day + 1) * dayMicros, n: n})
	}
	return out, nil
}

// rows counts rows day by day; of terms only those that the counters do not tell of.
func (s *search) rows(m among, rng int, from, to int64, ofTerms bool) ([]piece, error) {
	if from >= to {
		return nil, nil
	}
	c := s.issuers("TRUE")
	if ofTerms {
		w := s.text
		c.with("term_id IN ("+marks(len(w.terms))+")", anys(w.terms)...).with("LOWER(description) LIKE ? ESCAPE '\\'", w.like)
		if len(w.shapes) > 0 {
			c.with("shape_id NOT IN ("+marks(len(w.shapes))+")", anys(w.shapes)...)
		}
		c.with(hidden("open", true)+" IN ("+marks(len(openOf(s.q.Ranges[rng])))+")", anys(openOf(s.q.Ranges[rng]))...)
		c.with(hidden("type", true)+" IN ("+marks(len(m.types))+")", anys(m.types)...)
		c.with(hidden("manual", true)+" IN ("+marks(len(m.manual))+")", anys(m.manual)...)
		c.with(hidden("at", true)+" >= ? AND "+hidden("at", true)+" < ?", from, to)
	} else {
		s.timed(c, m, []piece{{rng: rng, from: from, to: to}})
		s.textOf(c)
	}
	s.amountsOf(c)
	args := append([]any{int64(dayMicros)}, c.args...)
	list, err := s.tally(rng, dayMicros, "SELECT at / ?, COUNT(*) FROM "+c.sql()+" GROUP BY 1", args)
	for i := range list {
		list[i].from, list[i].to = max(list[i].from, from), min(list[i].to, to)
	}
	return list, err
}

// tally runs a query of spans and their numbers.
func (s *search) tally(rng int, width int64, query string, args []any) ([]piece, error) {
	list, err := all(s.ctx, s.tx, func(r scanner, p *piece) error { return r.Scan(&p.from, &p.n) }, query, args...)
	out := make([]piece, 0, len(list))
	for _, p := range list {
		if p.n != 0 {
			out = append(out, piece{rng: rng, from: p.from * width, to: (p.from + 1) * width, n: p.n})
		}
	}
	return out, err
}

// stretch reads the page out of the pieces that it lies in.
func (s *search) stretch(m among, pieces []piece, order []work.TransactionOrder, offset int64, limit int) (ids []int64, err error) {
	asc := len(order) > 0 && !order[0].Desc
	if asc {
		slices.Reverse(pieces)
	}
	first, skip := 0, offset
	for first < len(pieces) && len(ids) < limit {
		if skip >= pieces[first].n {
			skip -= pieces[first].n
			first++
			continue
		}
		if s.wide(pieces[first]) {
			if pieces, err = s.split(m, pieces, first, asc); err != nil {
				return nil, err
			}
			continue
		}
		// As many pieces of one range as the rest of the page needs.
		last, n := first, pieces[first].n-skip
		for last+1 < len(pieces) && pieces[last+1].rng == pieces[first].rng && n < int64(limit-len(ids)) {
			if s.wide(pieces[last+1]) {
				if pieces, err = s.split(m, pieces, last+1, asc); err != nil {
					return nil, err
				}
				continue
			}
			last++
			n += pieces[last].n
		}
		c := s.issuers("TRUE")
		s.timed(c, m, pieces[first:last+1])
		s.textOf(c)
		s.amountsOf(c)
		page, err := s.ids(c, order, skip, limit-len(ids))
		if err != nil {
			return nil, err
		}
		ids = append(ids, page...)
		first, skip = last+1, 0
	}
	return ids, nil
}

// wide reports whether a piece is to be taken apart before rows are read of it.
func (s *search) wide(p piece) bool {
	return p.to-p.from > dayMicros && !(s.text != nil && s.text.every)
}

// split takes a piece apart into spans of the next width.
func (s *search) split(m among, pieces []piece, i int, asc bool) ([]piece, error) {
	p := pieces[i]
	days := (p.to - p.from) / dayMicros
	width := spanWidths[slices.Index(spanWidths, days)-1]
	parts, err := s.counted(m, p.rng, width, p.from/dayMicros/width, p.to/dayMicros/width)
	if err != nil {
		return nil, err
	}
	noted, err := s.noted(m, p.rng, p.from/dayMicros, p.to/dayMicros)
	if err != nil {
		return nil, err
	}
	parts = merge(parts, noted)
	if s.text != nil {
		extra, err := s.rows(m, p.rng, p.from, p.to, true)
		if err != nil {
			return nil, err
		}
		parts = merge(parts, extra)
	}
	slices.SortFunc(parts, func(a, b piece) int {
		if asc {
			return cmp.Compare(a.from, b.from)
		}
		return cmp.Compare(b.from, a.from)
	})
	return slices.Replace(slices.Clone(pieces), i, i+1, parts...), nil
}

// up divides, rounding up.
func up(n, by int64) int64 { return (n + by - 1) / by }
