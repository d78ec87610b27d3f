package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/selling"
	nouns "posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// brandShop is a brand whose holders buy: jane is the root's, anne a reseller's.
type brandShop struct {
	*world
	api        audit.Actor // an API user's
	root, left *reseller.Reseller
	jane, anne *customer.Customer
}

func newBrandShop(t *testing.T, settings partner.Settings) *brandShop {
	t.Helper()
	w := &brandShop{world: newWorld(t)}
	w.api = w.partner(settings)
	w.root = w.brandOf(w.api).Root
	w.left = w.reseller(reselling.CreateReseller{PartnerID: w.api.PartnerID, ParentID: w.root.ID, Username: "left@brand.example"})
	w.jane, w.anne = w.customerOf(w.api.PartnerID, 0, "jane@x.example"), w.customerOf(w.api.PartnerID, w.left.ID, "anne@x.example")
	w.fresh()
	return w
}

// pack gives one of the brand's own packages, with prices if any are given.
func (w *brandShop) pack(origin string, prices ...nouns.Price) (ref int64) {
	w.t.Helper()
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		list, err := tx.Packages(w.ctx, w.api.PartnerID)
		if err != nil {
			return err
		}
		for _, k := range list {
			if k.Origin != origin {
				continue
			}
			if ref = k.ID; prices != nil {
				k.Prices = prices
				return tx.UpdatePackage(w.ctx, k)
			}
		}
		return nil
	}))
	return ref
}

func year(v string) nouns.Price { return nouns.Price{Months: 12, Amount: value(v)} }

// bought buys one domain for a year.
func (w *brandShop) bought(c *customer.Customer, domain string) *nouns.Item {
	w.t.Helper()
	o, err := w.s.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: c.ID})
	w.must(err)
	_, err = w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: w.pack(nouns.OriginOfEnding("")), Months: 12, Domain: domain})
	w.must(err)
	return w.paid(o.ID).Items[0]
}

func (w *brandShop) paid(id int64) *nouns.Order {
	w.t.Helper()
	paid := nouns.PaymentSuccess
	o, err := w.s.ModifyShopOrder(w.ctx, w.api, retail.ModifyShopOrder{OrderID: id, Payment: &paid})
	w.must(err)
	return o
}

func (w *brandShop) balance(c *customer.Customer, available, owed string) {
	w.t.Helper()
	b, err := w.s.CustomerBalance(w.ctx, w.op, c.ID)
	w.must(err)
	if b.Available.String() != available || b.Owed.String() != owed {
		w.t.Fatalf("balance %+v, want %s and %s", b, available, owed)
	}
}

func (w *brandShop) invoices(c *customer.Customer) []*ledger.Transaction {
	w.t.Helper()
	list, err := w.s.HolderInvoices(w.ctx, w.api, retail.HolderInvoices{CustomerID: c.ID, Limit: 100})
	w.must(err)
	return list
}

