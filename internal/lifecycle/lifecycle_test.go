package lifecycle_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/lifecycle"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqltest"
)

const day = 24 * time.Hour

var op = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

type noHasher struct{}

func (noHasher) Hash(context.Context, string) (string, error)         { return "", nil }
func (noHasher) Verify(context.Context, string, string) (bool, error) { return false, nil }

// bench is a core with what runners need. Its mail store counts purges.
type bench struct {
	t     *testing.T
	ctx   context.Context
	store *store.Store
	core  *provision.Service

	mu     sync.Mutex
	purges map[int64]int
	fail   error
	done   chan struct{} // a step was done, or failed
	steps  atomic.Int64
}

func onBoth(t *testing.T, test func(*bench)) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			b := &bench{t: t, ctx: ctx, store: sqltest.Store(t, engine), purges: map[int64]int{}, done: make(chan struct{}, 1)}
			var err error
			b.core, err = provision.New(provision.Config{Store: b.store, Hasher: noHasher{}, SealingKey: make([]byte, 32)})
			if err != nil {
				t.Fatal(err)
			}
			test(b)
		})
	}
}

// Purge implements provision.Purger.
func (b *bench) Purge(_ context.Context, accountID int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.purges[accountID]++
	return nil
}

// watched tells of each step.
type watched struct {
	*provision.Service
	b *bench
}

func (w watched) RunDue(ctx context.Context, actor audit.Actor, item due.Item, mail provision.Purger) error {
	err := w.Service.RunDue(ctx, actor, item, mail)
	w.b.step()
	return err
}

func (b *bench) step() {
	b.steps.Add(1)
	select {
	case b.done <- struct{}{}:
	default:
	}
}

// run starts a runner, which ends with the test or by stop.
func (b *bench) run(change func(*lifecycle.Config)) (stop func()) {
	b.t.Helper()
	cfg := lifecycle.Config{Core: watched{b.core, b}, Calendar: b.store, Mail: b, Random: rand.Reader, Poll: 20 * time.Millisecond,
		Handlers: map[due.Kind]func(context.Context, due.Item) error{due.DNS: func(context.Context, due.Item) error { return nil }}}
	if change != nil {
		change(&cfg)
	}
	r, err := lifecycle.New(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				b.t.Error(err)
			}
		})
	}
	b.t.Cleanup(stop)
	return stop
}

// until waits for a condition, looked at after each step.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond) // what no step tells of, such as a sweep
	defer tick.Stop()
	for !ok() {
		select {
		case <-b.done:
		case <-tick.C:
		case <-b.ctx.Done():
			b.t.Fatalf("%s: not in time", what)
		}
	}
}

func (b *bench) partner(sandbox bool) audit.Actor {
	b.t.Helper()
	p, _, err := b.core.CreatePartner(b.ctx, op, provision.CreatePartner{Name: "P", Sandbox: sandbox, Settings: partner.Settings{BillingOwner: partner.BilledByPlatform}})
	if err != nil {
		b.t.Fatal(err)
	}
	return audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "test"}
}

// order makes an order that expired, or will, in so many days from the given time.
func (b *bench) order(p audit.Actor, domain string, expiry time.Time) int64 {
	b.t.Helper()
	seats := 5
	var charged money.Amount
	expiry = expiry.UTC().Truncate(day)
	o, err := b.core.CreateMailOrder(b.ctx, p, provision.CreateMailOrder{Domain: domain, Customer: provision.CustomerProfile{CustomerID: "c"},
		Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: provision.PaymentDetails{Charged: &charged}})
	if err != nil {
		b.t.Fatal(err)
	}
	return o.OrderID
}

func (b *bench) account(p audit.Actor, orderID int64, email string) int64 {
	b.t.Helper()
	a, err := b.core.CreateEmailAccount(b.ctx, p, provision.CreateEmailAccount{Order: provision.OrderRef{ID: orderID}, Email: email})
	if err != nil {
		b.t.Fatal(err)
	}
	return a.AccountID
}

