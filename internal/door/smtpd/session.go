package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"posthouse/internal/fault"
)

// stopReason is why a session must end that did not ask for it.
type stopReason uint8

const (
	goOn        stopReason = iota
	stopServer             // between transactions
	stopRevoked            // at once
)

// errStopped interrupts a read.
var errStopped = errors.New("smtpd: session stopped")

// session is one connection. Only mu's fields are shared with other goroutines.
type session struct {
	srv     *Server
	raw     net.Conn
	remote  netip.Addr
	id      string
	ctx     context.Context
	in      input
	out     output
	started time.Time

	tls   *tls.ConnectionState // nil without TLS
	helo  string               // what EHLO or HELO said; "" before
	esmtp bool
	login *principal // nil before AUTH; submission only

	inMail  bool // MAIL was accepted: tx is valid
	tx      transaction
	content content
	write   func([]byte) // content.write, bound once

	errors, refused, idle, badLogins, accepted int

	lineBy    time.Time // deadline of the command line being read; zero before its first wait
	dataStart time.Time // of the message being read; zero between

	done chan struct{} // closed when the session ends

	mu   sync.Mutex
	stop stopReason
	busy bool // inMail, for interrupt
}

func (s *session) limits() *Limits { return &s.srv.limits }

func (s *session) now() time.Time { return s.srv.cfg.Clock.Now() }

// interrupt asks the session to end; it is safe from any goroutine.
func (s *session) interrupt(why stopReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why <= s.stop {
		return
	}
	s.stop = why
	if s.stops() {
		// Whatever read waits, or comes next, fails. A connection that can't
		// take a deadline is gone.
		_ = s.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

// stops reports whether the session may not read any more; mu is held.
func (s *session) stops() bool {
	return s.stop == stopRevoked || (s.stop == stopServer && !s.busy)
}

// stopped is stops for the session's own goroutine.
func (s *session) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stops()
}

func (s *session) setBusy(busy bool) {
	s.mu.Lock()
	s.busy = busy
	s.mu.Unlock()
}

// stopReply is the farewell for the reason given.
func (s *session) stopReply() *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == stopRevoked {
		return replyRevoked
	}
	return replyShutdown
}

