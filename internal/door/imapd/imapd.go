// Package imapd is the IMAP door: IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051)
// with CONDSTORE, QRESYNC, ESEARCH, LIST-EXTENDED and what belongs to them.
//
// A session is one goroutine that owns all of its state, and, after login, a
// second small one that only waits: for the end of the login session, for news
// of the mailbox during IDLE. It wakes the first by moving the read deadline
// into the past. While a session waits for its client it holds no buffers.
package imapd

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
)

// Mode says how a listener's connections begin.
type Mode int

// The modes.
const (
	StartTLS    Mode = iota // plain text, STARTTLS offered (port 143)
	ImplicitTLS             // TLS from the first octet (port 993, RFC 8314)
)

func (m Mode) String() string {
	if m == ImplicitTLS {
		return "imaps"
	}
	return "imap"
}

// Config is what a Server needs. Mail, Login and Hostname must be set.
type Config struct {
	Hostname string
	// TLS gives the configuration for a handshake that begins now. Nil, or a nil
	// result, means no TLS: then nobody can log in, unless AllowPlaintext.
	TLS func() *tls.Config
	// AllowPlaintext allows LOGIN without TLS. For tests and for listeners behind a TLS proxy.
	AllowPlaintext bool
	Mail           Mail
	Login          Login
	Clock          clock.Clock           // nil: the system's
	Log            *slog.Logger          // nil: nothing is logged
	Metrics        prometheus.Registerer // nil: nothing is registered
	Rand           io.Reader             // for session ids; nil: crypto/rand
	Version        string                // shown by ID (RFC 2971)
	Limits         Limits
}

// Server is the IMAP door. One server may serve several listeners.
type Server struct {
	cfg      Config
	limits   Limits
	clock    clock.Clock
	system   clock.Clock // for network deadlines, which the kernel's clock decides
	log      *slog.Logger
	metrics  *metrics
	snaps    snapshots
	views    views
	recents  recents
	searches searchTurns
	prefix   string // of session ids
	serial   atomic.Uint64

	ctx    context.Context // ends with a forced shutdown
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
	perHost   map[netip.Prefix]int
}

// New makes a Server.
func New(cfg Config) (*Server, error) {
	if cfg.Mail == nil || cfg.Login == nil || cfg.Hostname == "" {
		return nil, errors.New("imapd: Mail, Login and Hostname must be set")
	}
	s := &Server{
		cfg: cfg, limits: cfg.Limits.withDefaults(), clock: cfg.Clock, system: clock.System(), log: cfg.Log,
		listeners: make(map[net.Listener]struct{}),
		sessions:  make(map[*session]struct{}),
		perHost:   make(map[netip.Prefix]int),
	}
	if s.clock == nil {
		s.clock = s.system
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if cfg.TLS == nil {
		s.cfg.TLS = func() *tls.Config { return nil }
	}
	random := cfg.Rand
	if random == nil {
		random = rand.Reader
	}
	var id [5]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return nil, err
	}
	s.prefix = strings.ToLower(base32.StdEncoding.EncodeToString(id[:])) + "-"
	var err error
	if s.metrics, err = newMetrics(cfg.Metrics); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("imapd: server closed")

// Serve takes connections from l until Shutdown, and closes l.
func (s *Server) Serve(l net.Listener, mode Mode) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return errors.Join(ErrServerClosed, l.Close())
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	pause := 5 * time.Millisecond
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			s.take(conn, mode)
			continue
		}
		s.mu.Lock()
		closing := s.closing
		s.mu.Unlock()
		if closing {
			return ErrServerClosed
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		// Out of descriptors or a connection that died in the backlog: go on.
		s.log.Warn("imap accept failed", "error", err)
		t := s.system.NewTimer(pause)
		select {
		case <-t.C():
		case <-s.ctx.Done():
			t.Stop()
			return ErrServerClosed
		}
		pause = min(2*pause, time.Second)
	}
}

// take starts a session for conn, or turns it away at a limit.
func (s *Server) take(conn net.Conn, mode Mode) {
	host := hostPrefix(conn.RemoteAddr())
	s.mu.Lock()
	refuse := ""
	switch {
	case s.closing:
		refuse = "* BYE [UNAVAILABLE] Server shutting down\r\n"
	case len(s.sessions) >= s.limits.Connections:
		refuse = "* BYE [LIMIT] Too many connections\r\n"
	case s.perHost[host] >= s.limits.ConnectionsPerHost:
		refuse = "* BYE [LIMIT] Too many connections from your address\r\n"
	}
	if refuse != "" {
		s.mu.Unlock()
		s.metrics.refused.Inc()
		if mode == StartTLS {
			// Fits the fresh socket's buffer: doesn't block. The peer may be gone: nothing to do then.
			_ = conn.SetWriteDeadline(s.system.Now().Add(time.Second))
			_, _ = io.WriteString(conn, refuse)
		}
		_ = conn.Close()
		return
	}
	ss := newSession(s, conn, host, s.prefix+strconv.FormatUint(s.serial.Add(1), 36))
	s.sessions[ss] = struct{}{}
	s.perHost[host]++
	s.wg.Add(1)
	s.mu.Unlock()
	s.metrics.opened[mode].Inc()
	s.metrics.open.Inc()
	go ss.start(mode)
}

// forget is called once by a session that has ended.
func (s *Server) forget(ss *session) {
	s.metrics.open.Dec()
	s.mu.Lock()
	delete(s.sessions, ss)
	if s.perHost[ss.host]--; s.perHost[ss.host] <= 0 {
		delete(s.perHost, ss.host)
	}
	s.mu.Unlock()
	s.wg.Done()
}

// Shutdown closes the listeners, says BYE to every session and waits until all
// have ended. When ctx ends first, the connections are cut.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	var errs []error
	for l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		delete(s.listeners, l)
	}
	for ss := range s.sessions {
		ss.end(stopShutdown)
	}
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
		s.cancel()
		s.mu.Lock()
		for ss := range s.sessions {
			_ = ss.raw.Close() // cutting is all that is left to do
		}
		s.mu.Unlock()
		<-ended
	}
	s.cancel()
	return errors.Join(errs...)
}

// hostPrefix is what the limit per address counts by: an IPv4 address, an IPv6 /64.
func hostPrefix(a net.Addr) netip.Prefix {
	ip := addrOf(a)
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func addrOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
