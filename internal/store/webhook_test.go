package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqltest"
)

// TestNoWakeUpIsLost: one lane, writers that append to it all the time, and
// dispatchers that settle its last delivery at the same moment. Whatever is
// pending in the end has a lane, and each delivery was at its head once.
func TestNoWakeUpIsLost(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := sqltest.Store(t, engine)
			ctx := t.Context()
			now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
			p := &partner.Partner{Name: "P", Status: partner.Active, CreatedAt: now, UpdatedAt: now}
			o := &order.Order{Domain: "a.example", Plan: plan.Pro, Seats: 1, BillingOwner: partner.BilledByPartner, MailService: order.ServiceTitan, CreatedAt: now, UpdatedAt: now}
			e := &webhook.Endpoint{URL: "https://a.example/", SealedSecret: []byte{1}, CreatedAt: now, UpdatedAt: now}
			if err := s.Write(ctx, func(tx work.Tx) error {
				if err := tx.InsertPartner(ctx, p); err != nil {
					return err
				}
				c := &customer.Customer{PartnerID: p.ID, CustomerID: "c", Status: customer.Active, CreatedAt: now, UpdatedAt: now}
				if err := tx.InsertCustomer(ctx, c); err != nil {
					return err
				}
				o.PartnerID, o.CustomerID, e.PartnerID = p.ID, c.ID, p.ID
				if err := tx.InsertOrder(ctx, o); err != nil {
					return err
				}
				return tx.InsertWebhook(ctx, e)
			}); err != nil {
				t.Fatal(err)
			}
			const writers, each = 3, 40
			var writing, dispatching sync.WaitGroup
			for n := range writers {
				writing.Go(func() {
					for i := range each {
						if err := s.Write(ctx, func(tx work.Tx) error {
							ev := &event.Event{PublicID: fmt.Sprintf("%d-%d", n, i), PartnerID: p.ID, OrderID: o.ID, Type: event.MailOrderCreated, At: now}
							if err := tx.AppendEvent(ctx, ev); err != nil {
								return err
							}
							return tx.EnqueueWebhook(ctx, &webhook.Delivery{PartnerID: p.ID, EndpointID: e.ID, OrderID: o.ID, EventRow: ev.ID, CreatedAt: now})
						}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			var mu sync.Mutex
			var sent []int64
			written := make(chan struct{})
			step := func(owner string) (found bool, err error) {
				got, err := s.ClaimWebhooks(ctx, owner, now, now.Add(time.Hour), []webhook.ClaimRequest{{EndpointID: e.ID, Limit: 3}})
				if err != nil || len(got[0].Claims) == 0 {
					return false, err
				}
				if len(got[0].Claims) != 1 {
					return false, fmt.Errorf("%d lanes of one order", len(got[0].Claims))
				}
				c := &got[0].Claims[0]
				mu.Lock()
				sent = append(sent, c.DeliveryID)
				mu.Unlock()
				done, err := s.SettleWebhook(ctx, c, &webhook.Attempt{DeliveryID: c.DeliveryID, Number: 1, At: now, Status: 200}, now)
				if err == nil && done.Lost {
					err = fmt.Errorf("a lease was lost")
				}
				return true, err
			}
			for n := range 2 {
				dispatching.Go(func() {
					for i := 0; ; i++ {
						if _, err := step(fmt.Sprintf("d%d-%d", n, i)); err != nil {
							t.Error(err)
							return
						}
						select {
						case <-written:
							return
						default:
						}
					}
				})
			}
			writing.Wait()
			close(written)
			dispatching.Wait()
			for i := 0; ; i++ {
				found, err := step(fmt.Sprint("last-", i))
				if err != nil {
					t.Fatal(err)
				}
				if !found {
					break
				}
			}
			var left []*webhook.Delivery
			if err := s.Read(ctx, func(tx work.Tx) (err error) {
				left, err = tx.WebhookDeliveries(ctx, work.DeliveryFilter{State: webhook.Pending, Limit: 10})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			lanes, _, err := s.CountWebhookLanes(context.WithoutCancel(ctx))
			if err != nil || lanes != 0 || len(left) != 0 || len(sent) != writers*each {
				t.Errorf("%d sent, %d pending without a lane, %d lanes, %v", len(sent), len(left), lanes, err)
			}
			for i := 1; i < len(sent); i++ {
				if sent[i] <= sent[i-1] {
					t.Fatalf("delivery %d after %d", sent[i], sent[i-1])
				}
			}
		})
	}
}
