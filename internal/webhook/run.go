package webhook

import (
	"context"
	"sync"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

// troubled is how long the scheduler waits after the database has failed it.
const troubled = time.Second

// Run delivers until ctx ends. Then it takes nothing further, lets attempts
// under way finish for the Grace, gives the rest back and returns. One Run at a time.
func (d *Dispatcher) Run(ctx context.Context) error {
	work, breakOff := context.WithCancel(context.WithoutCancel(ctx))
	defer breakOff()
	r := &runner{Dispatcher: d, ctx: ctx, work: work, book: newBook(&d.cfg)}
	if d.cfg.Alone {
		if err := d.cfg.Rows.ReclaimWebhooks(ctx, d.clock.Now()); err != nil {
			return err
		}
	}
	var beside sync.WaitGroup
	beside.Go(func() { d.janitor(ctx) })
	r.loop()
	clock.Grace(d.clock, d.cfg.Grace, &r.wg, breakOff)
	beside.Wait()
	d.client.close()
	return nil
}

// runner is one Run: the scheduler is one goroutine, each attempt another.
type runner struct {
	*Dispatcher
	ctx  context.Context // ends: take no more
	work context.Context // ends: break off
	wg   sync.WaitGroup
	book book
	seq  uint64

	scanned time.Time

	endMu sync.Mutex
	ends  []end // attempts that have ended since the last look
}

// end is what became of one claim.
type end struct {
	endpointID int64
	partnerID  int64
	probing    bool
	tried, ok  bool
	due        time.Time
}

func (r *runner) loop() {
	for r.ctx.Err() == nil {
		until, err := r.turn()
		if r.ctx.Err() != nil {
			return
		}
		if err != nil {
			r.log.ErrorContext(r.ctx, "webhooks can't be read", "error", err)
			until = r.clock.Now().Add(troubled)
		}
		r.wait(until)
	}
}

// turn starts what is due and there is room for, and gives when to look again.
func (r *runner) turn() (time.Time, error) {
	if err := r.news(); err != nil {
		return time.Time{}, err
	}
	for r.ctx.Err() == nil {
		now := r.clock.Now()
		requests, again := r.book.pick(now, r.cfg.Concurrency)
		if len(requests) == 0 {
			look := r.scanned.Add(r.cfg.Poll)
			if again.IsZero() || again.After(look) {
				again = look
			}
			return again, nil
		}
		r.seq++
		claimed, err := r.cfg.Rows.ClaimWebhooks(r.ctx, r.owner(r.seq), now, now.Add(r.cfg.Lease), requests)
		if err != nil {
			return time.Time{}, err
		}
		for i := range claimed {
			r.start(requests[i], &claimed[i], now)
		}
	}
	return time.Time{}, nil
}

// news takes up what has come in and what has ended, and looks at all endpoints
// once in a Poll.
func (r *runner) news() error {
	r.endMu.Lock()
	ends := r.ends
	r.ends = nil
	r.endMu.Unlock()
	for _, e := range ends {
		r.ended(e)
	}
	now := r.clock.Now()
	r.mu.Lock()
	woken, rescan := r.woken, r.rescan || !now.Before(r.scanned.Add(r.cfg.Poll))
	r.woken, r.rescan = map[int64]struct{}{}, false
	r.mu.Unlock()
	for id := range woken {
		e := r.book.byID[id]
		if e == nil {
			rescan = true
		} else if e.due.IsZero() || e.due.After(now) {
			e.due = now
		}
	}
	if !rescan {
		return nil
	}
	list, err := r.cfg.Rows.WaitingWebhooks(r.ctx)
	if err != nil {
		r.Notify(0)
		return err
	}
	r.scanned = now
	r.book.update(list, r.cfg.PerEndpoint)
	return nil
}

func (r *runner) ended(x end) {
	r.book.took(x.partnerID, -1)
	if x.probing {
		r.book.probing--
	}
	e := r.book.byID[x.endpointID] // stays while busy
	if x.tried {
		e.ended(x.ok, r.cfg.PerEndpoint)
	} else {
		e.busy--
	}
	if !x.due.IsZero() && (e.due.IsZero() || x.due.Before(e.due)) {
		e.due = x.due
	}
}

// locked is how long lanes are left alone that somebody else has locked: who
// commits a change of them tells its own dispatcher.
const locked = 50 * time.Millisecond

// start begins the attempts of what was claimed of one endpoint.
func (r *runner) start(q webhook.ClaimRequest, got *webhook.Claimed, now time.Time) {
	e := r.book.byID[q.EndpointID]
	if len(got.Claims) < q.Limit {
		e.due = got.Due
	}
	if got.Endpoint == nil || len(got.Claims) == 0 {
		if !e.due.IsZero() && !e.due.After(now) {
			e.due = now.Add(locked)
		}
		return
	}
	e.def = got.Endpoint
	creds := r.credentials(e, now)
	probing := e.probing()
	if probing {
		e.probed = now
		r.book.probing += len(got.Claims)
	}
	e.busy += len(got.Claims)
	r.book.took(e.def.PartnerID, len(got.Claims))
	r.metrics.busy.Add(float64(len(got.Claims)))
	def := e.def
	for i := range got.Claims {
		c := &got.Claims[i]
		r.wg.Go(func() {
			x := end{endpointID: q.EndpointID, partnerID: def.PartnerID, probing: probing}
			defer func() {
				if p := recover(); p != nil {
					r.log.ErrorContext(r.work, "a webhook's attempt failed inside", "delivery", c.DeliveryID,
						"error", fault.Panicked(p))
				}
				r.metrics.busy.Dec()
				r.endMu.Lock()
				r.ends = append(r.ends, x)
				r.endMu.Unlock()
				r.signal()
			}()
			x.tried, x.ok, x.due = r.deliver(r.work, c, def, creds)
		})
	}
}

// credentialsLife bounds how long a revoked key is still sent.
const credentialsLife = 2 * time.Second

// credentials gives what an endpoint's attempts carry, or why there is nothing.
func (r *runner) credentials(e *endpoint, now time.Time) credentials {
	if e.creds == nil || now.Sub(e.credsAt) >= credentialsLife || e.credsAt.Before(e.def.UpdatedAt) {
		creds, err := r.cfg.Core.WebhookCredentials(r.ctx, e.def)
		if err != nil {
			return credentials{err: err}
		}
		e.creds, e.credsAt = creds, now
	}
	return credentials{WebhookCredentials: e.creds}
}

// wait returns at until, or when something has happened.
func (r *runner) wait(until time.Time) {
	t := r.clock.NewTimer(until.Sub(r.clock.Now()))
	defer t.Stop()
	if !r.clock.Now().Before(until) { // the clock was moved while the timer was made
		return
	}
	select {
	case <-r.ctx.Done():
	case <-r.wake:
	case <-t.C():
	}
}
