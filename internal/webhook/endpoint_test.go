package webhook_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/outbox"
	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// TestWarning: after an hour of failure the partner's contact and the operator
// are told, once; a new period of failure is told of again. Attempts are kept
// bounded.
func TestWarning(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var dead atomic.Bool
		dead.Store(true)
		r := newReceiver(t, func(_ request, rw http.ResponseWriter) {
			if dead.Load() {
				rw.WriteHeader(500)
			}
		})
		who, _ := w.partner(false)
		e := w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		w.order(who, "a.example")
		notices := func() (n int) {
			t.Helper()
			if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
				return tx.QueryRow(w.ctx, "SELECT COUNT(*) FROM notice WHERE kind = 'webhooks_failing' AND recipient = 'staff@partner.example'").Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		fail := func(from, to int) {
			t.Helper()
			for n := from; n <= to; n++ {
				w.settles(d, fmt.Sprint("attempt ", n), func() bool { return w.deliveries(work.DeliveryFilter{})[0].Attempts == n })
				if n < to {
					w.clock.Advance(time.Minute)
				}
			}
		}
		fail(1, 60)
		if n := notices(); n != 0 {
			t.Fatalf("%d warnings after 59 minutes", n)
		}
		w.clock.Advance(time.Minute)
		fail(61, 75)
		w.settles(d, "a warning", func() bool { return notices() == 1 })
		if n := strings.Count(w.logged(), "has failed for long"); n != 1 {
			t.Errorf("%d lines for the operator\n%s", n, w.logged())
		}
		x := w.deliveries(work.DeliveryFilter{})[0]
		if tries := w.attempts(x.ID); len(tries) != corewebhook.KeptAttempts || tries[0].Number != 75 {
			t.Errorf("%d attempts kept, the last is %d", len(tries), tries[0].Number)
		}
		dead.Store(false)
		w.clock.Advance(time.Minute)
		w.settles(d, "recovery", func() bool {
			f, err := w.core.Webhook(w.ctx, who, e.ID)
			return err == nil && f.FailingSince == nil && f.WarnedAt == nil
		})
		dead.Store(true)
		w.order(who, "b.example")
		fail(1, 61)
		w.settles(d, "a second warning", func() bool { return notices() == 2 })
	})
}

// TestPauseResumeDelete: a paused endpoint gathers, a resumed one gets it all in
// order, a deleted one nothing more.
func TestPauseResumeDelete(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		r := newReceiver(t, nil)
		who, _ := w.partner(false)
		e := w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		set := func(paused bool) {
			t.Helper()
			if _, err := w.core.ModifyWebhook(w.ctx, who, outbox.ModifyWebhook{ID: e.ID, Paused: &paused}); err != nil {
				t.Fatal(err)
			}
		}
		set(true)
		order := w.order(who, "a.example")
		if err := w.change(who, order, "x@a.example"); err != nil {
			t.Fatal(err)
		}
		if settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID); err != nil || !settled {
			t.Error("a paused endpoint's events count as unsettled", err)
		}
		w.clock.Advance(time.Hour)
		r.none("sent while paused")
		set(false)
		if a, b := r.next("first"), r.next("second"); a.Event != "MAIL_ORDER_CREATED" || b.Event != "EMAIL_ACCOUNT_CREATED" {
			t.Fatalf("%s, %s", a.Event, b.Event)
		}
		w.settles(d, "delivered", func() bool { return len(w.deliveries(work.DeliveryFilter{State: corewebhook.Delivered})) == 2 })
		set(true)
		w.order(who, "b.example")
		if err := w.core.DeleteWebhook(w.ctx, who, e.ID); err != nil {
			t.Fatal(err)
		}
		w.order(who, "c.example")
		for {
			more, err := w.store.ForgetWebhooks(w.ctx, w.clock.Now().Add(-time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
		}
		if l := w.deliveries(work.DeliveryFilter{}); len(l) != 2 {
			t.Errorf("%d deliveries left, want the two that were made", len(l))
		}
		if _, err := w.store.ForgetWebhooks(w.ctx, w.clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if l := w.deliveries(work.DeliveryFilter{}); len(l) != 0 {
			t.Errorf("%d deliveries are kept too long", len(l))
		}
		r.none("sent to a deleted endpoint")
	})
}
