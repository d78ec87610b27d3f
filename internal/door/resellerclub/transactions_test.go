package resellerclub

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// keep puts a transaction into the ledger as it is.
func (w *world) keep(s seller, x ledger.Transaction) int64 {
	w.t.Helper()
	if err := w.store.Write(w.t.Context(), func(tx work.Tx) error {
		r, err := tx.Reseller(w.t.Context(), s.id)
		if err != nil {
			return err
		}
		y := x
		y.PartnerID, y.IssuerID, y.Currency, y.AccountingCurrency, y.Rate = r.PartnerID, s.id, "GBP", "USD", "1.25"
		y.AccountingAmount, y.AccountingUnutilised = y.Amount*5/4, y.Unutilised*5/4
		if y.Balanced() {
			y.BalancedAt = &y.At
		}
		err = tx.InsertTransaction(w.t.Context(), &y, nil)
		x.ID = y.ID
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return x.ID
}

// books gives a reseller's ledger: an open and a paid invoice, a payment, a
// credit, a debit, one old and paid, one old and open.
type books struct{ customer, open, paid, receipt, credit, debit, old, oldOpen int64 }

const days = 24 * time.Hour

func (w *world) books(s seller, username string) (b books) {
	b.customer = w.newCustomer(s, username)
	of := ledger.Party{Kind: ledger.OfCustomer, ID: b.customer}
	at := func(d int) time.Time { return start.Add(-time.Duration(d) * days) }
	invoice := func(d int, amount, unutilised money.Value, text string, greedy bool) int64 {
		return w.keep(s, ledger.Transaction{Party: of, Type: ledger.Invoice, OrderID: 70000000, ProductKey: product.BusinessEmail, Description: text, Greedy: greedy,
			Amount: amount, Unutilised: unutilised, Tax: -amount / 6, At: at(d)})
	}
	b.oldOpen = invoice(400, -9990, -9990, "Renewal of Business Email 1 for old-open.example for 1 month", false)
	b.old = invoice(300, -5000, 0, "Renewal of Business Email 1 for old.example for 1 month", false)
	b.paid = invoice(20, -48600, 0, "Addition of Business Email 1 for example.com for 1 month", false)
	b.receipt = w.keep(s, ledger.Transaction{Party: of, Type: ledger.Receipt, Manual: true, Description: "Payment <4711> & thanks", Amount: 50000, Unutilised: 1400, Key: "bank-1 " + username, TotalReceiptUpdated: true, At: at(10)})
	b.credit = w.keep(s, ledger.Transaction{Party: of, Type: ledger.Credit, Manual: true, Description: "Goodwill", Amount: 1, Unutilised: 1, At: at(5)})
	b.debit = w.keep(s, ledger.Transaction{Party: of, Type: ledger.Debit, Manual: true, Description: "Set-up", Amount: -12500, Unutilised: -500, At: at(3)})
	b.open = invoice(1, -6250, -6250, "Renewal of Business Email 1 for example.com for 1 month", true)
	return b
}

// transactionIDs gives the transaction ids of a search, in its order, and recsindb.
func (w *world) transactionIDs(r reply) (ids []int64, total string) {
	w.t.Helper()
	o := w.object(r)
	for i := 1; o[fmt.Sprint(i)] != nil; i++ {
		row := o[fmt.Sprint(i)].(map[string]any)
		id, _ := row["customer_transaction.transid"].(string)
		if id == "" {
			id = row["reseller_transaction.transid"].(string)
		}
		var n int64
		if _, err := fmt.Sscan(id, &n); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, n)
	}
	if fmt.Sprint(len(ids)) != o["recsonpage"] || len(o) != len(ids)+2 {
		w.t.Errorf("not a paged map: %s", r.body)
	}
	return ids, fmt.Sprint(o["recsindb"])
}

const (
	searchPath  = "billing/customer-transactions/search.json"
	archivePath = "billing/customer-archived-transactions/search.json"
)

var firstPage = []any{"no-of-records", 10, "page-no", 1}

func (w *world) wantFound(r reply, want ...int64) {
	w.t.Helper()
	ids, _ := w.transactionIDs(r)
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		w.t.Errorf("got %v, want %v", ids, want)
	}
}

