package webhook

import (
	"context"
	"time"
)

const (
	replayPeriod = time.Second      // how long an ordered replay may wait to begin
	tidyPeriod   = 30 * time.Second // counting what waits, dropping what is no longer kept
)

// janitor works replays off in steps and removes what is no longer kept, until ctx ends.
func (d *Dispatcher) janitor(ctx context.Context) {
	var tidied time.Time
	for ctx.Err() == nil {
		d.attend(ctx, "replaying events", func(ctx context.Context) (bool, error) { return d.cfg.Core.StepReplays(ctx, actor()) })
		if now := d.clock.Now(); !now.Before(tidied.Add(tidyPeriod)) {
			tidied = now
			d.attend(ctx, "removing old webhook deliveries", func(ctx context.Context) (bool, error) {
				return d.cfg.Rows.ForgetWebhooks(ctx, now.Add(-d.cfg.Keep))
			})
			d.attend(ctx, "counting webhook lanes", d.count)
		}
		t := d.clock.NewTimer(replayPeriod)
		select {
		case <-ctx.Done():
		case <-t.C():
		}
		t.Stop()
	}
}

// attend calls fn until it has nothing more to do or fails.
func (d *Dispatcher) attend(ctx context.Context, what string, fn func(context.Context) (more bool, err error)) {
	for ctx.Err() == nil {
		more, err := fn(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.ErrorContext(ctx, what+" failed", "error", err)
		}
		if err != nil || !more {
			return
		}
	}
}

func (d *Dispatcher) count(ctx context.Context) (bool, error) {
	lanes, failing, err := d.cfg.Rows.CountWebhookLanes(ctx)
	if err == nil {
		d.metrics.lanes.WithLabelValues("fresh").Set(float64(lanes - failing))
		d.metrics.lanes.WithLabelValues("failing").Set(float64(failing))
	}
	return false, err
}
