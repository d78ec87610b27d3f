package provision_test

import (
	"slices"
	"testing"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// TestInvoiceOptions is the table of resellerclub.md section 8.
func TestInvoiceOptions(t *testing.T) {
	for _, c := range []struct {
		option     action.InvoiceOption
		funds      string
		invoice    string // "" = none
		unutilised string
		greedy     bool
		status     action.Status
		order      order.Status
		have, owed string // afterwards
		cost       string // left owes root
	}{
		{action.NoInvoice, "100", "", "", false, action.Success, order.Active, "100.000", "0.000", "2.400"},
		{action.PayInvoice, "100", "-7.500", "0.000", false, action.Success, order.Active, "92.500", "0.000", "2.400"},
		{action.PayInvoice, "7.5", "-7.500", "0.000", false, action.Success, order.Active, "0.000", "0.000", "2.400"},
		{action.PayInvoice, "7.499", "-7.500", "-7.500", true, action.PendingExecution, order.Pending, "7.499", "7.500", "0.000"},
		{action.KeepInvoice, "100", "-7.500", "-7.500", false, action.Success, order.Active, "100.000", "7.500", "2.400"},
		{action.OnlyAdd, "100", "-7.500", "-7.500", false, action.PendingExecution, order.Pending, "100.000", "7.500", "0.000"},
	} {
		t.Run(string(c.option)+" "+c.funds, func(t *testing.T) {
			w := newShop(t)
			w.fund(w.jane, c.funds)
			p := w.added(w.jane, "a.example", 3, 2, c.option) // 1.25 x 2 x 3; 0.40 x 2 x 3
			if p.Action.Status != c.status || p.Action.Type != action.Add || p.Action.CustomerID != w.jane.ID || p.Action.ResellerID != w.left.ID {
				t.Errorf("%+v", p.Action)
			}
			w.is(p.Order.ID, c.order)
			w.has(w.jane, c.have, "0.000", c.owed)
			w.resellerHas(w.left, "EUR", "0.000", c.cost)
			w.resellerHas(w.root, "USD", "0.000", "0.000")
			if (p.Invoice == nil) != (c.invoice == "") {
				t.Fatalf("invoice %+v", p.Invoice)
			}
			if p.Invoice == nil {
				return
			}
			x := w.transaction(p.Invoice.ID)
			if x.Amount.String() != c.invoice || x.Unutilised.String() != c.unutilised || x.Greedy != c.greedy || x.Manual || x.OrderID != p.Order.ID || x.ActionID != p.Action.ID ||
				x.Unutilised != p.Invoice.Unutilised || p.Cost != -x.Amount || x.IssuerID != w.left.ID || x.Currency != "GBP" || x.ProductKey != product.BusinessEmail {
				t.Errorf("%+v", x)
			}
		})
	}
}

func TestTaxAndDiscountAreKeptApart(t *testing.T) {
	w := newShop(t)
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.TaxName, r.TaxRate = "VAT", "17.5" })
	buy := func(domain, discount string) (*selling.Purchased, error) {
		return w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: domain, CustomerID: w.jane.ID, Product: product.BusinessEmail, Months: 3, Seats: 1,
			Option: action.KeepInvoice, Discount: value(discount)})
	}
	p, err := buy("a.example", "0.50")
	w.must(err)
	x := w.transaction(p.Invoice.ID) // 3.75 - 0.50, plus 17.5 % of 3.25 = 0.56875
	if x.Net.String() != "3.750" || x.Discount.String() != "0.500" || x.Tax.String() != "0.570" || x.Amount.String() != "-3.820" || x.TaxName != "VAT" {
		t.Errorf("%+v", x)
	}
	var sides []string
	w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
		entries, err := tx.Entries(w.ctx, x.ID)
		for _, e := range entries {
			sides = append(sides, e.Account[:5]+" "+e.Amount.String())
		}
		return err
	}))
	slices.Sort(sides)
	if !slices.Equal(sides, []string{"custo -3.820", "sales 3.250", "tax:1 0.570"}) {
		t.Error(sides)
	}
	w.resellerHas(w.left, "EUR", "0.000", "1.200") // its cost price, without tax or discount
	_, err = buy("b.example", "3.76")
	w.fails(err, fault.Invalid, "DISCOUNT")
	_, err = buy("b.example", "-0.01")
	w.fails(err, fault.Invalid, "DISCOUNT")
	p, err = buy("b.example", "3.75")
	w.must(err)
	if p.Invoice.Amount != 0 || p.Invoice.Unutilised != 0 || w.transaction(p.Invoice.ID).BalancedAt == nil {
		t.Errorf("%+v", p.Invoice)
	}
}

