package imapd

import "posthouse/internal/fault"

// cmdClose is CLOSE (RFC 9051 section 6.4.1): expunges silently.
func (s *session) cmdClose(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	highest := uint64(0)
	if !s.box.readOnly {
		_, modSeq, err := s.srv.cfg.Mail.Expunge(s.srv.ctx, s.box.folder, nil)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		highest = modSeq
	}
	s.unselect()
	if s.qresync() && highest > 0 { // RFC 7162 section 3.2.8
		s.out.str(c.tag, " OK [HIGHESTMODSEQ ")
		s.out.num(highest)
		s.out.str("] CLOSE completed\r\n")
		return nil
	}
	s.tagged(c, "OK ", "CLOSE completed")
	return nil
}

// cmdUnselect is UNSELECT (RFC 9051 section 6.4.2).
func (s *session) cmdUnselect(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	s.unselect()
	s.tagged(c, "OK ", "UNSELECT completed")
	return nil
}
