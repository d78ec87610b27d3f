package imapd

// cmdRename is RENAME (RFC 9051 section 6.3.6).
func (s *session) cmdRename(c *command) error {
	p := &c.args
	from, err := p.spMailbox()
	if err != nil {
		return err
	}
	to, err := p.onlyMailbox()
	if err != nil {
		return err
	}
	if err := checkName(to); err != nil {
		return err
	}
	// INBOX is the store's matter: its messages move, it stays.
	if err := s.srv.cfg.Mail.RenameFolder(s.srv.ctx, s.account.ID, from, to); err != nil {
		return err
	}
	return s.ok(c, "RENAME completed")
}
