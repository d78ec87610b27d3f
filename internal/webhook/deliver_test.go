package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"posthouse/internal/core/event"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

// TestDelivery is one event from the change to the listed attempt, byte for byte.
func TestDelivery(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		r := newReceiver(t, func(_ request, rw http.ResponseWriter) { fmt.Fprint(rw, "thank\x00 you \xff") })
		who, key := w.partner(false)
		e := w.endpoint(who, r.URL+"/hook?a=b", nil)
		own := w.endpoint(who, r.URL+"/own", func(c *outbox.CreateWebhook) { c.HeaderName, c.HeaderValue = "X-API-Key", "s3cret" })
		d, _ := w.dispatcher(nil)
		order := w.order(who, "a.example")
		byPath := map[string]request{}
		for range 2 {
			q := r.next("the event")
			byPath[q.path] = q
		}
		q, q2 := byPath["POST /hook?a=b"], byPath["POST /own"]
		if q.Event != event.MailOrderCreated || q.Order != order || q.ID == "" || q2.ID != q.ID {
			t.Fatalf("%+v, %+v", q, q2)
		}
		if want := fmt.Sprintf(`{"id":"%s","event":"MAIL_ORDER_CREATED","data":%s}`, q.ID, q.Data); string(q.body) != want {
			t.Errorf("body %s, want %s", q.body, want)
		}
		if got := q.head.Get("Authorization"); got != key {
			t.Errorf("Authorization is %q", got)
		}
		if q2.head.Get("X-API-Key") != "s3cret" || q2.head.Get("Authorization") != "" {
			t.Errorf("the partner's own header: %v", q2.head)
		}
		if q.head.Get("Content-Type") != "application/json" || !strings.HasPrefix(q.head.Get("User-Agent"), "Posthouse") ||
			q.head.Get("Webhook-Id") != q.ID || q.head.Get("Accept-Encoding") != "" {
			t.Errorf("headers: %v", q.head)
		}
		for _, x := range []struct {
			secret string
			q      request
		}{{e.SigningSecret, q}, {own.SigningSecret, q2}} {
			oracle, err := standardwebhooks.NewWebhook(x.secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := oracle.VerifyIgnoringTimestamp(x.q.body, x.q.head); err != nil {
				t.Error(err)
			}
			if err := oracle.VerifyIgnoringTimestamp(append(x.q.body, ' '), x.q.head); err == nil {
				t.Error("the oracle takes another body")
			}
		}
		if q.head.Get("Webhook-Timestamp") != fmt.Sprint(w.clock.Now().Unix()) {
			t.Errorf("timestamp %s", q.head.Get("Webhook-Timestamp"))
		}
		w.settles(d, "delivered", func() bool { return len(w.deliveries(work.DeliveryFilter{State: webhook.Delivered})) == 2 })
		got := w.deliveries(work.DeliveryFilter{EndpointID: e.ID})
		if len(got) != 1 || got[0].EventID != q.ID || got[0].Attempts != 1 || got[0].LastStatus != 200 || got[0].OrderID != order || got[0].FirstAt == nil || got[0].Replay {
			t.Fatalf("%+v", got[0])
		}
		tries := w.attempts(got[0].ID)
		if len(tries) != 1 || tries[0].Status != 200 || tries[0].Excerpt != "thank? you ?" || tries[0].Error != "" {
			t.Errorf("%+v", tries[0])
		}
	})
}

// TestOnly200 repeats every 60 s whatever else is answered, in the order of the
// events, with the same bytes, and holds no other order back.
func TestOnly200(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		trap := newReceiver(t, nil)
		answers := []func(http.ResponseWriter){
			func(rw http.ResponseWriter) { rw.WriteHeader(500) },
			func(rw http.ResponseWriter) { rw.WriteHeader(201) },
			func(rw http.ResponseWriter) { rw.WriteHeader(204) },
			func(rw http.ResponseWriter) { rw.Header().Set("Location", trap.URL); rw.WriteHeader(302) },
			func(rw http.ResponseWriter) { rw.Header().Set("Location", trap.URL); rw.WriteHeader(307) },
			func(rw http.ResponseWriter) {
				c, _, err := http.NewResponseController(rw).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Fprint(c, "220 mail.example ESMTP\r\n")
				_ = c.Close()
			},
			func(http.ResponseWriter) {},
		}
		var mu sync.Mutex
		first, n := int64(0), 0
		r := newReceiver(t, func(q request, rw http.ResponseWriter) {
			mu.Lock()
			defer mu.Unlock()
			if first == 0 {
				first = q.Order
			}
			if q.Order == first && n < len(answers) {
				answers[n](rw)
				n++
			}
		})
		who, _ := w.partner(false)
		e := w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		order := w.order(who, "a.example")
		before := r.next("first attempt")
		if err := w.change(who, order, "x@a.example"); err != nil {
			t.Fatal(err)
		}
		tried := func(n int) func() bool {
			return func() bool {
				l := w.deliveries(work.DeliveryFilter{OrderID: order})
				return len(l) == 2 && l[1].Attempts == n
			}
		}
		delivered := func(order int64) func() bool {
			return func() bool {
				l := w.deliveries(work.DeliveryFilter{OrderID: order})
				return len(l) == 1 && l[0].State == webhook.Delivered
			}
		}
		for i := range answers[1:] {
			w.settles(d, "a failed attempt", tried(i+1))
			if f, err := w.core.Webhook(w.ctx, who, e.ID); err != nil || f.FailingSince == nil {
				t.Fatalf("no failure seen: %+v, %v", f, err)
			}
			other := w.order(who, fmt.Sprintf("other%d.example", i))
			if q := r.next("another order's event"); q.Order != other {
				t.Fatalf("order %d, want %d", q.Order, other)
			}
			w.settles(d, "its end", delivered(other)) // a lease doesn't outlast the clock's next step
			w.clock.Advance(59 * time.Second)
			w.notify(0)
			other = w.order(who, fmt.Sprintf("soon%d.example", i))
			if q := r.next("nothing of the failing order before a minute is over"); q.Order != other {
				t.Fatalf("order %d, want %d", q.Order, other)
			}
			w.settles(d, "its end", delivered(other))
			w.clock.Advance(time.Second)
			if q := r.next("the repetition"); q.Order != order || q.ID != before.ID || string(q.body) != string(before.body) {
				t.Fatalf("%s %s of order %d", q.ID, q.Event, q.Order)
			}
		}
		if q := r.next("the later event, at once"); q.Order != order || q.Event != event.EmailAccountCreated {
			t.Fatalf("%s of order %d", q.Event, q.Order)
		}
		w.settles(d, "all delivered", func() bool { return len(w.deliveries(work.DeliveryFilter{State: webhook.Pending})) == 0 })
		trap.none("a redirect was followed")
		tries := w.attempts(w.deliveries(work.DeliveryFilter{OrderID: order})[1].ID)
		var statuses []int
		for _, a := range tries {
			statuses = append(statuses, a.Status)
		}
		if fmt.Sprint(statuses) != "[200 0 307 302 204 201 500]" || tries[1].Error == "" {
			t.Errorf("attempts %v", statuses)
		}
		if f, err := w.core.Webhook(w.ctx, who, e.ID); err != nil || f.FailingSince != nil {
			t.Errorf("still failing: %+v, %v", f, err)
		}
	})
}

