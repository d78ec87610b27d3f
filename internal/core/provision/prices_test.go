package provision_test

import (
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// tree is resellers under partner a: root, two below it and one below the first
// of those; and the root of partner b.
type tree struct {
	*world
	root, left, right, leaf, other *reseller.Reseller
}

func newTree(t *testing.T) *tree {
	t.Helper()
	w := newWorld(t)
	tr := &tree{world: w}
	tr.root = w.reseller(reselling.CreateReseller{PartnerID: w.a.PartnerID, Username: "root@a.example", SellingCurrency: "EUR", AccountingCurrency: "USD", ConversionRate: "1.1"})
	tr.left = w.reseller(reselling.CreateReseller{PartnerID: w.a.PartnerID, ParentID: tr.root.ID, Username: "left@a.example", SellingCurrency: "GBP"})
	tr.right = w.reseller(reselling.CreateReseller{PartnerID: w.a.PartnerID, ParentID: tr.root.ID, Username: "right@a.example"})
	tr.leaf = w.reseller(reselling.CreateReseller{PartnerID: w.a.PartnerID, ParentID: tr.left.ID, Username: "leaf@a.example", SellingCurrency: "INR"})
	tr.other = w.reseller(reselling.CreateReseller{PartnerID: w.b.PartnerID, Username: "root@b.example"})
	return tr
}

func (w *world) reseller(cmd reselling.CreateReseller) *reseller.Reseller {
	w.t.Helper()
	r, _, err := w.s.CreateReseller(w.ctx, w.op, cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// as gives the actor that a reseller's key makes.
func as(r *reseller.Reseller) audit.Actor {
	return audit.Actor{PartnerID: r.PartnerID, Role: suspension.RolePartner, Name: "reseller", RequestID: "req-r", Limited: true, Limit: audit.Limit{ResellerID: r.ID}}
}

// customerOf makes a customer of a reseller, 0 = of none.
func (w *world) customerOf(partnerID, resellerID int64, username string) *customer.Customer {
	w.t.Helper()
	c := &customer.Customer{PartnerID: partnerID, ResellerID: resellerID, CustomerID: username, Username: username, Status: customer.Active, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
	if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.InsertCustomer(w.ctx, c) }); err != nil {
		w.t.Fatal(err)
	}
	return c
}

var anItem = price.Item{Product: product.BusinessEmail, Unit: "1-5", Action: price.Add, Months: 1}

func aPrice(figure string) []pricing.SetPrice {
	return []pricing.SetPrice{{Item: anItem, Figure: figure}}
}

func (w *world) prices(actor audit.Actor, ref pricing.PriceListRef, figure string) {
	w.t.Helper()
	if _, err := w.s.SetPrices(w.ctx, actor, ref, aPrice(figure)); err != nil {
		w.t.Fatal(err)
	}
}

func TestFigures(t *testing.T) {
	w := newTree(t)
	direct, titan := w.customerOf(w.a.PartnerID, w.left.ID, "direct@x.example"), w.customerOf(w.a.PartnerID, 0, "titan@x.example")
	q := price.Question{Product: product.BusinessEmail, Seats: 3, Action: price.Add, Months: 1}
	customerFigure := func(c *customer.Customer, want string) {
		t.Helper()
		f, err := w.s.CustomerFigure(w.ctx, w.op, c.ID, q)
		is(t, f, err, want)
	}
	cost := func(r *reseller.Reseller, want string) {
		t.Helper()
		f, err := w.s.CostFigure(w.ctx, w.op, r.ID, q)
		is(t, f, err, want)
	}
	customerFigure(direct, "")
	customerFigure(titan, "")
	cost(w.root, "USD 0") // no list of the platform
	cost(w.left, "")
	w.prices(as(w.left), pricing.PriceListRef{Audience: price.Customers}, "2.50")
	w.prices(as(w.root), pricing.PriceListRef{Audience: price.Customers}, "3")
	w.prices(as(w.root), pricing.PriceListRef{Audience: price.Resellers}, "1")
	w.prices(w.op, pricing.PriceListRef{PartnerID: w.a.PartnerID, Audience: price.Resellers}, "0.5")
	customerFigure(direct, "GBP 2.5")
	customerFigure(titan, "EUR 3") // what belongs to no reseller is the root's
	cost(w.root, "USD 0.5")
	cost(w.left, "EUR 1")
	cost(w.right, "EUR 1")
	cost(w.leaf, "") // its parent has no list for it
	w.prices(as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: direct.ID}, "2.000001")
	w.prices(as(w.root), pricing.PriceListRef{Audience: price.Resellers, PartyID: w.left.ID}, "0.9")
	customerFigure(direct, "GBP 2.000001")
	cost(w.left, "EUR 0.9")
	cost(w.right, "EUR 1")
	q.Seats = 6 // another slab
	customerFigure(direct, "")
	cost(w.root, "") // there is a list now
	q.Seats = 300000
	cost(w.other, "") // not even for nothing
	q.Seats = 200000
	cost(w.other, "USD 0")
	if _, err := w.s.RemovePrices(w.ctx, as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: direct.ID}, []price.Item{anItem}); err != nil {
		t.Fatal(err)
	}
	q.Seats = 5
	customerFigure(direct, "GBP 2.5")
}

