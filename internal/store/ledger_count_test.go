package store_test

import (
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// Changes don't pile up, and counters of nothing don't stay.
func TestCountersFollow(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := open(t, engine)
			ctx := t.Context()
			const issuer = 100001
			count := func(query string) (n int) {
				if err := s.DB().Read(ctx, func(tx *sqldb.Tx) error { return tx.ScanRow(ctx, []any{&n}, query) }); err != nil {
					t.Fatal(err)
				}
				return n
			}
			var list []*ledger.Transaction
			write := func(fn func(tx work.Tx, x *ledger.Transaction) error) {
				most := 0
				for _, x := range list {
					if err := s.Write(ctx, func(tx work.Tx) error { return fn(tx, x) }); err != nil {
						t.Fatal(err)
					}
					most = max(most, count("SELECT COUNT(*) FROM ledger_change"))
				}
				if most < 3 || most > 60 {
					t.Errorf("%d changes were noted at most", most)
				}
			}
			for i := range 60 {
				x := &ledger.Transaction{
					PartnerID: 1, IssuerID: issuer, Party: ledger.Party{Kind: ledger.OfCustomer, ID: 10}, Type: ledger.Invoice, Currency: "USD",
					Description: fmt.Sprintf("Renewal of d%d.example", i), Amount: money.Value(-1000 * (1 + i%3)), At: time.Unix(int64(i)*86400*9, 0).UTC(),
				}
				x.Unutilised = x.Amount
				list = append(list, x)
			}
			write(func(tx work.Tx, x *ledger.Transaction) error { return tx.InsertTransaction(ctx, x, nil) })
			write(func(tx work.Tx, x *ledger.Transaction) error {
				x.Unutilised = 0
				return tx.UpdateTransaction(ctx, x)
			})
			if n := count("SELECT COUNT(*) FROM ledger_count WHERE n <= 0"); n != 0 {
				t.Errorf("%d counters of nothing", n)
			}
			for _, width := range []int{1, 16, 256, 1001, 1016, 1256, 2001, 2016, 2256, 3001, 3016, 3256} {
				if n := count(fmt.Sprintf("SELECT CAST(SUM(n) + (SELECT COALESCE(SUM(n), 0) FROM ledger_change) AS BIGINT) FROM ledger_count WHERE width = %d", width)); n != len(list) {
					t.Errorf("width %d counts %d of %d", width, n, len(list))
				}
			}
		})
	}
}
