package resellerclub

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// sellerActor is a reseller without the API.
func (w *world) sellerActor(s seller) audit.Actor {
	p := w.partner
	if s == w.foreign {
		p = w.otherPartner
	}
	return audit.Actor{PartnerID: p, Role: suspension.RolePartner, Name: "test", Limited: true, Limit: audit.Limit{ResellerID: s.id}}
}

// priced sets every price of Business Email: 1.25 to add and 1.50 to renew for
// customers, 0.50 for resellers.
func (w *world) priced(sellers ...seller) {
	w.t.Helper()
	sold, _ := product.Find(product.BusinessEmail)
	for _, s := range sellers {
		for audience, figures := range map[price.Audience][2]string{price.Customers: {"1.25", "1.50"}, price.Resellers: {"0.50", "0.50"}} {
			var rows []pricing.SetPrice
			for _, slab := range sold.Slabs {
				for _, m := range product.Tenures {
					for i, a := range price.Actions {
						rows = append(rows, pricing.SetPrice{Item: price.Item{Product: sold.Key, Unit: slab.String(), Action: a, Months: m}, Figure: figures[i]})
					}
				}
			}
			if _, err := w.core.SetPrices(w.t.Context(), w.sellerActor(s), pricing.PriceListRef{Audience: audience}, rows); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) fund(s seller, customer int64, amount string, key any) reply {
	w.t.Helper()
	return w.post(s, "billing/add-customer-fund.json", "customer-id", customer, "amount", amount, "description", "Bank transfer", "transaction-type", "receipt",
		"transaction-key", key, "update-total-receipt", "true")
}

func (w *world) buyEmail(s seller, customer int64, domain string, months, seats int, option string) map[string]any {
	w.t.Helper()
	return w.object(w.post(s, "eelite/us/add.json", "domain-name", domain, "customer-id", customer, "months", months, "no-of-accounts", seats, "invoice-option", option))
}

func (w *world) balance(s seller, customer int64) string {
	w.t.Helper()
	return fmt.Sprint(w.object(w.get(s, "billing/customer-balance.json", "customer-id", customer))["sellingcurrencybalance"])
}

func TestBilling(t *testing.T) {
	w := newWorld(t)
	w.priced(w.root)
	jane := w.newCustomer(w.root, "jane@x.example")
	w.golden("billing/add-customer-fund", w.fund(w.root, jane, "100.5", "key-1"))
	w.golden("billing/add-reseller-fund", w.post(w.root, "billing/add-reseller-fund.json", "reseller-id", w.child.id, "amount", "50", "description", "Bank transfer",
		"transaction-type", "credit", "transaction-key", "key-1", "update-total-receipt", "false"))
	w.goldenRead("billing/customer-balance", w.root, "billing/customer-balance", "customer-id", jane)
	w.goldenRead("billing/reseller-balance", w.root, "billing/reseller-balance", "reseller-id", w.child.id)
	first := w.buyEmail(w.root, jane, "a.example", 1, 2, "OnlyAdd")
	dear := w.buyEmail(w.root, jane, "dear.example", 12, 25, "OnlyAdd") // 375.00
	debit := w.post(w.root, "billing/add-customer-debit-note.json", "customer-id", jane, "amount", "1.005", "description", "Fee")
	w.golden("billing/add-customer-debit-note", debit)
	w.golden("billing/customer-pay", w.post(w.root, "billing/customer-pay.json", "invoice-ids", first["invoiceid"], "invoice-ids", dear["invoiceid"], "debit-ids", w.bare(debit)))
	w.golden("billing/customer-transactions-cancel", w.post(w.root, "billing/customer-transactions/cancel.json", "invoice-ids", dear["invoiceid"]))
	kept := w.buyEmail(w.root, jane, "kept.example", 1, 1, "OnlyAdd")
	w.golden("billing/execute-order-without-payment", w.postQuery(w.root, "billing/execute-order-without-payment.json", "invoice-ids", kept["invoiceid"], "cancel-invoice", "0"))
	free := w.buyEmail(w.root, jane, "free.example", 1, 1, "OnlyAdd")
	w.golden("billing/execute-order-without-payment-cancelled", w.post(w.root, "billing/execute-order-without-payment.json", "invoice-ids", free["invoiceid"], "cancel-invoice", "true"))
	w.golden("billing/customer-balance-after", w.get(w.root, "billing/customer-balance.json", "customer-id", jane))
	for _, c := range []struct {
		path, name string
		id         int64
	}{
		{"add-reseller-debit-note", "reseller-id", w.child.id}, {"add-customer-misc-invoice", "customer-id", jane},
		{"add-reseller-misc-invoice", "reseller-id", w.child.id}, {"customer-processdiscount", "customer-id", jane},
	} {
		w.golden("billing/"+c.path, w.post(w.root, "billing/"+c.path+".json", c.name, c.id, "amount", "10", "description", "Something", "transaction-key", c.path))
	}
	// What the child owes is taken from what it has.
	if got := w.get(w.child, "billing/reseller-balance.json", "reseller-id", w.child.id).body; got != `{"sellingcurrencysymbol":"GBP","sellingcurrencybalance":30.000,"sellingcurrencylockedbalance":0.000}` {
		t.Error(got)
	}
}

// TestLockedOrder is R-09: an action whose reseller is short of funds, in the
// four places that show it.
func TestLockedOrder(t *testing.T) {
	w := newWorld(t)
	w.withError = true
	poor := w.newSeller(w.partner, w.root, "poor", func(c *reselling.CreateReseller) { c.Funds = "prepaid" })
	w.priced(w.root, poor)
	jane := w.newCustomer(poor, "jane@x.example")
	w.ok(w.post(w.root, "billing/add-customer-fund.json", "customer-id", jane, "amount", "10", "description", "cash", "transaction-type", "receipt", "transaction-key", "k", "update-total-receipt", "0"))
	waits := w.buyEmail(poor, jane, "a.example", 1, 1, "OnlyAdd")
	w.golden("billing/customer-pay-locked", w.post(poor, "billing/customer-pay.json", "invoice-ids", waits["invoiceid"]))
	w.golden("billing/customer-balance-locked", w.get(poor, "billing/customer-balance.json", "customer-id", jane))
	w.refused(w.post(poor, "eelite/us/renew.json", "order-id", waits["entityid"], "months", 1, "invoice-option", "NoInvoice"), 500, textPending)
	w.ok(w.post(w.root, "billing/add-reseller-fund.json", "reseller-id", poor.id, "amount", "0.5", "description", "cash", "transaction-type", "receipt", "transaction-key", "k", "update-total-receipt", "0"))
	if got := w.object(w.get(poor, "eelite/us/details.json", "order-id", waits["entityid"]))["currentstatus"]; got != "Active" {
		t.Error(got)
	}
}

// TestTransactionKey is R-30.
func TestTransactionKey(t *testing.T) {
	w := newWorld(t)
	jane, john := w.newCustomer(w.root, "jane@x.example"), w.newCustomer(w.root, "john@x.example")
	first := w.bare(w.fund(w.root, jane, "10", "k"))
	for _, same := range []string{"10", "10.000", "1e1"} {
		if got := w.bare(w.fund(w.root, jane, same, "k")); got != first {
			t.Errorf("%s: %d and %d", same, first, got)
		}
	}
	w.refused(w.fund(w.root, jane, "10.001", "k"), 500, "{transaction-key=transaction-key is invalid}")
	w.refused(w.post(w.root, "billing/add-customer-fund.json", "customer-id", jane, "amount", "10", "description", "Bank transfer", "transaction-type", "credit",
		"transaction-key", "k", "update-total-receipt", "true"), 500, "{transaction-key=transaction-key is invalid}")
	if w.bare(w.fund(w.root, john, "10", "k")) == first || w.balance(w.root, jane) != "10" || w.balance(w.root, john) != "10" {
		t.Error("a key is a ledger's")
	}
	if got := w.object(w.get(w.root, "customers/details-by-id.json", "customer-id", jane))["totalreceipts"]; !strings.HasPrefix(fmt.Sprint(got), "10.0") {
		t.Error(got)
	}
}

// TestBillingBadInput: nothing of it moves money.
func TestBillingBadInput(t *testing.T) {
	w := newWorld(t)
	w.priced(w.root, w.child, w.foreign)
	jane, john := w.newCustomer(w.root, "jane@x.example"), w.newCustomer(w.root, "john@x.example")
	below, beside, foreign := w.newCustomer(w.child, "below@x.example"), w.newCustomer(w.sibling, "beside@x.example"), w.newCustomer(w.foreign, "foreign@x.example")
	for _, amount := range []string{"0", "-1", "-0.001", "0.0001", "1.2345", "1000000000.001", "1e30", "99999999999999999999", "NaN", "Inf", "1,5", "0x10", "ten", " "} {
		r := w.fund(w.root, jane, amount, "k"+amount)
		if r.status != 500 || !strings.Contains(r.body, "amount=amount ") {
			t.Errorf("amount %q: %s", amount, r.body)
		}
	}
	for _, c := range []struct {
		name, value, want string
	}{
		{"transaction-type", "invoice", "{transaction-type=transaction-type is invalid}"}, {"transaction-type", "Receipt", "{transaction-type=transaction-type is invalid}"},
		{"transaction-type", "", "{transaction-type=transaction-type must not be blank}"}, {"transaction-key", "", "{transaction-key=transaction-key must not be blank}"},
		{"transaction-key", strings.Repeat("k", 200), "{transaction-key=transaction-key is invalid}"}, {"transaction-key", "a\nb", "{transaction-key=transaction-key is invalid}"},
		{"description", "", "{description=description must not be blank}"}, {"description", strings.Repeat("d", 3000), "{description=description is invalid}"},
		{"update-total-receipt", "", "{update-total-receipt=update-total-receipt must not be blank}"}, {"update-total-receipt", "yes", "{update-total-receipt=update-total-receipt is invalid}"},
		{"customer-id", "x", "{customer-id=customer-id is invalid}"}, {"customer-id", "7", "Invalid customer-id: 7"}, {"customer-id", fmt.Sprint(foreign), fmt.Sprintf("Invalid customer-id: %d", foreign)},
	} {
		pairs := []any{"customer-id", jane, "amount", "1", "description", "d", "transaction-type", "receipt", "transaction-key", "k", "update-total-receipt", "true"}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == c.name {
				pairs[i+1] = c.value
			}
		}
		w.refused(w.post(w.root, "billing/add-customer-fund.json", pairs...), 500, c.want)
	}
	invoice := func(s seller, customer int64, domain string) any {
		return w.buyEmail(s, customer, domain, 1, 1, "OnlyAdd")["invoiceid"]
	}
	own, others, far, lower := invoice(w.root, jane, "own.example"), invoice(w.root, john, "others.example"), invoice(w.foreign, foreign, "far.example"), invoice(w.child, below, "lower.example")
	receipt := w.bare(w.fund(w.root, jane, "5", "k"))
	w.ok(w.fund(w.root, john, "5", "k"))
	unknown := "{invoice-ids=invoice-ids is invalid}"
	for _, path := range []string{"billing/customer-pay.json", "billing/customer-transactions/cancel.json"} {
		for name, pairs := range map[string][]any{
			"another customer's":   {"invoice-ids", own, "invoice-ids", others},
			"a foreign reseller's": {"invoice-ids", far},
			"unknown":              {"invoice-ids", own, "invoice-ids", 69999999},
			"a receipt":            {"invoice-ids", receipt},
			"negative":             {"invoice-ids", -1},
		} {
			if r := w.post(w.root, path, pairs...); r.status != 500 || !strings.Contains(r.body, unknown) {
				t.Errorf("%s, %s: %s", path, name, r.body)
			}
		}
		w.refused(w.post(w.root, path, "debit-ids", own), 500, "{debit-ids=debit-ids is invalid}")
		w.refused(w.post(w.root, path), 500, "{invoice-ids=invoice-ids must not be blank}")
		w.refused(w.post(w.root, path, "invoice-ids", "x"), 500, unknown)
		w.refused(w.post(w.child, path, "invoice-ids", own), 500, unknown)     // up the tree
		w.refused(w.post(w.sibling, path, "invoice-ids", lower), 500, unknown) // a sibling's
		many := make([]any, 0, 20000)
		for i := range 10000 {
			many = append(many, "invoice-ids", 70000000+i)
		}
		if r := w.post(w.root, path, many...); r.status != 500 {
			t.Errorf("%s, 10,000 ids: %d %.100s", path, r.status, r.body)
		}
	}
	w.refused(w.post(w.root, "billing/execute-order-without-payment.json", "invoice-ids", others, "invoice-ids", own, "cancel-invoice", "true"), 500, unknown)
	w.refused(w.post(w.root, "billing/execute-order-without-payment.json", "invoice-ids", own), 500, "{cancel-invoice=cancel-invoice must not be blank}")
	w.refused(w.post(w.root, "billing/execute-order-without-payment.json", "cancel-invoice", "maybe"), 500,
		"{invoice-ids=invoice-ids must not be blank, cancel-invoice=cancel-invoice is invalid}")
	fundReseller := func(by seller, id int64) reply {
		return w.post(by, "billing/add-reseller-fund.json", "reseller-id", id, "amount", "1000", "description", "gift", "transaction-type", "credit", "transaction-key", "g", "update-total-receipt", "true")
	}
	w.refused(fundReseller(w.child, w.child.id), 500, textNotAllowed) // itself
	w.refused(fundReseller(w.root, w.root.id), 500, textNotAllowed)
	for name, r := range map[string]reply{
		"up the tree": fundReseller(w.child, w.root.id), "a sibling": fundReseller(w.child, w.sibling.id), "foreign": fundReseller(w.child, w.foreign.id),
		"none": fundReseller(w.child, 7), "balance above": w.get(w.child, "billing/reseller-balance.json", "reseller-id", w.root.id),
		"balance beside": w.get(w.child, "billing/customer-balance.json", "customer-id", beside),
	} {
		if r.status != 500 || !strings.Contains(r.body, `"Invalid reseller-id: `) && !strings.Contains(r.body, `"Invalid customer-id: `) {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	if w.balance(w.root, jane) != "5" || w.balance(w.root, john) != "5" || w.balance(w.root, below) != "0" {
		t.Error("money moved")
	}
	for _, id := range []any{own, others, lower} {
		if r := w.post(w.root, "billing/customer-pay.json", "invoice-ids", id); !strings.Contains(r.body, `"actionstatus":"`) {
			t.Errorf("%v is gone: %s", id, r.body)
		}
	}
}

// TestFundsInParallel: however many calls pay at once, no more is spent than
// there is.
func TestFundsInParallel(t *testing.T) {
	w := newWorld(t)
	w.priced(w.root)
	jane := w.newCustomer(w.root, "jane@x.example")
	w.ok(w.fund(w.root, jane, "5", "k"))
	var ids []any
	for i := range 12 {
		ids = append(ids, w.buyEmail(w.root, jane, fmt.Sprintf("d%d.example", i), 1, 1, "OnlyAdd")["invoiceid"])
	}
	var wg sync.WaitGroup
	replies := make([]reply, len(ids))
	for i, id := range ids {
		wg.Go(func() { replies[i] = w.post(w.root, "billing/customer-pay.json", "invoice-ids", id) })
	}
	wg.Wait()
	paid := 0
	for _, r := range replies {
		if r.status != http.StatusOK {
			t.Error(r.body)
		}
		paid += strings.Count(r.body, `"actionstatus":"InvoicePaid"`)
	}
	if paid != 4 || w.balance(w.root, jane) != "0" { // of 1.25 each
		t.Errorf("%d are paid, %s is left", paid, w.balance(w.root, jane))
	}
}

// TestAmountsArePrintedAsStored: what a reply shows is what the ledger holds.
func TestAmountsArePrintedAsStored(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w.clock.Advance(time.Minute) // for the rate limit
		jane := w.newCustomer(w.root, fmt.Sprintf("jane%d@x.example", n))
		total := money.Value(0)
		for i, v := range rapid.SliceOfN(rapid.Int64Range(1, 250_000_000_000), 1, 4).Draw(rt, "amounts") {
			a := money.Value(v)
			total += a
			id := w.bare(w.fund(w.root, jane, a.String(), i))
			var stored money.Value
			if err := w.store.Read(t.Context(), func(tx work.Tx) error {
				x, err := tx.Transaction(t.Context(), id)
				stored = x.Amount
				return err
			}); err != nil || stored != a {
				rt.Fatalf("%s is stored as %s, %v", a, stored, err)
			}
		}
		debit := w.bare(w.post(w.root, "billing/add-customer-debit-note.json", "customer-id", jane, "amount", total.String(), "description", "all"))
		o, err := parsed(w.get(w.root, "billing/customer-balance.json", "customer-id", jane).body)
		if err != nil {
			rt.Fatal(err)
		}
		for _, m := range o.(object) {
			if m.key != "sellingcurrencybalance" && m.key != "totalsellingbalance" {
				continue
			}
			if v, err := money.ParseValue(string(m.value.(number))); err != nil || v != total {
				rt.Errorf("%s is %v, want %s", m.key, m.value, total)
			}
		}
		row := w.object(w.post(w.root, "billing/customer-pay.json", "debit-ids", debit))[strconv.FormatInt(debit, 10)].(map[string]any)
		if v, err := money.ParseValue(row["sellingamount"].(string)); err != nil || v != -total || row["unutilisedsellingamount"] != "0.000" {
			rt.Errorf("%v, want %s", row, -total)
		}
	})
}