// TestBirthOfADomain: one order, in every dialect, told of once, and paid.
func TestBirthOfADomain(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	w.pack(nouns.OriginOfEnding(""), year("9.99"))
	// What the holder owes besides is not paid with it.
	_, err := w.s.PostManually(w.ctx, as(w.root), selling.PostManually{CustomerID: w.jane.ID, Type: ledger.Debit, Amount: value("3.00"), Description: "Fee"})
	w.must(err)
	i := w.bought(w.jane, "a.example")
	events := w.fresh()
	if len(events) != 1 || events[0].Type != event.MailOrderCreated || events[0].OrderID != i.MailOrderID {
		t.Fatalf("%v", events)
	}
	w.balance(w.jane, "0.000", "3.000")
	paid := w.invoices(w.jane)
	if len(paid) != 1 || paid[0].Amount != value("-9.99") || paid[0].OrderID != i.MailOrderID {
		t.Fatalf("%+v", paid)
	}
	// Titan.
	d, err := w.s.FetchOrder(w.ctx, w.api, work.OrderRef{ID: i.MailOrderID})
	w.must(err)
	if d.Status != order.Active || d.Order.Domain != "a.example" || !d.Order.Serviceable || d.Order.BillingOwner != partner.BilledByPartner {
		t.Errorf("%+v", d.Order)
	}
	if d, err = w.s.FetchOrder(w.ctx, w.api, work.OrderRef{Domain: "a.example", CustomerID: w.jane.CustomerID}); err != nil || d.Order.ID != i.MailOrderID {
		t.Errorf("%v %v", d, err)
	}
	// ResellerClub.
	sold, err := w.s.FetchSoldOrder(w.ctx, as(w.root), selling.SoldOrderRef{ID: i.MailOrderID, Product: product.TitanGlobal})
	w.must(err)
	if sold.Pending != nil || !sold.Immediate || sold.Seller.ID != w.root.ID || !sold.Order.ExpiresAt.Equal(w.clock.Now().AddDate(1, 0, 0)) {
		t.Errorf("%+v", sold)
	}
	var a *action.Action
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		a, err = tx.LastAction(w.ctx, i.MailOrderID, action.Add, true)
		return err
	}))
	if a == nil || a.InvoiceID != paid[0].ID || a.Change.Basis != action.ByPackage {
		t.Errorf("%+v", a)
	}
	// And back: orders of the other dialects are account domains.
	titan := w.world.order(w.api, proOrder("t.example", w.jane.CustomerID))
	list, err := w.s.AccountDomains(w.ctx, w.api, w.jane.ID)
	w.must(err)
	if len(list) != 2 || list[0].Order.ID != i.MailOrderID || list[1].Order.ID != titan || list[0].Active || !list[1].Active {
		t.Errorf("%+v", list)
	}
	w.must(w.s.RunDue(w.ctx, w.job, due.Item{Kind: due.MailService, ObjectID: i.MailOrderID}, w.store.Boxes))
	one, err := w.s.AccountDomain(w.ctx, w.api, i.MailOrderID)
	w.must(err)
	if !one.Active || one.Holder.ID != w.jane.ID {
		t.Errorf("%+v", one)
	}
	// It is renewed as any other.
	setTitanPrices(w, as(w.root), price.Customers, "1.00")
	if _, err := w.s.RenewOrder(w.ctx, as(w.root), selling.RenewOrder{Order: selling.SoldOrderRef{ID: titan}, Months: 1, Option: action.NoInvoice}); err != nil {
		t.Error(err)
	}
}

func setTitanPrices(w *brandShop, actor audit.Actor, to price.Audience, figure string) {
	w.t.Helper()
	sold, _ := product.Find(product.TitanGlobal)
	var rows []pricing.SetPrice
	for _, p := range sold.Plans {
		for _, m := range product.Tenures {
			for _, a := range []price.Action{price.Add, price.Renew} {
				if i, ok := (price.Question{Product: sold.Key, PlanID: p.ID, Seats: 1, Action: a, Months: m}).Item(); ok {
					rows = append(rows, pricing.SetPrice{Item: i, Figure: figure})
				}
			}
		}
	}
	w.setPrices(actor, pricing.PriceListRef{Audience: to}, rows)
}

// TestBirthChargesResellers: those who have a cost price owe it, those without
// nothing, and one who is short lets the order wait.
func TestBirthChargesResellers(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	w.pack(nouns.OriginOfEnding(""), year("9.99"))
	mail := w.pack("plan:pro", year("60.00"))
	assign := func(c *customer.Customer) {
		n := 12
		_, err := w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: c.ID, PackageID: mail, Months: &n})
		w.must(err)
	}
	assign(w.anne)
	w.bought(w.anne, "a.example")
	owes := func(want string) {
		t.Helper()
		b, err := w.s.ResellerBalance(w.ctx, w.op, w.left.ID)
		w.must(err)
		if b.Owed.String() != want {
			t.Errorf("left owes %s, want %s", b.Owed, want)
		}
	}
	owes("0.000")
	setTitanPrices(w, as(w.root), price.Resellers, "0.40")
	free := retail.CreateSite{CustomerID: w.anne.ID, Domain: "free.example"}
	_, err := w.s.CreateSite(w.ctx, w.api, free)
	w.must(err)
	owes("0.000") // what is free costs nobody
	w.bought(w.anne, "b.example")
	owes("24.000") // 0.40 for 5 seats and 12 months

	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		r, err := tx.Reseller(w.ctx, w.left.ID)
		if err != nil {
			return err
		}
		r.Funds = reseller.Prepaid
		return tx.UpdateReseller(w.ctx, r)
	}))
	w.fresh()
	i := w.bought(w.anne, "c.example")
	w.status(i.MailOrderID, order.Pending)
	if got := w.fresh(); len(got) != 1 || got[0].Type != event.MailOrderCreated {
		t.Errorf("%v", got)
	}
	if len(w.invoices(w.anne)) != 3 || w.item(due.MailService, i.MailOrderID) != nil {
		t.Error("the invoice is not paid, or the service is set up already")
	}
	w.clock.Advance(day)
	end := w.details(i.MailOrderID).Order.ExpiresAt
	_, err = w.s.PostManually(w.ctx, as(w.root), selling.PostManually{ResellerID: w.left.ID, Type: ledger.Receipt, Amount: value("100.00"), Description: "Cash"})
	w.must(err)
	w.status(i.MailOrderID, order.Active)
	if got := w.details(i.MailOrderID).Order.ExpiresAt; !got.Equal(*end) {
		t.Errorf("it ends %s, want %s with the package", got, end)
	}
	if w.item(due.MailService, i.MailOrderID) == nil {
		t.Error("nothing sets its service up")
	}
	b, err := w.s.ResellerBalance(w.ctx, w.op, w.left.ID)
	w.must(err)
	if b.Available != value("52.00") {
		t.Errorf("%+v", b)
	}
}