// TestSlabAndProration is R-11: the slab is that of the total, and started months
// of the running period count whole.
func TestSlabAndProration(t *testing.T) {
	w := newShop(t)
	cheap := allFigures("1.00", "1.10")
	w.setPrices(as(w.left), pricing.PriceListRef{Audience: "customers"}, slices.DeleteFunc(cheap, func(p pricing.SetPrice) bool { return p.Unit != "6-25" }))
	p := w.added(w.jane, "a.example", 12, 5, action.KeepInvoice)
	if p.Cost.String() != "75.000" { // 1.25 x 5 x 12
		t.Error(p.Cost)
	}
	id := p.Order.ID
	for _, c := range []struct {
		after time.Duration
		n     int
		want  string
	}{
		{0, 1, "12.000"},           // 6 seats: 1.00 x 1 x 12
		{time.Second, 2, "24.000"}, // the first month is started
		{30 * day, 1, "11.000"},    // 22 December has been
		{300 * day, 1, "2.000"},    // 19 October: the last month but one
		{34 * day, 1, "1.000"},     // on the last day
	} {
		w.clock.Advance(c.after)
		p, err := w.seats(id, c.n, action.KeepInvoice)
		w.must(err)
		if p.Cost.String() != c.want {
			t.Errorf("%s: %s, want %s", w.clock.Now(), p.Cost, c.want)
		}
	}
	if got := w.details(id).Order.Seats; got != 11 {
		t.Fatal(got)
	}
	before := w.end(id)
	p, err := w.renew(id, 3, 15, action.KeepInvoice) // 26 seats: 1.50 x 26 x 3
	w.must(err)
	if p.Cost.String() != "117.000" || w.details(id).Order.Seats != 26 || !w.end(id).Equal(order.AddMonths(before, 3)) {
		t.Errorf("%s, %+v", p.Cost, w.details(id).Order)
	}
}

func TestChangeOfPlan(t *testing.T) {
	w := newShop(t)
	var rows []pricing.SetPrice
	for unit, f := range map[string]string{"1762": "1.00", "1756": "2.50", "1755": "0"} {
		for _, m := range product.Tenures {
			for _, a := range []string{"add", "renew"} {
				p := pricing.SetPrice{Figure: f}
				p.Product, p.Unit, p.Months = product.TitanGlobal, unit, m
				p.Action = "add"
				if a == "renew" {
					p.Action = "renew"
				}
				rows = append(rows, p)
			}
		}
	}
	w.setPrices(as(w.left), pricing.PriceListRef{Audience: "customers"}, rows)
	w.setPrices(as(w.root), pricing.PriceListRef{Audience: "resellers"}, rows)
	buy := func(domain string, planID, months, seats int) *selling.Purchased {
		t.Helper()
		p, err := w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: domain, CustomerID: w.jane.ID, Product: product.TitanGlobal, PlanID: planID, Months: months,
			Seats: seats, Option: action.KeepInvoice})
		w.must(err)
		return p
	}
	change := func(id int64, planID, months int) *selling.Purchased {
		t.Helper()
		p, err := w.s.ChangeOrderPlan(w.ctx, as(w.left), selling.ChangeOrderPlan{Order: selling.SoldOrderRef{ID: id}, PlanID: planID, Months: months, Option: action.KeepInvoice})
		w.must(err)
		return p
	}
	paid := buy("a.example", 1762, 6, 3)
	end := w.end(paid.Order.ID)
	w.clock.Advance(70 * day)
	if p := change(paid.Order.ID, 1756, 0); p.Cost.String() != "18.000" || !w.end(paid.Order.ID).Equal(end) { // (2.50 - 1.00) x 3 x 4
		t.Errorf("%s until %s", p.Cost, w.end(paid.Order.ID))
	}
	for _, discount := range []money.Value{-1000, 10} { // there is nothing to take off, or to put on
		_, err := w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: "b.example", CustomerID: w.jane.ID, Product: product.TitanGlobal, PlanID: 1755, Months: 3,
			Seats: 2, Option: action.KeepInvoice, Discount: discount})
		w.fails(err, fault.Invalid, "DISCOUNT")
	}
	trial := buy("b.example", 1755, 3, 2)
	if trial.Cost != 0 {
		t.Errorf("a trial costs %s", trial.Cost)
	}
	if p := change(trial.Order.ID, 1756, 12); p.Cost.String() != "60.000" { // 2.50 x 2 x 12
		t.Error(p.Cost)
	}
}

