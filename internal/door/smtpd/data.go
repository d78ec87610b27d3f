package smtpd

import (
	"log/slog"
)

// data is DATA (RFC 5321 section 4.1.1.4).
func (s *session) data(args string) *reply {
	if bad := s.mayTalkMail(); bad != nil {
		return bad
	}
	switch {
	case !blank(args):
		return replyNoArgument
	case s.tx.chunked:
		return replyInChunks // RFC 3030 section 2: not both
	}
	if bad := s.readyForContent(); bad != nil {
		return bad
	}
	s.out.write(replyGoAhead)
	s.content.open(s)
	s.dataStart = s.now()
	if last, ok := s.readDots(); !ok {
		return last
	}
	return s.accept()
}

// readyForContent checks that MAIL and RCPT have been accepted.
func (s *session) readyForContent() *reply {
	switch {
	case !s.inMail:
		return replyNeedMail
	case len(s.tx.recipients) == 0 && s.tx.attempts > 0:
		return &reply{554, "5.5.1", replyNeedRcpt.text}
	case len(s.tx.recipients) == 0:
		return replyNeedRcpt
	}
	return nil
}

// readDots reads to <CRLF>.<CRLF>. When that does not come, ok is false and
// last ends the session.
func (s *session) readDots() (last *reply, ok bool) {
	for {
		if len(s.in.buffered()) == 0 {
			if err := s.in.fill(); err != nil {
				return s.readFailed(err, replySlow), false
			}
		}
		n, end := s.tx.decoder.decode(s.in.buffered(), s.write)
		s.in.consume(n)
		if s.tx.octets += int64(n); end {
			return nil, true
		}
		if s.flooded() {
			return s.floodReply(), false
		}
	}
}

// flooded reports whether too much has come to wait for the end any longer.
// Up to there, content that is refused already is read and forgotten, so that
// the client gets its reply at the right place.
func (s *session) flooded() bool {
	return s.tx.octets > s.limits().MessageBytes+s.limits().DiscardBytes
}

func (s *session) floodReply() *reply {
	s.srv.metrics.messages.inc(replyTooLarge.code)
	s.out.write(replyTooLarge)
	return replyFlood
}

// accept ends the content and hands the transaction to the face. Whatever the
// outcome, the transaction is over.
func (s *session) accept() *reply {
	defer s.endTransaction()
	r := s.content.finish(s.tx.decoder.flaws)
	cause := s.content.cause
	if r == nil && s.revoked() {
		r = replyRevoked
	}
	if r == nil {
		r, cause = s.store()
	}
	s.settle(r, cause)
	return r
}

// settle notes what became of the message.
func (s *session) settle(r *reply, cause error) {
	s.srv.metrics.messages.inc(r.code)
	level, msg := slog.LevelInfo, "message accepted"
	switch {
	case r.code >= 500:
		msg = "message refused"
	case r.failed():
		level, msg = slog.LevelWarn, "message put off"
	default:
		s.accepted++
		s.srv.metrics.octets.Add(float64(s.content.size))
	}
	attrs := []slog.Attr{slog.String("from", s.tx.mail.from.String()), slog.String("to", s.tx.recipients[0].address.String()),
		slog.Int("recipients", len(s.tx.recipients)), slog.Int64("size", s.content.size), slog.Int("code", r.code)}
	if r.failed() {
		attrs = append(attrs, slog.String("reply", r.text))
	}
	if cause != nil {
		attrs = append(attrs, slog.Any("error", cause))
	}
	s.log(level, msg, attrs...)
}

// revoked reports whether the log-in behind the session has ended.
func (s *session) revoked() bool {
	if s.login == nil {
		return false
	}
	select {
	case <-s.login.revoked:
		return true
	default:
		return false
	}
}

func (s *session) store() (*reply, error) {
	ctx, cancel := s.backend()
	defer cancel()
	began := s.now()
	err := s.srv.face.accept(ctx, s)
	s.srv.metrics.storing.Observe(s.now().Sub(began).Seconds())
	if err != nil {
		return replyOf(err), err
	}
	return &reply{250, "2.0.0", "OK, queued as " + s.tx.id}, nil
}
