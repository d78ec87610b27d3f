package webhook_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/provision"
	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/webhook"
)

func newTLSReceiver(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func pool(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.Certificate())
	return p
}

// TestDeadBesideLive: receivers that hang, with many orders waiting, cost a live
// one nothing, and are tried few at a time.
func TestDeadBesideLive(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	var hanging, most atomic.Int64
	release := make(chan struct{})
	dead := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
		_ = read(t, hr)
		n := hanging.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer hanging.Add(-1)
		select {
		case <-release:
		case <-hr.Context().Done():
		}
	}))
	t.Cleanup(dead.Close)
	t.Cleanup(func() { close(release) })
	live := newReceiver(t, nil)
	const deadPartners, orders = 4, 20
	for p := range deadPartners {
		who, _ := w.partner(false)
		w.endpoint(who, dead.URL, nil)
		for o := range orders {
			w.order(who, fmt.Sprintf("p%d-%d.example", p, o))
		}
	}
	who, _ := w.partner(false)
	w.endpoint(who, live.URL, nil)
	// 8 places: more than enough dead receivers to take them all.
	d, _ := w.dispatcher(func(c *webhook.Config) { c.Concurrency, c.PerEndpoint, c.Timeout = 8, 4, 200*time.Millisecond })
	w.settles(d, "all dead receivers are known to be dead", func() bool {
		tries := map[int64]int{}
		for _, x := range w.deliveries(provision.DeliveryFilter{State: corewebhook.Pending}) {
			tries[x.EndpointID] += x.Attempts
		}
		known := 0
		for _, n := range tries {
			if n >= 8 {
				known++
			}
		}
		return known == deadPartners
	})
	leased := func() (n int64) {
		if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
			return tx.QueryRow(w.ctx, "SELECT COUNT(*) FROM webhook_lane WHERE owner <> ''").Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// While the clock stands, no probe follows another.
	for limit := time.Now().Add(patience); hanging.Load()+leased() > 0; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatal("attempts don't end")
		}
	}
	most.Store(0)
	for o := range 50 {
		order := w.order(who, fmt.Sprintf("live%d.example", o))
		if q := live.next("a live receiver's event"); q.Order != order {
			t.Fatalf("order %d, want %d", q.Order, order)
		}
		w.clock.Advance(120 * time.Millisecond)
	}
	if m := most.Load(); m > 4 || m == 0 { // two, and two whose end the receiver has not seen yet
		t.Errorf("%d attempts at dead receivers at once, of 8 places", m)
	}
}

// TestSlowBesideLive: receivers of one partner that confirm, but slowly, are no
// dead ones; they leave places to others all the same.
func TestSlowBesideLive(t *testing.T) {
	w := newWorld(t, sqldb.SQLite)
	var hanging, most atomic.Int64
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
		_ = read(t, hr)
		n := hanging.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-release
	}))
	t.Cleanup(slow.Close)
	live := newReceiver(t, nil)
	greedy, _ := w.partner(false)
	for range 3 {
		w.endpoint(greedy, slow.URL, nil)
	}
	const places, orders = 8, 8
	for o := range orders {
		w.order(greedy, fmt.Sprintf("slow%d.example", o))
	}
	who, _ := w.partner(false)
	w.endpoint(who, live.URL, nil)
	d, _ := w.dispatcher(func(c *webhook.Config) { c.Concurrency, c.PerEndpoint = places, places/2 })
	for limit := time.Now().Add(patience); hanging.Load() < places/2; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("%d slow attempts", hanging.Load())
		}
	}
	for o := range 20 {
		order := w.order(who, fmt.Sprintf("live%d.example", o))
		if q := live.next("a live receiver's event"); q.Order != order {
			t.Fatalf("order %d, want %d", q.Order, order)
		}
	}
	if m := most.Load(); m != places/2 {
		t.Errorf("one partner had %d places of %d", m, places)
	}
	close(release)
	w.settles(d, "the slow ones are served too", func() bool { return len(w.deliveries(provision.DeliveryFilter{State: corewebhook.Pending})) == 0 })
}

// TestRecovery: when a dead receiver answers again, all that waits comes at once.
func TestRecovery(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var dead atomic.Bool
		dead.Store(true)
		r := newReceiver(t, nil)
		got := make(chan int64, 1000)
		r.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, hr *http.Request) {
			if dead.Load() {
				rw.WriteHeader(http.StatusBadGateway)
				return
			}
			got <- read(t, hr).Order
		})
		who, _ := w.partner(false)
		w.endpoint(who, r.URL, nil)
		d, _ := w.dispatcher(nil)
		const orders = 12
		for o := range orders {
			w.order(who, fmt.Sprintf("o%d.example", o))
		}
		tried := func() (n int) {
			for _, x := range w.deliveries(provision.DeliveryFilter{}) {
				if x.Attempts > 0 {
					n++
				}
			}
			return n
		}
		for n := 0; n < 8; n++ {
			w.settles(d, "attempts", func() bool { return tried() > n })
		}
		dead.Store(false)
		w.clock.Advance(time.Minute)
		w.notify(0)
		w.settles(d, "everything is delivered", func() bool {
			w.clock.Advance(10 * time.Millisecond)
			return len(w.deliveries(provision.DeliveryFilter{State: corewebhook.Delivered})) == orders
		})
	})
}

