package imapd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"posthouse/internal/fault"
)

// state is the connection's state (RFC 9051 section 3).
type state uint8

const (
	stateNotAuthenticated state = 1 << iota
	stateAuthenticated
	stateSelected
)

// extensions that ENABLE turns on (RFC 5161).
type extensions uint8

const (
	extCondstore extensions = 1 << iota
	extQresync
	extRev2
	extUTF8
)

// stopReason is why the server ends a session.
type stopReason uint8

const (
	stopNone stopReason = iota
	stopShutdown
	stopRevoked
)

// session is one connection. Its run goroutine owns all of it, but for guard.
type session struct {
	srv    *Server
	raw    net.Conn // as accepted
	conn   net.Conn // raw, or TLS over it
	host   netip.Prefix
	remote netip.Addr
	id     string
	secure bool

	in      input
	out     output
	cmd     command
	counted struct{ in, out int64 } // octets already in the metrics

	state    state
	enabled  extensions
	account  Account
	box      *selected // in stateSelected
	bad      int       // bad commands in a row
	failures int       // failed logins
	loggedIn bool
	preAuth  time.Time // when a connection that is not logged in is closed
	closing  error     // why the run loop ends: set by LOGOUT, BYE and fatal errors

	guard guard
	idle  idleWaiter
}

// guard is what other goroutines touch.
type guard struct {
	mu   sync.Mutex
	stop stopReason
	cut  time.Time          // with stop: nothing is written after this
	work context.CancelFunc // ends what a command is computing; nil: nothing long
}

// idleWaiter is the second goroutine of a session that is logged in.
type idleWaiter struct {
	watch chan (<-chan struct{}) // unbuffered: when a send returns, the waiter does nothing else
	woke  atomic.Bool
	tag   string // of the IDLE in progress; the run goroutine's
	done  chan struct{}
}

// errBye ends a session in good order.
var errBye = errors.New("imapd: session ended")

// past is a read deadline that wakes a blocked read.
var past = time.Unix(1, 0)

func newSession(srv *Server, conn net.Conn, host netip.Prefix, id string) *session {
	s := &session{srv: srv, raw: conn, conn: conn, host: host, remote: addrOf(conn.RemoteAddr()), id: id, state: stateNotAuthenticated}
	s.preAuth = srv.system.Now().Add(srv.limits.PreAuth)
	s.out.arm = s.armWrite
	s.in.conn, s.out.conn = conn, conn
	return s
}

// end makes the session stop: a blocked read is woken, a blocked write gets two seconds.
func (s *session) end(why stopReason) {
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	if s.guard.stop != stopNone {
		return
	}
	s.guard.stop = why
	s.guard.cut = s.srv.system.Now().Add(2 * time.Second)
	// Errors mean that the connection is closed already.
	_ = s.raw.SetReadDeadline(past)
	_ = s.raw.SetWriteDeadline(s.guard.cut)
	if s.guard.work != nil {
		s.guard.work()
	}
}

// bounded gives the context of a computation that one command may make as long
// as it likes: it ends after d, and with the session. done must follow.
func (s *session) bounded(d time.Duration) (ctx context.Context, done func()) {
	ctx, cancel := context.WithTimeout(s.srv.ctx, d)
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	if s.guard.stop != stopNone {
		cancel()
	}
	s.guard.work = cancel
	return ctx, func() {
		s.guard.mu.Lock()
		defer s.guard.mu.Unlock()
		s.guard.work = nil
		cancel()
	}
}

func (s *session) stopped() stopReason {
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	return s.guard.stop
}

// armRead sets how long reads may take from now on.
func (s *session) armRead(d time.Duration) {
	t := s.srv.system.Now().Add(d)
	if s.state == stateNotAuthenticated && t.After(s.preAuth) {
		t = s.preAuth
	}
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	if s.guard.stop != stopNone {
		t = past
	}
	_ = s.raw.SetReadDeadline(t) // on a closed connection the read tells
}

func (s *session) armWrite() {
	t := s.srv.system.Now().Add(s.srv.limits.Write)
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	if s.guard.stop != stopNone {
		t = s.guard.cut
	}
	_ = s.raw.SetWriteDeadline(t) // on a closed connection the write tells
}

func (s *session) log() *slog.Logger {
	l := s.srv.log.With("session", s.id, "remote", s.remote.String())
	if s.loggedIn {
		l = l.With("account", s.account.ID)
	}
	return l
}

// start is the session's first goroutine. The handshake has one of its own,
// whose grown stack goes with it.
func (s *session) start(mode Mode) {
	s.log().Debug("imap connection", "mode", mode.String())
	if mode == ImplicitTLS {
		s.armRead(s.srv.limits.PreAuth)
		s.armWrite()
		if err := s.handshake(); err != nil {
			s.log().Debug("imap TLS handshake failed", "error", err)
			s.finish()
			return
		}
	}
	s.greet()
	s.run()
}

