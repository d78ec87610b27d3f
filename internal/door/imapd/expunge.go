package imapd

// cmdExpunge is EXPUNGE (RFC 9051 section 6.4.3) and UID EXPUNGE (section 6.4.9).
func (s *session) cmdExpunge(c *command) error {
	p := &c.args
	var uids []uint32
	if c.uid {
		if err := p.sp(); err != nil {
			return err
		}
		set, err := p.numSet()
		if err != nil {
			return err
		}
		spans, err := s.spans(set, true)
		if err != nil {
			return err
		}
		uids = s.box.uidsOf(spans) // not nil: nil means all
	}
	if err := p.end(); err != nil {
		return err
	}
	if err := s.mayWrite(); err != nil {
		return err
	}
	if c.uid && len(uids) == 0 {
		return s.ok(c, "EXPUNGE completed")
	}
	_, modSeq, err := s.srv.cfg.Mail.Expunge(s.srv.ctx, s.box.folder, uids)
	if err != nil {
		return err
	}
	if err := s.sync(true); err != nil {
		return err
	}
	// RFC 7162 section 3.2.7: a client that keeps MODSEQ must hear the new one
	// here, but never one whose changes it has not been told.
	if s.qresync() && modSeq > 0 && modSeq <= s.box.modSeq {
		s.out.str(c.tag, " OK [HIGHESTMODSEQ ")
		s.out.num(s.box.modSeq)
		s.out.str("] EXPUNGE completed\r\n")
		return nil
	}
	s.tagged(c, "OK ", "EXPUNGE completed")
	return nil
}

func (s *session) mayWrite() error {
	if s.box.readOnly {
		return noError{"[NOPERM] The mailbox is open read-only"}
	}
	return nil
}
