package imapd

import "strings"

// specialUses are those that a mailbox may be made for (RFC 6154 section 2).
var specialUses = []string{`\Drafts`, `\Sent`, `\Junk`, `\Trash`, `\Archive`}

// cmdCreate is CREATE (RFC 9051 section 6.3.4), with USE (RFC 6154 section 3).
func (s *session) cmdCreate(c *command) error {
	p := &c.args
	name, err := p.spMailbox()
	if err != nil {
		return err
	}
	use := ""
	if p.take(' ') {
		err := p.list(func() error {
			if !p.keyword("USE") {
				return syntaxError("Unknown parameter of CREATE")
			}
			if err := p.sp(); err != nil {
				return err
			}
			return p.list(func() error {
				if use != "" {
					return noError{"[USEATTR] A mailbox has at most one special use here"}
				}
				use, err = p.flag()
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	if use, err = specialUse(use); err != nil {
		return err
	}
	// A trailing separator only says that names below will follow (section 6.3.4).
	name = strings.TrimSuffix(name, "/")
	if err := checkName(name); err != nil {
		return err
	}
	f, err := s.srv.cfg.Mail.CreateFolder(s.srv.ctx, s.account.ID, name, use)
	if err != nil {
		return err
	}
	if err := s.syncSelected(true); err != nil {
		return err
	}
	s.out.str(c.tag, " OK [MAILBOXID (F") // RFC 8474 section 4.1
	s.out.int(f.ID)
	s.out.str(")] CREATE completed\r\n")
	return nil
}

func specialUse(use string) (string, error) {
	if use == "" {
		return "", nil
	}
	for _, u := range specialUses {
		if strings.EqualFold(u, use) {
			return u, nil
		}
	}
	return "", noError{"[USEATTR] This special use is not offered"}
}

// checkName refuses names that can't be used for a new mailbox.
func checkName(name string) error {
	if name == "" || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.Contains(name, "//") || strings.ContainsAny(name, "%*") {
		return noError{"[CANNOT] Not a name for a mailbox"}
	}
	return nil
}

// syncSelected is sync where there may be no mailbox selected.
func (s *session) syncSelected(expunge bool) error {
	if s.box == nil {
		return nil
	}
	return s.sync(expunge)
}
