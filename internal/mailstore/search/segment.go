package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"sort"
)

// A segment's bytes:
//
//	form u8 | messages, their ids as distances | their rests: length+1 or 0, filter, twice
//	words, bytes of the vocabulary | each word and "\n" | length of each posting list | posting lists
//
// All numbers are uvarints.
const segmentForm = 1

// Segment is a decoded segment. It is immutable and safe for many goroutines.
type Segment struct {
	ids   []int64
	rests []rest
	vocab []byte
	words []uint32 // where each word begins in vocab; one more than words
	posts []byte
	lists []uint32 // likewise in posts
	rest  [2]bool  // some message has one
}

// ErrDamaged is what Decode says about anything that Encode didn't write.
var ErrDamaged = errors.New("search: damaged segment")

// Messages gives the ids, ascending. Never modify them.
func (s *Segment) Messages() []int64 { return s.ids }

// Bytes is roughly the memory that the segment takes.
func (s *Segment) Bytes() int {
	n := 8*len(s.ids) + 48*len(s.rests) + len(s.vocab) + 4*len(s.words) + len(s.posts) + 4*len(s.lists)
	for i := range s.rests {
		n += len(s.rests[i][0]) + len(s.rests[i][1])
	}
	return n
}

type encoder struct {
	head    []byte
	vocab   []byte
	lengths []byte
	posts   []byte
	words   int
}

func newEncoder(ids []int64, rests []rest) *encoder {
	e := &encoder{head: []byte{segmentForm}}
	e.head = binary.AppendUvarint(e.head, uint64(len(ids)))
	last := int64(0)
	for _, id := range ids {
		e.head = binary.AppendUvarint(e.head, uint64(id-last))
		last = id
	}
	for place := range 2 {
		for _, r := range rests {
			e.head = binary.AppendUvarint(e.head, uint64(len(r[place])))
			e.head = append(e.head, r[place]...)
		}
	}
	return e
}

func (e *encoder) word(w string, posts []byte) {
	e.words++
	e.vocab = append(append(e.vocab, w...), '\n')
	e.lengths = binary.AppendUvarint(e.lengths, uint64(len(posts)))
	e.posts = append(e.posts, posts...)
}

func (e *encoder) finish() []byte {
	out := binary.AppendUvarint(e.head, uint64(e.words))
	out = binary.AppendUvarint(out, uint64(len(e.vocab)))
	out = append(out, e.vocab...)
	out = append(out, e.lengths...)
	return append(out, e.posts...)
}

// reader takes numbers off the front; after a mistake everything is 0.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number(limit uint64) int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > limit {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// Decode reads a segment; it keeps b.
func Decode(b []byte) (*Segment, error) {
	r := &reader{b: b}
	if form := r.bytes(1); r.bad || form[0] != segmentForm || uint64(len(b)) > math.MaxUint32 {
		return nil, ErrDamaged
	}
	s := &Segment{}
	n := r.number(uint64(len(r.b)))
	s.ids = make([]int64, 0, n)
	last := int64(0)
	for range n {
		d := int64(r.number(math.MaxInt64))
		if d <= 0 || last > math.MaxInt64-d {
			return nil, ErrDamaged
		}
		last += d
		s.ids = append(s.ids, last)
	}
	s.rests = make([]rest, n)
	for place := range 2 {
		for i := range n {
			f := r.bytes(r.number(maxFilter + 8))
			s.rests[i][place] = f
			s.rest[place] = s.rest[place] || len(f) > 0
		}
	}
	words := r.number(uint64(len(r.b)))
	s.vocab = r.bytes(r.number(uint64(len(r.b))))
	if r.bad {
		return nil, ErrDamaged
	}
	s.words = make([]uint32, 0, words+1)
	for at := 0; at < len(s.vocab); {
		if len(s.words) == words {
			return nil, ErrDamaged
		}
		s.words = append(s.words, uint32(at))
		end := bytes.IndexByte(s.vocab[at:], '\n')
		if end <= 0 {
			return nil, ErrDamaged
		}
		at += end + 1
	}
	if len(s.words) != words {
		return nil, ErrDamaged
	}
	s.words = append(s.words, uint32(len(s.vocab)))
	s.lists = make([]uint32, 0, words+1)
	at := 0
	for range words {
		s.lists = append(s.lists, uint32(at))
		if at += r.number(uint64(len(r.b))); at > len(b) {
			return nil, ErrDamaged
		}
	}
	s.lists = append(s.lists, uint32(at))
	s.posts = r.b
	if r.bad || at != len(s.posts) {
		return nil, ErrDamaged
	}
	return s, nil
}

func (s *Segment) word(i int) []byte { return s.vocab[s.words[i] : s.words[i+1]-1] }

func (s *Segment) list(i int) []byte { return s.posts[s.lists[i]:s.lists[i+1]] }

// each calls fn for the messages of a posting list.
func (s *Segment) each(i int, fn func(doc int, f Fields)) {
	doc, mask := -1, Body
	for l := s.list(i); len(l) > 0; {
		v, n := binary.Uvarint(l)
		if n <= 0 {
			return // damaged: the seal would have shown it
		}
		l = l[n:]
		if v>>1 >= uint64(len(s.ids)) {
			return
		}
		doc += int(v>>1) + 1
		if v&1 == 0 {
			if len(l) == 0 {
				return
			}
			mask = Fields(l[0])
			l = l[1:]
		}
		if doc >= len(s.ids) {
			return
		}
		fn(doc, mask)
	}
}

// find gives the index of the first word not less than w.
func (s *Segment) find(w []byte) int {
	return sort.Search(len(s.words)-1, func(i int) bool { return bytes.Compare(s.word(i), w) >= 0 })
}
