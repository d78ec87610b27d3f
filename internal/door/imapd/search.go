package imapd

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"posthouse/internal/mailstore"
)

// found is what a SEARCH has found, ascending.
type found struct {
	numbers []uint32 // message numbers, or UIDs for UID SEARCH
	uids    []uint32
	modSeqs []uint64
}

// cmdSearch is SEARCH and UID SEARCH (RFC 9051 sections 6.4.4 and 6.4.9).
func (s *session) cmdSearch(c *command) error {
	q, err := c.args.searchCommand()
	if err != nil {
		return err
	}
	if q.badSet {
		return noError{"[BADCHARSET (US-ASCII UTF-8)] Unknown charset"}
	}
	if q.modSeq {
		s.condstoreAware()
	}
	v, err := s.view()
	if err != nil {
		return err
	}
	b := s.box
	ctx, done := s.bounded(s.srv.limits.Search)
	defer done()
	hits, err := s.evaluate(ctx, q.key, v)
	if err != nil {
		if q.save {
			b.saved = nil // RFC 5182 section 2.1
		}
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			return noError{"[LIMIT] The search takes too long; ask for less"}
		case s.stopped() != stopNone:
			return errBye
		}
		return err
	}
	f := b.collect(v, hits, c.uid)
	if q.save {
		b.saved = q.selection(f.uids)
	}
	if q.extended || s.rev2() {
		s.esearchResponse(c, q, f)
	} else {
		s.searchResponse(q, f)
	}
	return s.ok(c, "SEARCH completed")
}

// evaluate gives the entries that match, after a turn where text may be read.
func (s *session) evaluate(ctx context.Context, key *searchKey, v *mailstore.View) (bitset, error) {
	if key.cost() >= textCost {
		done, err := s.srv.searches.take(ctx, s.account.ID)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	x := &searcher{ctx: ctx, mail: s.srv.cfg.Mail, v: v, box: s.box, now: s.srv.clock.Now()}
	return x.eval(key, s.box.candidates(v))
}

// candidates are the entries that the client knows.
func (b *selected) candidates(v *mailstore.View) bitset {
	in := newBitset(len(v.Entries))
	n, _ := slices.BinarySearchFunc(v.Entries, b.last(), func(e mailstore.Entry, uid uint32) int {
		if e.UID <= uid {
			return -1
		}
		return 1
	})
	for w := range n / 64 {
		in[w] = ^uint64(0)
	}
	for i := n &^ 63; i < n; i++ {
		in.set(i)
	}
	return in
}

func (b *selected) collect(v *mailstore.View, hits bitset, uid bool) *found {
	n := hits.count()
	f := &found{uids: make([]uint32, 0, n), modSeqs: make([]uint64, 0, n)}
	hits.each(func(i int) {
		f.uids = append(f.uids, v.Entries[i].UID)
		f.modSeqs = append(f.modSeqs, v.Entries[i].ModSeq)
	})
	if uid {
		f.numbers = f.uids
		return f
	}
	f.numbers = make([]uint32, 0, n)
	at := 0
	for _, u := range f.uids {
		k, _ := slices.BinarySearchFunc(b.uids[at:], u, cmp.Compare[uint32])
		at += k
		f.numbers = append(f.numbers, uint32(at+1))
	}
	return f
}

// selection is what SAVE keeps (RFC 5182 section 2.1): with MIN or MAX alone
// only those.
func (q *searchCommand) selection(uids []uint32) []uint32 {
	if len(uids) == 0 || q.all || q.count || !q.min && !q.max {
		return uids
	}
	var out []uint32
	if q.min {
		out = append(out, uids[0])
	}
	if last := uids[len(uids)-1]; q.max && (len(out) == 0 || out[0] != last) {
		out = append(out, last)
	}
	return out
}

// searchResponse is SEARCH of RFC 3501 section 7.2.5.
func (s *session) searchResponse(q *searchCommand, f *found) {
	o := &s.out
	o.str("* SEARCH")
	for _, n := range f.numbers {
		o.byte(' ')
		o.num(uint64(n))
		o.relieve()
	}
	if q.modSeq && len(f.modSeqs) > 0 { // RFC 7162 section 3.1.6
		o.str(" (MODSEQ ")
		o.num(slices.Max(f.modSeqs))
		o.byte(')')
	}
	o.crlf()
}

// esearchResponse is ESEARCH (RFC 9051 section 7.3.4).
func (s *session) esearchResponse(c *command, q *searchCommand, f *found) {
	if !q.extended {
		q.all = true
	}
	if q.save && !q.min && !q.max && !q.all && !q.count {
		return // SAVE alone asks for nothing to be told (RFC 5182 section 2.1)
	}
	o, n := &s.out, len(f.numbers)
	o.str("* ESEARCH (TAG ")
	o.string(c.tag)
	o.byte(')')
	if c.uid {
		o.str(" UID")
	}
	if n > 0 {
		if q.min {
			o.str(" MIN ")
			o.num(uint64(f.numbers[0]))
		}
		if q.max {
			o.str(" MAX ")
			o.num(uint64(f.numbers[n-1]))
		}
		if q.all {
			o.str(" ALL ")
			o.set(f.numbers)
		}
	}
	if q.count {
		o.str(" COUNT ")
		o.int(int64(n))
	}
	if q.modSeq && n > 0 { // RFC 7162 section 3.1.10
		o.str(" MODSEQ ")
		switch {
		case q.all || q.count:
			o.num(slices.Max(f.modSeqs))
		case q.min && q.max:
			o.num(max(f.modSeqs[0], f.modSeqs[n-1]))
		case q.min:
			o.num(f.modSeqs[0])
		default:
			o.num(f.modSeqs[n-1])
		}
	}
	o.crlf()
}
