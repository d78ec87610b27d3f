package imapd

import "strings"

const (
	capabilitiesBefore = "IMAP4rev1 IMAP4rev2 SASL-IR LITERAL- ENABLE ID"
	capabilitiesAfter  = "IMAP4rev1 IMAP4rev2 LITERAL+ ENABLE ID IDLE NAMESPACE UNSELECT UIDPLUS MOVE CHILDREN " +
		"LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE CONDSTORE QRESYNC ESEARCH SEARCHRES " +
		"WITHIN BINARY OBJECTID SAVEDATE UTF8=ACCEPT QUOTA QUOTA=RES-STORAGE APPENDLIMIT="
)

// capabilities writes capability-data without its name (RFC 9051 section 7.2.2).
func (s *session) capabilities() {
	if s.state != stateNotAuthenticated {
		s.out.str(capabilitiesAfter)
		s.out.int(s.srv.limits.MessageSize)
		return
	}
	s.out.str(capabilitiesBefore)
	if !s.secure && s.srv.cfg.TLS() != nil {
		s.out.str(" STARTTLS")
	}
	if s.mayLogin() {
		s.out.str(" AUTH=PLAIN AUTH=LOGIN")
	} else {
		s.out.str(" LOGINDISABLED") // RFC 9051 section 6.2.3
	}
}

// mayLogin: passwords travel under TLS only (RFC 8314).
func (s *session) mayLogin() bool { return s.secure || s.srv.cfg.AllowPlaintext }

// cmdCapability is CAPABILITY (RFC 9051 section 6.1.1).
func (s *session) cmdCapability(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	s.out.str("* CAPABILITY ")
	s.capabilities()
	s.out.crlf()
	return s.ok(c, "CAPABILITY completed")
}

// cmdNoop is NOOP (section 6.1.2) and CHECK (RFC 3501 section 6.4.1).
func (s *session) cmdNoop(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	return s.ok(c, c.name+" completed")
}

// cmdLogout is LOGOUT (section 6.1.3).
func (s *session) cmdLogout(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	s.out.str("* BYE Logging out\r\n")
	s.tagged(c, "OK ", "LOGOUT completed")
	return errBye
}

// cmdID is ID (RFC 2971): at most 30 pairs; what the client says is only logged.
func (s *session) cmdID(c *command) error {
	p := &c.args
	if err := p.sp(); err != nil {
		return err
	}
	client := make([]any, 0, 8)
	if !p.keyword("NIL") {
		pairs := 0
		err := p.list(func() error {
			if pairs++; pairs > 30 {
				return syntaxError("too many fields in ID")
			}
			field, err := p.string()
			if err != nil {
				return err
			}
			if err := p.sp(); err != nil {
				return err
			}
			value, err := p.nstring()
			if err != nil {
				return err
			}
			switch f := strings.ToLower(field); f {
			case "name", "version", "os", "vendor":
				if len(value) <= 100 {
					client = append(client, f, value)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	if len(client) > 0 {
		s.log().Debug("imap client", client...)
	}
	s.out.str(`* ID ("name" "Posthouse"`)
	if v := s.srv.cfg.Version; v != "" && s.state != stateNotAuthenticated {
		s.out.str(` "version" `)
		s.out.string(v)
	}
	s.out.str(")\r\n")
	return s.ok(c, "ID completed")
}
