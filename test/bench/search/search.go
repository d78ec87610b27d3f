package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/store"
	"posthouse/internal/store/pgtest"
	"posthouse/internal/store/sqldb"
)

// Result is one search on one engine, in milliseconds; First is the first one of
// its kind, which P50 and P99 leave out with the rest of the warming up. Plain is
// the median of the same page and total by plain COUNT and OFFSET.
type Result struct {
	Engine, Name string
	First        float64
	P50, P99     float64
	Plain        float64
}

// Config says how much is filled in and how often it is searched.
type Config struct {
	Dir          string
	DSN          string // PostgreSQL database that is filled if it is empty; "" = one for this run
	Transactions int
	Searches     int
	Plain        int    // of each search in plain SQL
	Only         string // "" = all, else the engine or a part of a search's name
}

// Warming is how many searches of each kind come before those that are measured:
// statements are prepared, and the upper pages of indexes read.
const Warming = 20

// kind is one sort of search.
type kind struct {
	name  string
	query func(r *rand.Rand, b *books, q *work.TransactionQuery)
}

func kinds(now time.Time) []kind {
	limit := now.Add(-ledger.ArchiveAfter)
	open, balanced := true, false
	current := []work.TransactionRange{{From: &limit}, {To: &limit, Open: &open}}
	archive := []work.TransactionRange{{To: &limit, Open: &balanced}}
	in := func(ranges []work.TransactionRange, fn func(r *rand.Rand, b *books, q *work.TransactionQuery)) func(*rand.Rand, *books, *work.TransactionQuery) {
		return func(r *rand.Rand, b *books, q *work.TransactionQuery) {
			q.Ranges = ranges
			fn(r, b, q)
		}
	}
	customers := func(n int) func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		return func(r *rand.Rand, b *books, q *work.TransactionQuery) {
			for range n {
				q.Parties = append(q.Parties, first+r.Int64N(customers))
			}
		}
	}
	by := func(c work.TransactionColumn, desc bool) func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		return func(r *rand.Rand, b *books, q *work.TransactionQuery) {
			q.Order = []work.TransactionOrder{{By: c, Desc: desc}}
		}
	}
	text := func(fn func(r *rand.Rand, b *books) string) func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		return func(r *rand.Rand, b *books, q *work.TransactionQuery) { q.Description = fn(r, b) }
	}
	domain := text(func(r *rand.Rand, b *books) string { return b.domains[r.IntN(len(b.domains))] })
	common := text(func(r *rand.Rand, b *books) string {
		return []string{"Renewal", "Business Email", "Bank transfer", "accounts", "Card payment"}[r.IntN(5)]
	})
	types := func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		q.Types = [][]ledger.Type{{ledger.Invoice}, {ledger.Debit}, {ledger.Credit, ledger.Receipt}}[r.IntN(3)]
	}
	amount := func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		low := r.Int64N(200)
		high := low + r.Int64N(50)
		q.Low, q.High = &low, &high
	}
	month := func(r *rand.Rand, b *books, q *work.TransactionQuery) {
		from := b.begin.Add(time.Duration(r.Int64N(int64(now.Sub(b.begin))/int64(time.Second))) * time.Second)
		to := from.AddDate(0, 1, 0)
		ranges := q.Ranges
		q.Ranges = nil
		for _, x := range ranges {
			if x.From == nil || x.From.Before(from) {
				x.From = &from
			}
			if x.To == nil || x.To.After(to) {
				x.To = &to
			}
			q.Ranges = append(q.Ranges, x)
		}
	}
	all := func(*rand.Rand, *books, *work.TransactionQuery) {}
	return []kind{
		{"no filter", in(current, all)},
		{"page-no 2000", in(current, func(_ *rand.Rand, _ *books, q *work.TransactionQuery) { q.Offset = 2000 * int64(q.Limit) })},
		{"customer-id", in(current, customers(1))},
		{"customer-id, 100 of them", in(current, customers(100))},
		{"transaction-type", in(current, types)},
		{"transaction-key", in(current, func(r *rand.Rand, _ *books, q *work.TransactionQuery) { v := r.IntN(2) == 0; q.Manual = &v })},
		{"transaction-id", in(current, func(r *rand.Rand, b *books, q *work.TransactionQuery) {
			for range 10 {
				q.IDs = append(q.IDs, 70_000_000+r.Int64N(1_000_000))
			}
		})},
		{"transaction-description, a domain", in(current, domain)},
		{"transaction-description, a common word", in(current, common)},
		{"balance-type=onlybalanced", in([]work.TransactionRange{{From: &limit, Open: &balanced}}, all)},
		{"balance-type=onlyunbalanced", in([]work.TransactionRange{{Open: &open}}, all)},
		{"amt-range", in(current, amount)},
		{"transaction-date, a month", in(current, month)},
		{"order-by=transid", in(current, by(work.ByTransaction, false))},
		{"order-by=transactiondate", in(current, by(work.ByTime, false))},
		{"order-by=customerid", in(current, by(work.ByParty, false))},
		{"order-by=type", in(current, by(work.ByType, false))},
		{"order-by=sellingamount desc", in(current, by(work.ByAmount, true))},
		{"archive", in(archive, all)},
		{"archive, page-no 2000", in(archive, func(_ *rand.Rand, _ *books, q *work.TransactionQuery) { q.Offset = 2000 * int64(q.Limit) })},
		{"archive, customer-id", in(archive, customers(1))},
		{"archive, transaction-type", in(archive, types)},
		{"archive, transaction-description, a domain", in(archive, domain)},
		{"archive, transaction-description, a common word", in(archive, common)},
		{"archive, amt-range", in(archive, amount)},
		{"archive, transaction-date, a month", in(archive, month)},
		{"archive, order-by=customerid", in(archive, by(work.ByParty, false))},
		{"archive, transaction-type, amt-range and transaction-date", in(archive, func(r *rand.Rand, b *books, q *work.TransactionQuery) {
			types(r, b, q)
			amount(r, b, q)
			month(r, b, q)
		})},
	}
}