func TestTransactionShapes(t *testing.T) {
	w := newWorld(t)
	b := w.books(w.child, "jane@doe.example")
	w.goldenRead("transactions/search", w.child, "billing/customer-transactions/search", "no-of-records", 2, "page-no", 1)
	w.goldenRead("transactions/archived", w.child, "billing/customer-archived-transactions/search", firstPage...)
	w.goldenRead("transactions/none", w.sibling, "billing/customer-transactions/search", firstPage...)
	w.goldenRead("transactions/by-id", w.child, "billing/customer-transactions", "transaction-ids", b.receipt, "transaction-ids", b.open)
	w.goldenRead("transactions/greedy", w.child, "billing/customer-greedy-transactions", "customer-id", b.customer)
	w.goldenRead("transactions/balanced", w.child, "billing/customer-balanced-transactions", firstPage...)

	mine := w.keep(w.root, ledger.Transaction{Party: ledger.Party{Kind: ledger.OfReseller, ID: w.child.id}, Type: ledger.Invoice, OrderID: 70000001, ProductKey: product.EnterpriseUS,
		Description: "Renewal of Enterprise Email 1 for example.com for 1 month", Amount: -3000, Unutilised: -3000, Greedy: true, At: start.Add(-days)})
	w.goldenRead("transactions/reseller-search", w.root, "billing/reseller-transactions/search", firstPage...)
	w.goldenRead("transactions/reseller-by-id", w.root, "billing/reseller-transactions", "transaction-ids", mine)
	w.goldenRead("transactions/reseller-greedy", w.root, "billing/reseller-greedy-transactions", "reseller-id", w.child.id)
	// Its own ledger is a reseller's own.
	w.wantFound(w.get(w.child, "billing/reseller-transactions/search.json", "no-of-records", 10, "page-no", 1, "reseller-id", w.child.id), mine)
}

func TestTransactionFilters(t *testing.T) {
	w := newWorld(t)
	b := w.books(w.child, "jane@doe.example")
	other := w.books(w.child, "joe@doe.example")
	for _, c := range []struct {
		pairs []any
		want  []int64
	}{
		{[]any{"transaction-type", "receipt", "transaction-type[]", "credit"}, []int64{b.credit, b.receipt}},
		{[]any{"transaction-key", "manually"}, []int64{b.debit, b.credit, b.receipt}},
		{[]any{"transaction-key", "systemgenerated"}, []int64{b.open, b.paid, b.oldOpen}},
		{[]any{"transaction-id", b.credit, "transaction-id", b.old}, []int64{b.credit}},
		{[]any{"transaction-description", "EXAMPLE.COM FOR 1"}, []int64{b.open, b.paid}},
		{[]any{"transaction-description", "<4711>"}, []int64{b.receipt}},
		{[]any{"transaction-description", "%"}, nil},
		{[]any{"transaction-description", "' OR 1=1 --"}, nil},
		{[]any{"balance-type", "onlybalanced"}, []int64{b.paid}},
		{[]any{"balance-type", "onlyunbalanced"}, []int64{b.open, b.debit, b.credit, b.receipt, b.oldOpen}},
		{[]any{"amt-range-start", 7, "amt-range-end", 48}, []int64{b.debit, b.oldOpen}},
		{[]any{"amt-range-start", 50}, []int64{b.receipt}},
		{[]any{"amt-range-end", 0}, nil},
		{[]any{"amt-range-start", 9, "amt-range-end", 8}, nil},
		{[]any{"transaction-date-start", start.Add(-10 * days).Unix()}, []int64{b.open, b.debit, b.credit}}, // strictly later
		{[]any{"transaction-date-end", start.Add(-20 * days).Unix()}, []int64{b.oldOpen}},                   // strictly earlier
		{[]any{"transaction-date-end", 0}, nil},
		{[]any{"order-by", "transid", "transaction-type", "receipt", "transaction-type", "debit"}, []int64{b.receipt, b.debit}},
		{[]any{"order-by", "sellingamount desc", "transaction-key", "manually"}, []int64{b.receipt, b.credit, b.debit}},
		{[]any{"order-by", "customer_transaction.type asc", "order-by", "customer-id", "transaction-key", "manually"}, []int64{b.credit, b.debit, b.receipt}},
		{[]any{"username", "JOE@doe.example"}, nil}, // and customer-id: no one is both
		{[]any{"sales-contact-id", "", "lang-pref", "en", "transaction-type", "debit"}, []int64{b.debit}},
	} {
		pairs := append([]any{"no-of-records", 10, "page-no", 1, "customer-id", b.customer}, c.pairs...)
		w.wantFound(w.get(w.child, searchPath, pairs...), c.want...)
	}
	w.wantFound(w.get(w.child, archivePath, append(firstPage, "username", "joe@doe.example", "balance-type", "nonsense")...), other.old)
	w.wantFound(w.get(w.child, searchPath, append(firstPage, "order-by", "customerid", "balance-type", "onlybalanced")...), b.paid, other.paid)

	// Pages.
	var all []int64
	for page := 1; ; page++ {
		ids, total := w.transactionIDs(w.get(w.child, searchPath, "no-of-records", 5, "page-no", page))
		if total != "12" {
			t.Errorf("recsindb %s", total)
		}
		if all = append(all, ids...); len(ids) < 5 {
			break
		}
	}
	if len(all) != 12 {
		t.Errorf("pages have %v", all)
	}
	w.wantFound(w.get(w.child, searchPath, "no-of-records", 500, "page-no", 1_000_000_000))
}

