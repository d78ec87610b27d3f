package login

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"posthouse/internal/clock"
)

const (
	changePage  = 500
	readTimeout = 5 * time.Second
	retryAfter  = 250 * time.Millisecond
)

// follower reads the access-change log and looks at the sessions that an entry is
// about again.
//
// Only while somebody is interested (a session lives or a log-in is under way)
// is there anything to read for; the first one interested puts the follower at
// the end of the log. A log-in reads the log to its end before it looks at the
// account, so that a change made before the log-in began never ends the new
// session: without poll only when notify was called since, with poll always.
type follower struct {
	dir      Directory
	sessions *registry
	clock    clock.Clock
	log      *slog.Logger
	poll     time.Duration // 0 = notify tells of every change
	wake     chan struct{}
	round    chan struct{} // held by who reads

	mu         sync.Mutex
	interest   int
	positioned bool
	notified   uint64
	handled    uint64 // value of notified when the last good read began
	started    uint64 // reads begun
	lastErr    error  // of the last read

	at int64 // ID of the last entry applied; under round
}

func newFollower(dir Directory, clk clock.Clock, log *slog.Logger, poll time.Duration, sessions *registry) *follower {
	return &follower{
		dir: dir, sessions: sessions, clock: clk, log: log, poll: poll,
		wake: make(chan struct{}, 1), round: make(chan struct{}, 1),
	}
}

// notify tells that this process has committed a change. It never blocks.
func (f *follower) notify() {
	f.mu.Lock()
	f.notified++
	f.mu.Unlock()
	f.rouse()
}

func (f *follower) rouse() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// enter declares interest and returns when everything committed before the
// call was applied. After an error there is no interest.
func (f *follower) enter(ctx context.Context) error {
	f.mu.Lock()
	f.interest++
	first := f.interest == 1
	behind := !f.positioned || f.poll > 0 || f.notified != f.handled
	f.mu.Unlock()
	if first && f.poll > 0 {
		f.rouse()
	}
	if !behind {
		return nil
	}
	if err := f.catchUp(ctx); err != nil {
		f.leave()
		return err
	}
	return nil
}

func (f *follower) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.interest--
	if f.interest == 0 {
		f.positioned = false
	}
}

// catchUp reads the log to its end, or shares a read that began after the call.
func (f *follower) catchUp(ctx context.Context) error {
	f.mu.Lock()
	before := f.started
	f.mu.Unlock()
	select {
	case f.round <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-f.round }()

	f.mu.Lock()
	shared, err, positioned := f.started > before && f.positioned, f.lastErr, f.positioned
	var mark uint64
	if !shared {
		f.started++
		mark = f.notified
	}
	f.mu.Unlock()
	if shared {
		return err
	}
	// One caller's hanging up must not fail those that share the read.
	rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	if positioned {
		err = f.read(rctx)
	} else {
		err = f.position(rctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastErr = err
	if err == nil {
		f.handled = mark
		f.positioned = f.interest > 0
	}
	return err
}

// position goes to the end of the log: nobody was there for what it holds.
func (f *follower) position(ctx context.Context) error {
	last, err := f.dir.LastAccessChange(ctx)
	if err != nil {
		return err
	}
	f.at = last
	return nil
}

func (f *follower) read(ctx context.Context) error {
	for {
		page, err := f.dir.AccessChangesAfter(ctx, f.at, changePage)
		if err != nil {
			return err
		}
		if err := f.look(ctx, page); err != nil {
			return err // the page is read again
		}
		if len(page) > 0 {
			f.at = page[len(page)-1].ID
		}
		if len(page) < changePage {
			return nil
		}
	}
}

// look asks for each account with sessions that the page is about whether it
// may still log in, and with which password.
func (f *follower) look(ctx context.Context, page []AccessChange) error {
	asked := make(map[int64]struct{})
	for _, c := range page {
		for _, id := range f.sessions.touched(c) {
			asked[id] = struct{}{}
		}
	}
	for id := range asked {
		now, err := f.dir.LoginAccount(ctx, id)
		if err != nil {
			return err
		}
		if n := f.sessions.settle(id, now); n > 0 {
			f.log.Info("sessions ended", "sessions", n, "account", id)
		}
	}
	return nil
}

// run follows until ctx ends. It sleeps without a timer while nobody is
// interested and, without poll, while nothing is notified.
func (f *follower) run(ctx context.Context) {
	var failed bool
	for {
		if !f.sleep(ctx, f.pause(failed)) {
			return
		}
		if !f.wanted() {
			failed = false
			continue
		}
		err := f.catchUp(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			f.log.Error("access changes can't be read; sessions may outlive their right to", "error", err)
		}
		failed = err != nil
	}
}

// sleep waits for a wake-up, for d if it is not 0, or for the end (false).
func (f *follower) sleep(ctx context.Context, d time.Duration) bool {
	var tick <-chan time.Time
	if d > 0 {
		t := f.clock.NewTimer(d)
		defer t.Stop()
		tick = t.C()
	}
	select {
	case <-ctx.Done():
		return false
	case <-f.wake:
	case <-tick:
	}
	return true
}

func (f *follower) pause(failed bool) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.interest == 0:
		return 0
	case failed:
		return retryAfter
	default:
		return f.poll
	}
}

// wanted says whether run has anything to read for.
func (f *follower) wanted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.positioned && (f.poll > 0 || f.notified != f.handled)
}
