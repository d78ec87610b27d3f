package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
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
						err := s.Write(ctx, func(tx work.Tx) error {
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
	for name, look := range map[string]func(tx work.Tx, i int) error{
		"ServiceableOrder": func(tx work.Tx, i int) error {
			o, err := tx.ServiceableOrder(ctx, fmt.Sprintf("d%d.example", i%20_000))
			if o == nil && err == nil {
				b.Fatal("not found")
			}
			return err
		},
		"AccountsByEmail": func(tx work.Tx, i int) error {
			_, err := tx.AccountsByEmail(ctx, "a", fmt.Sprintf("d%d.example", i%20_000))
			return err
		},
		"Address": func(tx work.Tx, i int) error {
			_, err := tx.Address(ctx, int64(i%20_000), "a")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := s.Read(ctx, func(tx work.Tx) error { return look(tx, i) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSearchCustomers is a page and the total among 100,000 customers of
// one reseller, by every filter.
func BenchmarkSearchCustomers(b *testing.B) {
	const customers = 100_000
	after, half := epoch.Add(99_000*time.Second), epoch.Add(50_000*time.Second)
	receipts := money.Value(99_900_000)
	filters := map[string]work.CustomerFilter{
		"all": {}, "username": {Username: "c77777@example.org"}, "username%": {Username: "c7777%"}, "%username": {Username: "%7777@example.org"},
		"name": {Name: "NAME 77777"}, "%name%": {Name: "%7777%"}, "company": {Company: "company 7"}, "city": {City: "city 7"}, "state": {State: "nowhere"},
		"suspended": {Statuses: []customer.Status{customer.Suspended}}, "late": {CreatedAfter: &after}, "half": {CreatedAfter: &half}, "receipts": {ReceiptsFrom: &receipts},
	}
	for _, engine := range []string{sqldb.SQLite, sqldb.Postgres} {
		s := open(b, engine)
		ctx := b.Context()
		if err := s.Write(ctx, func(tx work.Tx) error {
			p := &partner.Partner{Status: partner.Active}
			if err := tx.InsertPartner(ctx, p); err != nil {
				return err
			}
			for i := range customers {
				c := &customer.Customer{PartnerID: p.ID, ResellerID: 100000, CustomerID: fmt.Sprint(i), Username: fmt.Sprintf("c%d@example.org", i), Name: fmt.Sprint("Name ", i),
					Email: fmt.Sprintf("c%d@example.org", i), Company: fmt.Sprint("Company ", i%1000), City: fmt.Sprint("City ", i%100), Status: customer.Active,
					TotalReceipts: money.Value(i * 1000), CreatedAt: epoch.Add(time.Duration(i) * time.Second), UpdatedAt: epoch}
				if i%1000 == 0 {
					c.Status = customer.Suspended
				}
				if err := tx.InsertCustomer(ctx, c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		if engine == sqldb.Postgres {
			if err := s.DB().WriteRows(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, "ANALYZE customer"); return err }); err != nil {
				b.Fatal(err)
			}
		}
		for name, f := range filters {
			f.PartnerID, f.Resellers = 1, []int64{100000, 0}
			b.Run(engine+"/"+name, func(b *testing.B) {
				for range b.N {
					if err := s.Read(ctx, func(tx work.Tx) error {
						if _, err := tx.CountCustomers(ctx, f); err != nil {
							return err
						}
						_, err := tx.FindCustomers(ctx, f, 0, 50)
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