// beforeRead runs before each read that may wait.
func (s *session) beforeRead() error {
	if s.out.flush(); s.out.err != nil {
		return s.out.err
	}
	now := s.now()
	by := s.lineBy
	switch {
	case !s.dataStart.IsZero():
		by = s.dataDeadline(now)
	case by.IsZero():
		by = now.Add(s.limits().Command)
		if end := s.started.Add(s.limits().Session); !s.inMail && end.Before(by) {
			by = end
		}
		s.lineBy = by
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stops() {
		return errStopped
	}
	return s.raw.SetReadDeadline(by)
}

// dataDeadline is the earliest of three: the message as a whole, its next
// octet, and the least rate.
func (s *session) dataDeadline(now time.Time) time.Time {
	l := s.limits()
	by := s.dataStart.Add(l.DataTotal)
	if t := now.Add(l.DataBlock); t.Before(by) {
		by = t
	}
	// In milliseconds and by division: octets are bounded by the size limit.
	earned := time.Duration(s.tx.octets*1000/l.DataRate) * time.Millisecond
	if t := s.dataStart.Add(l.DataGrace + earned); t.Before(by) {
		by = t
	}
	return by
}

func (s *session) beforeWrite() error {
	return s.raw.SetWriteDeadline(s.now().Add(s.limits().Write))
}

// serve runs the session to its end.
func (s *session) serve(implicitTLS bool) {
	defer s.cleanUp()
	defer func() {
		// One session's fault in our code must not end the others.
		if p := recover(); p != nil {
			s.log(slog.LevelError, "panic", slog.Any("error", fault.Panicked(p)))
		}
	}()
	if implicitTLS && !s.handshake() {
		return
	}
	if last := s.converse(implicitTLS); last != nil {
		s.hangUp(last)
	}
}

// converse talks until a last reply, which may be nil when nobody listens.
func (s *session) converse(implicitTLS bool) (last *reply) {
	if pause := s.limits().GreetingPause; pause > 0 && !implicitTLS {
		if early := s.waitGreeting(pause); early != nil {
			return early
		}
	}
	s.out.write(&reply{220, "", s.srv.cfg.Hostname + " ESMTP"})
	for {
		if s.stopped() {
			return s.stopReply()
		}
		s.lineBy = time.Time{}
		line, final, err := s.in.line(maxAuthLine)
		var r *reply
		switch {
		case err == nil:
			r = s.command(line)
		case errors.Is(err, errLineTooLong):
			r = replyLineLong
		case errors.Is(err, errLineEnding):
			r = replyLineEnding
		case errors.Is(err, errHandshake):
			r = replyNotSMTP
		default:
			return s.readFailed(err, replyTimeout)
		}
		if r == nil {
			return nil
		}
		if final || r.hangUp() {
			return r
		}
		if r == replyNone {
			continue
		}
		if r = s.count(r); r.hangUp() {
			return r
		}
		if s.out.err != nil {
			return nil
		}
	}
}

// count writes r unless it was one error too many.
func (s *session) count(r *reply) *reply {
	switch r.code {
	case 500, 501, 502, 503, 504, 530, 555:
		s.errors++
	}
	s.out.write(r)
	switch {
	case s.errors >= s.limits().Errors || s.refused >= s.limits().Refused || s.badLogins >= s.limits().LogIns:
		return replyErrors
	case s.idle > s.limits().IdleCommands:
		return replyIdleTalk
	}
	return r
}

// readFailed gives the last reply after a failed read; nil when the client is gone.
func (s *session) readFailed(err error, timeout *reply) *reply {
	switch {
	case errors.Is(err, errStopped), errors.Is(err, os.ErrDeadlineExceeded) && s.stopped():
		return s.stopReply()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timeout
	}
	s.log(slog.LevelDebug, "connection lost", slog.Any("error", err))
	return nil
}

// waitGreeting holds the greeting back; whoever talks before it does not wait
// for replies, as worms do.
func (s *session) waitGreeting(pause time.Duration) *reply {
	s.lineBy = s.now().Add(pause)
	err := s.in.fill()
	switch {
	case err == nil:
		return replyEarly
	case errors.Is(err, os.ErrDeadlineExceeded) && !s.stopped():
		return nil
	}
	return s.readFailed(err, replyTimeout)
}

// lingerBytes and lingerTime bound what is read after the last reply. Without
// that, unread input makes the kernel reset the connection and the client may
// never see the reply.
const (
	lingerBytes = 1 << 20
	lingerTime  = time.Second
)

// hangUp sends the last reply and ends the connection in good order.
func (s *session) hangUp(last *reply) {
	s.out.write(last)
	s.out.flush()
	if last.code == 221 || s.out.err != nil {
		return
	}
	level := slog.LevelInfo
	if last == replyShutdown {
		level = slog.LevelDebug
	}
	s.log(level, "session ended by us", slog.Int("code", last.code), slog.String("reply", last.text))
	if c, ok := s.out.conn.(interface{ CloseWrite() error }); !ok || c.CloseWrite() != nil {
		return
	}
	if s.raw.SetReadDeadline(s.now().Add(lingerTime)) != nil {
		return
	}
	for left := lingerBytes; left > 0; {
		n, err := s.raw.Read(s.in.buf)
		if left -= n; err != nil {
			return
		}
	}
}

// cleanUp gives everything back.
func (s *session) cleanUp() {
	close(s.done)
	s.endTransaction()
	if s.login != nil {
		s.login.close()
	}
	if err := s.out.conn.Close(); err != nil {
		s.log(slog.LevelDebug, "close", slog.Any("error", err))
	}
	secured := "no"
	if s.tls != nil {
		secured = "yes"
	}
	s.srv.metrics.sessions.WithLabelValues(secured).Inc()
	s.log(slog.LevelDebug, "session ended", slog.Int("accepted", s.accepted), slog.Duration("took", s.now().Sub(s.started)))
}

// begin opens a transaction.
func (s *session) begin(m mailCommand, id string) {
	s.tx = transaction{id: id, mail: m, recipients: s.tx.recipients[:0], own: s.tx.own}
	s.inMail, s.idle = true, 0
	s.setBusy(true)
}

// endTransaction forgets the transaction and what was spooled of it.
func (s *session) endTransaction() {
	s.content.close()
	s.dataStart = time.Time{}
	if !s.inMail {
		return
	}
	recipients := s.tx.recipients
	clear(recipients)
	if cap(recipients) > 64 {
		recipients = nil
	}
	s.tx = transaction{recipients: recipients[:0]}
	s.inMail = false
	s.setBusy(false)
}

// log writes a record that carries the session's and the message's id.
func (s *session) log(level slog.Level, msg string, attrs ...slog.Attr) {
	l := s.srv.cfg.Log
	if !l.Enabled(s.ctx, level) {
		return
	}
	head := []slog.Attr{slog.String("session", s.id), slog.String("service", s.srv.face.name()), slog.String("remote", s.remote.String())}
	if s.login != nil {
		head = append(head, slog.Int64("account", s.login.account))
	}
	if s.inMail {
		head = append(head, slog.String("message", s.tx.id))
	}
	l.LogAttrs(s.ctx, level, msg, append(head, attrs...)...)
}

// backend is the context of one look-up or storing.
func (s *session) backend() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, s.limits().Backend)
}