func TestWhatCanNotBeBought(t *testing.T) {
	w := newShop(t)
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Products = []product.Key{product.EnterpriseUS} })
	_, err := w.add(w.jane, "a.example", 1, 1, action.NoInvoice)
	w.fails(err, fault.Forbidden, "NOT_SIGNED_UP")
	w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.Products = []product.Key{product.BusinessEmail, product.EnterpriseUS} })
	w.changeReseller(w.root.ID, func(r *reseller.Reseller) { r.Products = []product.Key{product.EnterpriseUS} })
	_, err = w.add(w.jane, "a.example", 1, 1, action.NoInvoice)
	w.fails(err, fault.Forbidden, "NOT_SIGNED_UP")
	_, err = w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: "a.example", CustomerID: w.jane.ID, Product: product.EnterpriseUS, Months: 1, Seats: 1, Option: action.NoInvoice})
	w.fails(err, fault.Invalid, "NOT_PRICED")
	w.changeReseller(w.root.ID, func(r *reseller.Reseller) { r.Products = []product.Key{product.BusinessEmail, product.EnterpriseUS} })
	rows := allFigures("1", "1")
	for i := range rows {
		rows[i].Product = product.EnterpriseUS
		if rows[i].Unit = "6-10"; i%2 == 0 {
			rows[i].Unit = "1-5"
		}
	}
	w.setPrices(as(w.left), pricing.PriceListRef{Audience: "customers"}, rows[:2])
	// The customer has a price, its reseller no cost price.
	_, err = w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: "a.example", CustomerID: w.jane.ID, Product: product.EnterpriseUS, Months: 1, Seats: 1, Option: action.OnlyAdd})
	w.fails(err, fault.Invalid, "NOT_PRICED")
	_, err = w.add(w.jane, "a.example", 1, 1, "PayLater")
	w.fails(err, fault.Invalid, "INVOICE_OPTION")
	for _, n := range []int{0, -1, 1 << 40} {
		if _, err := w.add(w.jane, "a.example", 1, n, action.NoInvoice); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d accounts: %v", n, err)
		}
	}
	if len(w.fresh()) != 0 {
		t.Error("something was made")
	}
	w.resellerHas(w.left, "EUR", "0.000", "0.000")
}

// TestPendingActionHoldsItsOrder is section 8: one pending action at most.
func TestPendingActionHoldsItsOrder(t *testing.T) {
	w := newShop(t)
	p := w.added(w.jane, "a.example", 1, 1, action.KeepInvoice)
	first, err := w.seats(p.Order.ID, 1, action.OnlyAdd)
	w.must(err)
	for range 2 {
		_, err = w.seats(p.Order.ID, 1, action.OnlyAdd)
		w.fails(err, fault.Conflict, "ACTION_PENDING")
		_, err = w.renew(p.Order.ID, 1, 0, action.NoInvoice)
		w.fails(err, fault.Conflict, "ACTION_PENDING")
	}
	w.has(w.jane, "0.000", "0.000", "2.500")
	_, err = w.s.CancelTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: []int64{first.Invoice.ID}})
	w.must(err)
	_, err = w.renew(p.Order.ID, 1, 0, action.NoInvoice)
	w.must(err)
}

// TestRenewedAlready is R-33.
func TestRenewedAlready(t *testing.T) {
	w := newShop(t)
	w.fund(w.jane, "100")
	id := w.added(w.jane, "a.example", 1, 1, action.PayInvoice).Order.ID
	_, err := w.renew(id, 1, 0, action.PayInvoice)
	w.must(err)
	end := w.end(id)
	for range 3 {
		w.clock.Advance(3 * time.Minute)
		_, err = w.renew(id, 1, 0, action.PayInvoice)
		w.fails(err, fault.Conflict, "ALREADY_RENEWED")
	}
	w.has(w.jane, "97.250", "0.000", "0.000")
	if !w.end(id).Equal(end) {
		t.Error(w.end(id))
	}
	_, err = w.renew(id, 3, 0, action.PayInvoice) // not identical
	w.must(err)
	_, err = w.renew(id, 1, 0, action.PayInvoice) // the last renewal is another
	w.must(err)
	w.clock.Advance(10*time.Minute - time.Microsecond)
	_, err = w.renew(id, 1, 0, action.PayInvoice)
	w.fails(err, fault.Conflict, "ALREADY_RENEWED")
	w.clock.Advance(time.Microsecond)
	_, err = w.renew(id, 1, 0, action.PayInvoice)
	w.must(err)
}

