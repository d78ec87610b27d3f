package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	corewebhook "posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/webhook"
)

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
		for _, x := range w.deliveries(work.DeliveryFilter{State: corewebhook.Pending}) {
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
	w.settles(d, "the slow ones are served too", func() bool { return len(w.deliveries(work.DeliveryFilter{State: corewebhook.Pending})) == 0 })
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
			for _, x := range w.deliveries(work.DeliveryFilter{}) {
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
			return len(w.deliveries(work.DeliveryFilter{State: corewebhook.Delivered})) == orders
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
		l := w.deliveries(work.DeliveryFilter{})
		if len(l) != 1 || l[0].State != corewebhook.Pending || l[0].Attempts != 0 {
			t.Fatalf("%+v", l[0])
		}
		d, _ := w.dispatcher(nil)
		w.settles(d, "another dispatcher sends it", func() bool { return w.deliveries(work.DeliveryFilter{})[0].State == corewebhook.Delivered })
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
		w.settles(d, "delivered", func() bool { return w.deliveries(work.DeliveryFilter{})[0].State == corewebhook.Delivered })
		c := got[0].Claims[0]
		late, err := w.store.SettleWebhook(w.ctx, &c, &corewebhook.Attempt{DeliveryID: c.DeliveryID, Number: 1, At: now, Status: 500}, now)
		if err != nil || !late.Lost {
			t.Errorf("%+v, %v", late, err)
		}
		if x := w.deliveries(work.DeliveryFilter{})[0]; x.State != corewebhook.Delivered || x.LastStatus != 200 || x.EventID != q.ID {
			t.Errorf("%+v", x)
		}
	})
}
