package imapd

// cmdSubscribe is SUBSCRIBE (RFC 9051 section 6.3.7). The name need not exist.
func (s *session) cmdSubscribe(c *command) error {
	name, err := c.args.onlyMailbox()
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	if err := s.srv.cfg.Mail.Subscribe(s.srv.ctx, s.account.ID, name, true); err != nil {
		return err
	}
	return s.ok(c, "SUBSCRIBE completed")
}

// cmdUnsubscribe is UNSUBSCRIBE (section 6.3.8).
func (s *session) cmdUnsubscribe(c *command) error {
	name, err := c.args.onlyMailbox()
	if err != nil {
		return err
	}
	if err := s.srv.cfg.Mail.Subscribe(s.srv.ctx, s.account.ID, name, false); err != nil {
		return err
	}
	return s.ok(c, "UNSUBSCRIBE completed")
}