// TestGreedyInvoices is R-08: what could not be paid is settled and carried out
// as soon as funds arrive, oldest first, each only whole.
func TestGreedyInvoices(t *testing.T) {
	w := newShop(t)
	big := w.added(w.jane, "big.example", 12, 1, action.PayInvoice)    // 15.00
	small := w.added(w.jane, "small.example", 1, 2, action.PayInvoice) // 2.50
	later := w.added(w.jane, "later.example", 1, 2, action.PayInvoice) // 2.50
	kept := w.added(w.jane, "kept.example", 1, 1, action.OnlyAdd)      // 1.25: not greedy
	other := w.added(w.john, "other.example", 1, 1, action.PayInvoice) // another's
	w.fresh()
	w.fund(w.jane, "2.49")
	w.is(small.Order.ID, order.Pending)
	w.fund(w.jane, "0.01")
	w.is(small.Order.ID, order.Active)
	w.is(later.Order.ID, order.Pending)
	w.has(w.jane, "0.000", "0.000", "18.750")
	if x := w.transaction(small.Invoice.ID); x.Greedy || x.Unutilised != 0 || x.BalancedAt == nil {
		t.Errorf("%+v", x)
	}
	if a := w.action(small.Action.ID); a.Status != action.Success || a.CompletedAt == nil {
		t.Errorf("%+v", a)
	}
	var types []event.Type
	for _, e := range w.fresh() {
		types = append(types, e.Type)
	}
	if !slices.Contains(types, event.MailOrderStatusUpdated) {
		t.Error(types)
	}
	w.fund(w.jane, "17.5")
	w.is(big.Order.ID, order.Active)
	w.is(later.Order.ID, order.Active)
	w.is(kept.Order.ID, order.Pending)
	w.is(other.Order.ID, order.Pending)
	w.has(w.jane, "0.000", "0.000", "1.250")
	w.resellerHas(w.left, "EUR", "0.000", "6.400") // 0.40 x (12 + 2 + 2)
}

// TestPrepaidReseller is R-09, over two generations: what is short locks the
// action, money that arrives carries it out.
func TestPrepaidReseller(t *testing.T) {
	w := newShop(t)
	w.setPrices(as(w.left), pricing.PriceListRef{Audience: "resellers"}, allFigures("0.80", "0.90"))
	w.setPrices(as(w.leaf), pricing.PriceListRef{Audience: "customers"}, allFigures("90", "95"))
	carl := w.customerOf(w.a.PartnerID, w.leaf.ID, "carl@x.example")
	for _, id := range []int64{w.leaf.ID, w.left.ID} {
		w.changeReseller(id, func(r *reseller.Reseller) { r.Funds = reseller.Prepaid })
	}
	w.fundReseller(as(w.left), w.leaf, "1.59")
	_, err := w.s.PostManually(w.ctx, as(w.left), selling.PostManually{CustomerID: carl.ID, Type: ledger.Receipt, Amount: value("200"), Description: "cash"})
	w.must(err)
	p, err := w.s.AddOrder(w.ctx, as(w.leaf), selling.AddOrder{Domain: "c.example", CustomerID: carl.ID, Product: product.BusinessEmail, Months: 1, Seats: 2, Option: action.PayInvoice})
	w.must(err)
	if p.Action.Status != action.InvoicePaid || p.Invoice.Unutilised != 0 || p.Invoice.Currency != "INR" {
		t.Fatalf("%+v %+v", p.Action, p.Invoice)
	}
	w.is(p.Order.ID, order.Pending)
	b, err := w.s.CustomerBalance(w.ctx, as(w.leaf), carl.ID)
	w.must(err)
	if b.Available != value("20") || b.Locked != value("180") {
		t.Errorf("%+v", b)
	}
	w.fundReseller(as(w.left), w.leaf, "0.01") // leaf has its 1.60 now, left not its 0.80
	w.is(p.Order.ID, order.Pending)
	w.resellerHas(w.leaf, "GBP", "1.600", "0.000")
	w.fundReseller(as(w.root), w.left, "0.79")
	w.is(p.Order.ID, order.Pending)
	w.fundReseller(as(w.root), w.left, "5")
	w.is(p.Order.ID, order.Active)
	w.resellerHas(w.leaf, "GBP", "0.000", "0.000")
	w.resellerHas(w.left, "EUR", "4.990", "0.000")
	if b, err = w.s.CustomerBalance(w.ctx, as(w.leaf), carl.ID); err != nil || b.Locked != 0 || b.Available != value("20") {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestCarryingOutFails: an action that can't be carried out any more when it is
// paid is given up, and the money is the customer's again.
func TestCarryingOutFails(t *testing.T) {
	w := newShop(t)
	w.fund(w.jane, "100")
	id := w.added(w.jane, "a.example", 1, 1, action.PayInvoice).Order.ID
	p, err := w.seats(id, 3, action.OnlyAdd)
	w.must(err)
	_, err = w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: id}}) // in another dialect
	w.must(err)
	out, err := w.s.PayTransactions(w.ctx, as(w.left), selling.NamedTransactions{Invoices: []int64{p.Invoice.ID}})
	w.must(err)
	if len(out) != 1 || out[0].Action.Status != action.Failed || out[0].Transaction.CancelledAt == nil || out[0].Transaction.Unutilised != 0 {
		t.Fatalf("%+v %+v", out[0].Action, out[0].Transaction)
	}
	w.has(w.jane, "98.750", "0.000", "0.000")
	w.resellerHas(w.left, "EUR", "0.000", "0.400")
}

