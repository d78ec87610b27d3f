package lifecycle_test

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/schedule"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/lifecycle"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqltest"
)

const day = 24 * time.Hour

var op = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

type noHasher struct{}

func (noHasher) Hash(context.Context, string) (string, error) { return "", nil }

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
	first  sync.Map // by object of due.Order: the number of its first step
}

func onBoth(t *testing.T, test func(*bench)) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			b := &bench{t: t, ctx: ctx, store: sqltest.Store(t, engine), purges: map[int64]int{}, done: make(chan struct{}, 1)}
			var err error
			b.core, err = provision.New(work.Config{Store: b.store, Hasher: noHasher{}, SealingKey: make([]byte, 32)})
			if err != nil {
				t.Fatal(err)
			}
			test(b)
		})
	}
}

// Purge implements schedule.Purger.
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

func (w watched) RunDue(ctx context.Context, actor audit.Actor, item due.Item, mail schedule.Purger) error {
	err := w.Service.RunDue(ctx, actor, item, mail)
	n := w.b.steps.Add(1)
	if item.Kind == due.Order {
		w.b.first.LoadOrStore(item.ObjectID, n)
	}
	w.b.step()
	return err
}

// step tells that one was done.
func (b *bench) step() {
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
	p, _, err := b.core.CreatePartner(b.ctx, op, tenancy.CreatePartner{Name: "P", Sandbox: sandbox, Settings: partner.Settings{BillingOwner: partner.BilledByPlatform}})
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
	o, err := b.core.CreateMailOrder(b.ctx, p, ordering.CreateMailOrder{Domain: domain, Customer: work.CustomerProfile{CustomerID: "c"},
		Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &charged}})
	if err != nil {
		b.t.Fatal(err)
	}
	return o.OrderID
}

func (b *bench) account(p audit.Actor, orderID int64, email string) int64 {
	b.t.Helper()
	a, err := b.core.CreateEmailAccount(b.ctx, p, mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: orderID}, Email: email})
	if err != nil {
		b.t.Fatal(err)
	}
	return a.AccountID
}

func (b *bench) status(orderID int64) order.Status {
	b.t.Helper()
	d, err := b.core.FetchOrder(b.ctx, op, work.OrderRef{ID: orderID})
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
	list, err := b.core.Events(b.ctx, p, work.EventFilter{Oldest: true}, 1000)
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
	if err := b.store.Read(b.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Due(b.ctx, k, id)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return out
}
