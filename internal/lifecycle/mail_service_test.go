package lifecycle_test

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/work"
	"posthouse/internal/lifecycle"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqltest"
)

// TestMailServiceAtOnce: from the commit that brings an order into service on, its
// mailboxes become active by themselves. The clock stands still, so that nothing
// but the commit can wake the runner; a sandbox's clock is elsewhere.
func TestMailServiceAtOnce(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := clock.NewManual(time.Now().UTC().Truncate(time.Second))
			var runner atomic.Pointer[lifecycle.Runner]
			rows := sqltest.Store(t, engine, store.WithDueHook(func(clockID int64, at time.Time) {
				if r := runner.Load(); r != nil {
					r.Notify(clockID, at)
				}
			}))
			core, err := provision.New(work.Config{Store: rows, Hasher: sameHasher{}, SealingKey: make([]byte, 32), Clock: c})
			if err != nil {
				t.Fatal(err)
			}
			b := &bench{t: t, ctx: ctx, store: rows, core: core, purges: map[int64]int{}, done: make(chan struct{}, 1)}
			made, err := lifecycle.New(lifecycle.Config{Core: watched{core, b}, Calendar: rows, Mail: b, Random: rand.Reader, Clock: c, Poll: time.Hour, SweepEvery: -1})
			if err != nil {
				t.Fatal(err)
			}
			runner.Store(made)
			ended := make(chan error, 1)
			running, stop := context.WithCancel(ctx)
			go func() { ended <- made.Run(running) }()
			defer func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			for _, sandbox := range []bool{false, true} {
				b.bringsUp(sandbox, map[bool]string{false: "live.example", true: "sandbox.example"}[sandbox])
			}
		})
	}
}

func (b *bench) bringsUp(sandbox bool, domain string) {
	b.t.Helper()
	p := b.partner(sandbox)
	if sandbox {
		if err := b.store.Write(b.ctx, func(tx work.Tx) error {
			return tx.PutPartnerClock(b.ctx, &partner.Clock{PartnerID: p.PartnerID, Offset: 31 * day, UpdatedAt: time.Now()})
		}); err != nil {
			b.t.Fatal(err)
		}
	}
	expiry, seats := time.Now().AddDate(1, 0, 0).UTC().Truncate(day), 5
	var charged money.Amount
	o, err := b.core.CreateMailOrder(b.ctx, p, ordering.CreateMailOrder{Domain: domain, Customer: work.CustomerProfile{CustomerID: "c"},
		Plan: plan.Pro, Seats: &seats, Expiry: &expiry, Payment: billing.PaymentDetails{Charged: &charged}, AwaitingPayment: true})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.store.Write(b.ctx, func(tx work.Tx) error {
		return tx.PutMailService(b.ctx, mailservice.Started(o.OrderID, p.PartnerID, expiry))
	}); err != nil {
		b.t.Fatal(err)
	}
	of := mailboxes.OfDomain{CustomerID: o.CustomerID, OrderID: o.OrderID}
	status := func() mailboxes.MailboxStatus {
		b.t.Helper()
		list, err := b.core.DomainMailboxes(b.ctx, p, of)
		if err != nil || len(list) != 1 {
			b.t.Fatalf("%v, %v", list, err)
		}
		return list[0].Status
	}
	if _, err := b.core.PutMailbox(b.ctx, p, mailboxes.PutMailbox{Mailbox: mailboxes.MailboxRef{OfDomain: of, User: "x"}, Password: "password"}); err != nil {
		b.t.Fatal(err)
	}
	if got := status(); got != mailboxes.MailboxPending {
		b.t.Fatalf("%s before it is paid", got)
	}
	if _, err := b.core.ReactivateMailOrder(b.ctx, p, work.OrderRef{ID: o.OrderID}); err != nil {
		b.t.Fatal(err)
	}
	b.until(domain, func() bool { return status() == mailboxes.MailboxActive })
	m, err := b.core.MailServiceOf(b.ctx, p, o.OrderID)
	if err != nil || !m.Ready() || m.FailureMessage != "" {
		b.t.Errorf("%+v, %v", m, err)
	}
}

type sameHasher struct{ noHasher }

func (sameHasher) Hash(_ context.Context, password string) (string, error) { return password, nil }
