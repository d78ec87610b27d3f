package search

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// Bounds of what is indexed of one message. A message beyond them stays a
// candidate for every question about that place, so that answers stay exact.
const (
	maxWord      = 64       // longer words go to the rest
	maxNamedWord = 512      // the same in subject and addresses
	maxWords     = 30_000   // different ones of one message
	maxText      = 16 << 20 // bytes of one message
	maxTail      = 64 << 10 // body text without a space
	maxTraceLen  = 24
)

// Builder collects messages for a segment.
type Builder struct {
	ids   []int64
	words map[string]int32 // to lists
	lists []list
	rests []rest
	bytes int

	// of the message being added
	doc   map[string]Fields
	grams [2]map[uint32]struct{}
	all   [2]bool // everything must be looked at
	text  int
	tail  string // body text after the last space
}

// list is a word's postings while they grow.
type list struct {
	data []byte
	last int32 // latest message, -1 = none
	mask Fields
}

// rest is what is known of words that are not in the vocabulary: nothing, a
// filter over their trigrams, or that anything may be there.
type rest [2][]byte

const (
	restHeader = 0
	restBody   = 1
)

var restAll = []byte{0xff}

// NewBuilder makes an empty one.
func NewBuilder() *Builder {
	return &Builder{words: make(map[string]int32), doc: make(map[string]Fields), grams: [2]map[uint32]struct{}{{}, {}}}
}

// Len is how many messages were added.
func (b *Builder) Len() int { return len(b.ids) }

// Bytes is roughly how much memory they take.
func (b *Builder) Bytes() int { return b.bytes }

// Field adds a header field of the current message: its lower-case name and its
// folded value.
func (b *Builder) Field(name, value string) {
	f := FieldOf(name)
	b.word(name+":", Name)
	if f != Header || !isTrace(name) {
		b.split(value, func(w string) { b.word(w, f) })
		return
	}
	// Trace fields are full of words that never come again. The vocabulary gets
	// their plain words and the ends of addresses, the rest all others.
	b.split(value, func(w string) {
		if len(w) < 4 || len(w) <= maxTraceLen && !strings.ContainsAny(w, "0123456789=/+@") {
			b.word(w, f)
			return
		}
		if at := strings.LastIndexByte(w, '@'); at > 0 && len(w)-at <= maxWord {
			b.word(w[at:], f)
		}
		b.rest(w, restHeader)
	})
}

// isTrace names fields with values made for machines.
func isTrace(name string) bool {
	switch name {
	case "received", "message-id", "references", "in-reply-to", "date", "return-path", "dkim-signature", "domainkey-signature",
		"authentication-results", "received-spf", "content-type", "list-unsubscribe", "feedback-id", "thread-index", "delivered-to":
		return true
	}
	return strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "x-")
}

// Text adds a piece of the current message's folded body text. A word may go on
// in the next piece.
func (b *Builder) Text(text string) {
	if b.all[restBody] {
		return
	}
	end := strings.LastIndexByte(text, ' ') + 1
	if end == 0 {
		if len(b.tail)+len(text) > maxTail {
			b.all[restBody] = true
			b.tail = ""
			return
		}
		b.tail += text
		return
	}
	first := strings.IndexByte(text, ' ')
	b.body(b.tail + text[:first])
	b.split(text[first:end], b.body)
	b.tail = strings.Clone(text[end:])
}

func (b *Builder) body(w string) { b.word(w, Body) }

func (b *Builder) split(text string, fn func(w string)) {
	if b.text += len(text); b.text > maxText {
		b.all = [2]bool{true, true}
		return
	}
	for len(text) > 0 {
		w, after, _ := strings.Cut(text, " ")
		if w != "" {
			fn(w)
		}
		text = after
	}
}

func (b *Builder) word(w string, f Fields) {
	if w == "" {
		return
	}
	if named := f&(Subject|From|To|Cc|Bcc) != 0; named && len(w) > maxNamedWord {
		b.all[restHeader] = true
		return
	} else if !named && len(w) > maxWord {
		b.rest(w, restOf(f))
		return
	}
	if old, ok := b.doc[w]; ok {
		if old|f != old {
			b.doc[w] = old | f
		}
		return
	}
	if len(b.doc) >= maxWords {
		b.all[restOf(f)] = true
		return
	}
	if _, known := b.words[w]; !known {
		w = strings.Clone(w) // it shares memory with the whole text
	}
	b.doc[w] = f
}

