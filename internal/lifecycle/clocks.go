package lifecycle

import (
	"context"
	"sync"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
	"posthouse/internal/store"
)

const (
	moverLease = 10 * time.Second // a node that moves a clock renews it
	maxMovers  = 16               // clocks moved at one time
	// movingRetry is when a failure on the way is tried again, by the partner's
	// clock: each try is a stop.
	movingRetry = 24 * time.Hour
	settlePoll  = 10 * time.Millisecond  // how often webhooks are asked for, growing
	settleMost  = 200 * time.Millisecond // to this
	settleLeast = 20 * time.Millisecond  // what a receiver that never answers costs a step in the end
)

// clocks moves what has a target, until ctx ends.
func (r *Runner) clocks(ctx context.Context) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	moving := map[int64]bool{}
	wake := make(chan struct{}, 1)
	defer wg.Wait()
	for ctx.Err() == nil {
		list, err := r.cfg.Core.MovingClocks(ctx, job)
		if err != nil && ctx.Err() == nil {
			r.cfg.Log.ErrorContext(ctx, "the clocks can't be read", "error", err)
		}
		mu.Lock()
		for _, c := range list {
			if moving[c.PartnerID] || len(moving) >= maxMovers {
				continue
			}
			moving[c.PartnerID] = true
			wg.Go(func() {
				err := fault.Contain(func() error { return r.move(ctx, c.PartnerID) })
				if err != nil && ctx.Err() == nil {
					r.cfg.Log.ErrorContext(ctx, "a clock was not moved", "partner", c.PartnerID, "error", err)
					r.pause(ctx, troubled, nil)
				}
				mu.Lock()
				delete(moving, c.PartnerID)
				mu.Unlock()
				select {
				case wake <- struct{}{}:
				default:
				}
			})
		}
		mu.Unlock()
		r.pause(ctx, r.cfg.Poll, wake)
	}
}

// move takes a clock from one thing that falls due to the next. Each step is
// done, and its webhooks have been tried, before the clock goes on; so does a
// node that takes over. A receiver that doesn't answer uses the patience up, or a
// year of daily steps would take hours and hold a mover for as long.
func (r *Runner) move(ctx context.Context, partnerID int64) error {
	patience := r.cfg.Settle
	for ctx.Err() == nil {
		step, err := r.cfg.Core.MoveClock(ctx, job, tenancy.MoveClock{PartnerID: partnerID, Node: r.node, Lease: moverLease})
		if err != nil || step.Busy {
			return err
		}
		r.metrics.clocks.Inc()
		if step.Done {
			return nil
		}
		held, release := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { r.hold(held, partnerID) })
		err = r.drain(ctx, partnerID)
		if err == nil {
			if r.settle(ctx, partnerID, patience) {
				patience = min(2*patience, r.cfg.Settle)
			} else {
				patience = max(patience/2, min(settleLeast, r.cfg.Settle))
			}
		}
		release()
		wg.Wait()
		if err != nil {
			return err
		}
	}
	return nil
}

// hold keeps other nodes from a clock while a long step goes on.
func (r *Runner) hold(ctx context.Context, partnerID int64) {
	for {
		r.pause(ctx, moverLease/3, nil)
		if ctx.Err() != nil {
			return
		}
		if _, err := r.cfg.Core.MoveClock(ctx, job, tenancy.MoveClock{PartnerID: partnerID, Node: r.node, Lease: moverLease, Hold: true}); err != nil && ctx.Err() == nil {
			r.cfg.Log.ErrorContext(ctx, "a moving clock was not held", "partner", partnerID, "error", err)
		}
	}
}

// drain does everything that is due by a partner's own clock now, what follows
// from it included.
func (r *Runner) drain(ctx context.Context, clockID int64) error {
	work := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		items, _, _, err := r.cfg.Calendar.LeaseDue(ctx, store.DueLease{
			Owner: r.node, Until: r.cfg.Lease, Now: r.cfg.Clock.Now(), PerLane: 8 * r.cfg.Workers, Max: 8 * r.cfg.Workers, OnlyClock: clockID,
		})
		if err != nil || len(items) == 0 {
			return err
		}
		todo := make(chan due.Item, len(items))
		for _, i := range items {
			todo <- i
		}
		close(todo)
		var wg sync.WaitGroup
		for range min(r.cfg.Workers, len(items)) {
			wg.Go(func() {
				for i := range todo {
					r.do(work, i, movingRetry)
				}
			})
		}
		wg.Wait()
	}
	return nil
}

// settle waits, not longer than patience, until the partner's webhooks have been
// tried, and reports whether they have.
func (r *Runner) settle(ctx context.Context, partnerID int64, patience time.Duration) bool {
	end := r.cfg.Clock.Now().Add(patience)
	for wait := settlePoll; ctx.Err() == nil; wait = min(2*wait, settleMost) {
		settled, err := r.cfg.Core.WebhooksSettled(ctx, partnerID)
		if settled || err != nil {
			return settled
		}
		left := end.Sub(r.cfg.Clock.Now())
		if left <= 0 {
			return false
		}
		r.pause(ctx, min(wait, left), nil)
	}
	return false
}
