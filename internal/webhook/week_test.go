package webhook_test

import (
	"fmt"
	"testing"
	"time"

	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// TestDeadForAWeek: 100,000 orders wait for one dead receiver; the events of a
// live one come all the same, and the dead one is tried ten times a second.
func TestDeadForAWeek(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		dead, _ := w.partner(false)
		e := w.endpoint(dead, refusing(t), nil)
		w.order(dead, "a.example")
		const waiting = 100_000
		if err := w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`INSERT INTO webhook_delivery (partner_id, endpoint_id, order_id, event_id, replay, state, attempts, last_status, last_error, created_at)
					WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
					SELECT d.partner_id, d.endpoint_id, 1000 + n.i, d.event_id, FALSE, 'pending', 5, 500, '', d.created_at FROM n, webhook_delivery d WHERE d.id = 1`,
				`INSERT INTO webhook_lane (endpoint_id, order_id, partner_id, head_id, pending, failing, failing_since, due_at, owner)
					SELECT endpoint_id, order_id, partner_id, id, 1, TRUE, created_at, created_at, '' FROM webhook_delivery WHERE order_id < 1000000 AND id <= 1000000 + ?`,
			} {
				if _, err := tx.Exec(w.ctx, q, waiting); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n, _, err := w.store.CountWebhookLanes(w.ctx); err != nil || n != waiting+1 {
			t.Fatal(n, err)
		}
		r := newReceiver(t, nil)
		who, _ := w.partner(false)
		w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		tries := func() (n int) {
			t.Helper()
			if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
				return tx.QueryRow(w.ctx, "SELECT COUNT(*) FROM webhook_attempt a JOIN webhook_delivery d ON d.id = a.delivery_id WHERE d.endpoint_id = ?", e.ID).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		w.settles(d, "it is known to be dead", func() bool { return tries() >= 8 })
		begin := time.Now()
		const events = 40
		for i := range events {
			order := w.order(who, fmt.Sprintf("live%d.example", i))
			if q := r.next("a live receiver's event"); q.Order != order {
				t.Fatalf("order %d, want %d", q.Order, order)
			}
			w.clock.Advance(50 * time.Millisecond)
		}
		t.Logf("%v from order to event", time.Since(begin)/events)
		// The first places of a fresh endpoint, then ten a second for two seconds, two at a time.
		if n := tries(); n > 8+32+2*(10*2+1) {
			t.Errorf("%d attempts at the dead receiver", n)
		}
		w.settles(d, "the live one's are settled", func() bool {
			return len(w.deliveries(work.DeliveryFilter{PartnerID: who.PartnerID, State: corewebhook.Delivered})) == events
		})
	})
}
