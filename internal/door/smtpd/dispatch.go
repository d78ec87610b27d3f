package smtpd

// command runs one command line. The reply is for the caller to send; nil ends
// the session without a word.
func (s *session) command(line []byte) *reply {
	if foreignTalk(line) {
		return replyNotSMTP
	}
	v, args := splitVerb(line)
	if len(line)+2 > maxCommandLine && v != "AUTH" {
		return replyLineLong
	}
	if v == "" {
		return replyUnknown
	}
	if control(line) {
		return replyOctets
	}
	s.idle++
	switch v {
	case "EHLO", "HELO":
		return s.hello(args, v == "EHLO")
	case "MAIL":
		return s.mail(args)
	case "RCPT":
		return s.rcpt(args)
	case "DATA":
		return s.data(args)
	case "BDAT":
		return s.bdat(args)
	case "RSET":
		return s.rset(args)
	case "NOOP":
		return replyOK // its argument is ignored (RFC 5321 section 4.1.1.9)
	case "QUIT":
		return s.quit(args)
	case "STARTTLS":
		return s.startTLS(args)
	case "AUTH":
		return s.auth(args)
	case "VRFY":
		return s.vrfy()
	case "EXPN":
		return replyExpn
	case "HELP":
		return replyHelp
	}
	return replyUnknown
}

// mayTalkMail is the gate before everything that has to do with mail.
func (s *session) mayTalkMail() *reply {
	switch {
	case s.srv.face.offersAuth() && s.tls == nil:
		return replyTLSFirst // RFC 3207 section 4
	case s.srv.face.offersAuth() && s.login == nil:
		return replyAuthFirst // RFC 4954 section 6
	case s.helo == "":
		return replyHelloFirst
	}
	return nil
}

func (s *session) rset(args string) *reply {
	if args != "" && !blank(args) {
		return replyNoArgument
	}
	s.endTransaction()
	return replyFlushed
}

func (s *session) quit(args string) *reply {
	if !blank(args) {
		return replyNoArgument
	}
	return replyBye
}

// vrfy tells nothing about who exists (RFC 5321 section 7.3).
func (s *session) vrfy() *reply {
	if bad := s.mayTalkMail(); bad != nil && s.srv.face.offersAuth() {
		return bad
	}
	return replyVrfy
}

// blank reports whether args is white space only, which is let pass at the end
// of commands that take no argument.
func blank(args string) bool {
	for i := 0; i < len(args); i++ {
		if args[i] != ' ' && args[i] != '\t' {
			return false
		}
	}
	return true
}