// TestBirthByPackage: plan, seats, end and suspension are those of the holder's package.
func TestBirthByPackage(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	check := func(id int64, p plan.Plan, seats int, end *time.Time, st order.Status) {
		t.Helper()
		o := w.details(id).Order
		same := o.ExpiresAt == end || o.ExpiresAt != nil && end != nil && o.ExpiresAt.Equal(*end)
		if o.Plan != p || o.Seats != seats || !same || o.Status(w.clock.Now()) != st {
			t.Errorf("%s: %s, %d seats, until %v, %s", o.Domain, o.Plan, o.Seats, o.ExpiresAt, o.Status(w.clock.Now()))
		}
	}
	site := func(domain string) int64 {
		t.Helper()
		o, err := w.s.CreateSite(w.ctx, w.api, retail.CreateSite{CustomerID: w.jane.ID, Domain: domain})
		w.must(err)
		return o.ID
	}
	first := site("a.example")
	check(first, plan.Free, 1, nil, order.Active)
	n := 3
	_, err := w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: w.jane.ID, PackageID: w.pack("plan:premium"), Months: &n})
	w.must(err)
	end := w.clock.Now().AddDate(0, 3, 0)
	check(first, plan.Premium, 5, &end, order.Active)
	w.clock.Advance(10 * day)
	check(site("b.example"), plan.Premium, 5, &end, order.Active)
	check(w.bought(w.jane, "c.example").MailOrderID, plan.Premium, 5, &end, order.Active)
	_, err = w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: w.jane.ID, PackageID: w.pack("suspension")})
	w.must(err)
	last := site("d.example")
	check(last, plan.Premium, 5, &end, order.Suspended)
	_, err = w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: w.jane.ID, PackageID: w.pack("plan:premium")})
	w.must(err)
	check(last, plan.Premium, 5, &end, order.Active)
	// A period that is over gives no new domain an end in the past.
	w.clock.Advance(200 * day)
	check(site("e.example"), plan.Premium, 5, ptr(w.clock.Now().AddDate(0, 3, 0)), order.Active)
}

// TestItemsFailByThemselves: what can't be made is not booked and keeps nothing else back.
func TestItemsFailByThemselves(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	any := w.pack(nouns.OriginOfEnding(""), year("9.99"))
	mail := w.pack("plan:pro", year("60.00"))
	o, err := w.s.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: w.jane.ID, DiscountCode: "HALF"})
	w.must(err)
	for _, d := range []string{"a.example", "b.example", "c.example"} {
		_, err := w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: any, Months: 12, Domain: d, Free: d == "c.example"})
		w.must(err)
	}
	_, err = w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: mail, Months: 12})
	w.must(err)
	taken := w.order(w.api, proOrder("b.example", "somebody")) // by Titan
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {       // and the package's seats are fewer than are used: never mind, nobody uses any
		return nil
	}))
	out := w.paid(o.ID)
	if out.Completion != nouns.CompletionFailed || out.Payment != nouns.PaymentSuccess || out.DiscountCode != "HALF" {
		t.Errorf("%+v", out)
	}
	for n, want := range []nouns.Completion{nouns.CompletionSuccess, nouns.CompletionFailed, nouns.CompletionSuccess, nouns.CompletionSuccess} {
		if out.Items[n].Status != want || (out.Items[n].Failure != "") != (want == nouns.CompletionFailed) {
			t.Errorf("item %d: %+v", n, out.Items[n])
		}
	}
	var sum money.Value
	for _, x := range w.invoices(w.jane) {
		sum -= x.Amount
	}
	if sum != value("69.99") {
		t.Errorf("%s are booked", sum)
	}
	if d := w.details(out.Items[0].MailOrderID).Order; d.Plan != plan.Pro || d.Seats != 5 {
		t.Errorf("%+v", d)
	}
	// One item asked for by itself says why not.
	again := retail.ModifyShopOrderItem{OrderID: o.ID, ItemID: out.Items[1].ID, Status: nouns.CompletionSuccess}
	_, err = w.s.ModifyShopOrderItem(w.ctx, w.api, again)
	w.fails(err, fault.Forbidden, selling.ReasonDomainTaken)
	_, err = w.s.DeleteMailOrder(w.ctx, w.api, ordering.DeleteMailOrder{Order: work.OrderRef{ID: taken}})
	w.must(err)
	for range 2 {
		i, err := w.s.ModifyShopOrderItem(w.ctx, w.api, again)
		w.must(err)
		if i.Status != nouns.CompletionSuccess || i.MailOrderID == 0 {
			t.Errorf("%+v", i)
		}
	}
	if n := len(w.invoices(w.jane)); n != 3 {
		t.Errorf("%d invoices", n)
	}
	if got, err := w.s.ShopOrder(w.ctx, w.api, o.ID); err != nil || got.Completion != nouns.CompletionSuccess {
		t.Errorf("%+v %v", got, err)
	}
}

