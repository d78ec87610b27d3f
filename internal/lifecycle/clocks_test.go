package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/lifecycle"
)

// TestClockMovesThroughWhatFallsDue: in order, by the partner's time, also when
// one runner is stopped on the way.
func TestClockMovesThroughWhatFallsDue(t *testing.T) {
	onBoth(t, func(b *bench) {
		p, other := b.partner(true), b.partner(true)
		expiry := time.Now().UTC().Truncate(day).Add(2 * day)
		id, still := b.order(p, "d.example", expiry), b.order(other, "e.example", expiry)
		x := b.account(p, id, "x@d.example")
		if _, err := b.core.AdvanceClock(b.ctx, p, tenancy.AdvanceClock{PartnerID: p.PartnerID, By: 20 * day}); err != nil {
			b.t.Fatal(err)
		}
		state, err := b.core.AdvanceClock(b.ctx, p, tenancy.AdvanceClock{PartnerID: p.PartnerID, By: 20 * day}) // counts from there
		if err != nil || state.Remaining < 1 || state.Target.Sub(state.Now) < 39*day {
			b.t.Fatalf("%+v, %v", state, err)
		}
		stop := b.run(nil)
		b.until("deleted", func() bool { return b.status(id) != order.Active })
		stop()
		b.run(nil)
		b.run(nil)
		b.until("there", func() bool {
			s, err := b.core.PartnerClock(b.ctx, p, p.PartnerID)
			return err == nil && s.Target == nil
		})
		list, err := b.core.Events(b.ctx, p, work.EventFilter{OrderID: id, Oldest: true}, 10)
		if err != nil {
			b.t.Fatal(err)
		}
		var got []string
		for _, e := range list[2:] { // after the creations
			got = append(got, fmt.Sprint(e.Type, " ", e.At.Sub(expiry).Truncate(day)))
		}
		want := []string{"MAIL_ORDER_STATUS_UPDATED 0s", "MAIL_ORDER_STATUS_UPDATED " + (7 * day).String(), "MAIL_ORDER_PURGED " + (37 * day).String()}
		if fmt.Sprint(got) != fmt.Sprint(want) || b.purges[x] == 0 {
			b.t.Errorf("%v, want %v; %v", got, want, b.purges)
		}
		if b.status(still) != order.Active {
			b.t.Error("another partner's order moved")
		}
	})
}

// unsettled is a core whose webhooks are under way for ever.
type unsettled struct{ watched }

func (unsettled) WebhooksSettled(context.Context, int64) (bool, error) { return false, nil }

// TestClockIsNotHeldByAReceiver: one that never answers uses the patience up,
// and not once a step.
func TestClockIsNotHeldByAReceiver(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(true)
		const orders = 30 // of which each expires, is deleted and purged at a time of its own
		for i := range orders {
			b.order(p, fmt.Sprintf("d%d.example", i), time.Now().Add(time.Duration(2+i)*day))
		}
		if _, err := b.core.AdvanceClock(b.ctx, p, tenancy.AdvanceClock{PartnerID: p.PartnerID, By: 80 * day}); err != nil {
			b.t.Fatal(err)
		}
		b.run(func(c *lifecycle.Config) { c.Core, c.Settle = unsettled{watched{b.core, b}}, time.Second })
		b.until("there", func() bool {
			s, err := b.core.PartnerClock(b.ctx, p, p.PartnerID)
			return err == nil && s.Target == nil
		})
		if n := b.events(p)[event.MailOrderPurged]; n != orders {
			b.t.Errorf("%d purged", n)
		}
	})
}