// TestAutoRenewal is R-26, by the platform's clock and by a sandbox partner's.
func TestAutoRenewal(t *testing.T) {
	w := newShop(t)
	w.fund(w.jane, "10.5")
	buy := func(domain string, seats int) int64 {
		t.Helper()
		p, err := w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: domain, CustomerID: w.jane.ID, Product: product.BusinessEmail, Months: 1, Seats: seats, AutoRenew: true,
			Option: action.PayInvoice})
		w.must(err)
		return p.Order.ID
	}
	id, dear, off := buy("a.example", 1), buy("b.example", 5), buy("c.example", 1)
	has := func() int { return len(w.dueOf("renewal")) }
	if has() != 3 {
		t.Fatalf("%d are in the calendar", has())
	}
	end := w.end(id)
	no := false
	if _, err := w.s.RenewOrder(w.ctx, as(w.left), selling.RenewOrder{Order: selling.SoldOrderRef{ID: off}, Months: 1, AutoRenew: &no, Option: action.NoInvoice}); err != nil {
		t.Fatal(err)
	}
	if has() != 2 {
		t.Errorf("%d are in the calendar", has())
	}
	w.clock.Advance(end.Add(-24*time.Hour - time.Second).Sub(w.clock.Now()))
	w.fallDue("renewal")
	if !w.end(id).Equal(end) {
		t.Error("renewed too early")
	}
	w.clock.Advance(time.Second)
	w.fresh()
	w.fallDue("renewal")
	if !w.end(id).Equal(order.AddMonths(end, 1)) || !w.end(dear).Equal(end) {
		t.Errorf("until %s and %s", w.end(id), w.end(dear))
	}
	if has() != 1 { // the next of a; b waits for funds
		t.Errorf("%d are in the calendar", has())
	}
	w.fallDue("renewal")
	w.has(w.jane, "0.250", "0.000", "7.500") // 10.50 - 1.25 - 6.25 - 1.25 - 1.50
	w.fund(w.jane, "10")
	if !w.end(dear).Equal(order.AddMonths(end, 1)) {
		t.Error("funds arrived, and nothing happened")
	}
	if has() != 2 {
		t.Errorf("%d are in the calendar", has())
	}
}

// TestCurrenciesAndForex: accounting amounts are the selling amount at the rate
// of the day, and a match between two rates tells the difference.
func TestCurrenciesAndForex(t *testing.T) {
	w := newShop(t)
	rate := func(s string) {
		w.changeReseller(w.left.ID, func(r *reseller.Reseller) { r.AccountingCurrency, r.ConversionRate = "USD", s })
	}
	rate("1.3333")
	w.fund(w.jane, "10")
	p := w.added(w.jane, "a.example", 1, 1, action.PayInvoice)
	if x := w.transaction(p.Invoice.ID); x.AccountingAmount.String() != "-1.667" || x.AccountingCurrency != "USD" || x.ForexDiff != 0 || x.AccountingUnutilised != 0 {
		t.Errorf("%+v", x)
	}
	rate("1.5")
	p = w.added(w.jane, "b.example", 1, 2, action.PayInvoice) // 2.50 is worth 3.750 now; 3.333 was paid in
	if x := w.transaction(p.Invoice.ID); x.AccountingAmount.String() != "-3.750" || x.ForexDiff.String() != "-0.417" {
		t.Errorf("%+v", x)
	}
	b, err := w.s.CustomerBalance(w.ctx, w.op, w.jane.ID)
	w.must(err)
	if b.Available.String() != "6.250" || b.AccountingBalance.String() != "8.333" { // 6.25 x 1.3333
		t.Errorf("%+v", b)
	}
}

var _ = money.Value(0)
