package lifecycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/lifecycle"
)

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
		b.until("the one step", func() bool {
			n, done := b.first.Load(id)
			if done && n.(int64) > 100 {
				b.t.Errorf("it came as step %d", n)
			}
			return done
		})
		if s := b.status(id); s != order.Suspended {
			b.t.Errorf("and left the order %s", s)
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
		if _, err := b.core.DeleteEmailAccount(b.ctx, p, mailboxes.DeleteEmailAccount{Account: work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}}); err != nil {
			b.t.Fatal(err)
		}
		b.fail = &fault.Error{Code: fault.Unavailable, Text: "The disk is away", Cause: errors.New("ENXIO\x00")}
		// The clock is put beyond the purge date without a mover.
		if err := b.store.Write(b.ctx, func(tx work.Tx) error {
			return tx.PutPartnerClock(b.ctx, &partner.Clock{PartnerID: p.PartnerID, Offset: 31 * day, UpdatedAt: time.Now()})
		}); err != nil {
			b.t.Fatal(err)
		}
		b.run(nil)
		b.until("the failure is kept", func() bool { i := b.item(due.Account, x); return i != nil && i.Attempts > 0 })
		if i := b.item(due.Account, x); !strings.Contains(i.LastError, "The disk is away: ENXIO") {
			b.t.Errorf("%+v", i)
		}
		list, err := b.core.DueItems(b.ctx, op, work.DueFilter{Failed: true, Kind: due.Account}, 10)
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
