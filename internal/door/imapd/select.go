package imapd

import (
	"slices"

	"posthouse/internal/mailstore"
)

// resync is the QRESYNC parameter of SELECT (RFC 7162 section 3.2.5).
type resync struct {
	uidValidity uint32
	modSeq      uint64
	known       numSet // known-uids; no ranges = all
}

func (s *session) cmdSelect(c *command) error  { return s.open(c, false) }
func (s *session) cmdExamine(c *command) error { return s.open(c, true) }

// open is SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3).
func (s *session) open(c *command, readOnly bool) error {
	p := &c.args
	name, err := p.spMailbox()
	if err != nil {
		return err
	}
	var re *resync
	condstore := false
	if p.take(' ') {
		err := p.list(func() error {
			word, err := p.word()
			if err != nil {
				return err
			}
			switch word {
			case "CONDSTORE":
				condstore = true
				return nil
			case "QRESYNC":
				if re, err = p.resync(); err != nil {
					return err
				}
				if !s.qresync() {
					return syntaxError("QRESYNC is not enabled")
				}
				return nil
			}
			return syntaxError("Unknown parameter of " + c.name)
		})
		if err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	if s.box != nil {
		s.unselect() // even if what follows fails (RFC 9051 section 6.3.2)
		s.out.str("* OK [CLOSED] Mailbox closed\r\n")
	}
	if condstore {
		s.enable(extCondstore)
	}
	f, err := s.srv.cfg.Mail.Folder(s.srv.ctx, s.account.ID, name)
	if err != nil {
		return err
	}
	v, err := s.srv.cfg.Mail.View(s.srv.ctx, f.ID)
	if err != nil {
		return err
	}
	// Before anything is written: what can fail.
	var changes *mailstore.Changes
	if re != nil && re.uidValidity == v.Folder.UIDValidity {
		if changes, err = s.srv.cfg.Mail.Changes(s.srv.ctx, f.ID, re.modSeq); err != nil {
			return err
		}
	}
	snap := s.srv.snaps.of(v)
	b := &selected{folder: f.ID, name: name, readOnly: readOnly, uids: snap.uids, modSeq: v.Folder.HighestModSeq, keywords: snap.keywords}
	first := v.Folder.FirstRecent
	if !readOnly && !s.rev2() {
		if first, err = s.srv.recents.open(s.srv.ctx, s.srv.cfg.Mail, f.ID, first, v.Folder.UIDNext); err != nil {
			return err
		}
		b.claims = true
	}
	b.addRecent(first, v.Folder.UIDNext)
	s.box, s.state = b, stateSelected
	s.describe(v, snap)
	if changes != nil {
		s.resync(re, changes)
	}
	if readOnly {
		s.tagged(c, "OK ", "[READ-ONLY] EXAMINE completed")
	} else {
		s.tagged(c, "OK ", "[READ-WRITE] SELECT completed")
	}
	return nil
}

func (p *parser) resync() (*resync, error) {
	if err := p.sp(); err != nil {
		return nil, err
	}
	if err := p.expect('('); err != nil {
		return nil, err
	}
	r := &resync{}
	var err error
	if r.uidValidity, err = p.number(); err != nil {
		return nil, err
	}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if r.modSeq, err = p.number64(); err != nil {
		return nil, err
	}
	if r.uidValidity == 0 || r.modSeq == 0 {
		return nil, syntaxError("0 is no UIDVALIDITY or MODSEQ")
	}
	if p.take(' ') && p.peek() != '(' {
		if r.known, err = p.numSet(); err != nil {
			return nil, err
		}
		for _, n := range r.known.ranges {
			if n.lo == star || n.hi == star {
				return nil, syntaxError("known UIDs can't have '*'")
			}
		}
		p.take(' ')
	}
	if p.take('(') {
		// Known message numbers with their UIDs help a server that has forgotten
		// what vanished when. We have not.
		if _, err := p.numSet(); err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
		if _, err := p.numSet(); err != nil {
			return nil, err
		}
		if err := p.expect(')'); err != nil {
			return nil, err
		}
	}
	return r, p.expect(')')
}

// describe writes the untagged responses of SELECT.
func (s *session) describe(v *mailstore.View, snap *snapshot) {
	o, b := &s.out, s.box
	s.flagsResponse(snap.keywords)
	o.str("* OK [PERMANENTFLAGS (")
	if !b.readOnly {
		o.str(systemFlags)
		for _, k := range snap.keywords {
			o.str(" ", k)
		}
		o.str(` \*`)
	}
	o.str(")] Flags that are kept\r\n* ")
	o.num(uint64(len(b.uids)))
	o.str(" EXISTS\r\n")
	if s.rev2() { // RFC 9051 section 6.3.2: LIST instead of RECENT and UNSEEN
		o.str(`* LIST () "/" `)
		o.mailbox(b.name)
		o.crlf()
	} else {
		s.tellRecent()
		if snap.unseen != 0 {
			o.str("* OK [UNSEEN ")
			o.num(uint64(snap.unseen))
			o.str("] First unseen\r\n")
		}
	}
	o.str("* OK [UIDVALIDITY ")
	o.num(uint64(v.Folder.UIDValidity))
	o.str("] UIDs are valid\r\n* OK [UIDNEXT ")
	o.num(uint64(v.Folder.UIDNext))
	o.str("] Next UID\r\n* OK [HIGHESTMODSEQ ")
	o.num(max(1, v.Folder.HighestModSeq))
	o.str("] Highest MODSEQ\r\n* OK [MAILBOXID (F")
	o.int(v.Folder.ID)
	o.str(")] Id\r\n")
}

const systemFlags = `\Answered \Flagged \Deleted \Seen \Draft`

func (s *session) flagsResponse(keywords []string) {
	s.out.str("* FLAGS (" + systemFlags)
	for _, k := range keywords {
		s.out.str(" ", k)
	}
	s.out.str(")\r\n")
}

// resync tells a client that has seen the mailbox before what changed since
// (RFC 7162 section 3.2.5): VANISHED (EARLIER), then FETCH.
func (s *session) resync(re *resync, changes *mailstore.Changes) {
	b := s.box
	var known []numRange
	if len(re.known.ranges) > 0 {
		known = re.known.normal(0)
	}
	s.vanishedEarlier(changes.Vanished, known)
	for i := range changes.Changed {
		e := &changes.Changed[i]
		if e.UID > b.last() || known != nil && !contains(known, e.UID) {
			continue
		}
		s.tellFlags(e)
		s.out.relieve()
	}
}

// vanishedEarlier writes VANISHED (EARLIER) of those UIDs that are in known (nil
// = all) and that the client may have seen: not above the last UID it now hears of.
func (s *session) vanishedEarlier(uids []uint32, known []numRange) {
	out := make([]uint32, 0, len(uids))
	for _, u := range uids {
		if known != nil && !contains(known, u) {
			continue
		}
		if _, there := slices.BinarySearch(s.box.uids, u); !there {
			out = append(out, u)
		}
	}
	if len(out) == 0 {
		return
	}
	s.out.str("* VANISHED (EARLIER) ")
	s.out.set(out)
	s.out.crlf()
}
