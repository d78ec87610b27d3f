package smtpd

import (
	"context"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"posthouse/internal/fault"
)

// Server serves one face on any number of listeners.
type Server struct {
	cfg     Config
	limits  Limits
	face    face
	metrics serviceMetrics
	ids     idSource
	buffers sync.Pool // *[]byte of inputSize

	ctx    context.Context // of all sessions
	cancel context.CancelFunc
	wg     sync.WaitGroup // sessions and accept loops

	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
}

// inputSize holds the longest command line and is a good size to read messages by.
const inputSize = 32 << 10

func newServer(cfg Config, f face) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, limits: cfg.Limits, face: f, metrics: cfg.Metrics.service(f.name()),
		ids: idSource{random: cfg.Random}, ctx: ctx, cancel: cancel,
		listeners: make(map[net.Listener]struct{}), sessions: make(map[*session]struct{}),
	}
	s.buffers.New = func() any { b := make([]byte, inputSize); return &b }
	return s
}

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("smtpd: server closed")

// Serve accepts connections on l, which it closes, until Shutdown; STARTTLS is
// offered if there is TLS.
func (s *Server) Serve(l net.Listener) error { return s.accept(l, false) }

// ServeTLS is Serve with TLS from the first octet (RFC 8314).
func (s *Server) ServeTLS(l net.Listener) error {
	if s.cfg.TLS == nil {
		return errors.Join(errors.New("smtpd: no TLS configuration"), l.Close())
	}
	return s.accept(l, true)
}

// acceptPause is how long accepting rests after it has failed, for want of
// file descriptors for example.
const acceptPause = 100 * time.Millisecond

func (s *Server) accept(l net.Listener, implicitTLS bool) error {
	if !s.addListener(l) {
		return errors.Join(ErrClosed, l.Close())
	}
	defer s.removeListener(l)
	for {
		conn, err := l.Accept()
		if err != nil {
			if s.isClosing() {
				return ErrClosed
			}
			if errors.Is(err, net.ErrClosed) {
				return fault.Wrap(err)
			}
			s.cfg.Log.LogAttrs(s.ctx, slog.LevelError, "accept failed", slog.String("service", s.face.name()), slog.Any("error", err))
			t := s.cfg.Clock.NewTimer(acceptPause)
			select {
			case <-t.C():
			case <-s.ctx.Done():
			}
			t.Stop()
			continue
		}
		s.start(conn, implicitTLS)
	}
}

// start begins a session unless a limit forbids it.
func (s *Server) start(conn net.Conn, implicitTLS bool) {
	remote := remoteAddr(conn)
	if r := s.cfg.Connections.take(remote); r != nil {
		s.metrics.refused.Inc()
		s.cfg.Log.LogAttrs(s.ctx, slog.LevelWarn, "connection refused", slog.String("service", s.face.name()),
			slog.String("remote", remote.String()), slog.String("reply", r.text))
		s.turnAway(conn, r, implicitTLS)
		return
	}
	sess := s.newSession(conn, remote)
	if sess == nil {
		s.cfg.Connections.release(remote)
		s.turnAway(conn, replyShutdown, implicitTLS)
		return
	}
	s.metrics.open.Inc()
	go func() {
		defer s.endSession(sess)
		sess.serve(implicitTLS)
	}()
}

// turnAway tells why and closes. The few octets always fit in the socket's
// buffer, so accepting is not held up.
func (s *Server) turnAway(conn net.Conn, r *reply, implicitTLS bool) {
	if !implicitTLS {
		o := output{conn: conn, busy: func() error { return conn.SetWriteDeadline(s.cfg.Clock.Now().Add(time.Second)) }}
		o.write(r)
		o.flush()
	}
	if err := conn.Close(); err != nil {
		s.cfg.Log.LogAttrs(s.ctx, slog.LevelDebug, "close", slog.Any("error", err))
	}
}

// newSession registers a session, or gives nil when the server closes.
func (s *Server) newSession(conn net.Conn, remote netip.Addr) *session {
	sess := &session{srv: s, raw: conn, remote: remote, id: s.ids.next(), ctx: s.ctx, started: s.cfg.Clock.Now(), done: make(chan struct{})}
	sess.write = sess.content.write
	if sess.id == "" {
		return nil // no randomness, no service
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil
	}
	s.wg.Add(1)
	s.sessions[sess] = struct{}{}
	buf := s.buffers.Get().(*[]byte)
	sess.in = input{conn: conn, buf: *buf, idle: sess.beforeRead}
	sess.out = output{conn: conn, busy: sess.beforeWrite}
	return sess
}

func (s *Server) endSession(sess *session) {
	buf := sess.in.buf
	sess.in.buf = nil
	s.buffers.Put(&buf)
	s.mu.Lock()
	delete(s.sessions, sess)
	s.mu.Unlock()
	s.cfg.Connections.release(sess.remote)
	s.metrics.open.Dec()
	s.wg.Done()
}

func (s *Server) addListener(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.listeners[l] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) removeListener(l net.Listener) {
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		s.cfg.Log.LogAttrs(s.ctx, slog.LevelWarn, "closing a listener", slog.Any("error", err))
	}
	s.wg.Done()
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Shutdown stops accepting, says 421 to sessions between transactions and waits
// for the others until they have finished theirs. When ctx ends first, they are
// cut off, and ctx's error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "closing a listener", slog.Any("error", err))
		}
	}
	for sess := range s.sessions {
		sess.interrupt(stopServer)
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	defer s.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	s.mu.Lock()
	for sess := range s.sessions {
		// The session closes it again, and logs what that says.
		_ = sess.raw.Close()
	}
	s.mu.Unlock()
	<-done
	return ctx.Err()
}

// tlsConfig is the configuration for a new handshake, nil without TLS.
func (s *Server) tlsConfig() *tls.Config {
	if s.cfg.TLS == nil {
		return nil
	}
	return s.cfg.TLS()
}

// idSource makes ids of 80 random bits.
type idSource struct {
	mu     sync.Mutex
	random io.Reader
	buf    [640]byte
	left   int
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const idLength = 10

// next gives an id of 16 letters and digits; "" when there is no randomness.
func (g *idSource) next() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left == 0 {
		if _, err := io.ReadFull(g.random, g.buf[:]); err != nil {
			return ""
		}
		g.left = len(g.buf)
	}
	b := g.buf[g.left-idLength : g.left]
	g.left -= idLength
	return idEncoding.EncodeToString(b)
}
