package imapd

// cmdMove is MOVE and UID MOVE (RFC 9051 section 6.4.8, RFC 6851).
func (s *session) cmdMove(c *command) error {
	uids, dest, err := s.copyArguments(c)
	if err != nil {
		return err
	}
	if err := s.mayWrite(); err != nil {
		return err
	}
	if len(uids) == 0 {
		return s.ok(c, "MOVE completed")
	}
	r, err := s.srv.cfg.Mail.Move(s.srv.ctx, s.box.folder, uids, dest)
	if err != nil {
		return err
	}
	if len(r.Source) > 0 {
		// Untagged, so that it comes before the EXPUNGEs (RFC 6851 section 4.3).
		s.out.str("* OK ")
		s.copyUID(r)
		s.out.str("Moved\r\n")
	}
	if err := s.sync(true); err != nil {
		return err
	}
	if s.qresync() { // RFC 7162 section 3.2.9
		s.out.str(c.tag, " OK [HIGHESTMODSEQ ")
		s.out.num(max(1, s.box.modSeq))
		s.out.str("] MOVE completed\r\n")
		return nil
	}
	s.tagged(c, "OK ", "MOVE completed")
	return nil
}
