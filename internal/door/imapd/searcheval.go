package imapd

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"posthouse/internal/mailstore"
	"posthouse/internal/message"
)

// bitset has a bit for each entry of a view.
type bitset []uint64

func newBitset(n int) bitset        { return make(bitset, (n+63)/64) }
func (b bitset) set(i int)          { b[i/64] |= 1 << (i % 64) }
func (b bitset) without(o bitset)   { b.each2(o, func(x, y uint64) uint64 { return x &^ y }) }
func (b bitset) unite(o bitset)     { b.each2(o, func(x, y uint64) uint64 { return x | y }) }
func (b bitset) intersect(o bitset) { b.each2(o, func(x, y uint64) uint64 { return x & y }) }

func (b bitset) each2(o bitset, f func(x, y uint64) uint64) {
	for i := range b {
		b[i] = f(b[i], o[i])
	}
}

func (b bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b bitset) each(f func(i int)) {
	for w, word := range b {
		for word != 0 {
			f(w*64 + bits.TrailingZeros64(word))
			word &= word - 1
		}
	}
}

// searcher evaluates search keys over a view.
type searcher struct {
	ctx  context.Context
	mail Mail
	v    *mailstore.View
	box  *selected
	now  time.Time
	sent map[int]time.Time // dates of the Date fields by position, read once
}

// cost orders the keys of an And: what needs the entry only, then what needs
// structures, then what needs the text.
func (k *searchKey) cost() int {
	switch k.op {
	case searchText:
		if k.field == mailstore.FieldBody || k.field == mailstore.FieldText || k.field == mailstore.FieldHeader {
			return 4
		}
		return 2
	case searchSentBefore, searchSentOn, searchSentSince:
		return 3
	case searchAnd, searchOr, searchNot:
		worst := 0
		for _, inner := range k.keys {
			worst = max(worst, inner.cost())
		}
		return worst
	default:
		return 0
	}
}

// eval gives those of the candidates that k matches. It doesn't modify in.
func (x *searcher) eval(k *searchKey, in bitset) (bitset, error) {
	if err := x.ctx.Err(); err != nil {
		return nil, err
	}
	switch k.op {
	case searchAll:
		return in, nil
	case searchAnd:
		keys := slices.Clone(k.keys)
		slices.SortStableFunc(keys, func(a, b *searchKey) int { return cmp.Compare(a.cost(), b.cost()) })
		var err error
		for _, inner := range keys {
			if in, err = x.eval(inner, in); err != nil {
				return nil, err
			}
		}
		return in, nil
	case searchOr:
		a, err := x.eval(k.keys[0], in)
		if err != nil {
			return nil, err
		}
		rest := slices.Clone(in)
		rest.without(a)
		b, err := x.eval(k.keys[1], rest)
		if err != nil {
			return nil, err
		}
		out := slices.Clone(a)
		out.unite(b)
		return out, nil
	case searchNot:
		a, err := x.eval(k.keys[0], in)
		if err != nil {
			return nil, err
		}
		out := slices.Clone(in)
		out.without(a)
		return out, nil
	case searchSet:
		return x.inSet(k, in)
	case searchText:
		return x.matchText(k, in)
	case searchSentBefore, searchSentOn, searchSentSince:
		if err := x.readDates(in); err != nil {
			return nil, err
		}
	default:
	}
	out := newBitset(len(x.v.Entries))
	in.each(func(i int) {
		if x.test(k, i, &x.v.Entries[i]) {
			out.set(i)
		}
	})
	return out, nil
}

// test decides keys that look at one entry.
func (x *searcher) test(k *searchKey, i int, e *mailstore.Entry) bool {
	switch k.op {
	case searchFlag:
		return e.Flags.System&k.flags != 0
	case searchKeyword:
		if bit, ok := systemFlag(k.text); ok {
			return e.Flags.System&bit != 0
		}
		_, ok := slices.BinarySearchFunc(e.Flags.Keywords, k.text, compareFold)
		return ok
	case searchRecent:
		return x.box.isRecent(e.UID)
	case searchBefore:
		return e.InternalDate.Before(k.date)
	case searchOn:
		return onDay(e.InternalDate, k.date)
	case searchSince:
		return !e.InternalDate.Before(k.date)
	case searchSavedBefore:
		return e.SavedAt.Before(k.date)
	case searchSavedOn:
		return onDay(e.SavedAt, k.date)
	case searchSavedSince:
		return !e.SavedAt.Before(k.date)
	case searchSentBefore, searchSentOn, searchSentSince:
		d, ok := x.sent[i]
		switch {
		case !ok:
			return false
		case k.op == searchSentBefore:
			return d.Before(k.date)
		case k.op == searchSentOn:
			return d.Equal(k.date)
		}
		return !d.Before(k.date)
	case searchLarger:
		return uint64(e.Size) > k.n
	case searchSmaller:
		return uint64(e.Size) < k.n
	case searchModSeq:
		return e.ModSeq >= k.n
	case searchYounger: // RFC 5032: within the last n seconds
		return x.now.Sub(e.InternalDate) <= time.Duration(k.n)*time.Second
	case searchOlder:
		return x.now.Sub(e.InternalDate) > time.Duration(k.n)*time.Second
	case searchEmailID:
		return k.text == "M"+strconv.FormatInt(e.MessageID, 10)
	default:
		return false
	}
}

