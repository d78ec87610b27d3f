package lifecycle

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/fault"
	"posthouse/internal/store"
)

// gaugeEvery is how often what is due is counted.
const gaugeEvery = 15 * time.Second

// troubled is how long the runner waits after the database has failed it.
const troubled = time.Second

// Run works until ctx ends, then lets the steps under way finish.
func (r *Runner) Run(ctx context.Context) error {
	if n, err := r.cfg.Calendar.ReleaseDue(ctx, ""); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	} else if n > 0 {
		r.cfg.Log.InfoContext(ctx, "took up what a former process had begun", "items", n)
	}
	// A step that has begun is finished: a transaction is short, a purge goes on
	// from where it was broken off.
	work := context.WithoutCancel(ctx)
	items := make(chan due.Item, r.cfg.Workers)
	var wg sync.WaitGroup
	for range r.cfg.Workers {
		wg.Go(func() {
			for i := range items {
				r.do(work, i, firstRetry)
			}
		})
	}
	var beside sync.WaitGroup
	beside.Go(func() { r.clocks(ctx) })
	beside.Go(func() { r.sweep(ctx) })
	beside.Go(func() { r.every(ctx, gaugeEvery, "counting what is due", r.gauge) })
	r.deal(ctx, items)
	close(items)
	wg.Wait()
	beside.Wait()
	last, cancel := context.WithTimeout(work, troubled)
	defer cancel()
	if _, err := r.cfg.Calendar.ReleaseDue(last, r.node); err != nil {
		r.cfg.Log.WarnContext(ctx, "what was taken was not given back: it waits for the end of its lease", "error", err)
	}
	return nil
}

// deal hands items out as workers get free.
func (r *Runner) deal(ctx context.Context, items chan<- due.Item) {
	var last store.DueLane
	for ctx.Err() == nil {
		// Before looking: what is written from here on wakes.
		r.planned.Store(math.MaxInt64)
		got, after, more, err := r.take(ctx, last)
		if err != nil {
			if ctx.Err() == nil {
				r.cfg.Log.ErrorContext(ctx, "the calendar can't be read", "error", err)
			}
			r.pause(ctx, troubled, nil)
			continue
		}
		last = after
		for _, i := range got {
			select {
			case items <- i:
			case <-ctx.Done():
				return
			}
		}
		if len(got) > 0 || more {
			continue
		}
		r.rest(ctx)
	}
}

// take leases what is due; a look comes first, since it costs less.
func (r *Runner) take(ctx context.Context, last store.DueLane) ([]due.Item, store.DueLane, bool, error) {
	now := r.cfg.Clock.Now()
	at, some, err := r.cfg.Calendar.NextDueAt(ctx)
	if err != nil || !some || at.After(now) {
		return nil, last, false, err
	}
	return r.cfg.Calendar.LeaseDue(ctx, store.DueLease{
		Owner: r.node, Until: r.cfg.Lease, Now: now, After: last, PerLane: r.cfg.PerPartner, Max: 8 * r.cfg.Workers,
	})
}

// rest waits until something is due, or may be.
func (r *Runner) rest(ctx context.Context) {
	now := r.cfg.Clock.Now()
	until := now.Add(r.cfg.Poll)
	if at, some, err := r.cfg.Calendar.NextDueAt(ctx); err == nil && some && at.Before(until) {
		until = at
	}
	r.planned.Store(until.UnixMicro())
	r.pause(ctx, until.Sub(now), r.wake)
}

// pause waits for d, a wake-up or the end.
func (r *Runner) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	if d <= 0 {
		return
	}
	t := r.cfg.Clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C():
	}
}

// every calls fn in turn until ctx ends.
func (r *Runner) every(ctx context.Context, period time.Duration, what string, fn func(context.Context) error) {
	for ctx.Err() == nil {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Log.ErrorContext(ctx, what+" failed", "error", err)
		}
		r.pause(ctx, period, nil)
	}
}

// do does one step and keeps what came of it. A failure is tried again after
// first, then after more.
func (r *Runner) do(ctx context.Context, i due.Item, first time.Duration) {
	begun := r.cfg.Clock.Now()
	err := fault.Contain(func() error { return r.handle(ctx, i) })
	kind := string(i.Kind)
	r.metrics.took.WithLabelValues(kind).Observe(r.cfg.Clock.Now().Sub(begun).Seconds())
	if err == nil {
		r.metrics.done.WithLabelValues(kind).Inc()
		return
	}
	r.metrics.failed.WithLabelValues(kind).Inc()
	wait := max(retryAfter(i.Attempts), first)
	r.cfg.Log.ErrorContext(ctx, "what was due has failed", "kind", i.Kind, "object", i.ObjectID, "partner", i.PartnerID,
		"attempt", i.Attempts+1, "again", wait, "error", err)
	if err := r.cfg.Calendar.FailDue(ctx, i, wait, clip(err), r.cfg.Clock.Now()); err != nil {
		r.cfg.Log.ErrorContext(ctx, "the failure was not kept", "kind", i.Kind, "object", i.ObjectID, "error", err)
	}
}

func (r *Runner) handle(ctx context.Context, i due.Item) error {
	h := r.cfg.Handlers[i.Kind]
	switch i.Kind {
	case due.Order, due.Account: // each step moves its item or takes it out
		return r.cfg.Core.RunDue(ctx, job, i, r.cfg.Mail)
	case due.Renewal, due.CustomerFunds, due.ResellerFunds, due.MailService, due.HolderRequest:
		h = func(ctx context.Context, i due.Item) error { return r.cfg.Core.RunDue(ctx, job, i, r.cfg.Mail) }
	case due.DNS, due.Export:
	}
	if h == nil {
		return fault.Newf(fault.Internal, "Nothing here handles what is due as %q", i.Kind)
	}
	if err := h(ctx, i); err != nil {
		return err
	}
	return r.cfg.Calendar.EndDue(ctx, r.node, i)
}

func retryAfter(attempts int) time.Duration {
	d := firstRetry
	for range attempts {
		if d *= 2; d >= lastRetry {
			return lastRetry
		}
	}
	return d
}

// clip is an error as the operator sees it in the calendar.
func clip(err error) string {
	f := fault.Of(err)
	s := f.Text
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) > maxError {
		s = strings.ToValidUTF8(s[:maxError], "")
	}
	return s
}
