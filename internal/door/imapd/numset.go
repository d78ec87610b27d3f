package imapd

import (
	"cmp"
	"slices"
)

// numRange is lo:hi, both in it, lo <= hi. As parsed, star stands for `*`.
type numRange struct{ lo, hi uint32 }

const star = 0

// numSet is a sequence-set (RFC 9051 section 9) as parsed; saved is `$` (RFC 5182).
type numSet struct {
	ranges []numRange
	saved  bool
}

// maxRanges bounds the ranges of one set; the line's limit does so too.
const maxRanges = 20000

func (p *parser) numSet() (numSet, error) {
	var s numSet
	if p.take('$') {
		s.saved = true
		return s, nil
	}
	for {
		lo, err := p.setNumber()
		if err != nil {
			return s, err
		}
		r := numRange{lo, lo}
		if p.take(':') {
			if r.hi, err = p.setNumber(); err != nil {
				return s, err
			}
		}
		if len(s.ranges) >= maxRanges {
			return s, syntaxError("too many ranges in a set")
		}
		s.ranges = append(s.ranges, r)
		if !p.take(',') {
			return s, nil
		}
	}
}

func (p *parser) setNumber() (uint32, error) {
	if p.take('*') {
		return star, nil
	}
	n, err := p.number()
	if err != nil {
		return 0, syntaxError("expected a set of message numbers")
	}
	if n == 0 {
		return 0, syntaxError("0 is no message number")
	}
	return n, nil
}

// normal puts last for `*`, orders each range, sorts them and joins those that touch.
func (s numSet) normal(last uint32) []numRange {
	out := make([]numRange, 0, len(s.ranges))
	for _, r := range s.ranges {
		if r.lo == star {
			r.lo = last
		}
		if r.hi == star {
			r.hi = last
		}
		if r.lo > r.hi {
			r.lo, r.hi = r.hi, r.lo
		}
		out = append(out, r)
	}
	return joinRanges(out)
}

// beyond says whether a number above last is named.
func (s numSet) beyond(last uint32) bool {
	return slices.ContainsFunc(s.ranges, func(r numRange) bool { return r.lo > last || r.hi > last })
}

func joinRanges(out []numRange) []numRange {
	slices.SortFunc(out, func(a, b numRange) int { return cmp.Compare(a.lo, b.lo) })
	k := 0
	for i, r := range out {
		if i > 0 && (r.lo <= out[k-1].hi || r.lo == out[k-1].hi+1) {
			out[k-1].hi = max(out[k-1].hi, r.hi)
			continue
		}
		out[k] = r
		k++
	}
	return out[:k]
}

// contains says whether n is in the normalised ranges.
func contains(rs []numRange, n uint32) bool {
	i, ok := slices.BinarySearchFunc(rs, n, func(r numRange, n uint32) int { return cmp.Compare(r.lo, n) })
	return ok || i > 0 && rs[i-1].hi >= n
}

// span is a half-open range of positions, from 0.
type span struct{ lo, hi int }

// spansOfUIDs turns normalised UID ranges into spans of positions in the ascending uids.
func spansOfUIDs(rs []numRange, uids []uint32) []span {
	var out []span
	for _, r := range rs {
		lo, _ := slices.BinarySearch(uids, r.lo)
		hi := len(uids)
		if r.hi != 1<<32-1 {
			hi, _ = slices.BinarySearch(uids, r.hi+1)
		}
		if lo < hi {
			out = appendSpan(out, span{lo, hi})
		}
	}
	return out
}

func appendSpan(out []span, s span) []span {
	if k := len(out); k > 0 && out[k-1].hi == s.lo {
		out[k-1].hi = s.hi
		return out
	}
	return append(out, s)
}

func countSpans(ss []span) int {
	n := 0
	for _, s := range ss {
		n += s.hi - s.lo
	}
	return n
}