// Run fills one store of each engine and measures. tell says what goes on.
func Run(ctx context.Context, cfg Config, tell func(format string, args ...any)) ([]Result, error) {
	now := time.Now().UTC()
	lite, err := sqldb.Open(ctx, sqldb.Config{Engine: sqldb.SQLite, Path: cfg.Dir + "/search.db"})
	if err != nil {
		return nil, err
	}
	defer lite.Close()
	if err := lite.Migrate(ctx); err != nil {
		return nil, err
	}
	b := newBooks(cfg.Transactions, now)
	have, err := count(ctx, lite)
	if err != nil {
		return nil, err
	}
	if have == 0 {
		begin := time.Now()
		if err := fill(ctx, store.New(lite, nil), b, 0, cfg.Transactions); err != nil {
			return nil, err
		}
		tell("%d transactions filled in %.0f s", cfg.Transactions, time.Since(begin).Seconds())
	}
	out, err := measure(ctx, lite, b, now, cfg, tell)
	if err != nil {
		return nil, err
	}
	dsn := cfg.DSN
	if dsn == "" {
		made, drop, err := pgtest.Make()
		if err != nil {
			return nil, err
		}
		defer func() { _ = drop() }()
		dsn = made
	}
	pg, err := sqldb.Open(ctx, sqldb.Config{Engine: sqldb.Postgres, DSN: dsn})
	if err != nil {
		return nil, err
	}
	defer pg.Close()
	if err := pg.Migrate(ctx); err != nil {
		return nil, err
	}
	if have, err = count(ctx, pg); err != nil {
		return nil, err
	}
	if have == 0 {
		begin := time.Now()
		if err := transfer(ctx, lite, dsn); err != nil {
			return nil, err
		}
		tell("copied to PostgreSQL in %.0f s", time.Since(begin).Seconds())
	}
	more, err := measure(ctx, pg, b, now, cfg, tell)
	return append(out, more...), err
}

func count(ctx context.Context, db *sqldb.DB) (n int, err error) {
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.ScanRow(ctx, []any{&n}, "SELECT COUNT(*) FROM ledger_transaction")
	})
	return n, err
}