// TestOrderOfEvents: several writers, several dispatchers, one database: each
// order's events come one at a time and in the order of the log, none is lost.
// Nothing but commits wakes the dispatchers, so that a lost wake-up shows.
func TestOrderOfEvents(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		const orders, each = 6, 15
		var mu sync.Mutex
		flying, broken := map[int64]int{}, 0
		got := map[int64][]string{}
		r := newReceiver(t, nil)
		r.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, hr *http.Request) {
			q := read(t, hr)
			mu.Lock()
			flying[q.Order]++
			if flying[q.Order] > 1 {
				t.Errorf("two events of order %d at once", q.Order)
			}
			fail := len(got[q.Order]) == 3 && broken < 2*orders // some attempts fail
			if fail {
				broken++
			} else {
				got[q.Order] = append(got[q.Order], q.ID)
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				flying[q.Order]--
				mu.Unlock()
			}()
			if fail {
				rw.WriteHeader(503)
			}
		})
		who, _ := w.partner(false)
		w.endpoint(who, r.URL, nil)
		var ds []interface {
			Watch() (<-chan struct{}, func())
		}
		for range 3 {
			d, _ := w.dispatcher(nil)
			ds = append(ds, d)
		}
		var wg sync.WaitGroup
		for o := range orders {
			wg.Go(func() {
				id, err := w.makeOrder(who, fmt.Sprintf("o%d.example", o))
				if err != nil {
					t.Error(err)
					return
				}
				var inner sync.WaitGroup
				for half := range 2 {
					inner.Go(func() {
						for i := range each {
							if err := w.change(who, id, fmt.Sprintf("u%d-%d@o%d.example", half, i, o)); err != nil {
								t.Error(err)
							}
						}
					})
				}
				inner.Wait()
			})
		}
		wg.Wait()
		limit := time.NewTimer(patience)
		defer limit.Stop()
		signals := make(chan struct{}, 1)
		for _, d := range ds {
			c, cancel := d.Watch()
			defer cancel()
			go func() {
				for {
					select {
					case <-c:
						select {
						case signals <- struct{}{}:
						default:
						}
					case <-t.Context().Done():
						return
					}
				}
			}()
		}
		waiting := func() (n int) {
			settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID)
			if err != nil {
				t.Fatal(err)
			}
			if !settled {
				return -1
			}
			return len(w.deliveries(work.DeliveryFilter{State: webhook.Pending}))
		}
		for {
			n := waiting()
			if n == 0 {
				break
			}
			if n > 0 {
				w.clock.Advance(time.Minute) // only what failed waits
				continue
			}
			select {
			case <-signals:
			case <-limit.C:
				t.Fatalf("%d wait for ever", len(w.deliveries(work.DeliveryFilter{State: webhook.Pending})))
			}
		}
		total := 0
		for order, ids := range got {
			events, err := w.core.OrderEvents(w.ctx, w.op, order, 1000)
			if err != nil {
				t.Fatal(err)
			}
			total += len(events)
			for i, e := range events { // newest first
				if n := len(ids) - 1 - i; n < 0 || ids[n] != e.PublicID {
					t.Fatalf("order %d: event %d from the end is not the log's", order, i)
				}
			}
			if len(ids) != len(events) {
				t.Errorf("order %d: %d events sent, %d in the log", order, len(ids), len(events))
			}
		}
		if total != orders*(1+2*each) || broken == 0 {
			t.Errorf("%d events, %d failures", total, broken)
		}
		lanes, _, err := w.store.CountWebhookLanes(context.Background())
		if err != nil || lanes != 0 {
			t.Errorf("%d lanes left, %v", lanes, err)
		}
	})
}
