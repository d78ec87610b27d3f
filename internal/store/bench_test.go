package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/provision"
	"posthouse/internal/store/sqldb"
)

// BenchmarkCreateAccount is the storage side of createEmailAccount: read the
// order and its counters, check the address, write account, address, mailbox,
// event and audit record, all in one durable transaction.
func BenchmarkCreateAccount(b *testing.B) {
	for _, engine := range []string{sqldb.SQLite, sqldb.Postgres} {
		b.Run(engine, func(b *testing.B) {
			s := open(b, engine)
			fill(b, s, 2000, 100)
			ctx := b.Context()
			var next atomic.Int64
			b.ResetTimer()
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						err := s.Write(ctx, func(tx provision.Tx) error {
							o, err := tx.Order(ctx, 1+n*7919%2000)
							if err != nil {
								return err
							}
							if _, err := tx.Counters(ctx, o.ID); err != nil {
								return err
							}
							local := fmt.Sprint("user", n)
							if _, err := tx.Address(ctx, o.ID, local); err != nil {
								return err
							}
							a := &account.Account{OrderID: o.ID, PartnerID: o.PartnerID, Local: local, Domain: o.Domain, CreatedAt: epoch, UpdatedAt: epoch}
							if err := tx.InsertAccount(ctx, a); err != nil {
								return err
							}
							if err := tx.TakeAddress(ctx, account.Address{OrderID: o.ID, Local: local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
								return err
							}
							if err := tx.CreateMailbox(ctx, a.ID, 1<<30); err != nil {
								return err
							}
							if err := tx.AppendEvent(ctx, &event.Event{PublicID: local, PartnerID: o.PartnerID, OrderID: o.ID, Type: event.EmailAccountCreated, Data: []byte(`{"a":1}`), At: epoch}); err != nil {
								return err
							}
							return tx.AppendAudit(ctx, &audit.Record{PartnerID: o.PartnerID, Action: "account.create", Object: "account", ObjectID: a.ID, At: epoch})
						})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accounts/s")
			b.ReportMetric(float64(s.DB().Stats().Retries)/float64(b.N), "retries/op")
		})
	}
}

// BenchmarkLookups are the reads that the doors do for each recipient and request.
func BenchmarkLookups(b *testing.B) {
	s := open(b, sqldb.SQLite)
	fill(b, s, 20_000, 1000)
	ctx := b.Context()
	for name, look := range map[string]func(tx provision.Tx, i int) error{
		"ServiceableOrder": func(tx provision.Tx, i int) error {
			o, err := tx.ServiceableOrder(ctx, fmt.Sprintf("d%d.example", i%20_000))
			if o == nil && err == nil {
				b.Fatal("not found")
			}
			return err
		},
		"AccountsByEmail": func(tx provision.Tx, i int) error {
			_, err := tx.AccountsByEmail(ctx, "a", fmt.Sprintf("d%d.example", i%20_000))
			return err
		},
		"Address": func(tx provision.Tx, i int) error {
			_, err := tx.Address(ctx, int64(i%20_000), "a")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := s.Read(ctx, func(tx provision.Tx) error { return look(tx, i) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
