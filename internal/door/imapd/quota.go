package imapd

// One quota root, "", holds the whole account (RFC 9208).

// cmdGetQuota is GETQUOTA (RFC 9208 section 4.1.2).
func (s *session) cmdGetQuota(c *command) error {
	p := &c.args
	if err := p.sp(); err != nil {
		return err
	}
	root, err := p.astring()
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	if root != "" {
		return noError{"[NONEXISTENT] No such quota root"}
	}
	if err := s.quotaResponse(); err != nil {
		return err
	}
	return s.ok(c, "GETQUOTA completed")
}

// cmdGetQuotaRoot is GETQUOTAROOT (RFC 9208 section 4.1.3).
func (s *session) cmdGetQuotaRoot(c *command) error {
	name, err := c.args.onlyMailbox()
	if err != nil {
		return err
	}
	if _, err := s.srv.cfg.Mail.Folder(s.srv.ctx, s.account.ID, name); err != nil {
		return err
	}
	s.out.str("* QUOTAROOT ")
	s.out.mailbox(name)
	s.out.str(` ""` + "\r\n")
	if err := s.quotaResponse(); err != nil {
		return err
	}
	return s.ok(c, "GETQUOTAROOT completed")
}

// quotaResponse counts in units of 1024 octets (RFC 9208 section 5.1), used up, limit down.
func (s *session) quotaResponse() error {
	u, err := s.srv.cfg.Mail.Usage(s.srv.ctx, s.account.ID)
	if err != nil {
		return err
	}
	s.out.str(`* QUOTA "" (`)
	if u.LimitBytes > 0 {
		s.out.str("STORAGE ")
		s.out.int((u.UsedBytes + 1023) / 1024)
		s.out.byte(' ')
		s.out.int(u.LimitBytes / 1024)
	}
	s.out.str(")\r\n")
	return nil
}
