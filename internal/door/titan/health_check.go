package titan

import (
	"context"
	"sync"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// readyFor is how long one look at the database counts: the operation is open
// to anybody and must not become a way to load the database.
const readyFor = time.Second

// readiness asks the database whether it answers, at most once per readyFor.
type readiness struct {
	ask   func(context.Context) error
	clock clock.Clock

	mu    sync.Mutex
	until time.Time
	err   error
}

func newReadiness(ask func(context.Context) error, c clock.Clock) *readiness {
	return &readiness{ask: ask, clock: c}
}

func (r *readiness) check(ctx context.Context) error {
	if r.ask == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.clock.Now(); !now.Before(r.until) {
		// One caller's hanging up must not be taken for a dead database.
		actx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		r.err = r.ask(actx)
		r.until = r.clock.Now().Add(readyFor)
	}
	return r.err
}

// healthCheck is operation 1.
func healthCheck(ctx context.Context, c *call, _ *record) (reply, error) {
	if err := c.door.ready.check(ctx); err != nil {
		return nil, fault.Unavail("The database is not reachable", err)
	}
	return &answered{}, nil
}