func is(t *testing.T, f price.Figure, err error, want string) {
	t.Helper()
	if want == "" {
		if fault.Of(err) == nil || fault.Of(err).Reason != "NOT_PRICED" {
			t.Errorf("got %+v, %v, want no price", f, err)
		}
		return
	}
	if got := f.Currency + " " + f.PerMonth.String(); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestPriceListsOfOthers(t *testing.T) {
	w := newTree(t)
	mine := w.customerOf(w.a.PartnerID, w.left.ID, "mine@x.example")
	theirs := w.customerOf(w.a.PartnerID, w.right.ID, "theirs@x.example")
	below := w.customerOf(w.a.PartnerID, w.leaf.ID, "below@x.example")
	foreign := w.customerOf(w.b.PartnerID, w.other.ID, "foreign@x.example")
	gone := w.customerOf(w.a.PartnerID, w.left.ID, "gone@x.example")
	gone.Status = customer.Deleted
	if err := w.store.Write(w.ctx, func(tx work.Tx) error { return tx.UpdateCustomer(w.ctx, gone) }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		actor  audit.Actor
		ref    pricing.PriceListRef
		reason string // "" = may
		code   fault.Code
	}{
		{"its own", as(w.left), pricing.PriceListRef{Audience: price.Customers}, "", ""},
		{"its own by name", as(w.left), pricing.PriceListRef{ResellerID: w.left.ID, Audience: price.Resellers}, "", ""},
		{"its customer's", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: mine.ID}, "", ""},
		{"its child's", as(w.left), pricing.PriceListRef{ResellerID: w.leaf.ID, Audience: price.Customers}, "", ""},
		{"its child's customer's", as(w.left), pricing.PriceListRef{ResellerID: w.leaf.ID, Audience: price.Customers, PartyID: below.ID}, "", ""},
		{"towards its child", as(w.left), pricing.PriceListRef{Audience: price.Resellers, PartyID: w.leaf.ID}, "", ""},
		{"the root's, by its partner", w.a, pricing.PriceListRef{Audience: price.Customers}, "", ""},
		{"the leaf's, by its partner", w.a, pricing.PriceListRef{ResellerID: w.leaf.ID, Audience: price.Customers}, "", ""},
		{"the platform's", w.op, pricing.PriceListRef{PartnerID: w.a.PartnerID, Audience: price.Resellers}, "", ""},
		{"the platform's, of the root", w.op, pricing.PriceListRef{PartnerID: w.a.PartnerID, Audience: price.Resellers, PartyID: w.root.ID}, "", ""},
		{"its sibling's", as(w.left), pricing.PriceListRef{ResellerID: w.right.ID, Audience: price.Customers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"its parent's", as(w.left), pricing.PriceListRef{ResellerID: w.root.ID, Audience: price.Resellers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"another partner's", as(w.left), pricing.PriceListRef{ResellerID: w.other.ID, Audience: price.Resellers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"another partner's, by the partner", w.a, pricing.PriceListRef{ResellerID: w.other.ID, Audience: price.Resellers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"nobody's", as(w.left), pricing.PriceListRef{ResellerID: 999999999, Audience: price.Resellers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"the platform's, by a partner", w.a, pricing.PriceListRef{PartnerID: w.b.PartnerID, ResellerID: w.other.ID, Audience: price.Resellers}, "NO_SUCH_RESELLER", fault.NotFound},
		{"its sibling's customer's", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: theirs.ID}, "", fault.CustomerNotFound},
		{"its child's customer's as its own", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: below.ID}, "", fault.CustomerNotFound},
		{"a foreign customer's", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: foreign.ID}, "", fault.CustomerNotFound},
		{"a deleted customer's", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: gone.ID}, "", fault.CustomerNotFound},
		{"no customer's", as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: -1}, "", fault.CustomerNotFound},
		{"what it pays itself", as(w.left), pricing.PriceListRef{Audience: price.Resellers, PartyID: w.left.ID}, "NO_SUCH_RESELLER", fault.NotFound},
		{"towards its grandchild", as(w.root), pricing.PriceListRef{Audience: price.Resellers, PartyID: w.leaf.ID}, "NO_SUCH_RESELLER", fault.NotFound},
		{"for nobody", as(w.left), pricing.PriceListRef{}, "AUDIENCE", fault.Invalid},
		{"the platform's for customers", w.op, pricing.PriceListRef{PartnerID: w.a.PartnerID, Audience: price.Customers}, "AUDIENCE", fault.Invalid},
		{"the platform's of nobody", w.op, pricing.PriceListRef{PartnerID: 99999, Audience: price.Resellers}, "", fault.PartnerNotFound},
	} {
		_, err := w.s.SetPrices(w.ctx, c.actor, c.ref, aPrice("1"))
		_, read := w.s.Prices(w.ctx, c.actor, c.ref)
		for what, err := range map[string]error{"set": err, "read": read} {
			if c.code == "" && err != nil || c.code != "" && (!fault.Is(err, c.code) || fault.Of(err).Reason != c.reason) {
				t.Errorf("%s, %s: %v", c.name, what, err)
			}
		}
	}
}

