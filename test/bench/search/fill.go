// Package search measures the search among a reseller's transactions, on both
// engines, beside the same searches in plain SQL.
package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
	"posthouse/internal/store/sqldb"
)

// The books that are filled: one reseller's, three years long.
const (
	issuer    = 100001
	customers = 20_000
	first     = 10_000_000
	years     = 3
)

var (
	words    = []string{"blue", "harbour", "north", "stone", "river", "bakery", "design", "studio", "legal", "garden", "print", "media", "auto", "dental", "clinic", "travel", "photo", "foods"}
	endings  = []string{"com", "com", "com", "net", "org", "co.uk", "de", "in", "io", "shop"}
	products = []struct {
		key  product.Key
		name string
	}{{product.BusinessEmail, "Business Email 1"}, {product.BusinessEmail, "Business Email 1"}, {product.EnterpriseUS, "Enterprise Email 1"}}
	tenures = []int{1, 1, 1, 3, 6, 12}
	figures = []int64{600, 950, 1200, 1650, 2500}
)

// books makes transactions in the order of their time.
type books struct {
	random  *rand.Rand
	begin   time.Time
	step    time.Duration
	domains []string // of orders; order i belongs to customer i % customers
}

func newBooks(n int, end time.Time) *books {
	b := &books{random: rand.New(rand.NewPCG(1, 2)), begin: end.AddDate(-years, 0, 0)}
	b.step = end.Sub(b.begin) / time.Duration(n)
	for i := range customers * 5 / 2 {
		b.domains = append(b.domains, fmt.Sprintf("%s-%s%d.%s", words[b.random.IntN(len(words))], words[b.random.IntN(len(words))], i%4000, endings[b.random.IntN(len(endings))]))
	}
	return b
}

// next makes the i-th transaction: renewals, additions and payments for the
// most part, a few credits and debits.
func (b *books) next(i int) *ledger.Transaction {
	r := b.random
	order := r.IntN(len(b.domains))
	domain, p, months := b.domains[order], products[order%len(products)], tenures[r.IntN(len(tenures))]
	seats := 1 + r.IntN(12)
	t := &ledger.Transaction{
		PartnerID: 1, IssuerID: issuer, Party: ledger.Party{Kind: ledger.OfCustomer, ID: first + int64(order%customers)}, Currency: "GBP", AccountingCurrency: "USD", Rate: "1.25",
		ProductKey: p.key, OrderID: 70_000_000 + int64(order), At: b.begin.Add(time.Duration(i) * b.step).Truncate(time.Microsecond),
	}
	plural := ""
	if months > 1 {
		plural = "s"
	}
	amount := figures[order%len(figures)] * int64(seats*months)
	switch kind := r.IntN(1000); {
	case kind < 420:
		t.Type, t.Description = ledger.Invoice, fmt.Sprintf("Renewal of %s for %s for %d month%s", p.name, domain, months, plural)
	case kind < 500:
		t.Type, t.Description = ledger.Invoice, fmt.Sprintf("Addition of %s for %s for %d month%s", p.name, domain, months, plural)
	case kind < 540:
		t.Type, t.Description = ledger.Invoice, fmt.Sprintf("Addition of %d email accounts for %s", seats, domain)
	case kind < 550:
		t.Type, t.Manual, t.Description = ledger.Debit, true, "Set-up fee for "+domain
	case kind < 570:
		t.Type, t.Description = ledger.Credit, fmt.Sprintf("Cancellation of invoice %d", 70_000_000+i/2)
	case kind < 600:
		t.Type, t.Manual, t.Description = ledger.Credit, true, "Goodwill credit"
	case kind < 800:
		t.Type, t.Manual, t.Description = ledger.Receipt, true, fmt.Sprintf("Card payment %d", 1_000_000+r.IntN(900_000))
	default:
		t.Type, t.Manual, t.Description = ledger.Receipt, true, "Bank transfer, thank you"
	}
	if order%4 == 0 && t.Type == ledger.Invoice { // with tax, to the cent
		amount = amount * 12 / 100 * 10
	}
	t.Amount = money.Value(amount)
	if t.Type.Charges() {
		t.Amount = -t.Amount
	}
	age := int(time.Duration(i) * 100 / time.Duration(max(1, int((time.Duration(years)*365*24*time.Hour)/b.step))))
	if open := r.IntN(1000); open < 8 || age > 97 && open < 250 {
		t.Unutilised = t.Amount
	} else {
		at := t.At.Add(48 * time.Hour)
		t.BalancedAt = &at
	}
	t.AccountingAmount, t.AccountingUnutilised = t.Amount*5/4, t.Unutilised*5/4
	return t
}

// fill inserts transactions through the store.
func fill(ctx context.Context, s work.Store, b *books, from, n int) error {
	const batch = 2000
	for at := from; at < from+n; at += batch {
		var list []*ledger.Transaction
		for i := at; i < min(from+n, at+batch); i++ {
			list = append(list, b.next(i))
		}
		if err := s.Write(ctx, func(tx work.Tx) error {
			for _, t := range list {
				if err := tx.InsertTransaction(ctx, t, nil); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// tables are what a copy takes along, with the columns that are Booleans.
var tables = map[string][]string{
	"ledger_transaction": {"manual", "greedy", "total_receipt_updated", "open"},
	"ledger_count":       {"open", "manual"},
	"ledger_change":      {"open", "manual"},
	"ledger_shape":       nil, "ledger_term": nil, "ledger_gram": nil,
}

// transfer copies what an SQLite database was filled with to a PostgreSQL
// database, which takes a tenth of the time of filling that one too.
func transfer(ctx context.Context, from *sqldb.DB, dsn string) error {
	to, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer to.Close(ctx)
	for table, flags := range tables {
		if err := from.Read(ctx, func(tx *sqldb.Tx) error {
			rows, err := tx.Query(ctx, "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			isFlag := make([]bool, len(columns))
			for i, c := range columns {
				for _, f := range flags {
					isFlag[i] = isFlag[i] || c == f
				}
			}
			_, err = to.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
				if !rows.Next() {
					return nil, rows.Err()
				}
				values, to := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					to[i] = &values[i]
				}
				if err := rows.Scan(to...); err != nil {
					return nil, err
				}
				for i, v := range values {
					if n, ok := v.(int64); ok && isFlag[i] {
						values[i] = n != 0
					}
				}
				return values, nil
			}))
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	for _, q := range []string{
		"SELECT setval(pg_get_serial_sequence('ledger_transaction', 'id'), (SELECT MAX(id) FROM ledger_transaction))",
		"SELECT setval(pg_get_serial_sequence('ledger_change', 'id'), (SELECT COALESCE(MAX(id), 1) FROM ledger_change))",
		"SELECT setval(pg_get_serial_sequence('ledger_shape', 'id'), (SELECT MAX(id) FROM ledger_shape))",
		"SELECT setval(pg_get_serial_sequence('ledger_term', 'id'), (SELECT MAX(id) FROM ledger_term))",
		"VACUUM ANALYZE",
	} {
		if _, err := to.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
