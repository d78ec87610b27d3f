// Package lifecycle does what falls due: it takes items of the calendar, in turn
// by partner, and calls the command that each is for; it moves the clocks of
// sandbox partners from one item to the next; and it sweeps what the calendar
// should know. It decides nothing: what is done is a matter of the object's
// state, in core/provision, so that nodes may take the same item.
package lifecycle

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/schedule"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
	"posthouse/internal/store"
)

// Core is what the runner calls; *provision.Service is one.
type Core interface {
	RunDue(ctx context.Context, actor audit.Actor, item due.Item, mail schedule.Purger) error
	SweepDue(ctx context.Context, actor audit.Actor, k due.Kind, limit int) (repaired int, more bool, err error)
	MovingClocks(ctx context.Context, actor audit.Actor) ([]*partner.Clock, error)
	MoveClock(ctx context.Context, actor audit.Actor, cmd tenancy.MoveClock) (*tenancy.ClockStep, error)
	WebhooksSettled(ctx context.Context, partnerID int64) (bool, error)
}

// Calendar hands items out; *store.Store is one.
type Calendar interface {
	LeaseDue(ctx context.Context, l store.DueLease) (items []due.Item, last store.DueLane, more bool, err error)
	EndDue(ctx context.Context, owner string, i due.Item) error
	FailDue(ctx context.Context, i due.Item, after time.Duration, text string, now time.Time) error
	ReleaseDue(ctx context.Context, owner string) (int64, error)
	NextDueAt(ctx context.Context) (at time.Time, some bool, err error)
	Overdue(ctx context.Context, now time.Time) (count map[due.Kind]int64, oldest time.Time, err error)
}

// Config of a Runner. Core, Calendar, Mail and Random are needed; the zero value
// of everything else takes the default named.
type Config struct {
	Core     Core
	Calendar Calendar
	Mail     schedule.Purger // what a purge destroys beside rows
	Random   io.Reader       // names the node

	// Handlers do what is due of the kinds that are not the core's. One is called
	// again after an error, and its item is taken out after a success, unless it
	// has moved it.
	Handlers map[due.Kind]func(context.Context, due.Item) error

	Clock      clock.Clock
	Log        *slog.Logger
	Registerer prometheus.Registerer

	Workers    int           // steps at one time; 16
	PerPartner int           // items of one partner in one turn; 32
	Lease      time.Duration // how long a step may take before another node may take it up; 2 min
	Poll       time.Duration // how often what other processes wrote is looked for; 250 ms
	Settle     time.Duration // how long a moving clock waits for webhooks; 10 s
	SweepEvery time.Duration // pause between two sweeps; 24 h, negative = none
	SweepStep  int           // objects that one step of a sweep looks at; 500
}

// The spans between attempts: they double from the first to the last.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// maxError bounds the text kept of a failure.
const maxError = 500

// Runner does what falls due. One Run at a time.
type Runner struct {
	cfg     Config
	node    string
	metrics *metrics
	wake    chan struct{}
	planned atomic.Int64 // when the runner will look again by itself, in microseconds
}

// job is who the runner is in logs and events.
var job = audit.Actor{Role: suspension.RoleTitan, Name: "job:lifecycle"}

// New makes a Runner.
func New(cfg Config) (*Runner, error) {
	if cfg.Core == nil || cfg.Calendar == nil || cfg.Mail == nil || cfg.Random == nil {
		return nil, fault.New(fault.Invalid, "A core, a calendar, a mail store and randomness are needed")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	def(&cfg.Workers, 16)
	def(&cfg.PerPartner, 32)
	def(&cfg.Lease, 2*time.Minute)
	def(&cfg.Poll, 250*time.Millisecond)
	def(&cfg.Settle, 10*time.Second)
	def(&cfg.SweepEvery, 24*time.Hour)
	def(&cfg.SweepStep, 500)
	node, err := secret.Alphanumeric(cfg.Random, 12)
	if err != nil {
		return nil, err
	}
	r := &Runner{cfg: cfg, node: node, wake: make(chan struct{}, 1)}
	r.metrics, err = newMetrics(cfg.Registerer)
	return r, err
}

func def[T int | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}

// Notify is for the store's hook (store.WithDueHook): it wakes the runner when
// something falls due before it would look again by itself. It never blocks.
func (r *Runner) Notify(clockID int64, at time.Time) {
	if clockID == 0 && at.UnixMicro() >= r.planned.Load() {
		return
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