func onDay(t, day time.Time) bool { return !t.Before(day) && t.Before(day.AddDate(0, 0, 1)) }

// inSet takes message numbers or UIDs.
func (x *searcher) inSet(k *searchKey, in bitset) (bitset, error) {
	out := newBitset(len(x.v.Entries))
	var rs []numRange
	switch {
	case k.set.saved:
		for _, u := range x.box.saved {
			rs = append(rs, numRange{u, u})
		}
	case k.uid:
		rs = k.set.normal(x.box.last())
	default:
		// In a search, unlike in FETCH, numbers beyond the last match nothing.
		n := uint32(len(x.box.uids))
		for _, r := range k.set.normal(n) {
			if r.lo == 0 || r.lo > n {
				continue
			}
			for _, u := range x.box.uids[r.lo-1 : min(r.hi, n)] {
				if k := len(rs); k > 0 && rs[k-1].hi+1 == u {
					rs[k-1].hi = u
				} else {
					rs = append(rs, numRange{u, u})
				}
			}
		}
	}
	for _, r := range rs {
		lo, _ := slices.BinarySearchFunc(x.v.Entries, r.lo, func(e mailstore.Entry, uid uint32) int { return cmp.Compare(e.UID, uid) })
		for i := lo; i < len(x.v.Entries) && x.v.Entries[i].UID <= r.hi; i++ {
			out.set(i)
		}
	}
	out.intersect(in)
	return out, nil
}

// subset is the view with the candidates only.
func (x *searcher) subset(in bitset) (v *mailstore.View, at []int) {
	n := in.count()
	if n == len(x.v.Entries) {
		return x.v, nil
	}
	v = &mailstore.View{Folder: x.v.Folder, Entries: make([]mailstore.Entry, 0, n)}
	at = make([]int, 0, n)
	in.each(func(i int) {
		v.Entries = append(v.Entries, x.v.Entries[i])
		at = append(at, i)
	})
	return v, at
}

func (x *searcher) matchText(k *searchKey, in bitset) (bitset, error) {
	out := newBitset(len(x.v.Entries))
	v, _ := x.subset(in)
	if len(v.Entries) == 0 {
		return out, nil
	}
	if k.text == "" && k.field != mailstore.FieldHeader {
		return in, nil // every text has the empty string in it
	}
	uids, err := x.mail.MatchText(x.ctx, v, k.field, k.name, k.text)
	if err != nil {
		return nil, err
	}
	slices.Sort(uids)
	at := 0
	for _, uid := range uids {
		n, ok := slices.BinarySearchFunc(x.v.Entries[at:], uid, func(e mailstore.Entry, uid uint32) int { return cmp.Compare(e.UID, uid) })
		at += n
		if ok {
			out.set(at)
		}
	}
	out.intersect(in)
	return out, nil
}

// readDates reads the Date fields of the candidates; of one that makes no sense nothing is kept.
func (x *searcher) readDates(in bitset) error {
	if x.sent == nil {
		x.sent = make(map[int]time.Time)
	}
	v, at := x.subset(in)
	return x.mail.Parts(x.ctx, x.v.Folder.AccountID, v.Entries, func(i int, p *message.Part) error {
		if p == nil || p.Envelope == nil {
			return nil
		}
		t, ok := message.ParseDate(p.Envelope.Date)
		if !ok {
			return nil
		}
		if at != nil {
			i = at[i]
		}
		// The day as the sender wrote it (RFC 9051 section 6.4.4).
		y, m, d := t.Date()
		x.sent[i] = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		return nil
	})
}
