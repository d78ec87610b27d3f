package search

import (
	"bytes"
	"cmp"
	"slices"
)

// Merge makes one segment of several, with only the messages that keep allows.
// A message in several segments is taken once. It gives the bytes and the number
// of messages.
func Merge(segments []*Segment, keep func(id int64) bool) ([]byte, int) {
	// The messages in order, and where each segment's have gone.
	type origin struct {
		id       int64
		seg, doc int
	}
	var all []origin
	for n, s := range segments {
		for doc, id := range s.ids {
			if keep(id) {
				all = append(all, origin{id, n, doc})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b origin) int { return cmp.Compare(a.id, b.id) })
	all = slices.CompactFunc(all, func(a, b origin) bool { return a.id == b.id })
	moved := make([][]int32, len(segments))
	for n, s := range segments {
		moved[n] = slices.Repeat([]int32{-1}, len(s.ids))
	}
	ids := make([]int64, len(all))
	rests := make([]rest, len(all))
	for i, o := range all {
		ids[i] = o.id
		rests[i] = segments[o.seg].rests[o.doc]
		moved[o.seg][o.doc] = int32(i)
	}

	type posting struct {
		doc int32
		f   Fields
	}
	e := newEncoder(ids, rests)
	next := make([]int, len(segments)) // each segment's next word
	var posts []posting
	for {
		var least []byte
		for n, s := range segments {
			if next[n] < len(s.words)-1 {
				if w := s.word(next[n]); least == nil || bytes.Compare(w, least) < 0 {
					least = w
				}
			}
		}
		if least == nil {
			return e.finish(), len(ids)
		}
		posts = posts[:0]
		sorted := true
		for n, s := range segments {
			if next[n] == len(s.words)-1 || !bytes.Equal(s.word(next[n]), least) {
				continue
			}
			s.each(next[n], func(doc int, f Fields) {
				if to := moved[n][doc]; to >= 0 {
					sorted = sorted && (len(posts) == 0 || posts[len(posts)-1].doc < to)
					posts = append(posts, posting{to, f})
				}
			})
			next[n]++
		}
		if len(posts) == 0 {
			continue
		}
		if !sorted {
			slices.SortFunc(posts, func(a, b posting) int { return cmp.Compare(a.doc, b.doc) })
		}
		l := list{last: -1, mask: Body}
		for _, p := range posts {
			l.add(p.doc, p.f)
		}
		e.word(string(least), l.data)
	}
}
