package imapd

import (
	"slices"
	"strings"

	"posthouse/internal/mailstore"
)

var noFlags mailstore.Flags

// storeCommand is STORE as parsed.
type storeCommand struct {
	set         numSet
	conditional bool // UNCHANGEDSINCE (RFC 7162 section 3.1.3)
	unchanged   uint64
	op          mailstore.FlagOp
	silent      bool
	flags       mailstore.Flags
}

func (p *parser) storeCommand() (*storeCommand, error) {
	st := &storeCommand{}
	if err := p.sp(); err != nil {
		return nil, err
	}
	var err error
	if st.set, err = p.numSet(); err != nil {
		return nil, err
	}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if p.peek() == '(' {
		err := p.list(func() error {
			if !p.keyword("UNCHANGEDSINCE") {
				return syntaxError("Unknown STORE modifier")
			}
			if err := p.sp(); err != nil {
				return err
			}
			st.conditional = true
			st.unchanged, err = p.number64()
			return err
		})
		if err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
	}
	word, err := p.word()
	if err != nil {
		return nil, err
	}
	word, st.silent = strings.CutSuffix(word, ".SILENT")
	switch word {
	case "FLAGS":
		st.op = mailstore.ReplaceFlags
	case "+FLAGS":
		st.op = mailstore.AddFlags
	case "-FLAGS":
		st.op = mailstore.RemoveFlags
	default:
		return nil, syntaxError("expected FLAGS, +FLAGS or -FLAGS")
	}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if st.flags, err = p.flags(); err != nil {
		return nil, err
	}
	return st, p.end()
}

// cmdStore is STORE and UID STORE (RFC 9051 sections 6.4.6 and 6.4.9).
func (s *session) cmdStore(c *command) error {
	st, err := c.args.storeCommand()
	if err != nil {
		return err
	}
	spans, err := s.spans(st.set, c.uid)
	if err != nil {
		return err
	}
	if err := s.mayWrite(); err != nil {
		return err
	}
	if st.conditional {
		s.condstoreAware()
	}
	b := s.box
	uids := b.uidsOf(spans)
	if len(uids) == 0 {
		return s.ok(c, "STORE completed")
	}
	failed := uids
	if !st.conditional || st.unchanged > 0 { // 0: every message has changed since
		var changed []mailstore.Entry
		changed, failed, err = s.srv.cfg.Mail.StoreFlags(s.srv.ctx, b.folder, uids, st.op, st.flags, st.unchanged)
		if err != nil {
			return err
		}
		if st.silent {
			s.storedSilently(changed, c.uid)
		}
	}
	if !st.silent {
		if err := s.stored(spans, failed, c.uid); err != nil {
			return err
		}
	}
	if len(failed) == 0 {
		return s.ok(c, "STORE completed")
	}
	numbers := failed
	if !c.uid {
		numbers = make([]uint32, 0, len(failed))
		for _, uid := range failed {
			if n := b.number(uid); n != 0 {
				numbers = append(numbers, n)
			}
		}
	}
	if err := s.sync(c.uid); err != nil {
		return err
	}
	s.out.str(c.tag, " OK [MODIFIED ")
	s.out.set(numbers)
	s.out.str("] Some messages have changed\r\n")
	return nil
}

// stored tells the flags of all messages of the command, changed or not.
func (s *session) stored(spans []span, failed []uint32, uid bool) error {
	v, err := s.view()
	if err != nil {
		return err
	}
	s.tellKeywords(s.srv.snaps.of(v).keywords)
	told := make([]mailstore.Entry, 0, 16)
	_, err = s.box.each(v, spans, func(n uint32, e *mailstore.Entry) error {
		if _, bad := slices.BinarySearch(failed, e.UID); bad {
			return nil
		}
		s.tellNumbered(n, e, uid)
		told = append(told, mailstore.Entry{UID: e.UID, ModSeq: e.ModSeq})
		s.out.relieve()
		return s.out.err
	})
	if err != nil {
		return wireError{err}
	}
	s.box.changedHere(told)
	return nil
}

// storedSilently tells only what a client that knows MODSEQ must hear (RFC 7162 section 3.1.3).
func (s *session) storedSilently(changed []mailstore.Entry, uid bool) {
	s.box.changedHere(changed)
	if !s.condstore() {
		return
	}
	for i := range changed {
		n := s.box.number(changed[i].UID)
		if n == 0 {
			continue
		}
		s.out.str("* ")
		s.out.num(uint64(n))
		s.out.str(" FETCH (")
		if uid || s.qresync() || s.rev2() {
			s.out.str("UID ")
			s.out.num(uint64(changed[i].UID))
			s.out.byte(' ')
		}
		s.out.str("MODSEQ (")
		s.out.num(changed[i].ModSeq)
		s.out.str("))\r\n")
		s.out.relieve()
	}
}
