package imapd

import (
	"errors"
	"io"

	"posthouse/internal/fault"
)

// cmdAppend is APPEND (RFC 9051 section 6.3.12) with literals of any kind
// (RFC 7888, RFC 3516) and the UTF8 data item (RFC 6855 section 4). The message
// goes from the connection straight into the store.
func (s *session) cmdAppend(c *command) error {
	p := &c.args
	if c.append != nil {
		p.b = c.text[:c.append.at][len(c.tag)+1:]
	}
	name, err := p.spMailbox()
	if err != nil {
		return err
	}
	if c.append == nil {
		return syntaxError("expected a message literal")
	}
	if err := p.sp(); err != nil {
		return err
	}
	m := &messageReader{s: s, left: c.append.size}
	at := s.srv.clock.Now()
	flags, hasFlags := noFlags, false
	if p.peek() == '(' {
		if flags, err = p.flagList(); err != nil {
			return err
		}
		hasFlags = true
		if err := p.sp(); err != nil {
			return err
		}
	}
	if p.peek() == '"' {
		if at, err = p.dateTime(); err != nil {
			return err
		}
		if err := p.sp(); err != nil {
			return err
		}
	}
	if p.keyword("UTF8") {
		if err := p.sp(); err != nil {
			return err
		}
		if err := p.expect('('); err != nil {
			return err
		}
		m.end = ")"
	}
	if !p.atEnd() {
		if !hasFlags && p.peek() == '(' {
			return syntaxError("flags stand before the date")
		}
		return syntaxError("expected a message literal")
	}
	mail, ctx := s.srv.cfg.Mail, s.srv.ctx
	f, err := mail.Folder(ctx, s.account.ID, name)
	if fault.Is(err, fault.NotFound) {
		return errTryCreate
	}
	if err != nil {
		return err
	}
	switch {
	case c.append.size > s.srv.limits.MessageSize:
		return noError{"[TOOBIG] Message too large"} // RFC 7889 section 3
	case c.append.size == 0:
		return noError{"[CANNOT] An empty message"}
	}
	u, err := mail.Usage(ctx, s.account.ID)
	if err != nil {
		return err
	}
	if u.LimitBytes > 0 && u.UsedBytes+c.append.size > u.LimitBytes {
		return noError{"[OVERQUOTA] The mailbox is full"} // before the client sends it all
	}
	if c.append.sync {
		s.out.str("+ OK\r\n")
		if err := s.out.flush(); err != nil {
			return wireError{err}
		}
	}
	c.append = nil // from here on it is read, come what may
	uid, uidValidity, err := mail.Append(ctx, f.ID, m, flags, at)
	if err != nil {
		return m.failed(err)
	}
	if err := s.syncSelected(true); err != nil {
		return err
	}
	s.out.str(c.tag, " OK [APPENDUID ")
	s.out.num(uint64(uidValidity))
	s.out.byte(' ')
	s.out.num(uint64(uid))
	s.out.str("] APPEND completed\r\n")
	return nil
}

var errTryCreate = noError{"[TRYCREATE] No such mailbox"}

// messageReader reads an APPEND's message, and with its last octet the rest of
// the command: a command that is not well formed to its end changes nothing.
type messageReader struct {
	s    *session
	left int64
	end  string // what must follow the literal
	done bool
	err  error // why reading failed
}

func (m *messageReader) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if m.left == 0 {
		if !m.done {
			m.finish()
		}
		if m.err != nil {
			return 0, m.err
		}
		return 0, io.EOF
	}
	if int64(len(p)) > m.left {
		p = p[:m.left]
	}
	m.s.armRead(m.s.srv.limits.Receive)
	n, err := m.s.in.Read(p)
	m.left -= int64(n)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		m.s.srv.metrics.aborted.Inc()
		m.err = wireError{err}
		if n == 0 {
			return 0, m.err
		}
	}
	return n, nil
}

// finish reads the line's end.
func (m *messageReader) finish() {
	m.done = true
	m.s.armRead(m.s.srv.limits.Receive)
	var line [64]byte
	rest, err := m.s.in.line(line[:0], len(line)-2)
	switch {
	case errors.Is(err, errLineTooLong):
		m.err = byeError("[TOOBIG] Line too long")
	case err != nil:
		m.err = wireError{err}
	case string(rest) != m.end:
		m.err = syntaxError("unexpected text behind the message")
		if _, sync, _, _, ok := literalSuffix(rest); ok && !sync {
			m.err = byeError("MULTIAPPEND is not offered")
		}
	}
}

// failed makes the rest of the command disappear and says what to answer.
func (m *messageReader) failed(err error) error {
	if m.err != nil {
		return m.err
	}
	for !m.done && m.err == nil {
		var scrap [4096]byte
		if _, rerr := m.Read(scrap[:]); rerr != nil {
			break
		}
	}
	var wire wireError
	var bye byeError
	if errors.As(m.err, &wire) || errors.As(m.err, &bye) {
		return m.err
	}
	if fault.Is(err, fault.NotFound) {
		return errTryCreate
	}
	return err
}

// skipMessage reads over a message that was sent unasked, and the rest of its command.
func (s *session) skipMessage(size int64) error {
	m := &messageReader{s: s, left: size}
	var scrap [4096]byte
	for {
		if _, err := m.Read(scrap[:]); err != nil {
			break
		}
	}
	var syntax syntaxError
	if m.err != nil && !errors.As(m.err, &syntax) {
		return m.err
	}
	return nil
}
