package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

var (
	issuers      atomic.Int64
	someTypes    = []ledger.Type{ledger.Credit, ledger.Debit, ledger.Invoice, ledger.Receipt}
	descriptions = []string{
		"Addition of Business Email 1 for %s for 1 month", "Renewal of Business Email 1 for %s for 12 months", "Deletion of 2 email accounts for %s",
		"Payment %d4711", "PAYMENT received, thanks", "100%% off_ 5\\6", "", " two  spaces %s ", "Überweisung %s", "%s", "%s and %s", "x\x01y %s",
	}
	domains = []string{"example.com", "Example.org", "mail.example.net", "a.b", "1and1.de", "my-email.co.uk", "büro.example", "x.for"}
	parts   = []string{
		"example.com", "EXAMPLE", "Renewal", "renewal of business", "for example.com for 1", "email", "com", ".c", "e", "for 1", "email for", "%", "_", "\\", "4711", "two  spaces",
		"Über", "über", " ", "or a.b", "l.co", "nothing like it", "x\x01y", "\x01", "and 1and1", "12 months", "", "for", "email", "email", "mail", "and", "and",
	}
)

// draw makes a transaction of an issuer within 500 days.
func draw(t *rapid.T, issuer int64) *ledger.Transaction {
	text := rapid.SampledFrom(descriptions).Draw(t, "description")
	var args []any
	for range strings.Count(text, "%s") {
		args = append(args, rapid.SampledFrom(domains).Draw(t, "domain"))
	}
	if strings.Contains(text, "%d") {
		args = append(args, rapid.IntRange(0, 9).Draw(t, "number"))
	}
	x := &ledger.Transaction{
		IssuerID: issuer, Party: ledger.Party{Kind: ledger.OfCustomer, ID: rapid.Int64Range(10000000, 10000004).Draw(t, "party")},
		Type: rapid.SampledFrom(someTypes).Draw(t, "type"), Manual: rapid.Bool().Draw(t, "manual"), Greedy: rapid.IntRange(0, 5).Draw(t, "greedy") == 0,
		Currency: "USD", Description: fmt.Sprintf(strings.ReplaceAll(text, "%%", "%%"), args...),
		Amount: money.Value(rapid.SampledFrom([]int64{0, 1, 999, 1000, 1001, 1999, 2000, 5000, 12500, 1_000_000}).Draw(t, "amount")),
		At:     epoch.Add(-time.Duration(rapid.Int64Range(0, 500*24*3600).Draw(t, "age")) * time.Second).Add(time.Duration(rapid.Int64Range(0, 999999).Draw(t, "us")) * time.Microsecond),
	}
	if rapid.IntRange(0, 9).Draw(t, "reseller") == 0 {
		x.Party.Kind = ledger.OfReseller
	}
	if x.Type.Charges() {
		x.Amount = -x.Amount
	}
	if rapid.Bool().Draw(t, "open") {
		x.Unutilised = x.Amount
	}
	return x
}

// selects is the naive search.
func selects(q work.TransactionQuery, x *ledger.Transaction) bool {
	in := func(r work.TransactionRange) bool {
		return (r.From == nil || !x.At.Before(*r.From)) && (r.To == nil || x.At.Before(*r.To)) && (r.Open == nil || *r.Open == !x.Balanced())
	}
	amount := int64(x.Amount.Abs())
	return x.Party.Kind == q.Kind && (q.Parties == nil && x.IssuerID == q.IssuerID || slices.Contains(q.Parties, x.Party.ID)) &&
		(q.IDs == nil || slices.Contains(q.IDs, x.ID)) && (q.Types == nil || slices.Contains(q.Types, x.Type)) &&
		(q.Manual == nil || *q.Manual == x.Manual) && (q.Greedy == nil || *q.Greedy == x.Greedy) &&
		(q.Low == nil || amount >= *q.Low*1000) && (q.High == nil || amount <= *q.High*1000) &&
		strings.Contains(ascii(x.Description), ascii(q.Description)) && slices.ContainsFunc(q.Ranges, in)
}

