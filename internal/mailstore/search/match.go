package search

import (
	"bytes"
	"math/bits"
	"sort"
	"strings"
)

// Set is a set of a segment's messages, by their place in Messages.
type Set []uint64

func newSet(n int) Set { return make(Set, (n+63)/64) }

// Has reports whether message i is in the set.
func (s Set) Has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }

func (s Set) add(i int) { s[i>>6] |= 1 << (i & 63) }

// Count is how many messages are in the set.
func (s Set) Count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Match finds the messages that have needle, which is folded, as a substring in
// one of the places. Those in sure have it; those in maybe must be looked at;
// all others don't have it.
func (s *Segment) Match(needle string, where Fields) (sure, maybe Set) {
	sure, maybe = newSet(len(s.ids)), newSet(len(s.ids))
	if needle == "" {
		for i := range s.ids {
			sure.add(i)
		}
		return sure, maybe
	}
	pieces := strings.Split(needle, " ")
	if len(pieces) == 1 {
		s.containing([]byte(needle), where, sure)
		s.inRest(needle, where, sure, maybe)
		return sure, maybe
	}
	// The first piece ends a word, the last begins one, those between are words.
	first := true
	for i, p := range pieces {
		if p == "" {
			continue // the needle begins or ends with a space
		}
		found, none := newSet(len(s.ids)), newSet(len(s.ids))
		switch i {
		case 0:
			s.ending([]byte(p), where, found)
		case len(pieces) - 1:
			s.beginning([]byte(p), where, found)
		default:
			s.exactly([]byte(p), where, found)
		}
		s.inRest(p, where, none, found)
		for w := range maybe {
			if first {
				maybe[w] = found[w]
			} else {
				maybe[w] &= found[w]
			}
		}
		first = false
	}
	if first { // nothing but a space: too common to be worth an index
		for i := range s.ids {
			maybe.add(i)
		}
	}
	return sure, maybe
}

// HasField finds the messages that have a header field of this lower-case name.
func (s *Segment) HasField(name string) (sure, maybe Set) {
	sure, maybe = newSet(len(s.ids)), newSet(len(s.ids))
	w := name + ":"
	if len(w) > maxWord {
		s.inRest(w, Name, sure, maybe)
		return sure, maybe
	}
	s.exactly([]byte(w), Name, sure)
	for i := range s.rests {
		if r := s.rests[i][restHeader]; len(r) == 1 && !sure.Has(i) {
			maybe.add(i)
		}
	}
	return sure, maybe
}

func (s *Segment) take(word int, where Fields, into Set) {
	s.each(word, func(doc int, f Fields) {
		if f&where != 0 {
			into.add(doc)
		}
	})
}

// containing scans the vocabulary, which is one stretch of bytes.
func (s *Segment) containing(needle []byte, where Fields, into Set) {
	words := len(s.words) - 1
	for at, word, taken := 0, 0, 0; ; {
		n := bytes.Index(s.vocab[at:], needle)
		if n < 0 {
			return
		}
		at += n
		// Which word is that? Often one of the next few.
		step := 1
		for word+step < words && s.words[word+step] <= uint32(at) {
			step *= 2
		}
		low := word + step/2
		word = low + sort.Search(min(word+step, words)-low, func(i int) bool { return s.words[low+i+1] > uint32(at) })
		s.take(word, where, into)
		if word++; word >= words {
			return
		}
		at = int(s.words[word])
		if taken++; taken%256 == 0 && into.Count() == len(s.ids) {
			return
		}
	}
}

// ending takes the words with this end: found as the end with its line end.
func (s *Segment) ending(end []byte, where Fields, into Set) {
	s.containing(append(bytes.Clone(end), '\n'), where, into)
}

func (s *Segment) beginning(start []byte, where Fields, into Set) {
	for i := s.find(start); i < len(s.words)-1 && bytes.HasPrefix(s.word(i), start); i++ {
		s.take(i, where, into)
	}
}

func (s *Segment) exactly(w []byte, where Fields, into Set) {
	if i := s.find(w); i < len(s.words)-1 && bytes.Equal(s.word(i), w) {
		s.take(i, where, into)
	}
}

// inRest adds to maybe the messages, other than those in sure, whose rest may
// contain the piece.
func (s *Segment) inRest(piece string, where Fields, sure, maybe Set) {
	grams := gramsOf(piece)
	for place, fields := range [2]Fields{restHeader: All &^ Body, restBody: Body} {
		if where&fields == 0 || !s.rest[place] {
			continue
		}
		// Trace fields fill the rest of nearly every header, but only questions
		// about headers in general are about them.
		if place == restHeader && where&(Header|Name) == 0 {
			for i := range s.rests {
				if len(s.rests[i][place]) == 1 && !sure.Has(i) {
					maybe.add(i)
				}
			}
			continue
		}
		for i := range s.rests {
			if r := s.rests[i][place]; len(r) > 0 && !sure.Has(i) && mayHold(r, grams) {
				maybe.add(i)
			}
		}
	}
}
