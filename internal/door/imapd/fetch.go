package imapd

import (
	"errors"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
	"posthouse/internal/message"
)

// fetchBatch is how many entries are copied at most, where they have to be.
const fetchBatch = 1 << 14

// fetcher executes a FETCH.
type fetcher struct {
	s       *session
	f       *fetchCommand
	uid     bool // UID in every response
	entries []mailstore.Entry
	numbers []uint32 // of the entries; nil: first and those behind it
	first   uint32
	flagged map[uint32]bool // \Seen was set by this command: FLAGS must be told
	missing bool            // a message is gone
	unknown bool            // UNKNOWN-CTE
	names   []byte          // scratch: a header
	fields  []byte          // scratch: some of its fields
}

// cmdFetch is FETCH and UID FETCH (RFC 9051 sections 6.4.5 and 6.4.9).
func (s *session) cmdFetch(c *command) error {
	f, err := c.args.fetchCommand()
	if err != nil {
		return err
	}
	if f.vanished && (!c.uid || !f.conditional || !s.qresync()) {
		return syntaxError("VANISHED needs UID FETCH, CHANGEDSINCE and QRESYNC") // RFC 7162 section 3.2.6
	}
	spans, err := s.spans(f.set, c.uid)
	if err != nil {
		return err
	}
	for i := range f.items {
		if f.items[i].kind == fetchModSeq {
			s.condstoreAware()
		}
	}
	if f.conditional {
		s.condstoreAware()
		if err := f.add(fetchNames["MODSEQ"]); err != nil {
			return err
		}
	}
	if c.uid || s.qresync() {
		f.prependUID()
	}
	v, err := s.view()
	if err != nil {
		return err
	}
	if f.vanished {
		if err := s.fetchVanished(f, v); err != nil {
			return err
		}
	}
	if len(s.box.keywords) == 0 || v.Folder.HighestModSeq != s.box.modSeq {
		s.tellKeywords(s.srv.snaps.of(v).keywords)
	}
	x := &fetcher{s: s, f: f, uid: c.uid}
	if f.seen && s.box.readOnly {
		f.seen = false
	}
	all, err := x.run(v, spans)
	switch {
	case err != nil:
		return err
	case x.unknown:
		return noError{"[UNKNOWN-CTE] A part has an encoding that is not known"} // RFC 3516 section 4.3
	case (!all || x.missing) && !c.uid:
		return noError{"[EXPUNGEISSUED] Some messages are gone"} // RFC 9051 section 7.1
	}
	return s.ok(c, "FETCH completed")
}

// prependUID: UID FETCH implies UID, and so does QRESYNC.
func (f *fetchCommand) prependUID() {
	for i := range f.items {
		if f.items[i].kind == fetchUID {
			return
		}
	}
	f.items = append([]fetchItem{fetchNames["UID"]}, f.items...)
}

// fetchVanished is the modifier VANISHED (RFC 7162 section 3.2.6).
func (s *session) fetchVanished(f *fetchCommand, v *mailstore.View) error {
	changes, err := s.srv.cfg.Mail.Changes(s.srv.ctx, s.box.folder, f.changedSince)
	if err != nil {
		return err
	}
	if f.set.saved {
		return nil // saved results name existing messages only
	}
	last := max(s.box.last(), v.Folder.UIDNext-1)
	s.vanishedEarlier(changes.Vanished, f.set.normal(last))
	return nil
}

func (x *fetcher) run(v *mailstore.View, spans []span) (all bool, err error) {
	s, f := x.s, x.f
	if !f.structure && !f.content {
		all, err = s.box.each(v, spans, func(n uint32, e *mailstore.Entry) error {
			if f.conditional && e.ModSeq <= f.changedSince {
				return nil
			}
			x.simple(n, e)
			s.out.relieve()
			return s.out.err
		})
		return all, x.wire(err)
	}
	if !f.conditional && !f.seen {
		if entries, ok := s.box.stretch(v, spans); ok {
			x.entries, x.first = entries, uint32(spans[0].lo+1)
			return true, x.wire(x.batch())
		}
	}
	x.entries = make([]mailstore.Entry, 0, min(fetchBatch, countSpans(spans)))
	x.numbers = make([]uint32, 0, cap(x.entries))
	all, err = s.box.each(v, spans, func(n uint32, e *mailstore.Entry) error {
		if f.conditional && e.ModSeq <= f.changedSince {
			return nil
		}
		x.entries = append(x.entries, *e)
		x.numbers = append(x.numbers, n)
		if len(x.entries) < fetchBatch {
			return nil
		}
		return x.batch()
	})
	if err == nil {
		err = x.batch()
	}
	return all, x.wire(err)
}

// wire marks the connection's errors as such.
func (x *fetcher) wire(err error) error {
	if x.s.out.err != nil {
		return wireError{x.s.out.err}
	}
	return err
}

// simple writes a response that needs nothing but the entry.
func (x *fetcher) simple(n uint32, e *mailstore.Entry) {
	o := &x.s.out
	o.str("* ")
	o.num(uint64(n))
	o.str(" FETCH (")
	for i := range x.f.items {
		if i > 0 {
			o.byte(' ')
		}
		x.entryItem(&x.f.items[i], e)
	}
	o.str(")\r\n")
}

