// Package webhook delivers events to partners' receivers. What waits is rows
// (core/webhook): a dispatcher leases lanes, each the events of one order for
// one endpoint, tries the first event of each and settles the result. Any number
// of dispatchers may run on one database.
package webhook

import (
	"context"
	"crypto/x509"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

// Rows is what waits; *store.Store implements it.
type Rows interface {
	WaitingWebhooks(ctx context.Context) ([]*webhook.Waiting, error)
	ClaimWebhooks(ctx context.Context, owner string, now, until time.Time, requests []webhook.ClaimRequest) ([]webhook.Claimed, error)
	SettleWebhook(ctx context.Context, c *webhook.Claim, a *webhook.Attempt, now time.Time) (webhook.Settled, error)
	ReleaseWebhooks(ctx context.Context, claims []*webhook.Claim, now time.Time) error
	ReclaimWebhooks(ctx context.Context, now time.Time) error
	ForgetWebhooks(ctx context.Context, before time.Time) (more bool, err error)
	CountWebhookLanes(ctx context.Context) (lanes, failing int64, err error)
}

// Core decides; *provision.Service implements it.
type Core interface {
	WebhookCredentials(ctx context.Context, e *webhook.Endpoint) (*outbox.WebhookCredentials, error)
	WarnWebhookFailing(ctx context.Context, actor audit.Actor, id int64, lastError string) (bool, error)
	StepReplays(ctx context.Context, actor audit.Actor) (bool, error)
}

// Config is what a Dispatcher is made of. Zero numbers mean the defaults named.
type Config struct {
	Rows       Rows
	Core       Core
	Resolver   Resolver
	Guard      *Guard
	RootCAs    *x509.CertPool // nil = the system's
	Clock      clock.Clock
	Log        *slog.Logger          // nil = none
	Registerer prometheus.Registerer // nil = none
	UserAgent  string

	// Alone says that no other process runs a dispatcher on this database, so
	// that leases found at the start are those of a process that died.
	Alone       bool
	Concurrency int           // attempts at the same time; 128
	PerEndpoint int           // of them to one endpoint; 32
	Timeout     time.Duration // of an attempt; webhook.Timeout
	Lease       time.Duration // 30 s
	Poll        time.Duration // the longest time until events of other processes are seen; 1 s
	Grace       time.Duration // how long a stop waits for attempts under way; 5 s
	Keep        time.Duration // how long delivered events stay listed; 30 days
}

// Dispatcher sends what waits. Make it with New; Run must run.
type Dispatcher struct {
	cfg     Config
	log     *slog.Logger
	clock   clock.Clock
	client  *client
	metrics *metrics
	node    string

	mu      sync.Mutex
	woken   map[int64]struct{} // endpoints with news since the last look
	rescan  bool               // anything may be different
	watches map[chan struct{}]struct{}

	wake chan struct{} // one token: woken or rescan has changed, or an attempt has ended
}

// New makes a Dispatcher.
func New(cfg Config) (*Dispatcher, error) {
	if cfg.Rows == nil || cfg.Core == nil || cfg.Resolver == nil || cfg.Guard == nil || cfg.Clock == nil {
		return nil, fault.New(fault.Invalid, "Rows, core, resolver, guard and clock are needed")
	}
	number(&cfg.Concurrency, 128)
	number(&cfg.PerEndpoint, 32)
	number(&cfg.Timeout, webhook.Timeout)
	number(&cfg.Lease, 30*time.Second)
	number(&cfg.Poll, time.Second)
	number(&cfg.Grace, 5*time.Second)
	number(&cfg.Keep, 30*24*time.Hour)
	if cfg.Lease < 2*cfg.Timeout {
		return nil, fault.New(fault.Invalid, "A lease must last for two timeouts")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "Posthouse-Webhooks/1"
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, err
	}
	node, err := uuid.NewRandom()
	if err != nil {
		return nil, fault.Unavail("No randomness", err)
	}
	return &Dispatcher{cfg: cfg, log: cfg.Log, clock: cfg.Clock, client: newClient(&cfg), metrics: m, node: node.String(),
		woken: map[int64]struct{}{}, watches: map[chan struct{}]struct{}{}, wake: make(chan struct{}, 1)}, nil
}

func number[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// Notify tells that lanes of an endpoint may be due; with 0, that anything about
// webhooks may be different. It never blocks: it is the store's hook after a commit.
func (d *Dispatcher) Notify(endpointID int64) {
	d.mu.Lock()
	if endpointID == 0 {
		d.rescan = true
	} else {
		d.woken[endpointID] = struct{}{}
	}
	d.mu.Unlock()
	d.signal()
}

func (d *Dispatcher) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Watch gives a coalesced signal after each attempt of this process that was
// settled. cancel ends it.
func (d *Dispatcher) Watch() (c <-chan struct{}, cancel func()) {
	w := make(chan struct{}, 1)
	d.mu.Lock()
	d.watches[w] = struct{}{}
	d.mu.Unlock()
	return w, func() {
		d.mu.Lock()
		delete(d.watches, w)
		d.mu.Unlock()
	}
}

// settled tells those who watch.
func (d *Dispatcher) settled() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for w := range d.watches {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// actor is the platform itself.
func actor() audit.Actor { return audit.Actor{Role: suspension.RoleTitan, Name: "job:webhooks"} }

func (d *Dispatcher) owner(n uint64) string { return d.node + "-" + strconv.FormatUint(n, 10) }
