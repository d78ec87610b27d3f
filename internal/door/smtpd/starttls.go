package smtpd

import (
	"crypto/tls"
	"log/slog"
)

// startTLS is STARTTLS (RFC 3207). Whatever came in plain text is forgotten, and
// octets that came behind the command end the session: they would be somebody
// else's words inside the encrypted session.
func (s *session) startTLS(args string) *reply {
	switch {
	case !blank(args):
		return replyNoArgument
	case s.tls != nil:
		return replyTLSTwice
	case s.srv.cfg.TLS == nil:
		return replyNotOffered
	case s.inMail:
		return replyNested
	case len(s.in.buffered()) > 0:
		return replyTLSInject
	}
	s.out.write(replyReadyTLS)
	s.out.flush()
	if s.out.err != nil || !s.handshake() {
		return nil
	}
	s.helo, s.esmtp = "", false
	return replyNone
}

// replyNone is no reply: the session goes on.
var replyNone = &reply{}

// handshake makes the connection a TLS one. If it fails the session is over.
func (s *session) handshake() bool {
	cfg := s.srv.tlsConfig()
	if cfg == nil {
		return false
	}
	by := s.now().Add(s.limits().Handshake)
	conn := tls.Server(s.raw, cfg)
	s.mu.Lock()
	stops := s.stops()
	err := s.raw.SetDeadline(by)
	s.mu.Unlock()
	if stops || err != nil {
		return false
	}
	if err := conn.HandshakeContext(s.ctx); err != nil {
		s.log(slog.LevelInfo, "TLS handshake failed", slog.Any("error", err))
		return false
	}
	state := conn.ConnectionState()
	s.tls = &state
	s.in.reset(conn)
	s.out.reset(conn)
	return true
}
