package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// TestReactivateRacesPurge: exactly one of the two wins, and what loses changes nothing.
func TestReactivateRacesPurge(t *testing.T) {
	onBoth(t, func(b *bench) {
		p := b.partner(true)
		for n := range 12 {
			id := b.order(p, fmt.Sprintf("d%d.example", n), time.Now().Add(400*day))
			x := b.account(p, id, fmt.Sprintf("x@d%d.example", n))
			acc := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}
			if _, err := b.core.DeleteEmailAccount(b.ctx, p, mailboxes.DeleteEmailAccount{Account: acc}); err != nil {
				b.t.Fatal(err)
			}
			// The moment of the purge comes while both are at it.
			at := b.item(due.Account, x).At
			if err := b.store.Write(b.ctx, func(tx work.Tx) error {
				return tx.PutPartnerClock(b.ctx, &partner.Clock{PartnerID: p.PartnerID, Offset: time.Until(at) - time.Duration(n)*time.Millisecond/2 + 3*time.Millisecond, UpdatedAt: time.Now()})
			}); err != nil {
				b.t.Fatal(err)
			}
			var wg sync.WaitGroup
			var back error
			wg.Go(func() {
				_, back = b.core.ReactivateEmailAccount(b.ctx, p, mailboxes.ReactivateEmailAccount{Account: acc})
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
		acc := work.AccountRef{Order: work.OrderRef{ID: id}, AccountID: x}
		if _, err := b.core.DeleteEmailAccount(b.ctx, p, mailboxes.DeleteEmailAccount{Account: acc}); err != nil {
			b.t.Fatal(err)
		}
		late, err := provision.New(work.Config{Store: b.store, Hasher: noHasher{}, SealingKey: make([]byte, 32), Clock: clock.NewManual(time.Now().Add(30*day + time.Hour))})
		if err != nil {
			b.t.Fatal(err)
		}
		tries := 0
		err = late.RunDue(b.ctx, op, due.Item{Kind: due.Account, ObjectID: x}, meddler(func() error {
			tries++
			_, err := b.core.ReactivateEmailAccount(b.ctx, p, mailboxes.ReactivateEmailAccount{Account: acc}) // whose clock says that there is time
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