// TestShopOrdersOfOthers: another brand, and the operator without one, see none.
func TestShopOrdersOfOthers(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	i := w.bought(w.jane, "a.example")
	foreign := w.partner(partner.Settings{})
	w.brandOf(foreign)
	for _, actor := range []audit.Actor{foreign, w.op} {
		_, err := w.s.ShopOrder(w.ctx, actor, i.OrderID)
		w.fails(err, fault.NotFound, "NO_SUCH_SHOP_ORDER")
		list, err := w.s.ShopOrders(w.ctx, actor, work.ShopOrderFilter{Limit: 10, PartnerID: w.api.PartnerID})
		if err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
	}
	_, err := w.s.ShopOrders(w.ctx, foreign, work.ShopOrderFilter{Limit: 10, CustomerID: w.jane.ID})
	w.fails(err, fault.CustomerNotFound, "")
	_, err = w.s.AccountDomain(w.ctx, foreign, i.MailOrderID)
	w.fails(err, fault.OrderNotFound, "")
	w.fails(w.s.DeleteAccountDomain(w.ctx, foreign, 0, i.MailOrderID), fault.OrderNotFound, "")
	w.fails(w.s.DeleteAccountDomain(w.ctx, w.api, w.anne.ID, i.MailOrderID), fault.OrderNotFound, "")
	_, err = w.s.CreateSite(w.ctx, w.api, retail.CreateSite{CustomerID: w.anne.ID, Domain: "a.example"})
	w.fails(err, fault.Forbidden, selling.ReasonDomainTaken)
	_, err = w.s.CreateSite(w.ctx, w.api, retail.CreateSite{CustomerID: w.jane.ID, Domain: "mx.platform.example"})
	w.fails(err, fault.InvalidDomain, work.ReasonOwnHost)
}