func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func ordered(order []work.TransactionOrder) func(a, b *ledger.Transaction) int {
	flag := func(v bool) int {
		if v {
			return 1
		}
		return 0
	}
	desc := true
	if len(order) > 0 {
		desc = order[len(order)-1].Desc
	}
	order = append(slices.Clone(order), work.TransactionOrder{By: work.ByTime, Desc: desc}, work.TransactionOrder{By: work.ByTransaction, Desc: desc})
	return func(a, b *ledger.Transaction) int {
		for _, o := range order {
			c := 0
			switch o.By {
			case work.ByTime:
				c = a.At.Compare(b.At)
			case work.ByTransaction:
				c = cmp.Compare(a.ID, b.ID)
			case work.ByParty:
				c = cmp.Compare(a.Party.ID, b.Party.ID)
			case work.ByType:
				c = cmp.Compare(a.Type, b.Type)
			case work.ByManual:
				c = cmp.Compare(flag(a.Manual), flag(b.Manual))
			case work.ByAmount:
				c = cmp.Compare(a.Amount, b.Amount)
			}
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	}
}

func sometimes[T any](t *rapid.T, name string, g *rapid.Generator[T]) *T {
	if rapid.IntRange(0, 2).Draw(t, "with "+name) > 0 {
		return nil
	}
	v := g.Draw(t, name)
	return &v
}

func drawQuery(t *rapid.T, issuer int64, all []*ledger.Transaction) work.TransactionQuery {
	q := work.TransactionQuery{
		IssuerID: issuer, Kind: ledger.OfCustomer, Manual: sometimes(t, "manual", rapid.Bool()),
		Low: sometimes(t, "low", rapid.Int64Range(0, 1001)), High: sometimes(t, "high", rapid.Int64Range(0, 1001)),
		Offset: rapid.Int64Range(0, 12).Draw(t, "offset"), Limit: rapid.IntRange(1, 12).Draw(t, "limit"),
	}
	if s := sometimes(t, "part", rapid.SampledFrom(parts)); s != nil {
		q.Description = *s
	}
	if s := sometimes(t, "types", rapid.SliceOfNDistinct(rapid.SampledFrom(someTypes), 1, 3, rapid.ID)); s != nil {
		q.Types = *s
	}
	switch rapid.IntRange(0, 7).Draw(t, "named") {
	case 0:
		q.Parties = rapid.SliceOfN(rapid.Int64Range(10000000, 10000006), 0, 5).Draw(t, "parties")
		q.IDs = nil
	case 1:
		q.IDs = []int64{all[rapid.IntRange(0, len(all)-1).Draw(t, "id")].ID, 1}
	}
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		return epoch.Add(-time.Duration(rapid.Int64Range(0, 500*24*3600).Draw(t, "at")) * time.Second)
	})
	cut := moment.Draw(t, "cut")
	var open, balanced = true, false
	switch rapid.IntRange(0, 3).Draw(t, "ranges") {
	case 0:
		q.Ranges = []work.TransactionRange{{}}
	case 1:
		q.Ranges = []work.TransactionRange{{From: &cut}, {To: &cut, Open: &open}}
	case 2:
		q.Ranges = []work.TransactionRange{{To: &cut, Open: &balanced}}
	case 3:
		other := moment.Draw(t, "other")
		q.Ranges = []work.TransactionRange{{From: &cut, To: &other, Open: sometimes(t, "open", rapid.Bool())}}
	}
	q.Order = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) work.TransactionOrder {
		return work.TransactionOrder{By: work.TransactionColumn(rapid.IntRange(0, 5).Draw(t, "by")), Desc: rapid.Bool().Draw(t, "desc")}
	}), 0, 2).Draw(t, "order")
	return q
}

// testTransactionSearch compares searches with a filter in memory, and the
// counters with counting, after any inserts and updates.
func testTransactionSearch(t *testing.T, b *bench) {
	rapid.Check(t, func(rt *rapid.T) {
		issuer := 100000 + issuers.Add(1)
		var list []*ledger.Transaction
		for range rapid.IntRange(1, 40).Draw(rt, "transactions") {
			list = append(list, draw(rt, issuer))
		}
		turns := make([]bool, len(list))
		for i := range turns {
			turns[i] = rapid.IntRange(0, 2).Draw(rt, "turns") == 0
		}
		b.write(func(tx work.Tx) error {
			for i, x := range list {
				if err := tx.InsertTransaction(b.ctx(), x, nil); err != nil {
					return err
				}
				if turns[i] { // what a match or a cancellation does
					y := *x
					y.Amount, y.Type, y.IssuerID, y.At = 7, ledger.Debit, 3, epoch // none of which changes
					if y.Unutilised = 0; x.Balanced() {
						y.Unutilised = x.Amount
					}
					if err := tx.UpdateTransaction(b.ctx(), &y); err != nil {
						return err
					}
				}
			}
			return nil
		})
		for i, x := range list {
			if turns[i] {
				if x.Balanced() {
					x.Unutilised = x.Amount
				} else {
					x.Unutilised = 0
				}
			}
		}
		checkSearch := func(q work.TransactionQuery) {
			var want []int64
			naive := slices.Clone(list)
			slices.SortFunc(naive, ordered(q.Order))
			for _, x := range naive {
				if selects(q, x) {
					want = append(want, x.ID)
				}
			}
			total := int64(len(want))
			want = want[min(q.Offset, total):min(q.Offset+int64(q.Limit), total)]
			var got []int64
			var gotTotal int64
			b.read(func(tx work.Tx) error {
				rows, n, err := tx.SearchTransactions(b.ctx(), q)
				got, gotTotal = ids(rows, func(x *ledger.Transaction) int64 { return x.ID }), n
				return err
			})
			if gotTotal != total || !slices.Equal(got, want) {
				rt.Fatalf("query %s\ngot  %d of %d: %v\nwant %d of %d: %v", show(q), len(got), gotTotal, got, len(want), total, want)
			}
		}
		for range 8 {
			q := drawQuery(rt, issuer, list)
			if q.Parties != nil { // those of this run
				for i := range q.Parties {
					q.Parties[i] = list[i%len(list)].Party.ID
				}
				q.IDs = ids(list, func(x *ledger.Transaction) int64 { return x.ID })
			}
			checkSearch(q)
		}
		b.write(func(tx work.Tx) error { return tx.RecountTransactions(b.ctx(), issuer) })
		for range 3 { // all counters are made anew
			q := drawQuery(rt, issuer, list)
			q.Parties, q.IDs = nil, nil
			checkSearch(q)
		}
	})
}
