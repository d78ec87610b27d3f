package lifecycle

import (
	"context"
	"time"

	"posthouse/internal/core/due"
)

// sweepPause keeps a sweep from being felt.
const sweepPause = 20 * time.Millisecond

// sweep goes through what the calendar should know, from where it came to last,
// and again after a while: at the first start, that is what was made before there
// was a calendar.
func (r *Runner) sweep(ctx context.Context) {
	if r.cfg.SweepEvery < 0 {
		return
	}
	for ctx.Err() == nil {
		for _, k := range []due.Kind{due.Order, due.Account, due.MailService, due.CustomerFunds, due.ResellerFunds} {
			for more := true; more && ctx.Err() == nil; {
				var n int
				var err error
				if n, more, err = r.cfg.Core.SweepDue(ctx, job, k, r.cfg.SweepStep); err != nil {
					if ctx.Err() == nil {
						r.cfg.Log.ErrorContext(ctx, "the sweep of the calendar failed", "kind", k, "error", err)
					}
					r.pause(ctx, troubled, nil)
					more = true
					continue
				}
				if n > 0 {
					r.metrics.repaired.WithLabelValues(string(k)).Add(float64(n))
					r.cfg.Log.WarnContext(ctx, "the calendar did not know what is due", "kind", k, "objects", n)
				}
				r.pause(ctx, sweepPause, nil)
			}
		}
		r.pause(ctx, r.cfg.SweepEvery, nil)
	}
}