// entryItem writes an item that the entry answers; false for others.
func (x *fetcher) entryItem(it *fetchItem, e *mailstore.Entry) bool {
	o := &x.s.out
	switch it.kind {
	case fetchFlags:
		o.str("FLAGS ")
		o.flags(e.Flags, !x.s.rev2() && x.s.box.isRecent(e.UID))
		if e.ModSeq > x.s.box.modSeq && !x.s.condstore() {
			x.s.box.told(e)
		}
	case fetchUID:
		o.str("UID ")
		o.num(uint64(e.UID))
	case fetchInternalDate:
		o.str("INTERNALDATE ")
		o.dateTime(e.InternalDate)
	case fetchSize:
		o.str("RFC822.SIZE ")
		o.int(e.Size)
	case fetchModSeq:
		o.str("MODSEQ (")
		o.num(max(1, e.ModSeq))
		o.byte(')')
	case fetchEmailID:
		o.str("EMAILID (M")
		o.int(e.MessageID)
		o.byte(')')
	case fetchThreadID:
		o.str("THREADID NIL") // RFC 8474 section 5.2: no threads here
	case fetchSaveDate:
		o.str("SAVEDATE ")
		o.dateTime(e.SavedAt)
	default:
		return false
	}
	return true
}

// batch answers for the messages collected.
func (x *fetcher) batch() error {
	if len(x.entries) == 0 {
		return nil
	}
	if x.f.seen {
		if err := x.markSeen(); err != nil {
			return err
		}
	}
	mail, ctx, account := x.s.srv.cfg.Mail, x.s.srv.ctx, x.s.account.ID
	var err error
	if x.f.content {
		err = mail.Contents(ctx, account, x.entries, x.withContent)
	} else {
		err = mail.Parts(ctx, account, x.entries, func(i int, p *message.Part) error {
			if p == nil {
				x.missing = true
				return nil
			}
			return x.respond(i, p, nil)
		})
	}
	x.entries, x.numbers = x.entries[:0], x.numbers[:0]
	return err
}

func (x *fetcher) withContent(i int, c Content) (err error) {
	if c == nil {
		x.missing = true
		return nil
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	var p *message.Part
	if x.needsPart() {
		if p, err = c.Part(); err != nil {
			return err
		}
	}
	return x.respond(i, p, c)
}

// needsPart: whole messages can be sent without knowing what is in them.
func (x *fetcher) needsPart() bool {
	if x.f.structure {
		return true
	}
	for i := range x.f.items {
		it := &x.f.items[i]
		switch it.kind {
		case fetchSection, fetchBinary, fetchBinarySize:
			if len(it.path) > 0 || it.text != sectionAll {
				return true
			}
		}
	}
	return false
}

// markSeen sets \Seen on the batch before it is sent; responses then tell the new flags.
func (x *fetcher) markSeen() error {
	var unseen []uint32
	for i := range x.entries {
		if x.entries[i].Flags.System&mailstore.Seen == 0 {
			unseen = append(unseen, x.entries[i].UID)
		}
	}
	if len(unseen) == 0 {
		return nil
	}
	changed, _, err := x.s.srv.cfg.Mail.StoreFlags(x.s.srv.ctx, x.s.box.folder, unseen, mailstore.AddFlags, mailstore.Flags{System: mailstore.Seen}, 0)
	if err != nil {
		return err
	}
	x.flagged = make(map[uint32]bool, len(changed))
	j := 0
	for i := range x.entries {
		e := &x.entries[i]
		for j < len(changed) && changed[j].UID < e.UID {
			j++
		}
		if j < len(changed) && changed[j].UID == e.UID {
			e.Flags, e.ModSeq = changed[j].Flags, changed[j].ModSeq
			x.flagged[e.UID] = true
		}
	}
	x.s.box.changedHere(changed)
	return nil
}

// respond writes one FETCH response. What can fail before its first octet is
// tried before; what fails later ends the connection.
func (x *fetcher) respond(i int, p *message.Part, c Content) error {
	e, o := &x.entries[i], &x.s.out
	number := x.first + uint32(i)
	if x.numbers != nil {
		number = x.numbers[i]
	}
	o.str("* ")
	o.num(uint64(number))
	o.str(" FETCH (")
	first := true
	space := func() {
		if !first {
			o.byte(' ')
		}
		first = false
	}
	toldFlags, toldModSeq := false, false
	for k := range x.f.items {
		it := &x.f.items[k]
		switch it.kind {
		case fetchEnvelope:
			space()
			o.str("ENVELOPE ")
			o.envelope(p.Envelope)
		case fetchBody, fetchBodyStructure:
			space()
			o.str(it.label, " ")
			o.bodyStructure(p, it.kind == fetchBodyStructure)
		case fetchSection, fetchBinary, fetchBinarySize:
			if err := x.contentItem(it, p, c, space); err != nil {
				return x.broken(err)
			}
		default:
			toldFlags = toldFlags || it.kind == fetchFlags
			toldModSeq = toldModSeq || it.kind == fetchModSeq
			space()
			x.entryItem(it, e)
		}
	}
	if x.flagged[e.UID] { // RFC 9051 section 6.4.5: flags changed by FETCH are told
		if !toldFlags {
			space()
			o.str("FLAGS ")
			o.flags(e.Flags, !x.s.rev2() && x.s.box.isRecent(e.UID))
		}
		if x.s.condstore() && !toldModSeq {
			x.s.modSeqItem(e.ModSeq)
		}
	}
	o.str(")\r\n")
	o.relieve()
	return o.err
}

// broken ends the connection: a response has begun that can't be completed.
func (x *fetcher) broken(err error) error {
	if x.s.out.err != nil {
		return wireError{x.s.out.err}
	}
	x.s.log().Error("imap message can't be read", "error", err)
	// A BYE would be taken for content: whatever is buffered is dropped too.
	x.s.out.buf = x.s.out.buf[:0]
	x.s.out.err = fault.Wrap(err)
	return wireError{err}
}
