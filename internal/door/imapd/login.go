package imapd

import (
	"bytes"
	"encoding/base64"
	"errors"

	"posthouse/internal/fault"
)

// cmdLogin is LOGIN (RFC 9051 section 6.2.3).
func (s *session) cmdLogin(c *command) error {
	if !s.mayLogin() {
		return errPrivacy
	}
	p := &c.args
	if err := p.sp(); err != nil {
		return err
	}
	user, err := p.astring()
	if err != nil {
		return err
	}
	if err := p.sp(); err != nil {
		return err
	}
	password, err := p.astring()
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	return s.login(c, user, password)
}

var errPrivacy = noError{"[PRIVACYREQUIRED] Log-in needs TLS"}

// login checks the credentials and answers the command.
func (s *session) login(c *command, user, password string) error {
	if validUTF8(user) != nil || len(user) > maxName || len(password) > maxName {
		return s.loginFailed(fault.New(fault.Unauthenticated, "Wrong address or password"))
	}
	a, err := s.srv.cfg.Login.Login(s.srv.ctx, user, password, s.remote)
	if err != nil {
		return s.loginFailed(err)
	}
	s.srv.metrics.logins[1].Inc()
	s.authenticated(a)
	s.log().Info("imap login", "tls", s.secure)
	s.out.str(c.tag, " OK [CAPABILITY ")
	s.capabilities()
	s.out.str("] Logged in\r\n")
	return nil
}

func (s *session) loginFailed(err error) error {
	s.srv.metrics.logins[0].Inc()
	s.log().Info("imap login failed", "code", string(fault.Of(err).Code))
	s.failures++
	if fault.Is(err, fault.TooMany) {
		return noError{"[UNAVAILABLE] " + fault.Of(err).Text} // RFC 5530: a code that makes clients try later
	}
	return err
}

// cmdAuthenticate is AUTHENTICATE (RFC 9051 section 6.2.2) with PLAIN (RFC 4616)
// and LOGIN, each with or without an initial response (RFC 4959).
func (s *session) cmdAuthenticate(c *command) error {
	p := &c.args
	if err := p.sp(); err != nil {
		return err
	}
	mechanism, err := p.word()
	if err != nil {
		return err
	}
	initial, given := []byte(nil), false
	if p.take(' ') {
		text := p.while(func(b byte) bool { return b > ' ' && b < 0x7f })
		if initial, err = saslDecode([]byte(text)); err != nil {
			return err
		}
		given = true
	}
	if err := p.end(); err != nil {
		return err
	}
	if !s.mayLogin() {
		return errPrivacy
	}
	switch mechanism {
	case "PLAIN":
		if !given {
			if initial, err = s.challenge(""); err != nil {
				return err
			}
		}
		f := bytes.Split(initial, []byte{0})
		if len(f) != 3 || len(f[1]) == 0 {
			return syntaxError("Bad PLAIN response")
		}
		if len(f[0]) > 0 && !bytes.Equal(f[0], f[1]) {
			return s.loginFailed(fault.New(fault.Unauthenticated, "Nobody may act for another"))
		}
		return s.login(c, string(f[1]), string(f[2]))
	case "LOGIN":
		if !given {
			if initial, err = s.challenge("VXNlcm5hbWU6"); err != nil { // Username:
				return err
			}
		}
		password, err := s.challenge("UGFzc3dvcmQ6") // Password:
		if err != nil {
			return err
		}
		return s.login(c, string(initial), string(password))
	}
	return noError{"[CANNOT] Unknown mechanism"}
}

// challenge sends a server challenge, already in base64, and reads the response.
func (s *session) challenge(text string) ([]byte, error) {
	s.out.str("+ ", text, "\r\n")
	if err := s.out.flush(); err != nil {
		return nil, wireError{err}
	}
	line, err := s.in.line(nil, preAuthLine)
	if errors.Is(err, errLineTooLong) {
		return nil, byeError("[TOOBIG] Line too long")
	}
	if err != nil {
		return nil, wireError{err}
	}
	if string(line) == "*" {
		return nil, syntaxError("AUTHENTICATE given up")
	}
	return saslDecode(line)
}

func saslDecode(text []byte) ([]byte, error) {
	if string(text) == "=" { // RFC 4959: an empty response
		return nil, nil
	}
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, syntaxError("Not base64")
	}
	return b, nil
}