// Time passes and a transaction is archived, or a payment moves an old one there.
func TestTransactionsMoveToTheArchive(t *testing.T) {
	w := newWorld(t)
	b := w.books(w.child, "jane@doe.example")
	in := func(path string, id int64) bool {
		ids, _ := w.transactionIDs(w.get(w.child, path, "no-of-records", 10, "page-no", 1, "transaction-id", id))
		return len(ids) == 1
	}
	w.clock.Advance(160 * days)
	if !in(searchPath, b.paid) || in(archivePath, b.paid) {
		t.Error("archived at 180 days to the microsecond")
	}
	w.clock.Advance(time.Microsecond)
	if in(searchPath, b.paid) || !in(archivePath, b.paid) {
		t.Error("not archived after 180 days")
	}
	if err := w.store.Write(t.Context(), func(tx work.Tx) error {
		x, err := tx.Transaction(t.Context(), b.oldOpen)
		if err != nil {
			return err
		}
		x.Unutilised = 0
		return tx.UpdateTransaction(t.Context(), x)
	}); err != nil {
		t.Fatal(err)
	}
	if in(searchPath, b.oldOpen) || !in(archivePath, b.oldOpen) {
		t.Error("an old one that is paid now is not archived")
	}
	w.wantFound(w.get(w.child, archivePath, firstPage...), b.paid, b.old, b.oldOpen)
}