// TestStop: what is under way when a dispatcher stops is given back, and another sends it.
func TestStop(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var calls atomic.Int32
		arrived := make(chan struct{}, 10)
		r := newReceiver(t, nil)
		r.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
			_ = read(t, hr)
			if calls.Add(1) == 1 {
				arrived <- struct{}{}
				<-hr.Context().Done()
			}
		})
		who, _ := w.partner(false)
		w.endpoint(who, r.URL, nil)
		_, stop := w.dispatcher(func(c *webhook.Config) { c.Grace = time.Millisecond })
		w.order(who, "a.example")
		<-arrived
		stopped := make(chan struct{})
		go func() {
			for {
				select {
				case <-stopped:
					return
				default:
					w.clock.Advance(time.Microsecond) // the grace ends
					runtime.Gosched()
				}
			}
		}()
		stop()
		close(stopped)
		l := w.deliveries(provision.DeliveryFilter{})
		if len(l) != 1 || l[0].State != corewebhook.Pending || l[0].Attempts != 0 {
			t.Fatalf("%+v", l[0])
		}
		d, _ := w.dispatcher(nil)
		w.settles(d, "another dispatcher sends it", func() bool { return w.deliveries(provision.DeliveryFilter{})[0].State == corewebhook.Delivered })
	})
}

// TestDeadDispatcher: a lease runs out, and what a slow one then has to say counts no more.
func TestDeadDispatcher(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		r := newReceiver(t, nil)
		who, _ := w.partner(false)
		e := w.endpoint(who, r.URL, nil)
		w.order(who, "a.example")
		now := w.clock.Now()
		got, err := w.store.ClaimWebhooks(w.ctx, "dead-1", now, now.Add(30*time.Second), []corewebhook.ClaimRequest{{EndpointID: e.ID, Limit: 5}})
		if err != nil || len(got[0].Claims) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		d, _ := w.dispatcher(nil)
		if settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID); err != nil || settled {
			t.Fatal("a leased lane counts as settled", err)
		}
		w.clock.Advance(29 * time.Second)
		w.notify(0)
		r.none("sent while another holds the lease")
		w.clock.Advance(time.Second)
		q := r.next("the lease has run out")
		w.settles(d, "delivered", func() bool { return w.deliveries(provision.DeliveryFilter{})[0].State == corewebhook.Delivered })
		c := got[0].Claims[0]
		late, err := w.store.SettleWebhook(w.ctx, &c, &corewebhook.Attempt{DeliveryID: c.DeliveryID, Number: 1, At: now, Status: 500}, now)
		if err != nil || !late.Lost {
			t.Errorf("%+v, %v", late, err)
		}
		if x := w.deliveries(provision.DeliveryFilter{})[0]; x.State != corewebhook.Delivered || x.LastStatus != 200 || x.EventID != q.ID {
			t.Errorf("%+v", x)
		}
	})
}

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
				w.settles(d, fmt.Sprint("attempt ", n), func() bool { return w.deliveries(provision.DeliveryFilter{})[0].Attempts == n })
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
		x := w.deliveries(provision.DeliveryFilter{})[0]
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
			if _, err := w.core.ModifyWebhook(w.ctx, who, provision.ModifyWebhook{ID: e.ID, Paused: &paused}); err != nil {
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
		w.settles(d, "delivered", func() bool { return len(w.deliveries(provision.DeliveryFilter{State: corewebhook.Delivered})) == 2 })
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
		if l := w.deliveries(provision.DeliveryFilter{}); len(l) != 2 {
			t.Errorf("%d deliveries left, want the two that were made", len(l))
		}
		if _, err := w.store.ForgetWebhooks(w.ctx, w.clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if l := w.deliveries(provision.DeliveryFilter{}); len(l) != 0 {
			t.Errorf("%d deliveries are kept too long", len(l))
		}
		r.none("sent to a deleted endpoint")
	})
}

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
		if n, err := w.core.ReplayEvents(w.ctx, who, provision.ReplayEvents{EventID: ids[2], EndpointID: e.ID}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if q := r.next("one again"); q.ID != ids[2] {
			t.Fatalf("%s, want %s", q.ID, ids[2])
		}
		w.settles(d, "settled", settled)
		for range 2 { // the second is the same replay
			if n, err := w.core.ReplayEvents(w.ctx, who, provision.ReplayEvents{From: from}); err != nil || n != 5 {
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
		if n, err := w.core.ReplayEvents(w.ctx, w.op, provision.ReplayEvents{PartnerID: who.PartnerID, From: from.Add(-2 * time.Hour), To: from}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		w.clock.Advance(time.Second)
		if q := r.next("what was before the endpoint"); q.Order != before {
			t.Errorf("order %d, want %d", q.Order, before)
		}
		w.settles(d, "settled", settled)
		if l := w.deliveries(provision.DeliveryFilter{EventID: ids[2]}); len(l) != 3 || !l[0].Replay || l[2].Replay {
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
			return func() bool { return w.deliveries(provision.DeliveryFilter{})[0].Attempts == n }
		}
		w.settles(d, "a failure", tried(1))
		if settled, err := w.core.WebhooksSettled(w.ctx, who.PartnerID); err != nil || !settled {
			t.Error("what waits for a later attempt counts as unsettled", err)
		}
		shift := func(by time.Duration) {
			t.Helper()
			if err := w.store.Write(w.ctx, func(tx provision.Tx) error { return tx.ShiftWebhookLanes(w.ctx, who.PartnerID, by) }); err != nil {
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
		if a := w.attempts(w.deliveries(provision.DeliveryFilter{})[0].ID); a[1].Status != 503 || a[2].Status != 503 || a[0].Status != 200 {
			t.Errorf("%+v", a)
		}
	})
}
