package smtpd

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// auth is AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN.
func (s *session) auth(args string) *reply {
	switch {
	case !s.srv.face.offersAuth():
		return replyNotOffered
	case s.tls == nil:
		return replyAuthTLS
	case s.helo == "":
		return replyHelloFirst
	case s.login != nil:
		return replyAuthAgain
	case s.inMail:
		return replyAuthInMail
	}
	words := strings.Fields(args)
	if len(words) == 0 || len(words) > 2 {
		return replyAuthSyntax
	}
	initial := ""
	if len(words) == 2 {
		initial = words[1]
	}
	var email, password string
	var bad *reply
	switch strings.ToUpper(words[0]) {
	case "PLAIN":
		email, password, bad = s.plain(initial)
	case "LOGIN":
		email, password, bad = s.loginMechanism(initial)
	default:
		return replyMechanism
	}
	if bad == nil {
		bad = s.logIn(email, password)
	}
	s.srv.metrics.logins.WithLabelValues(strconv.Itoa(bad.code)).Inc()
	return bad
}

// plain is SASL PLAIN: authorization identity, NUL, authentication identity,
// NUL, password.
func (s *session) plain(initial string) (email, password string, bad *reply) {
	response, bad := s.response(initial, replyContinue)
	if bad != nil {
		return "", "", bad
	}
	parts := bytes.Split(response, []byte{0})
	if len(parts) != 3 || len(parts[1]) == 0 {
		return "", "", &reply{501, "5.5.2", "The PLAIN response is malformed"}
	}
	if len(parts[0]) > 0 && !strings.EqualFold(string(parts[0]), string(parts[1])) {
		return "", "", replyAuthFailed // acting for another is not offered
	}
	return string(parts[1]), string(parts[2]), nil
}

// loginMechanism is SASL LOGIN (draft-murchison-sasl-login): two prompts.
func (s *session) loginMechanism(initial string) (email, password string, bad *reply) {
	user, bad := s.response(initial, replyUsername)
	if bad != nil {
		return "", "", bad
	}
	email = string(user)
	secret, bad := s.response("", replyPassword)
	if bad != nil {
		return "", "", bad
	}
	return email, string(secret), nil
}

// response gives the initial response, or prompts for one.
func (s *session) response(initial string, prompt *reply) ([]byte, *reply) {
	if initial == "=" {
		return nil, nil // an empty initial response (RFC 4954 section 4)
	}
	if initial != "" {
		return decodeBase64([]byte(initial))
	}
	s.out.write(prompt)
	s.lineBy = time.Time{}
	line, final, err := s.in.line(maxAuthLine)
	switch {
	case err == errLineTooLong && !final:
		return nil, replyLineLong
	case err == errLineTooLong || err == errLineEnding || err == errHandshake:
		s.out.write(replyLineLong)
		return nil, replyErrors
	case err != nil:
		if last := s.readFailed(err, replyTimeout); last != nil {
			return nil, last
		}
		return nil, replyTimeout // nobody listens
	case string(line) == "*":
		return nil, replyCancelled
	}
	return decodeBase64(line)
}

func decodeBase64(text []byte) ([]byte, *reply) {
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(b, text)
	if err != nil {
		return nil, replyBase64
	}
	return b[:n], nil
}

// logIn checks the password. Its outcome is logged without what was typed.
func (s *session) logIn(email, password string) *reply {
	if email == "" || !utf8.ValidString(email) || strings.IndexByte(email, 0) >= 0 || !utf8.ValidString(password) || strings.IndexByte(password, 0) >= 0 {
		s.badLogins++
		return replyAuthFailed
	}
	ctx, cancel := s.backend()
	defer cancel()
	l, err := s.srv.face.logIn(ctx, email, password, s.remote)
	if err != nil {
		r := replyOfLogin(err)
		if r.code == replyAuthFailed.code {
			s.badLogins++
		}
		level := slog.LevelInfo
		if r.code != replyAuthFailed.code {
			level = slog.LevelWarn
		}
		s.log(level, "log-in failed", slog.Int("code", r.code), slog.Any("error", err))
		return r
	}
	s.login = l
	go s.watchLogin(l)
	s.log(slog.LevelInfo, "logged in", slog.String("protocol", s.protocol()))
	return replyLoggedIn
}

// watchLogin ends the session when its right to be is gone.
func (s *session) watchLogin(l *principal) {
	select {
	case <-l.revoked:
		s.interrupt(stopRevoked)
	case <-s.done:
	}
}