func TestTransactionTenants(t *testing.T) {
	w := newWorld(t)
	child, grandchild, sibling, foreign := w.books(w.child, "c@doe.example"), w.books(w.grandchild, "g@doe.example"), w.books(w.sibling, "s@doe.example"), w.books(w.foreign, "f@doe.example")
	w.wantFound(w.get(w.child, archivePath, firstPage...), child.old)
	w.wantFound(w.get(w.child, archivePath, append(firstPage, "customer-id", grandchild.customer)...), grandchild.old)
	w.wantFound(w.get(w.child, archivePath, append(firstPage, "username", "g@doe.example")...), grandchild.old)
	w.wantFound(w.get(w.root, archivePath, append(firstPage, "customer-id", sibling.customer, "customer-id", grandchild.customer, "customer-id", foreign.customer)...), sibling.old, grandchild.old)
	unknown := w.get(w.grandchild, archivePath, append(firstPage, "customer-id", 99999999)...)
	for _, b := range []books{child, sibling, foreign} {
		for _, pairs := range [][]any{{"customer-id", b.customer}, {"customer-id", b.customer, "transaction-id", b.old}, {"transaction-id", b.old}, {"username", "s@doe.example"}} {
			if got := w.get(w.grandchild, archivePath, append(firstPage, pairs...)...); got.body != unknown.body {
				t.Errorf("%v: %s", pairs, got.body)
			}
		}
		if got := w.ok(w.get(w.grandchild, "billing/customer-transactions.json", "transaction-ids", b.old)); got != "{}" {
			t.Errorf("by id: %s", got)
		}
		w.refused(w.get(w.grandchild, "billing/customer-greedy-transactions.json", "customer-id", b.customer), 500, fmt.Sprintf("Invalid customer-id: %d", b.customer))
	}
	up := w.keep(w.child, ledger.Transaction{Party: ledger.Party{Kind: ledger.OfReseller, ID: w.grandchild.id}, Type: ledger.Invoice, Amount: -1000, Unutilised: -1000, Greedy: true, At: start})
	w.wantFound(w.get(w.child, "billing/reseller-transactions/search.json", firstPage...), up)
	w.wantFound(w.get(w.root, "billing/reseller-transactions/search.json", append(firstPage, "reseller-id", w.grandchild.id)...), up)
	w.wantFound(w.get(w.root, "billing/reseller-transactions/search.json", append(firstPage, "username", "grandchild@resellers.example")...), up)
	for _, s := range []seller{w.sibling, w.foreign} {
		w.wantFound(w.get(s, "billing/reseller-transactions/search.json", append(firstPage, "reseller-id", w.grandchild.id)...))
		if got := w.ok(w.get(s, "billing/reseller-transactions.json", "transaction-ids", up)); got != "{}" {
			t.Errorf("by id: %s", got)
		}
		want := w.get(s, "billing/reseller-greedy-transactions.json", "reseller-id", 1)
		if got := w.get(s, "billing/reseller-greedy-transactions.json", "reseller-id", w.grandchild.id); got.status != 500 || got.body != want.body {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	// A child does not see what its parent charges a sibling.
	w.wantFound(w.get(w.grandchild, "billing/reseller-transactions/search.json", append(firstPage, "reseller-id", w.child.id)...))
}

func TestTransactionBadInput(t *testing.T) {
	w := newWorld(t)
	many := []any{"no-of-records", 1, "page-no", 1}
	for i := range 600 {
		many = append(many, "customer-id", 10000000+i)
	}
	for _, c := range []struct {
		pairs []any
		wrong string
	}{
		{[]any{"no-of-records", 1, "page-no", 0}, "page-no"},
		{[]any{"no-of-records", 1, "page-no", -1}, "page-no"},
		{[]any{"no-of-records", 1, "page-no", "99999999999999999999"}, "page-no"},
		{[]any{"no-of-records", 0, "page-no", 1}, "no-of-records"},
		{[]any{"no-of-records", 501, "page-no", 1}, "no-of-records"},
		{[]any{"no-of-records", 1_000_000_000, "page-no", 1}, "no-of-records"},
		{append(firstPage, "order-by", "transid; DROP TABLE ledger_transaction"), "order-by"},
		{append(firstPage, "order-by", "(SELECT 1)"), "order-by"},
		{append(firstPage, "order-by", "transid desc nulls"), "order-by"},
		{append(firstPage, "order-by", "transid--"), "order-by"},
		{append(firstPage, "order-by", "password_hash"), "order-by"},
		{append(firstPage, "order-by", "customerid", "order-by", "1"), "order-by"},
		{append(firstPage, "transaction-date-start", "yesterday"), "transaction-date-start"},
		{append(firstPage, "transaction-date-end", "-1"), "transaction-date-end"},
		{append(firstPage, "transaction-type", "Invoice"), "transaction-type"},
		{append(firstPage, "transaction-key", "any"), "transaction-key"},
		{append(firstPage, "balance-type", "balanced"), "balance-type"},
		{append(firstPage, "amt-range-start", "1.5"), "amt-range-start"},
		{append(firstPage, "amt-range-end", "-1"), "amt-range-end"},
		{append(firstPage, "customer-id", "abc"), "customer-id"},
		{append(firstPage, "transaction-id", "1e3"), "transaction-id"},
		{append(firstPage, "transaction-description", strings.Repeat("x", 300)), "transaction-description"},
		{many, "customer-id"},
	} {
		w.refused(w.get(w.child, searchPath, c.pairs...), http.StatusInternalServerError, "{"+c.wrong+"="+c.wrong+" is invalid}")
	}
	w.refused(w.get(w.child, searchPath), 500, "{no-of-records=no-of-records must not be blank, page-no=page-no must not be blank}")
	w.refused(w.get(w.child, "billing/customer-transactions.json"), 500, "{transaction-ids=transaction-ids must not be blank}")
	w.refused(w.get(w.child, "billing/customer-greedy-transactions.json"), 500, "{customer-id=customer-id must not be blank}")
}

// stockLedger gives a reseller the transactions that an operation is about.
func (w *world) stockLedger(s seller, op *operation, customerID int64, has tenant) {
	w.t.Helper()
	if op == nil || !strings.Contains(op.path, "-transactions") || strings.HasSuffix(op.path, "/cancel") {
		return
	}
	x := ledger.Transaction{Party: ledger.Party{Kind: ledger.OfCustomer, ID: customerID}, Type: ledger.Invoice, Amount: -1000, At: start}
	issuer := s
	switch {
	case strings.Contains(op.path, "archived"):
		x.At = start.Add(-200 * days)
	case strings.Contains(op.path, "balanced"):
	case strings.Contains(op.path, "reseller"):
		x.Unutilised, x.Greedy, x.Party = x.Amount, true, ledger.Party{Kind: ledger.OfReseller, ID: s.id}
		if issuer = w.root; s == w.grandchild {
			issuer = w.child
		}
		has["username"] = map[bool]string{false: "child", true: "grandchild"}[s == w.grandchild] + "@resellers.example"
	default:
		x.Unutilised, x.Greedy = x.Amount, true
	}
	has["invoice"] = fmt.Sprint(w.keep(issuer, x))
}
