package imapd

import (
	"cmp"
	"errors"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// selected is the mailbox that a session has open, as far as the client has
// been told. Message number n is uids[n-1]. Since UIDs only grow, a message of
// the store with a UID up to the last one here was told; so what has vanished
// is what is in uids and not in the store, however often its telling was put off.
type selected struct {
	folder   int64
	name     string
	readOnly bool
	uids     []uint32 // often shared with other sessions: never modified in place
	modSeq   uint64   // flags are told up to here
	recent   []numRange
	claims   bool     // takes part in recents
	keywords []string // as told by FLAGS
	saved    []uint32 // SEARCHRES (RFC 5182): UIDs, ascending
	own      map[uint32]uint64
	watch    <-chan struct{}
	cancel   func()
}

func (b *selected) last() uint32 {
	if len(b.uids) == 0 {
		return 0
	}
	return b.uids[len(b.uids)-1]
}

// number gives the message number of uid, 0 if the client doesn't know the message.
func (b *selected) number(uid uint32) uint32 {
	i, ok := slices.BinarySearch(b.uids, uid)
	if !ok {
		return 0
	}
	return uint32(i + 1)
}

func (b *selected) isRecent(uid uint32) bool { return contains(b.recent, uid) }

func (b *selected) countRecent() int { return countSpans(spansOfUIDs(b.recent, b.uids)) }

// addRecent makes the UIDs from first to before next recent.
func (b *selected) addRecent(first, next uint32) {
	if first < next {
		b.recent = joinRanges(append(b.recent, numRange{first, next - 1}))
	}
}

// told notes that the flags of e were told, so that sync doesn't tell them again.
func (b *selected) told(e *mailstore.Entry) {
	if b.own == nil {
		b.own = make(map[uint32]uint64)
	}
	b.own[e.UID] = e.ModSeq
}

// changedHere notes changes by this session, which sync then doesn't tell again.
func (b *selected) changedHere(entries []mailstore.Entry) {
	for i := range entries {
		b.told(&entries[i])
	}
}

// unselect leaves the mailbox without a word.
func (s *session) unselect() {
	if s.box == nil {
		return
	}
	if s.box.cancel != nil {
		s.box.cancel()
	}
	if s.box.claims {
		s.srv.recents.close(s.srv.ctx, s.srv.cfg.Mail, s.box.folder)
	}
	s.box = nil
	s.state = stateAuthenticated
}

// view gives the selected mailbox as it is now.
func (s *session) view() (*mailstore.View, error) {
	v, err := s.srv.views.view(s.srv.ctx, s.srv.cfg.Mail, s.box.folder)
	if fault.Is(err, fault.NotFound) {
		return nil, byeError("[NONEXISTENT] The selected mailbox was deleted")
	}
	return v, err
}

// sync tells what happened in the mailbox since the last time (RFC 9051
// section 5.2): EXPUNGE or VANISHED if allowed, EXISTS, RECENT, FETCH.
func (s *session) sync(expunge bool) error {
	b := s.box
	v, err := s.view()
	if err != nil {
		var bye byeError
		if errors.As(err, &bye) {
			return err
		}
		s.log().Error("imap mailbox can't be read", "error", err)
		return nil // the next command tries again
	}
	if v.Folder.HighestModSeq == b.modSeq && len(v.Entries) == len(b.uids) {
		b.own = nil
		return nil
	}
	if v.Folder.HighestModSeq < b.modSeq {
		return nil // a view from before the last one
	}
	snap := s.srv.snaps.of(v)
	lastTold := b.last()
	known, _ := slices.BinarySearch(snap.uids, lastTold+1) // entries of v that the client knows
	if lastTold == 1<<32-1 {
		known = len(snap.uids)
	}
	if known != len(b.uids) && expunge {
		s.tellVanished(snap.uids[:known])
	}
	fresh := snap.uids[known:]
	switch {
	case len(fresh) > 0 && known == len(b.uids):
		b.uids = snap.uids
	case len(fresh) > 0:
		b.uids = slices.Concat(b.uids, fresh)
	case known == len(b.uids):
		b.uids = snap.uids // equal, but shared
	}
	if len(fresh) > 0 {
		s.out.str("* ")
		s.out.num(uint64(len(b.uids)))
		s.out.str(" EXISTS\r\n")
		if b.claims {
			next := fresh[len(fresh)-1] + 1
			b.addRecent(s.srv.recents.arrived(b.folder, fresh[0], next), next)
		}
		if !s.rev2() {
			s.tellRecent()
		}
	}
	s.tellKeywords(snap.keywords)
	for _, i := range snap.changedSince(v, b.modSeq) {
		e := &v.Entries[i]
		if e.UID > lastTold || b.own[e.UID] == e.ModSeq {
			continue // of a new message the client asks what it wants to know
		}
		s.tellFlags(e)
		s.out.relieve()
	}
	b.modSeq = max(b.modSeq, v.Folder.HighestModSeq)
	b.own = nil
	return s.out.err
}

// tellVanished tells of all known messages that are not in left (ascending), and forgets them.
func (s *session) tellVanished(left []uint32) {
	b := s.box
	var gone []uint32
	kept := make([]uint32, 0, len(left))
	j := 0
	for _, uid := range b.uids {
		if j < len(left) && left[j] == uid {
			j++
			kept = append(kept, uid)
			continue
		}
		gone = append(gone, uid)
		if !s.qresync() {
			// Each EXPUNGE moves the numbers behind it (RFC 9051 section 7.5.1).
			s.out.str("* ")
			s.out.num(uint64(len(kept) + 1))
			s.out.str(" EXPUNGE\r\n")
			s.out.relieve()
		}
	}
	if s.qresync() && len(gone) > 0 { // RFC 7162 section 3.2.10
		s.out.str("* VANISHED ")
		s.out.set(gone)
		s.out.crlf()
	}
	b.uids = kept
	if len(b.saved) > 0 { // RFC 5182 section 2.1
		b.saved = slices.DeleteFunc(slices.Clone(b.saved), func(uid uint32) bool {
			_, ok := slices.BinarySearch(gone, uid)
			return ok
		})
	}
}

func (s *session) tellRecent() {
	s.out.str("* ")
	s.out.num(uint64(s.box.countRecent()))
	s.out.str(" RECENT\r\n")
}

// tellKeywords tells FLAGS again when keywords came into use (RFC 9051 section 7.3.5).
func (s *session) tellKeywords(keywords []string) {
	for _, k := range keywords {
		if _, ok := slices.BinarySearchFunc(s.box.keywords, k, compareFold); !ok {
			s.box.keywords = keywords
			s.flagsResponse(keywords)
			return
		}
	}
}

// tellFlags is an unsolicited FETCH (RFC 7162 section 3.2.4: with UID once QRESYNC is on).
func (s *session) tellFlags(e *mailstore.Entry) {
	if n := s.box.number(e.UID); n != 0 {
		s.tellNumbered(n, e, false)
	}
}

func (s *session) tellNumbered(n uint32, e *mailstore.Entry, uid bool) {
	s.out.str("* ")
	s.out.num(uint64(n))
	s.out.str(" FETCH (")
	if uid || s.qresync() || s.rev2() {
		s.out.str("UID ")
		s.out.num(uint64(e.UID))
		s.out.byte(' ')
	}
	s.out.str("FLAGS ")
	s.out.flags(e.Flags, !s.rev2() && s.box.isRecent(e.UID))
	if s.condstore() {
		s.modSeqItem(e.ModSeq)
	}
	s.out.str(")\r\n")
}

func (s *session) modSeqItem(n uint64) {
	s.out.str(" MODSEQ (")
	s.out.num(n)
	s.out.byte(')')
}

// spans resolves a set against the messages that the client knows. A number
// beyond them is a syntax error (RFC 9051 section 9, seq-number); a UID is not.
func (s *session) spans(set numSet, uid bool) ([]span, error) {
	b := s.box
	switch {
	case set.saved:
		rs := make([]numRange, 0, len(b.saved))
		for _, u := range b.saved {
			rs = append(rs, numRange{u, u})
		}
		return spansOfUIDs(rs, b.uids), nil
	case uid:
		if set.beyond(b.last()) {
			// The client knows of a message that it was not told of here, say by an
			// APPENDUID on another connection. UID commands may tell anything.
			if err := s.sync(true); err != nil {
				return nil, err
			}
		}
		if len(b.uids) == 0 {
			return nil, nil
		}
		return spansOfUIDs(set.normal(b.last()), b.uids), nil
	}
	exists := uint32(len(b.uids))
	if exists == 0 {
		for _, r := range set.ranges {
			if r.lo != star && r.hi != star {
				return nil, errNoSuchMessage
			}
		}
		return nil, nil
	}
	rs := set.normal(exists)
	out := make([]span, 0, len(rs))
	for _, r := range rs {
		if r.hi > exists {
			return nil, errNoSuchMessage
		}
		out = appendSpan(out, span{int(r.lo) - 1, int(r.hi)})
	}
	return out, nil
}

var errNoSuchMessage = syntaxError("No such message number")

// uidsOf gives the UIDs of spans.
func (b *selected) uidsOf(spans []span) []uint32 {
	out := make([]uint32, 0, countSpans(spans))
	for _, sp := range spans {
		out = append(out, b.uids[sp.lo:sp.hi]...)
	}
	return out
}

// each walks the messages of spans that still are in v: number and entry. It
// gives false if some are gone.
func (b *selected) each(v *mailstore.View, spans []span, f func(n uint32, e *mailstore.Entry) error) (all bool, err error) {
	all = true
	at := 0
	for _, sp := range spans {
		if sp.lo == sp.hi {
			continue
		}
		i, _ := slices.BinarySearchFunc(v.Entries[at:], b.uids[sp.lo], func(e mailstore.Entry, uid uint32) int { return cmp.Compare(e.UID, uid) })
		at += i
		for k := sp.lo; k < sp.hi; k++ {
			uid := b.uids[k]
			for at < len(v.Entries) && v.Entries[at].UID < uid {
				at++
			}
			if at == len(v.Entries) || v.Entries[at].UID != uid {
				all = false
				continue
			}
			if err := f(uint32(k+1), &v.Entries[at]); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// stretch gives the entries of spans without copying them, if they are one
// stretch of v and all there.
func (b *selected) stretch(v *mailstore.View, spans []span) ([]mailstore.Entry, bool) {
	if len(spans) != 1 || spans[0].lo == spans[0].hi {
		return nil, false
	}
	sp := spans[0]
	at, ok := slices.BinarySearchFunc(v.Entries, b.uids[sp.lo], func(e mailstore.Entry, uid uint32) int { return cmp.Compare(e.UID, uid) })
	end := at + sp.hi - sp.lo
	// What v has up to the last known UID is known: as many means the same.
	if !ok || end > len(v.Entries) || v.Entries[end-1].UID != b.uids[sp.hi-1] {
		return nil, false
	}
	return v.Entries[at:end], true
}
