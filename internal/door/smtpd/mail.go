package smtpd

import "log/slog"

// mail is MAIL FROM (RFC 5321 section 4.1.1.2).
func (s *session) mail(args string) *reply {
	if bad := s.mayTalkMail(); bad != nil {
		return bad
	}
	if s.inMail {
		return replyNested
	}
	m, bad := parseMail(args, extensions{dsn: s.srv.face.offersDSN(), auth: s.srv.face.offersAuth()})
	if bad != nil {
		return bad
	}
	if m.size > s.limits().MessageBytes {
		return replyTooLarge // before anything is sent (RFC 1870 section 6.1)
	}
	ctx, cancel := s.backend()
	defer cancel()
	if bad := s.srv.face.sender(ctx, s, &m); bad != nil {
		s.log(slog.LevelInfo, "sender refused", slog.String("from", m.from.String()), slog.Int("code", bad.code), slog.String("reply", bad.text))
		return bad
	}
	id := s.srv.ids.next()
	if id == "" {
		return replySpool
	}
	s.begin(m, id)
	return replySenderOK
}