func (b *bench) status(orderID int64) order.Status {
	b.t.Helper()
	d, err := b.core.FetchOrder(b.ctx, op, provision.OrderRef{ID: orderID})
	if fault.Is(err, fault.OrderNotFound) {
		return order.Purged
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return d.Status
}

// events counts a partner's events by type.
func (b *bench) events(p audit.Actor) map[event.Type]int {
	b.t.Helper()
	list, err := b.core.Events(b.ctx, p, provision.EventFilter{Oldest: true}, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	n := map[event.Type]int{}
	for _, e := range list {
		n[e.Type]++
	}
	return n
}

func (b *bench) item(k due.Kind, id int64) (out *due.Item) {
	b.t.Helper()
	if err := b.store.Read(b.ctx, func(tx provision.Tx) (err error) {
		out, err = tx.Due(b.ctx, k, id)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return out
}

// TestSeveralRunners: each step of each order is done once, whoever takes it.
func TestSeveralRunners(t *testing.T) {
	onBoth(t, func(b *bench) {
		var partners []audit.Actor
		var orders []int64
		const each = 12
		for i := range 3 {
			p := b.partner(false)
			partners = append(partners, p)
			for n := range each {
				orders = append(orders, b.order(p, fmt.Sprintf("d%d-%d.example", i, n), time.Now().Add(-60*day)))
			}
		}
		for range 3 {
			b.run(nil)
		}
		b.until("all deleted", func() bool {
			for _, o := range orders {
				if b.status(o) != order.Deleted {
					return false
				}
			}
			return true
		})
		for _, p := range partners {
			if n := b.events(p)[event.MailOrderStatusUpdated]; n != 2*each {
				b.t.Errorf("%d status events, want %d", n, 2*each)
			}
		}
	})
}

// TestFair: a partner with much to do does not keep another's one step waiting.
func TestFair(t *testing.T) {
	onBoth(t, func(b *bench) {
		many, one := b.partner(false), b.partner(false)
		for n := range 300 {
			b.order(many, fmt.Sprintf("d%d.example", n), time.Now().Add(-3*day))
		}
		id := b.order(one, "one.example", time.Now().Add(-2*day))
		b.run(func(c *lifecycle.Config) { c.Workers, c.PerPartner = 2, 4 })
		b.until("the one step", func() bool { return b.status(id) == order.Suspended })
		if n := b.steps.Load(); n > 100 {
			b.t.Errorf("it came after %d steps", n)
		}
	})
}

// TestFailure: what fails is kept with its error, tried again later and, by the
// operator's word, at once.
func TestFailure(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(true)
		id := b.order(p, "d.example", time.Now().Add(3*day))
		x := b.account(p, id, "x@d.example")
		if _, err := b.core.DeleteEmailAccount(b.ctx, p, provision.DeleteEmailAccount{Account: provision.AccountRef{Order: provision.OrderRef{ID: id}, AccountID: x}}); err != nil {
			b.t.Fatal(err)
		}
		b.fail = &fault.Error{Code: fault.Unavailable, Text: "The disk is away", Cause: errors.New("ENXIO\x00")}
		// The clock is put beyond the purge date without a mover.
		if err := b.store.Write(b.ctx, func(tx provision.Tx) error {
			return tx.PutPartnerClock(b.ctx, &partner.Clock{PartnerID: p.PartnerID, Offset: 31 * day, UpdatedAt: time.Now()})
		}); err != nil {
			b.t.Fatal(err)
		}
		b.run(nil)
		b.until("the failure is kept", func() bool { i := b.item(due.Account, x); return i != nil && i.Attempts > 0 })
		if i := b.item(due.Account, x); !strings.Contains(i.LastError, "The disk is away: ENXIO") {
			b.t.Errorf("%+v", i)
		}
		list, err := b.core.DueItems(b.ctx, op, provision.DueFilter{Failed: true, Kind: due.Account}, 10)
		if err != nil || len(list) != 1 {
			b.t.Fatalf("%v, %v", list, err)
		}
		b.mu.Lock()
		b.fail = nil
		b.mu.Unlock()
		if err := b.core.RetryDue(b.ctx, op, due.Account, x); err != nil {
			b.t.Fatal(err)
		}
		b.until("purged", func() bool { return b.events(p)[event.EmailAccountPurged] == 1 })
		if b.item(due.Account, x) != nil {
			b.t.Error("the item is left")
		}
	})
}

// settled is a core that takes what is due of the ledger and keeps no item itself.
type settled struct {
	watched
	ran chan due.Kind
}

func (s settled) RunDue(_ context.Context, _ audit.Actor, i due.Item, _ provision.Purger) error {
	s.ran <- i.Kind
	s.b.step()
	return nil
}

// TestLedgerKinds: what the core does of the ledger needs no handler, and what it
// has done and not moved is taken out.
func TestLedgerKinds(t *testing.T) {
	onBoth(t, func(b *bench) {
		kinds := []due.Kind{due.Renewal, due.CustomerFunds, due.ResellerFunds}
		p := b.partner(false)
		if err := b.store.Write(b.ctx, func(tx provision.Tx) error {
			for n, k := range kinds {
				if err := tx.SetDue(b.ctx, due.Item{Kind: k, ObjectID: int64(n + 1), PartnerID: p.PartnerID, At: time.Now().Add(-time.Hour)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.t.Fatal(err)
		}
		core := settled{watched{b.core, b}, make(chan due.Kind, 100)}
		stop := b.run(func(c *lifecycle.Config) { c.Core, c.Handlers = core, nil })
		b.until("all done", func() bool {
			for n, k := range kinds {
				if b.item(k, int64(n+1)) != nil {
					return false
				}
			}
			return true
		})
		stop()
		if n := len(core.ran); n != len(kinds) {
			b.t.Errorf("%d were done, want each once", n)
		}
	})
}

// TestHandlers: other kinds are done by who registered for them; a success takes
// the item out unless it was moved, a failure or a panic keeps it.
func TestHandlers(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(false)
		set := func(i due.Item) {
			i.PartnerID = p.PartnerID
			if err := b.store.Write(b.ctx, func(tx provision.Tx) error { return tx.SetDue(b.ctx, i) }); err != nil {
				b.t.Error(err)
			}
		}
		later := time.Now().Add(day)
		for id := range int64(3) {
			set(due.Item{Kind: due.DNS, ObjectID: id + 1, At: time.Now().Add(-time.Hour)})
		}
		set(due.Item{Kind: due.Export, ObjectID: 9, At: time.Now().Add(-time.Hour)})
		b.run(func(c *lifecycle.Config) {
			c.Handlers = map[due.Kind]func(context.Context, due.Item) error{due.DNS: func(_ context.Context, i due.Item) error {
				defer b.step()
				switch i.ObjectID {
				case 2:
					set(due.Item{Kind: due.DNS, ObjectID: 2, At: later})
				case 3:
					panic("no answer")
				}
				return nil
			}}
		})
		b.until("done", func() bool { return b.item(due.DNS, 1) == nil })
		b.until("moved", func() bool { return b.item(due.DNS, 2).At.After(time.Now()) })
		b.until("kept", func() bool { return b.item(due.DNS, 3).Attempts == 1 })
		b.until("nobody's", func() bool { return b.item(due.Export, 9).Attempts == 1 })
	})
}

// TestClockMovesThroughWhatFallsDue: in order, by the partner's time, also when
// one runner is stopped on the way.
func TestClockMovesThroughWhatFallsDue(t *testing.T) {
	onBoth(t, func(b *bench) {
		p, other := b.partner(true), b.partner(true)
		expiry := time.Now().UTC().Truncate(day).Add(2 * day)
		id, still := b.order(p, "d.example", expiry), b.order(other, "e.example", expiry)
		x := b.account(p, id, "x@d.example")
		if _, err := b.core.AdvanceClock(b.ctx, p, provision.AdvanceClock{PartnerID: p.PartnerID, By: 20 * day}); err != nil {
			b.t.Fatal(err)
		}
		state, err := b.core.AdvanceClock(b.ctx, p, provision.AdvanceClock{PartnerID: p.PartnerID, By: 20 * day}) // counts from there
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
		list, err := b.core.Events(b.ctx, p, provision.EventFilter{OrderID: id, Oldest: true}, 10)
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
		if _, err := b.core.AdvanceClock(b.ctx, p, provision.AdvanceClock{PartnerID: p.PartnerID, By: 80 * day}); err != nil {
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

// TestReactivateRacesPurge: exactly one of the two wins, and what loses changes nothing.
func TestReactivateRacesPurge(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(true)
		for n := range 12 {
			id := b.order(p, fmt.Sprintf("d%d.example", n), time.Now().Add(400*day))
			x := b.account(p, id, fmt.Sprintf("x@d%d.example", n))
			acc := provision.AccountRef{Order: provision.OrderRef{ID: id}, AccountID: x}
			if _, err := b.core.DeleteEmailAccount(b.ctx, p, provision.DeleteEmailAccount{Account: acc}); err != nil {
				b.t.Fatal(err)
			}
			// The moment of the purge comes while both are at it.
			at := b.item(due.Account, x).At
			if err := b.store.Write(b.ctx, func(tx provision.Tx) error {
				return tx.PutPartnerClock(b.ctx, &partner.Clock{PartnerID: p.PartnerID, Offset: time.Until(at) - time.Duration(n)*time.Millisecond/2 + 3*time.Millisecond, UpdatedAt: time.Now()})
			}); err != nil {
				b.t.Fatal(err)
			}
			var wg sync.WaitGroup
			var back error
			wg.Go(func() {
				_, back = b.core.ReactivateEmailAccount(b.ctx, p, provision.ReactivateEmailAccount{Account: acc})
			})
			wg.Go(func() {
				for b.ctx.Err() == nil {
					err := b.core.RunDue(b.ctx, op, due.Item{Kind: due.Account, ObjectID: x}, b)
					if err != nil {
						b.t.Error(err)
						return
					}
					if i := b.item(due.Account, x); i == nil {
						return // purged, or reactivated
					}
				}
			})
			wg.Wait()
			a, err := b.core.FetchEmailAccount(b.ctx, p, acc)
			b.mu.Lock()
			purged := b.purges[x] > 0
			b.mu.Unlock()
			switch {
			case back == nil && (err != nil || a.Status != "active" || purged):
				b.t.Fatalf("reactivated, yet %+v, %v, purged %v", a, err, purged)
			case back != nil && (fault.Of(back).Reason != "ACCOUNT_ALREADY_PURGED" || !fault.Is(err, fault.AccountNotFound) || !purged):
				b.t.Fatalf("refused (%v), yet %+v, %v, purged %v", back, a, err, purged)
			}
		}
	})
}

// TestSweepAtStart: what was made before there was a calendar gets into it.
func TestSweepAtStart(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(false)
		id := b.order(p, "d.example", time.Now().Add(-3*day))
		if err := b.store.Write(b.ctx, func(tx provision.Tx) error { return tx.ClearDue(b.ctx, due.Order, id) }); err != nil {
			b.t.Fatal(err)
		}
		b.run(func(c *lifecycle.Config) { c.SweepStep = 1 })
		b.until("found and suspended", func() bool { return b.status(id) == order.Suspended })
	})
}

// meddler is a mail store in whose purge somebody does something else.
type meddler func() error

func (m meddler) Purge(context.Context, int64) error { return m() }

// TestReactivateInTheMiddle: a reactivation that was asked for in time but comes
// to its turn after the purge has begun is refused.
func TestReactivateInTheMiddle(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(true)
		id := b.order(p, "d.example", time.Now().Add(400*day))
		x := b.account(p, id, "x@d.example")
		acc := provision.AccountRef{Order: provision.OrderRef{ID: id}, AccountID: x}
		if _, err := b.core.DeleteEmailAccount(b.ctx, p, provision.DeleteEmailAccount{Account: acc}); err != nil {
			b.t.Fatal(err)
		}
		late, err := provision.New(provision.Config{Store: b.store, Hasher: noHasher{}, SealingKey: make([]byte, 32), Clock: clock.NewManual(time.Now().Add(30*day + time.Hour))})
		if err != nil {
			b.t.Fatal(err)
		}
		tries := 0
		err = late.RunDue(b.ctx, op, due.Item{Kind: due.Account, ObjectID: x}, meddler(func() error {
			tries++
			_, err := b.core.ReactivateEmailAccount(b.ctx, p, provision.ReactivateEmailAccount{Account: acc}) // whose clock says that there is time
			if err == nil || fault.Of(err).Reason != "ACCOUNT_ALREADY_PURGED" {
				b.t.Errorf("reactivated in the middle of a purge: %v", err)
			}
			return nil
		}))
		if err != nil || tries != 1 || b.events(p)[event.EmailAccountPurged] != 1 {
			b.t.Errorf("%v, %d tries, %v", err, tries, b.events(p))
		}
	})
}
