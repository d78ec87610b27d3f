package imapd

// cmdDelete is DELETE (RFC 9051 section 6.3.5). Mailboxes below stay; LIST then
// shows the deleted name as \NonExistent.
func (s *session) cmdDelete(c *command) error {
	name, err := c.args.onlyMailbox()
	if err != nil {
		return err
	}
	if name == "INBOX" {
		return noError{"[CANNOT] INBOX can't be deleted"}
	}
	f, err := s.srv.cfg.Mail.Folder(s.srv.ctx, s.account.ID, name)
	if err != nil {
		return err
	}
	if err := s.srv.cfg.Mail.DeleteFolder(s.srv.ctx, s.account.ID, name); err != nil {
		return err
	}
	if s.box != nil && s.box.folder == f.ID {
		s.unselect()
		s.out.str("* OK [CLOSED] Mailbox deleted\r\n")
	}
	return s.ok(c, "DELETE completed")
}

// onlyMailbox is the rest of a command that takes just a mailbox name.
func (p *parser) onlyMailbox() (string, error) {
	name, err := p.spMailbox()
	if err != nil {
		return "", err
	}
	return name, p.end()
}