// TestCancelOrders: orders go at their end whoever bills, at once without one,
// and a renewal takes the cancellation back.
func TestCancelOrders(t *testing.T) {
	for _, owner := range []partner.BillingOwner{partner.BilledByPartner, partner.BilledByPlatform} {
		t.Run(string(owner), func(t *testing.T) {
			w := newBrandShop(t, partner.Settings{BillingOwner: owner, ChargedAmountOptional: true})
			endless, err := w.s.CreateSite(w.ctx, w.api, retail.CreateSite{CustomerID: w.jane.ID, Domain: "endless.example"})
			w.must(err)
			goes, kept, waits := w.bought(w.jane, "goes.example").MailOrderID, w.bought(w.jane, "kept.example").MailOrderID, w.bought(w.jane, "waits.example").MailOrderID
			setTitanPrices(w, as(w.root), price.Customers, "1.00")
			for _, id := range []int64{goes, kept, waits} {
				w.must(w.store.Write(w.ctx, func(tx work.Tx) error { // a free plan is not renewed
					o, err := tx.Order(w.ctx, id)
					if err != nil {
						return err
					}
					o.Plan = plan.Pro
					return tx.UpdateOrder(w.ctx, o)
				}))
			}
			if _, err := w.s.SetDomainAutoRenew(w.ctx, w.api, w.jane.ID, goes, true); err != nil {
				t.Fatal(err)
			}
			renewal, err := w.s.RenewOrder(w.ctx, as(w.root), selling.RenewOrder{Order: selling.SoldOrderRef{ID: waits}, Months: 1, Option: action.OnlyAdd})
			w.must(err)
			end := *w.details(goes).Order.ExpiresAt
			w.fresh()
			for range 2 {
				w.must(w.s.CancelHolder(w.ctx, w.api, w.jane.ID))
			}
			w.status(endless.ID, order.Deleted)
			w.status(goes, order.Active)
			w.falls(due.Renewal, goes, nil)
			w.falls(due.Order, goes, &end)
			if o := w.details(goes).Order; o.AutoRenew || !o.Cancelled {
				t.Errorf("%+v", o)
			}
			var a *action.Action
			w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
				a, err = tx.Action(w.ctx, renewal.Action.ID)
				return err
			}))
			if a.Status != action.Cancelled {
				t.Errorf("the renewal that waits is %s", a.Status)
			}
			// What is renewed stays.
			_, err = w.s.RenewOrder(w.ctx, as(w.root), selling.RenewOrder{Order: selling.SoldOrderRef{ID: kept}, Months: 1, Option: action.NoInvoice})
			w.must(err)
			if o := w.details(kept).Order; o.Cancelled {
				t.Errorf("%+v", o)
			}
			if _, err := w.s.SetDomainAutoRenew(w.ctx, w.api, w.jane.ID, waits, true); err != nil || w.details(waits).Order.Cancelled {
				t.Errorf("turning auto-renewal on takes no cancellation back: %v", err)
			}
			w.must(w.s.CancelHolder(w.ctx, w.api, w.jane.ID))
			_, err = w.s.TransferMailOrder(w.ctx, w.api, ordering.TransferMailOrder{Order: work.OrderRef{ID: waits}, To: work.CustomerProfile{CustomerID: w.anne.CustomerID}})
			w.must(err)
			if w.details(waits).Order.Cancelled {
				t.Error("who has an order now did not cancel it")
			}

			w.clock.Advance(end.Sub(w.clock.Now()) - time.Microsecond)
			w.fresh()
			w.must(w.runDue(due.Order, &goes)())
			w.status(goes, order.Active)
			w.clock.Advance(time.Microsecond)
			w.must(w.runDue(due.Order, &goes)())
			w.status(goes, order.Deleted)
			if o := w.details(goes).Order; o.DeletionReason != "cancelled" || o.Expired {
				t.Errorf("%+v", o)
			}
			if got := w.fresh(); len(got) != 1 || got[0].Type != event.MailOrderStatusUpdated {
				t.Errorf("%v", got)
			}
			repaired, _, err := w.s.SweepDue(w.ctx, w.job, due.Order, 100)
			if err != nil || repaired != 0 {
				t.Errorf("the calendar lacks %d items: %v", repaired, err)
			}
			_, err = w.s.ReactivateMailOrder(w.ctx, w.api, work.OrderRef{ID: goes})
			w.must(err)
			if w.details(goes).Order.Cancelled {
				t.Error("what was brought back is cancelled still")
			}
			// A holder without orders, and another brand's.
			w.must(w.s.CancelHolder(w.ctx, w.api, w.anne.ID))
			w.fails(w.s.CancelHolder(w.ctx, w.b, w.jane.ID), fault.CustomerNotFound, "")
		})
	}
}

// TestAPeriodWithoutAPrice: what is sold by the year is not free by the month.
func TestAPeriodWithoutAPrice(t *testing.T) {
	w := newBrandShop(t, partner.Settings{})
	domains, mail := w.pack(nouns.OriginOfEnding(""), year("9.99")), w.pack("plan:pro", year("60.00"))
	o, err := w.s.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: w.jane.ID})
	w.must(err)
	add := func(ref int64, months int, domain string, free bool) error {
		_, err := w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: ref, Months: months, Domain: domain, Free: free})
		return err
	}
	for _, months := range []int{0, 1, 13, 60} {
		w.fails(add(domains, months, "a.example", false), fault.Invalid, packages.ReasonPeriod)
	}
	w.fails(add(mail, 3, "", false), fault.Invalid, packages.ReasonPeriod)
	w.must(add(mail, 3, "", true))
	w.must(add(domains, 12, "a.example", false))
	// The same of what is billed; who isn't billed has any period.
	assign := func(months int, billed bool) error {
		_, err := w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: w.jane.ID, PackageID: mail, Months: &months, Billed: billed})
		return err
	}
	w.fails(assign(1, true), fault.Invalid, packages.ReasonPeriod)
	w.must(assign(1, false))
	w.must(assign(12, true))
	w.balance(w.jane, "0.000", "60.000")
}
