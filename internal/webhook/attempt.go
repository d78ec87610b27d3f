package webhook

import (
	"context"
	"strconv"
	"time"

	"posthouse/internal/core/outbox"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

// credentials are what an attempt carries, or why there is none.
type credentials struct {
	*outbox.WebhookCredentials
	err error
}

// settleTime bounds the wait for the database; with an attempt's own time it is within the lease.
const settleTime = 10 * time.Second

// deliver makes one attempt and settles it. tried is false when it was broken
// off by a stop or its result could not be written: then it is made again.
func (d *Dispatcher) deliver(ctx context.Context, c *webhook.Claim, e *webhook.Endpoint, creds credentials) (tried, ok bool, due time.Time) {
	a := d.attempt(ctx, c, e, creds)
	// Its result counts also while this process stops.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if !c.Format.Succeeded(a) && ctx.Err() != nil {
		if err := d.cfg.Rows.ReleaseWebhooks(settle, []*webhook.Claim{c}, d.clock.Now()); err != nil {
			d.log.WarnContext(ctx, "a webhook's lane was not given back: its lease will run out", "delivery", c.DeliveryID, "error", err)
		}
		return false, false, time.Time{}
	}
	done, err := d.cfg.Rows.SettleWebhook(settle, c, a, d.clock.Now())
	if err != nil {
		d.log.ErrorContext(ctx, "a webhook's result was not written: it will be sent again", "delivery", c.DeliveryID, "event", c.EventID, "error", err)
		return false, false, time.Time{}
	}
	if done.Lost {
		d.log.WarnContext(ctx, "a webhook's lease was lost", "delivery", c.DeliveryID, "event", c.EventID)
		return false, false, time.Time{}
	}
	d.observe(ctx, c, a)
	defer d.settled()
	if done.FailingSince != nil && e.WarnedAt == nil && !d.clock.Now().Before(done.FailingSince.Add(webhook.WarnAfter)) {
		d.warn(settle, c, e, a, *done.FailingSince)
	}
	return true, c.Format.Succeeded(a), done.Due
}

// attempt sends the event, unless a sandbox partner wants it to fail.
func (d *Dispatcher) attempt(ctx context.Context, c *webhook.Claim, e *webhook.Endpoint, creds credentials) *webhook.Attempt {
	a := &webhook.Attempt{DeliveryID: c.DeliveryID, Number: c.Attempts + 1, At: d.clock.Now().Truncate(time.Microsecond)}
	switch {
	case c.Fault != 0:
		a.Status, a.Excerpt = c.Fault, "(not sent: the sandbox was told to fail)"
	case creds.err != nil:
		a.Error = fault.Of(creds.err).Text
	default:
		d.client.send(ctx, c, e.URL, creds.WebhookCredentials, a)
	}
	a.Took = max(0, d.clock.Now().Sub(a.At))
	return a
}

func (d *Dispatcher) observe(ctx context.Context, c *webhook.Claim, a *webhook.Attempt) {
	d.metrics.attempts.WithLabelValues(outcome(c, a)).Inc()
	if c.Attempts == 0 && !c.Replay {
		d.metrics.latency.Observe(a.At.Sub(c.CreatedAt).Seconds())
	}
	d.log.DebugContext(ctx, "webhook", "endpoint", c.EndpointID, "lane", c.Lane, "event", c.EventID, "type", c.Type, "attempt", a.Number,
		"status", a.Status, "error", a.Error, "took", a.Took)
}

// outcome is the metric's label.
func outcome(c *webhook.Claim, a *webhook.Attempt) string {
	switch {
	case c.Format.Succeeded(a):
		return "delivered"
	case a.Status != 0:
		return "refused"
	}
	return "failed"
}

// warn tells the partner and the operator once that an endpoint has failed for long.
func (d *Dispatcher) warn(ctx context.Context, c *webhook.Claim, e *webhook.Endpoint, a *webhook.Attempt, since time.Time) {
	why := a.Error
	if why == "" {
		why = "HTTP status " + strconv.Itoa(a.Status)
	}
	warned, err := d.cfg.Core.WarnWebhookFailing(ctx, actor(), e.ID, why)
	if err != nil && !fault.Is(err, fault.NotFound) {
		d.log.ErrorContext(ctx, "no warning about a failing webhook", "endpoint", e.ID, "error", err)
	}
	if warned {
		d.metrics.warnings.Inc()
		d.log.WarnContext(ctx, "a webhook has failed for long", "endpoint", e.ID, "partner", e.PartnerID, "url", e.URL, "since", since,
			"lane", c.Lane, "event", c.EventID, "status", a.Status, "error", a.Error)
	}
}