func measure(ctx context.Context, db *sqldb.DB, b *books, now time.Time, cfg Config, tell func(string, ...any)) ([]Result, error) {
	s := store.New(db, nil)
	var out []Result
	for _, k := range kinds(now) {
		if cfg.Only != "" && cfg.Only != db.Engine() && !strings.Contains(k.name, cfg.Only) {
			continue
		}
		run := func(i int) (q work.TransactionQuery, total int64, ms float64, err error) {
			q = work.TransactionQuery{IssuerID: issuer, Kind: ledger.OfCustomer, Limit: 50}
			k.query(rand.New(rand.NewPCG(uint64(i), 7)), b, &q)
			begin := time.Now()
			if err = s.Read(ctx, func(tx work.Tx) (err error) {
				_, total, err = tx.SearchTransactions(ctx, q)
				return err
			}); err != nil {
				err = fmt.Errorf("%s: %w", k.name, err)
			}
			return q, total, float64(time.Since(begin).Microseconds()) / 1000, err
		}
		r := Result{Engine: db.Engine(), Name: k.name}
		for i := range Warming { // for others than those that are measured
			_, _, ms, err := run(1_000_000 + i)
			if err != nil {
				return nil, err
			}
			if i == 0 {
				r.First = ms
			}
		}
		var took, plain []float64
		for i := range cfg.Searches {
			q, total, ms, err := run(i)
			if err != nil {
				return nil, err
			}
			took = append(took, ms)
			if i >= cfg.Plain {
				continue
			}
			begin := time.Now()
			n, err := plainSearch(ctx, db, q)
			if err != nil {
				return nil, err
			}
			if n != total {
				return nil, fmt.Errorf("%s on %s: %d found, %d counted", k.name, db.Engine(), total, n)
			}
			plain = append(plain, float64(time.Since(begin).Microseconds())/1000)
		}
		slices.Sort(took)
		slices.Sort(plain)
		r.P50, r.P99 = took[len(took)/2], took[len(took)*99/100]
		if len(plain) > 0 {
			r.Plain = plain[len(plain)/2]
		}
		out = append(out, r)
		tell("%s, %s: first %.2f ms, p50 %.2f ms, p99 %.2f ms; in plain SQL %.1f ms", r.Engine, r.Name, r.First, r.P50, r.P99, r.Plain)
	}
	return out, nil
}

// plainSearch is what a search is without counters, shapes and terms, on the same indexes.
func plainSearch(ctx context.Context, db *sqldb.DB, q work.TransactionQuery) (total int64, err error) {
	where, args := []string{"party_kind = ?"}, []any{q.Kind}
	and := func(text string, a ...any) { where, args = append(where, text), append(args, a...) }
	list := func(column string, values []any) {
		and(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
	anys := func(ids []int64) (out []any) {
		for _, id := range ids {
			out = append(out, id)
		}
		return out
	}
	if q.Parties != nil {
		list("party_id", anys(q.Parties))
	} else {
		and("issuer_id = ?", q.IssuerID)
	}
	if q.IDs != nil {
		list("id", anys(q.IDs))
	}
	if q.Types != nil {
		var values []any
		for _, t := range q.Types {
			values = append(values, string(t))
		}
		list("type", values)
	}
	if q.Manual != nil {
		and("manual = ?", *q.Manual)
	}
	if q.Low != nil {
		and("ABS(amount) BETWEEN ? AND ?", *q.Low*1000, *q.High*1000)
	}
	if q.Description != "" {
		and("LOWER(description) LIKE ?", "%"+strings.ToLower(q.Description)+"%")
	}
	var ranges []string
	for _, r := range q.Ranges {
		text := "TRUE"
		if r.From != nil {
			text += " AND at >= ?"
			args = append(args, r.From.UnixMicro())
		}
		if r.To != nil {
			text += " AND at < ?"
			args = append(args, r.To.UnixMicro())
		}
		if r.Open != nil {
			text += " AND open = ?"
			args = append(args, *r.Open)
		}
		ranges = append(ranges, "("+text+")")
	}
	and("(" + strings.Join(ranges, " OR ") + ")")
	order := "at DESC, id DESC"
	if len(q.Order) > 0 {
		order = map[work.TransactionColumn]string{work.ByTime: "at", work.ByTransaction: "id", work.ByParty: "party_id", work.ByType: "type", work.ByAmount: "amount DESC"}[q.Order[0].By]
	}
	from := " FROM ledger_transaction WHERE " + strings.Join(where, " AND ")
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		if err := tx.ScanRow(ctx, []any{&total}, "SELECT COUNT(*)"+from, args...); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT *"+from+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(slices.Clone(args), q.Limit, q.Offset)...)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return rows.Close()
	})
	return total, err
}