func restOf(f Fields) int {
	if f == Body {
		return restBody
	}
	return restHeader
}

func (b *Builder) rest(w string, place int) {
	grams := b.grams[place]
	if len(grams) > 8*maxFilter/bitsPerGram {
		b.all[place] = true
		return
	}
	for i := 0; i+3 <= len(w); i++ {
		grams[gram(w[i:])] = struct{}{}
	}
	if len(w) < 3 {
		b.all[place] = true // can't be found by trigrams
	}
}

// Add ends the current message. Ids must ascend.
func (b *Builder) Add(id int64) {
	if b.tail != "" {
		b.body(b.tail)
	}
	at := int32(len(b.ids))
	b.ids = append(b.ids, id)
	for w, f := range b.doc {
		n, ok := b.words[w]
		if !ok {
			n = int32(len(b.lists))
			b.words[w] = n
			b.lists = append(b.lists, list{last: -1, mask: Body})
			b.bytes += len(w) + 80
		}
		l := &b.lists[n]
		before := len(l.data)
		l.add(at, f)
		b.bytes += len(l.data) - before
	}
	var r rest
	for place := range r {
		r[place] = filter(b.grams[place], b.all[place])
		clear(b.grams[place])
		b.bytes += len(r[place]) + 24
	}
	b.rests = append(b.rests, r)
	clear(b.doc)
	b.all, b.text, b.tail = [2]bool{}, 0, ""
}

// Drop forgets the current message.
func (b *Builder) Drop() {
	clear(b.doc)
	clear(b.grams[0])
	clear(b.grams[1])
	b.all, b.text, b.tail = [2]bool{}, 0, ""
}

// add appends a message to a posting list: the distance from the previous one,
// shifted by a bit that says "same fields as before", else followed by the fields.
func (l *list) add(doc int32, f Fields) {
	delta := uint64(doc-l.last-1) << 1
	l.last = doc
	if f == l.mask {
		l.data = binary.AppendUvarint(l.data, delta|1)
		return
	}
	l.mask = f
	l.data = append(binary.AppendUvarint(l.data, delta), byte(f))
}

// Encode gives the segment's bytes. The builder is used up.
func (b *Builder) Encode() []byte {
	words := make([]string, 0, len(b.words))
	for w := range b.words {
		words = append(words, w)
	}
	sort.Strings(words)
	e := newEncoder(b.ids, b.rests)
	for _, w := range words {
		e.word(w, b.lists[b.words[w]].data)
	}
	return e.finish()
}

// The filter over trigrams has one hash function and about bitsPerGram bits for
// each trigram: a needle of n letters passes by chance with 0.15^(n-2).
const (
	bitsPerGram = 6
	maxFilter   = 8 << 10 // bytes
)

func gram(s string) uint32 {
	return (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16) * 0x9E3779B1
}

func filter(grams map[uint32]struct{}, all bool) []byte {
	if all || len(grams)*bitsPerGram/8 > maxFilter {
		return restAll
	}
	if len(grams) == 0 {
		return nil
	}
	out := make([]byte, len(grams)*bitsPerGram/8+2) // never as short as restAll
	for g := range grams {
		setBit(out, g)
	}
	return out
}

func setBit(filter []byte, g uint32) {
	n := uint32(uint64(g) * uint64(len(filter)*8) >> 32)
	filter[n>>3] |= 1 << (n & 7)
}

// mayHold reports whether the rest may contain a word with these trigrams.
func mayHold(filter []byte, grams []uint32) bool {
	if len(filter) <= 1 {
		return len(filter) == 1
	}
	bits := uint64(len(filter) * 8)
	for _, g := range grams {
		n := uint32(uint64(g) * bits >> 32)
		if filter[n>>3]&(1<<(n&7)) == 0 {
			return false
		}
	}
	return true
}

// gramsOf gives the different trigrams of a needle; none for a short one, which
// then may be anywhere.
func gramsOf(needle string) []uint32 {
	var out []uint32
	for i := 0; i+3 <= len(needle); i++ {
		out = append(out, gram(needle[i:]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
