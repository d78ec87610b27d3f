package queue

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/store/sqldb"
)

// Run delivers until ctx ends. Then it takes no further work, lets what is
// under way finish for the Grace, breaks the rest off, gives its leases back and
// returns. One Run at a time.
func (q *Queue) Run(ctx context.Context) error {
	work, breakOff := context.WithCancel(context.WithoutCancel(ctx))
	defer breakOff()
	r := &runner{q: q, ctx: ctx, work: work, done: make(chan struct{}, 1)}
	if err := q.reclaim(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	var beside sync.WaitGroup
	beside.Go(func() { q.every(work, q.cfg.Lease/3, "renewing leases", q.renew) })
	beside.Go(func() { q.every(ctx, janitorPeriod, "forgetting finished messages", q.forget) })
	r.loop()
	clock.Grace(q.clock, q.cfg.Grace, &r.wg, breakOff)
	breakOff()
	beside.Wait()
	return nil
}

// runner is one Run.
type runner struct {
	q    *Queue
	ctx  context.Context // ends: take no more
	work context.Context // ends: break off
	wg   sync.WaitGroup
	done chan struct{} // a batch has ended

	mu   sync.Mutex
	busy int
}

// troubled is how long the scheduler waits after the database has failed it.
const troubled = time.Second

func (r *runner) loop() {
	q := r.q
	for r.ctx.Err() == nil {
		since := q.clock.Now()
		more, err := r.fill()
		if r.ctx.Err() != nil {
			return
		}
		if err != nil {
			q.log.ErrorContext(r.ctx, "the queue can't be read", "error", err)
			r.wait(q.clock.Now().Add(troubled))
			continue
		}
		if more && r.free() > 0 {
			continue
		}
		due, err := q.nextDue(r.ctx, since)
		if err != nil {
			due = q.clock.Now().Add(troubled)
		}
		r.wait(due)
	}
}

// fill starts as much due work as there is room for.
func (r *runner) fill() (more bool, err error) {
	q := r.q
	n := r.free()
	if n == 0 {
		return false, nil
	}
	expired, due, err := q.anything(r.ctx)
	if err != nil {
		return false, err
	}
	if expired {
		if err := q.reap(r.ctx); err != nil {
			return false, err
		}
	} else if !due {
		return false, nil
	}
	batches, more, err := q.lease(r.ctx, n)
	if err != nil {
		return false, err
	}
	for _, b := range batches {
		r.start(b)
	}
	return more, nil
}

func (r *runner) free() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.q.cfg.Concurrency - r.busy
}

func (r *runner) start(b *batch) {
	q := r.q
	ctx, cancel := context.WithTimeout(r.work, q.cfg.Attempt)
	q.mu.Lock()
	b.cancel = cancel
	q.mu.Unlock()
	r.mu.Lock()
	r.busy++
	r.mu.Unlock()
	q.metrics.active.Inc()
	r.wg.Go(func() {
		defer func() {
			cancel()
			q.metrics.active.Dec()
			q.ended(b)
			r.mu.Lock()
			r.busy--
			r.mu.Unlock()
			select {
			case r.done <- struct{}{}:
			default:
			}
		}()
		q.work(ctx, b)
	})
}

// ended takes a batch off this node's books.
func (q *Queue) ended(b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.active, b.owner)
	if q.busy[b.lane.domain]--; q.busy[b.lane.domain] <= 0 {
		delete(q.busy, b.lane.domain)
	}
}

// wait returns at the given time (zero = never), or when something has happened
// that may have made work due.
func (r *runner) wait(until time.Time) {
	q := r.q
	now := q.clock.Now()
	if q.cfg.Poll > 0 && (until.IsZero() || until.After(now.Add(q.cfg.Poll))) {
		until = now.Add(q.cfg.Poll)
	}
	var at <-chan time.Time
	if !until.IsZero() {
		t := q.clock.NewTimer(until.Sub(now))
		defer t.Stop()
		at = t.C()
		if !q.clock.Now().Before(until) { // the clock was moved while the timer was made
			return
		}
	}
	select {
	case <-r.ctx.Done():
	case <-q.wake:
	case <-r.done:
	case <-at:
	}
}

// anything asks cheaply whether leases have expired and whether anything is due.
func (q *Queue) anything(ctx context.Context) (expired, due bool, err error) {
	err = q.db.Read(ctx, func(tx *sqldb.Tx) error {
		now := micros(q.clock.Now())
		var lease, next sql.NullInt64
		if err := tx.QueryRow(ctx, `SELECT MIN(lease_until) FROM queue_recipient WHERE state = 'leased'`).Scan(&lease); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT MIN(next_attempt) FROM queue_recipient WHERE state = 'ready'`).Scan(&next); err != nil {
			return err
		}
		expired, due = lease.Valid && lease.Int64 <= now, next.Valid && next.Int64 <= now
		return nil
	})
	return expired, due, err
}

// nextDue is the first time after since at which a recipient or the end of a
// lease comes due, zero when none does. What was due then has been started or
// waits for a signal: for a session to end, since nothing else makes room.
func (q *Queue) nextDue(ctx context.Context, since time.Time) (time.Time, error) {
	var due int64
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		due = 0
		now := micros(since)
		for _, query := range []string{
			`SELECT MIN(next_attempt) FROM queue_recipient WHERE state = 'ready' AND next_attempt > ?`,
			`SELECT MIN(lease_until) FROM queue_recipient WHERE state = 'leased' AND lease_until > ?`,
		} {
			var at sql.NullInt64
			if err := tx.QueryRow(ctx, query, now).Scan(&at); err != nil {
				return err
			}
			if at.Valid && (due == 0 || at.Int64 < due) {
				due = at.Int64
			}
		}
		return nil
	})
	return fromMicros(due), err
}

// every calls fn in turn until ctx ends.
func (q *Queue) every(ctx context.Context, period time.Duration, what string, fn func(context.Context) error) {
	for {
		t := q.clock.NewTimer(period)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C():
		}
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			q.log.ErrorContext(ctx, what+" failed", "error", err)
		}
	}
}