func TestBadPrices(t *testing.T) {
	w := newTree(t)
	ref := pricing.PriceListRef{Audience: price.Customers}
	for reason, bad := range map[string][]pricing.SetPrice{
		"PRICE":   aPrice("-1"),
		"PRICE ":  aPrice("0.0000001"),
		"PRODUCT": {{Item: price.Item{Product: "eelitein", Unit: "1-5", Action: price.Add, Months: 1}, Figure: "1"}},
		"UNIT":    {{Item: price.Item{Product: product.BusinessEmail, Unit: "1-6", Action: price.Add, Months: 1}, Figure: "1"}},
		"UNIT ":   {{Item: price.Item{Product: product.TitanIndia, Unit: "1762", Action: price.Add, Months: 1}, Figure: "1"}},
		"ACTION":  {{Item: price.Item{Product: product.BusinessEmail, Unit: "1-5", Action: "transfer", Months: 1}, Figure: "1"}},
		"TENURE":  {{Item: price.Item{Product: product.BusinessEmail, Unit: "1-5", Action: price.Add, Months: 24}, Figure: "1"}},
	} {
		_, err := w.s.SetPrices(w.ctx, as(w.left), ref, append(aPrice("1"), bad...))
		if !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != strings.TrimSpace(reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if l, err := w.s.Prices(w.ctx, as(w.left), ref); err != nil || len(l.Rows) != 0 || l.Currency != "GBP" {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := w.s.SetPrices(w.ctx, as(w.left), ref, make([]pricing.SetPrice, 5001)); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestPriceFiles(t *testing.T) {
	w := newTree(t)
	ref := pricing.PriceListRef{Audience: price.Customers}
	file := []byte("product,unit,action,months,currency,price\neeliteus,1-5,add,1,GBP,2.5\neeliteus,6-200000,add,1,GBP,2\ntitanmailglobal,1762,renew,12,GBP,0.6\n")
	run := func(file []byte, dry bool, want [4]int) *pricing.ImportedPrices {
		t.Helper()
		got, err := w.s.ImportPrices(w.ctx, as(w.left), pricing.ImportPrices{List: ref, File: file, DryRun: dry})
		if err != nil || [4]int{got.Added, got.Changed, got.Removed, got.Same} != want {
			t.Fatalf("%+v, %v", got, err)
		}
		return got
	}
	count := func(want int) {
		t.Helper()
		if l, err := w.s.Prices(w.ctx, as(w.left), ref); err != nil || len(l.Rows) != want {
			t.Fatalf("%+v, %v", l, err)
		}
	}
	run(file, true, [4]int{5, 0, 0, 0})
	count(0)
	run(file, false, [4]int{5, 0, 0, 0})
	count(5)
	records := len(w.store.AllRecords())
	run(file, false, [4]int{0, 0, 0, 5})
	if len(w.store.AllRecords()) != records {
		t.Error("nothing changed, and was recorded")
	}
	exported, err := w.s.ExportPrices(w.ctx, as(w.left), ref)
	if err != nil {
		t.Fatal(err)
	}
	run(exported, false, [4]int{0, 0, 0, 5})
	run([]byte("product,unit,action,months,currency,price\neeliteus,1-200000,add,1,GBP,2\n"), false, [4]int{0, 1, 1, 3})
	count(4)
	if _, err := w.s.ImportPrices(w.ctx, as(w.left), pricing.ImportPrices{List: ref, File: []byte(strings.ReplaceAll(string(file), "GBP", "EUR"))}); fault.Of(err) == nil || fault.Of(err).Reason != price.ReasonFile {
		t.Error(err)
	}
	count(4)
	for _, other := range []pricing.PriceListRef{{ResellerID: w.right.ID, Audience: price.Customers}, {ResellerID: w.root.ID, Audience: price.Resellers}, {ResellerID: w.other.ID, Audience: price.Customers}} {
		if _, err := w.s.ImportPrices(w.ctx, as(w.left), pricing.ImportPrices{List: other, File: file}); fault.Of(err) == nil || fault.Of(err).Reason != "NO_SUCH_RESELLER" {
			t.Error(err)
		}
		if _, err := w.s.ExportPrices(w.ctx, as(w.left), other); fault.Of(err) == nil || fault.Of(err).Reason != "NO_SUCH_RESELLER" {
			t.Error(err)
		}
	}
}
