package imapd

// cmdStartTLS is STARTTLS (RFC 9051 section 6.2.1). Plain text that was
// pipelined behind the command is discarded: it may be an attacker's.
func (s *session) cmdStartTLS(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	if s.secure {
		return syntaxError("TLS is on already")
	}
	if s.srv.cfg.TLS() == nil {
		return noError{"[CANNOT] No TLS here"}
	}
	s.tagged(c, "OK ", "Begin TLS negotiation now")
	if err := s.out.flush(); err != nil {
		return wireError{err}
	}
	s.armWrite()
	if err := s.handshake(); err != nil {
		return wireError{err}
	}
	// What was learned before TLS doesn't count (section 11.1).
	s.enabled, s.out.utf8 = 0, false
	return nil
}
