package webhook_test

import (
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/outbox"
	"posthouse/internal/core/work"
)

// TestReplay: events come again under their old ids, a range in steps.
func TestReplay(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		r := newReceiver(t, nil)
		who, _ := w.partner(false)
		before := w.order(who, "before.example") // nobody was there to get it
		w.clock.Advance(time.Hour)
		from := w.clock.Now()
		e := w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		order := w.order(who, "a.example")
		ids := []string{r.next("first").ID}
		for i := range 4 {
			if err := w.change(who, order, fmt.Sprintf("x%d@a.example", i)); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, r.next("another").ID)
		}
		settled := func() bool {
			ok, err := w.core.WebhooksSettled(w.ctx, who.PartnerID)
			return err == nil && ok
		}
		w.settles(d, "settled", settled)
		if n, err := w.core.ReplayEvents(w.ctx, who, outbox.ReplayEvents{EventID: ids[2], EndpointID: e.ID}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if q := r.next("one again"); q.ID != ids[2] {
			t.Fatalf("%s, want %s", q.ID, ids[2])
		}
		w.settles(d, "settled", settled)
		for range 2 { // the second is the same replay
			if n, err := w.core.ReplayEvents(w.ctx, who, outbox.ReplayEvents{From: from}); err != nil || n != 5 {
				t.Fatal(n, err)
			}
		}
		w.clock.Advance(time.Second)
		for i := range ids {
			if q := r.next("the range again"); q.ID != ids[i] {
				t.Fatalf("event %d: %s, want %s", i, q.ID, ids[i])
			}
		}
		w.settles(d, "settled", settled)
		if n, err := w.core.ReplayEvents(w.ctx, w.op, outbox.ReplayEvents{PartnerID: who.PartnerID, From: from.Add(-2 * time.Hour), To: from}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		w.clock.Advance(time.Second)
		if q := r.next("what was before the endpoint"); q.Order != before {
			t.Errorf("order %d, want %d", q.Order, before)
		}
		w.settles(d, "settled", settled)
		if l := w.deliveries(work.DeliveryFilter{EventID: ids[2]}); len(l) != 3 || !l[0].Replay || l[2].Replay {
			t.Errorf("%d deliveries", len(l))
		}
		r.none("too much was replayed")
	})
}

// TestSandbox: the next attempts fail without being sent, and what waits for a
// later attempt follows the partner's clock.
func TestSandbox(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		r := newReceiver(t, nil)
		who, _ := w.partner(true)
		w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		if err := w.core.FailNextWebhooks(w.ctx, who, who.PartnerID, 2, 503); err != nil {
			t.Fatal(err)
		}
		w.order(who, "a.example")
		tried := func(n int) func() bool {
			return func() bool { return w.deliveries(work.DeliveryFilter{})[0].Attempts == n }
		}
		w.settles(d, "a failure", tried(1))
		if settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID); err != nil || !settled {
			t.Error("what waits for a later attempt counts as unsettled", err)
		}
		shift := func(by time.Duration) {
			t.Helper()
			if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.ShiftWebhookLanes(w.ctx, who.PartnerID, by) }); err != nil {
				t.Fatal(err)
			}
		}
		shift(30 * time.Second)
		if settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID); err != nil || !settled {
			t.Error("half of the minute is enough", err)
		}
		shift(30 * time.Second)
		w.settles(d, "the second failure", tried(2))
		r.none("a failure was sent")
		shift(7 * 24 * time.Hour)
		r.next("then it is sent")
		w.settles(d, "delivered", tried(3))
		if a := w.attempts(w.deliveries(work.DeliveryFilter{})[0].ID); a[1].Status != 503 || a[2].Status != 503 || a[0].Status != 200 {
			t.Errorf("%+v", a)
		}
	})
}