// handshake puts TLS over the connection. Whatever is buffered is discarded.
func (s *session) handshake() error {
	cfg := s.srv.cfg.TLS()
	if cfg == nil {
		return errors.New("imapd: no TLS configuration")
	}
	c := tls.Server(s.raw, cfg)
	result := make(chan error, 1)
	go func() { result <- c.Handshake() }()
	if err := <-result; err != nil {
		return err
	}
	s.conn, s.secure = c, true
	s.in.reset(c)
	s.out.conn = c
	return nil
}

func (s *session) greet() {
	s.out.str("* OK [CAPABILITY ")
	s.capabilities()
	s.out.str("] ", s.srv.cfg.Hostname, " ready\r\n")
}

// run reads and executes commands until the session ends, or until an IDLE
// begins, which goes on in a goroutine with a small stack.
func (s *session) run() {
	for s.closing == nil {
		s.closing = s.contain((*session).step)
		if s.closing == errHandOver {
			s.closing = nil
			go s.resumeIdle()
			return
		}
	}
	s.bye()
	s.finish()
}

// contain turns a panic into an error: one session's fault in our code must not
// end the others.
func (s *session) contain(fn func(*session) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Panicked(p)
			s.log().Error("imap session failed inside", "error", err)
			s.out.err = err // what is half written is not sent
		}
	}()
	return fn(s)
}

// step waits for one command and executes it.
func (s *session) step() error {
	if s.in.buffered() == 0 {
		if err := s.out.flush(); err != nil {
			return err
		}
		s.count()
	}
	s.armRead(s.srv.limits.Idle)
	if s.stopped() != stopNone {
		return errBye
	}
	if err := s.in.wait(); err != nil {
		return err
	}
	s.armRead(s.srv.limits.Receive)
	if err := s.receive(); err != nil {
		return err
	}
	err := s.execute()
	s.cmd.release()
	if err != nil {
		return err
	}
	return s.out.err
}

// bye says why the server ends the session, if it is the server that ends it.
func (s *session) bye() {
	text := ""
	switch s.stopped() {
	case stopShutdown:
		text = "* BYE [UNAVAILABLE] Server shutting down\r\n"
	case stopRevoked:
		text = "* BYE [AUTHENTICATIONFAILED] Session ended by a change of the account\r\n"
	case stopNone:
		var b byeError
		switch {
		case errors.As(s.closing, &b):
			text = "* BYE " + string(b) + "\r\n"
		case errors.Is(s.closing, os.ErrDeadlineExceeded):
			text = "* BYE [UNAVAILABLE] Autologout; nothing received for too long\r\n"
		}
	}
	if s.out.err == nil {
		s.out.str(text)
		_ = s.out.flush() // the connection is closed in any case
	}
	if s.closing != errBye && !errors.Is(s.closing, io.EOF) {
		s.log().Debug("imap session ended", "error", s.closing)
	}
}

// byeError ends the session with BYE and this resp-text.
type byeError string

func (e byeError) Error() string { return "imapd: " + string(e) }

// finish releases everything. The session is not used after it.
func (s *session) finish() {
	s.unselect()
	if s.secure {
		// close_notify; a peer that doesn't read must not hold us.
		_ = s.raw.SetWriteDeadline(s.srv.system.Now().Add(time.Second))
	}
	_ = s.conn.Close() // nothing is lost: all was flushed, or the connection is dead
	if s.loggedIn {
		close(s.idle.done)
		if s.account.Close != nil {
			s.account.Close()
		}
	}
	s.in.r = s.in.w
	s.in.release()
	s.cmd.release()
	if s.out.pooled != nil {
		outputBuffers.Put(s.out.pooled)
		s.out.pooled = nil
	}
	s.count()
	s.srv.forget(s)
}

// count moves the octets seen since the last time into the metrics.
func (s *session) count() {
	m := s.srv.metrics
	if d := s.in.read - s.counted.in; d > 0 {
		m.in.Add(float64(d))
		s.counted.in += d
	}
	if d := s.out.written - s.counted.out; d > 0 {
		m.out.Add(float64(d))
		s.counted.out += d
	}
}

// authenticated moves on from stateNotAuthenticated and starts the waiter.
func (s *session) authenticated(a Account) {
	s.account = a
	s.loggedIn = true
	s.state = stateAuthenticated
	s.bad = 0
	s.idle.watch = make(chan (<-chan struct{}))
	s.idle.done = make(chan struct{})
	s.srv.wg.Add(1)
	go s.wait(a.Revoked)
}

// wait is the second goroutine.
func (s *session) wait(revoked <-chan struct{}) {
	defer s.srv.wg.Done()
	var watch <-chan struct{}
	for {
		select {
		case <-s.idle.done:
			return
		case <-revoked:
			revoked = nil
			s.end(stopRevoked)
		case watch = <-s.idle.watch:
		case <-watch:
			watch = nil
			s.idle.woke.Store(true)
			_ = s.raw.SetReadDeadline(past) // on a closed connection the read wakes by itself
		}
	}
}
