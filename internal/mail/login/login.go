// Package login checks passwords and keeps the live sessions of mailbox users.
//
// A password that was verified lately costs no hash; unknown accounts and
// wrong passwords cost the same; failures are limited per address and per
// account; a session ends within a second of whatever takes its right away.
package login

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// Attempt is one try to log in.
type Attempt struct {
	Email    string
	Password string
	Remote   netip.Addr
	Protocol string // "imap", "submission", ...: one of a few, it is a metric's label
}

// Config of a Service; zero values mean the defaults named.
type Config struct {
	Directory  Directory
	Hasher     *Hasher
	Clock      clock.Clock
	Log        *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics are exported
	Random     io.Reader             // key of what is remembered; crypto/rand

	// Poll is how often the access-change log is read while sessions live. 0:
	// never, Notify tells of every change, as on one node with its own store.
	Poll time.Duration

	AddressLimit Limit         // DefaultAddressLimit
	AccountLimit Limit         // DefaultAccountLimit
	Buckets      int           // of either limit; 65,536
	Remembered   int           // verified log-ins kept, and as many wrong ones; 65,536
	GoodTTL      time.Duration // until a good password is hashed again; 12 h
	WrongTTL     time.Duration // until a repeated wrong one is; 10 min
}

// Service logs in. Run must run beside it.
type Service struct {
	dir      Directory
	hasher   *Hasher
	clock    clock.Clock
	log      *slog.Logger
	metrics  *metrics
	decoy    string
	memory   *remembered
	address  *limiter[netip.Addr]
	account  *limiter[string]
	sessions *registry
	follow   *follower
	flights  singleflight.Group
}

// New makes a Service.
func New(cfg Config) (*Service, error) {
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.AddressLimit == (Limit{}) {
		cfg.AddressLimit = DefaultAddressLimit()
	}
	if cfg.AccountLimit == (Limit{}) {
		cfg.AccountLimit = DefaultAccountLimit()
	}
	if cfg.Buckets <= 0 {
		cfg.Buckets = 1 << 16
	}
	if cfg.Remembered <= 0 {
		cfg.Remembered = 1 << 16
	}
	if cfg.GoodTTL <= 0 {
		cfg.GoodTTL = 12 * time.Hour
	}
	if cfg.WrongTTL <= 0 {
		cfg.WrongTTL = 10 * time.Minute
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(cfg.Random, key); err != nil {
		return nil, fault.Wrap(err)
	}
	decoy, err := cfg.Hasher.decoy()
	if err != nil {
		return nil, err
	}
	s := &Service{
		dir: cfg.Directory, hasher: cfg.Hasher, clock: cfg.Clock, log: cfg.Log, decoy: decoy,
		memory: &remembered{
			key: key, goodTTL: cfg.GoodTTL, wrongTTL: cfg.WrongTTL,
			good: newLRU[digest, verified](cfg.Remembered), wrong: newLRU[digest, time.Time](cfg.Remembered),
		},
		address: newLimiter[netip.Addr](cfg.AddressLimit, cfg.Buckets),
		account: newLimiter[string](cfg.AccountLimit, cfg.Buckets),
	}
	s.sessions = newRegistry(func() { s.follow.leave() })
	s.follow = newFollower(cfg.Directory, cfg.Clock, cfg.Log, cfg.Poll, s.sessions)
	if s.metrics, err = newMetrics(cfg.Registerer, s); err != nil {
		return nil, fault.Wrap(err)
	}
	return s, nil
}

// Run ends sessions whose right is gone, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	s.follow.run(ctx)
	return nil
}

// Notify tells that this process has committed an access change: to be called
// after the commit. It never blocks.
func (s *Service) Notify() { s.follow.notify() }

// Login checks an attempt. fault.Unauthenticated does not tell an unknown
// address from a wrong password; fault.TooMany after too many failures;
// fault.Unavailable when it can't be judged now.
func (s *Service) Login(ctx context.Context, a Attempt) (*Session, error) {
	session, outcome, err := s.login(ctx, a)
	s.metrics.attempts.WithLabelValues(a.Protocol, outcome).Inc()
	if err != nil {
		// The address tried is not logged: people type passwords there.
		s.log.InfoContext(ctx, "log-in refused", "protocol", a.Protocol, "remote", a.Remote, "outcome", outcome, "cause", fault.Of(err).Cause)
		return nil, err
	}
	s.log.DebugContext(ctx, "logged in", "protocol", a.Protocol, "remote", a.Remote, "account", session.AccountID)
	return session, nil
}

// retries bounds how often a log-in starts anew because its account changed
// under it.
const retries = 3

func (s *Service) login(ctx context.Context, a Attempt) (*Session, string, error) {
	t := try{s: s, email: strings.ToLower(a.Email), from: network(a.Remote)}
	var usable bool
	t.password, usable = normalize(a.Password)
	if !usable || !plausible(t.email) {
		// Told from what was sent alone, so no hash need be spent on it.
		if s.address.charge(t.from, s.clock.Now()) != open {
			return nil, outcomeLimited, tooMany()
		}
		return nil, outcomeWrong, wrong()
	}
	if s.address.gate(t.from, s.clock.Now()) == shut {
		return nil, outcomeLimited, tooMany()
	}
	if err := s.follow.enter(ctx); err != nil {
		return nil, outcomeBusy, unavailable(err)
	}
	for range retries {
		mark := s.sessions.mark()
		c, outcome, err := t.judge(ctx)
		if err != nil {
			s.follow.leave()
			return nil, outcome, err
		}
		if session := s.sessions.register(*c, mark); session != nil {
			return session, outcomeOK, nil
		}
	}
	s.follow.leave()
	return nil, outcomeBusy, unavailable(nil)
}

// plausible bounds what is looked up: RFC 5321 4.5.3.1 allows 64 + 1 + 255.
func plausible(email string) bool {
	if len(email) > 320 || !strings.Contains(email, "@") {
		return false
	}
	return strings.IndexFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xfffd }) < 0
}

func wrong() error {
	return fault.New(fault.Unauthenticated, "Wrong address or password")
}

func tooMany() error {
	return &fault.Error{Code: fault.TooMany, Text: "Too many failed log-ins; try again later", Temporary: true}
}

func unavailable(cause error) error {
	return fault.Unavail("Log-in is not possible at the moment; try again", cause)
}
