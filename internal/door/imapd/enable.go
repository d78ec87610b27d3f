package imapd

// cmdEnable is ENABLE (RFC 9051 section 6.3.1, RFC 5161). What is unknown is passed over.
func (s *session) cmdEnable(c *command) error {
	p := &c.args
	var on extensions
	for {
		if err := p.sp(); err != nil {
			return err
		}
		name, err := p.word()
		if err != nil {
			return err
		}
		switch name {
		case "CONDSTORE":
			on |= extCondstore
		case "QRESYNC": // RFC 7162 section 3.2.3: QRESYNC means CONDSTORE too
			on |= extQresync | extCondstore
		case "IMAP4REV2":
			on |= extRev2
		case "UTF8=ACCEPT":
			on |= extUTF8
		}
		if p.atEnd() {
			break
		}
	}
	fresh := on &^ s.enabled
	if on&extCondstore != 0 {
		s.condstoreAware()
	}
	s.enable(on)
	s.out.str("* ENABLED")
	for _, e := range []struct {
		bit  extensions
		name string
	}{{extCondstore, " CONDSTORE"}, {extQresync, " QRESYNC"}, {extRev2, " IMAP4rev2"}, {extUTF8, " UTF8=ACCEPT"}} {
		if fresh&e.bit != 0 {
			s.out.str(e.name)
		}
	}
	s.out.crlf()
	return s.ok(c, "ENABLE completed")
}

func (s *session) enable(on extensions) {
	s.enabled |= on
	s.out.utf8 = s.enabled&(extRev2|extUTF8) != 0
}

// condstoreAware is for commands that turn CONDSTORE on by being used (RFC 7162
// section 3.1). In a selected mailbox the client must hear HIGHESTMODSEQ then.
func (s *session) condstoreAware() {
	if s.enabled&extCondstore != 0 {
		return
	}
	s.enable(extCondstore)
	if s.state == stateSelected {
		s.out.str("* OK [HIGHESTMODSEQ ")
		s.out.num(s.box.modSeq)
		s.out.str("] CONDSTORE is on\r\n")
	}
}

func (s *session) rev2() bool      { return s.enabled&extRev2 != 0 }
func (s *session) qresync() bool   { return s.enabled&extQresync != 0 }
func (s *session) condstore() bool { return s.enabled&extCondstore != 0 }
