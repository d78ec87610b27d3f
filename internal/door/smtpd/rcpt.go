package smtpd

import "log/slog"

// rcpt is RCPT TO (RFC 5321 section 4.1.1.3); each recipient has an answer of
// its own.
func (s *session) rcpt(args string) *reply {
	if bad := s.mayTalkMail(); bad != nil {
		return bad
	}
	if !s.inMail {
		return replyNeedMail
	}
	if s.tx.chunked {
		return replyInChunks
	}
	s.tx.attempts++
	r := s.addRecipient(args)
	s.srv.metrics.recipients.inc(r.code)
	return r
}

func (s *session) addRecipient(args string) *reply {
	cmd, bad := parseRcpt(args, s.tx.mail.smtpUTF8, extensions{dsn: s.srv.face.offersDSN()})
	if bad != nil {
		return bad
	}
	if most := s.limits().Recipients; len(s.tx.recipients) >= most {
		if s.tx.attempts <= 2*most { // a pipelining client learns of it only after the last
			s.idle--
		}
		return replyRcptMany
	}
	for i := range s.tx.recipients {
		// Elsewhere the case of a local part may matter (RFC 5321 section 2.4);
		// what is the same mailbox here, delivery knows.
		if s.tx.recipients[i].address == cmd.to {
			return replyRcptOK // said twice, delivered once
		}
	}
	ctx, cancel := s.backend()
	defer cancel()
	r, bad := s.srv.face.recipient(ctx, s, &cmd)
	if bad != nil {
		if bad.code >= 500 {
			s.refused++
		}
		s.log(slog.LevelInfo, "recipient refused", slog.String("from", s.tx.mail.from.String()), slog.String("to", cmd.to.String()),
			slog.Int("code", bad.code), slog.String("reply", bad.text))
		return bad
	}
	s.tx.recipients = append(s.tx.recipients, r)
	s.idle-- // it leads to mail
	return replyRcptOK
}
