package provision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"

	"posthouse/internal/core/billing"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/selling"
	offer "posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// brandWorld is a partner that is a brand, and one of its API users.
type brandWorld struct {
	*world
	api audit.Actor
}

func newBrand(t *testing.T) *brandWorld {
	t.Helper()
	w := &brandWorld{world: newWorld(t)}
	w.setUp()
	w.api = audit.Actor{PartnerID: w.a.PartnerID, Role: suspension.RolePartner, Name: "api-user:1", Limited: true}
	return w
}

func (w *brandWorld) setUp() {
	w.t.Helper()
	_, err := w.s.SetUpShop(w.ctx, w.op, retail.SetUpShop{PartnerID: w.a.PartnerID, Username: "root@a.example", Currency: "GBP"})
	w.must(err)
}

// named gives one of the brand's packages.
func (w *brandWorld) named(name string) *packages.PackageDetails {
	w.t.Helper()
	list, err := w.s.Packages(w.ctx, w.api, packages.PackageFilter{})
	w.must(err)
	i := slices.IndexFunc(list, func(p *packages.PackageDetails) bool { return p.Package.Name == name })
	if i < 0 {
		w.t.Fatalf("there is no package %q", name)
	}
	return list[i]
}

func (w *brandWorld) assign(customer int64, name string, months int) *retail.AssignedPackage {
	w.t.Helper()
	out, err := w.tryAssign(customer, name, months, false)
	w.must(err)
	return out
}

// tryAssign has no billing period with 0 months.
func (w *brandWorld) tryAssign(customer int64, name string, months int, billed bool) (*retail.AssignedPackage, error) {
	cmd := retail.AssignPackage{CustomerID: customer, PackageID: w.named(name).Package.ID, Billed: billed}
	if months != 0 {
		cmd.Months = &months
	}
	return w.s.AssignPackage(w.ctx, w.api, cmd)
}

// holder makes a customer with one order.
func (w *brandWorld) holder(domain string) (customer, orderID int64) {
	w.t.Helper()
	id := w.order(w.a, proOrder(domain, domain))
	return w.details(id).Customer.ID, id
}

func (w *brandWorld) live(customer int64) *packages.AccountPackage {
	w.t.Helper()
	list, err := w.s.AccountPackages(w.ctx, w.api, customer, packages.AccountPackageFilter{})
	w.must(err)
	if len(list) != 1 {
		w.t.Fatalf("customer %d has %d packages", customer, len(list))
	}
	return list[0]
}

func TestABrandHasItsPackagesOnce(t *testing.T) {
	w := newBrand(t)
	names := func() string {
		list, err := w.s.Packages(w.ctx, w.api, packages.PackageFilter{})
		w.must(err)
		var out []string
		for _, p := range list {
			out = append(out, p.Package.Name)
		}
		return strings.Join(out, ", ")
	}
	const all = "Free, Professional, Business, Enterprise, Professional trial, Business trial, Enterprise trial, Domain, Suspension"
	if got := names(); got != all {
		t.Fatal(got)
	}
	before := w.named("Professional").Package.ID
	w.must(w.s.DeletePackage(w.ctx, w.api, w.named("Business trial").Package.ID))
	_, err := w.s.ModifyPackage(w.ctx, w.api, before, packages.PackageChange{Name: ptr("Post 5")})
	w.must(err)
	w.setUp()
	if got, want := names(), strings.NewReplacer("Professional, ", "Post 5, ", "Business trial, ", "").Replace(all); got != want {
		t.Errorf("made anew: %s, want %s", got, want)
	}
	if w.named("Post 5").Package.ID != before {
		t.Error("the ref has changed")
	}
	for _, name := range []string{"Free", "Post 5", "Enterprise trial"} {
		p := w.named(name)
		if level := p.Package.Plan; p.Capabilities[offer.StorageLimit] != plan.DefaultCatalogue().QuotaBytes(level) || p.Capabilities[offer.Mailboxes] != int64(p.Package.Seats) ||
			len(p.Capabilities) != len(offer.CapabilityNames()) || p.Package.Seats == 0 {
			t.Errorf("%s: %v", name, p.Capabilities)
		}
	}
	if list, err := w.s.Packages(w.ctx, w.b, packages.PackageFilter{}); err != nil || len(list) != 0 {
		t.Errorf("who is no brand has %d packages, %v", len(list), err)
	}
}

func TestPricesOfPackages(t *testing.T) {
	w := newBrand(t)
	customer, _ := w.holder("one.example")
	figure := func(months int, f string) {
		w.setPrices(w.a, pricing.PriceListRef{Audience: price.Customers}, []pricing.SetPrice{
			{Item: price.Item{Product: product.TitanGlobal, Unit: "1762", Action: price.Add, Months: months}, Figure: f},
		})
	}
	shown := func(name string) string {
		var out []string
		for _, p := range w.named(name).Prices {
			out = append(out, fmt.Sprintf("%d:%s", p.Months, p.Amount.Cents()))
		}
		return strings.Join(out, " ")
	}
	if got := shown("Professional"); got != "1:0.00 12:0.00" {
		t.Errorf("without any price: %s", got)
	}
	figure(1, "0.003")                                                        // x 5 = 0.015
	figure(3, "0.001")                                                        // x 15 = 0.015
	figure(6, "0.0015")                                                       // x 30 = 0.045
	figure(12, "0.3335")                                                      // x 60 = 20.01
	if got := shown("Professional"); got != "1:0.02 3:0.02 6:0.04 12:20.01" { // half to even
		t.Errorf("by the list: %s", got)
	}
	pro := w.named("Professional").Package.ID
	_, err := w.s.ModifyPackage(w.ctx, w.api, pro, packages.PackageChange{Prices: &[]packages.PriceText{{Months: 12, Amount: "50"}}})
	w.must(err)
	if got := shown("Professional"); got != "12:50.00" {
		t.Errorf("its own: %s", got)
	}
	if got := shown("Free"); got != "1:0.00 12:0.00" {
		t.Errorf("free: %s", got)
	}
	if p := w.named("Professional"); p.Currency.Ref != 826 || p.Currency.Code != "GBP" {
		t.Errorf("%+v", p.Currency)
	}
	// addToBC posts an open invoice of it, with the reseller's tax.
	_, err = w.s.ModifyReseller(w.ctx, w.a, reselling.ModifyReseller{ResellerID: w.root(), TaxName: ptr("VAT"), TaxRate: ptr("20")})
	w.must(err)
	balance := func(owed string) {
		t.Helper()
		b, err := w.s.CustomerBalance(w.ctx, w.op, customer)
		w.must(err)
		if b.Owed.String() != owed {
			t.Errorf("owes %s, want %s", b.Owed, owed)
		}
	}
	bill := func(name string, months int) {
		t.Helper()
		_, err := w.tryAssign(customer, name, months, true)
		w.must(err)
	}
	bill("Professional", 12)
	balance("60.000")
	if got := w.live(customer); !got.Subscription.Billed {
		t.Error("it is not in the billing cycle")
	}
	bill("Suspension", 0)
	balance("60.000")
	bill("Professional", 12) // nothing is bought: the period goes on
	balance("60.000")
	bill("Professional", 0)
	balance("60.000")
	_, err = w.tryAssign(customer, "Professional", 1, true) // no price of its own for a month: neither the list's nor none
	w.fails(err, fault.Invalid, packages.ReasonPeriod)
	balance("60.000")
	w.assign(customer, "Professional", 12) // the brand bills
	balance("60.000")
}

// TestWhatIsShownCanBeBought: a period that a mail package has a price of is sold,
// longer ones than price lists know too, and no other.
func TestWhatIsShownCanBeBought(t *testing.T) {
	w := newBrand(t)
	customer, orderID := w.holder("one.example")
	pro := w.named("Professional").Package.ID
	_, err := w.tryAssign(customer, "Professional", 24, false)
	w.fails(err, fault.Invalid, packages.ReasonPeriod)
	_, err = w.s.ModifyPackage(w.ctx, w.api, pro, packages.PackageChange{Prices: &[]packages.PriceText{{Months: 24, Amount: "90"}, {Months: 12, Amount: "50"}}})
	w.must(err)
	for _, p := range w.named("Professional").Prices {
		_, err := w.tryAssign(customer, "Professional", p.Months, true)
		w.must(err)
	}
	if got := w.live(customer); got.Subscription.Months != 24 || !got.EndsAt.Equal(order.AddMonths(w.clock.Now(), 36)) || !w.details(orderID).Order.ExpiresAt.Equal(*got.EndsAt) {
		t.Errorf("%+v until %s", got.Subscription, got.EndsAt)
	}
	for _, months := range []int{-1, 2, 36} {
		_, err := w.tryAssign(customer, "Professional", months, false)
		w.fails(err, fault.Invalid, packages.ReasonPeriod)
	}
	o, err := w.s.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: customer})
	w.must(err)
	i, err := w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: pro, Months: 24})
	w.must(err)
	if i.Price.String() != "90.000" {
		t.Error(i.Price)
	}
	_, err = w.s.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: pro, Months: 36})
	w.fails(err, fault.Invalid, packages.ReasonPeriod)
	// The other dialects know no tenure of two years: they price by a year's.
	w.setPrices(w.a, pricing.PriceListRef{Audience: price.Customers}, []pricing.SetPrice{
		{Item: price.Item{Product: product.TitanGlobal, Unit: "1762", Action: price.Add, Months: 12}, Figure: "2"},
	})
	more, err := w.s.AddSeats(w.ctx, w.a, selling.AddSeats{Order: selling.SoldOrderRef{ID: orderID}, Seats: 1, Option: action.KeepInvoice})
	w.must(err)
	if more.Cost.String() != "72.000" { // 2 x 36 months
		t.Error(more.Cost)
	}
}

// TestNamesOfPackages: a brand has one package of a name.
func TestNamesOfPackages(t *testing.T) {
	w := newBrand(t)
	create := func(name string) (int64, error) {
		p, err := w.s.CreatePackage(w.ctx, w.api, packages.CreatePackage{Kind: offer.MailPackage, PackageChange: packages.PackageChange{Name: &name}})
		if err != nil {
			return 0, err
		}
		return p.Package.ID, nil
	}
	_, err := create(" professional ")
	w.fails(err, fault.Invalid, packages.ReasonPackageName)
	id, err := create("Boxes")
	w.must(err)
	_, err = w.s.ModifyPackage(w.ctx, w.api, id, packages.PackageChange{Name: ptr("Business")})
	w.fails(err, fault.Invalid, packages.ReasonPackageName)
	_, err = w.s.ModifyPackage(w.ctx, w.api, id, packages.PackageChange{Name: ptr("BOXES"), DisplayOrder: ptr(3)})
	w.must(err)
	_, err = w.s.ClonePackage(w.ctx, w.api, id, "boxes")
	w.fails(err, fault.Invalid, packages.ReasonPackageName)
	for _, want := range []string{"Copy of BOXES", "Copy of BOXES (2)", "Copy of BOXES (3)"} {
		c, err := w.s.ClonePackage(w.ctx, w.api, id, "")
		w.must(err)
		if c.Package.Name != want {
			t.Errorf("%q, want %q", c.Package.Name, want)
		}
	}
	w.must(w.s.DeletePackage(w.ctx, w.api, id))
	_, err = create("Boxes") // the name is free again
	w.must(err)
	// What the platform makes by itself gives way.
	_, err = create(".com")
	w.must(err)
	_, err = w.s.ModifyShop(w.ctx, w.op, packages.ModifyShop{PartnerID: w.a.PartnerID, Endings: &[]string{"com"}})
	w.must(err)
	if k := w.named(".com (2)").Package; k.Ending != "com" {
		t.Errorf("%+v", k)
	}
	// Two from before the rule can be changed, but for their names.
	var old *offer.Package
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		k := *w.named("Boxes").Package
		k.ID, k.Origin = 0, ""
		old = &k
		return tx.InsertPackage(w.ctx, old)
	}))
	_, err = w.s.ModifyPackage(w.ctx, w.api, old.ID, packages.PackageChange{Active: ptr(false)})
	w.must(err)
}

func (w *brandWorld) root() int64 {
	w.t.Helper()
	d, err := w.s.ShowReseller(w.ctx, w.a, 0)
	w.must(err)
	return d.Reseller.ID
}

func TestOfTwoParallelPackagesOneLives(t *testing.T) {
	w := newBrand(t)
	customer, orderID := w.holder("one.example")
	names := []string{"Professional", "Business", "Suspension", "Enterprise", "Suspension", "Professional"}
	done := make(chan error, len(names))
	for _, name := range names {
		id := w.named(name).Package.ID
		go func() {
			_, err := w.s.AssignPackage(w.ctx, w.api, retail.AssignPackage{CustomerID: customer, PackageID: id, Months: ptr(12)})
			done <- err
		}()
	}
	for range names {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	agree(t, w, customer, orderID)
}

// agree: the order is suspended exactly while the package is the suspension
// package, and has what the package says otherwise.
func agree(t *testing.T, w *brandWorld, customer, orderID int64) {
	t.Helper()
	live, d := w.live(customer), w.details(orderID)
	if off := live.Package.Package.Kind == offer.SuspensionPackage; off != (d.Status == order.Suspended) {
		t.Errorf("the package is %s, the order %s", live.Package.Package.Name, d.Status)
	} else if !off && d.Order.Plan != live.Package.Package.Plan {
		t.Errorf("the package is %s, the order's plan %s", live.Package.Package.Name, d.Order.Plan)
	}
}

func TestSuspensionPackageLiftsOnlyItsOwn(t *testing.T) {
	w := newBrand(t)
	customer, first := w.holder("one.example")
	second := w.order(w.a, proOrder("two.example", "one.example"))
	third := w.order(w.a, proOrder("three.example", "one.example"))
	suspend := func(id int64, note string) {
		_, err := w.s.SuspendMailOrder(w.ctx, w.a, ordering.SuspendMailOrder{Order: work.OrderRef{ID: id}, Note: note})
		w.must(err)
	}
	suspend(first, "unpaid")
	_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: third}})
	w.must(err)
	w.assign(customer, "Professional", 12)
	w.fresh()
	w.assign(customer, "Suspension", 0)
	var types []event.Type
	for _, e := range w.fresh() {
		types = append(types, e.Type)
	}
	if !slices.Equal(types, []event.Type{event.MailOrderStatusUpdated, event.AccountHolderPackageChange}) {
		t.Errorf("events %v", types) // of the one that was not suspended
	}
	w.status(first, order.Suspended)
	w.status(second, order.Suspended)
	w.assign(customer, "Suspension", 0)
	if n := len(w.fresh()); n != 0 {
		t.Errorf("the second time there are %d events", n)
	}
	// What comes while it is on is as the others are.
	born := w.order(w.a, proOrder("four.example", "one.example"))
	w.status(born, order.Suspended)
	_, err = w.s.ReactivateMailOrder(w.ctx, w.a, work.OrderRef{ID: third})
	w.must(err)
	w.status(third, order.Suspended)
	// What goes to somebody else is free.
	_, err = w.s.TransferMailOrder(w.ctx, w.a, ordering.TransferMailOrder{Order: work.OrderRef{ID: born}, To: work.CustomerProfile{CustomerID: "other"}})
	w.must(err)
	w.status(born, order.Active)
	_, err = w.s.TransferMailOrder(w.ctx, w.a, ordering.TransferMailOrder{Order: work.OrderRef{ID: born}, To: work.CustomerProfile{CustomerID: "one.example"}})
	w.must(err)
	w.status(born, order.Suspended)
	suspend(second, "abuse") // the partner means it
	w.must(w.s.RemoveAccountPackage(w.ctx, w.api, customer, w.live(customer).Subscription.ID))
	w.status(first, order.Suspended)
	w.status(second, order.Suspended)
	w.status(third, order.Active)
	w.status(born, order.Active)
	if got := w.live(customer); got.Package.Package.Name != "Professional" || got.Subscription.Months != 12 {
		t.Errorf("%s is back", got.Package.Package.Name)
	}
	w.fails(w.s.RemoveAccountPackage(w.ctx, w.api, customer, 1), fault.NotFound, "NO_SUCH_ACCOUNT_PACKAGE")
}

func TestSuspensionPackageWithoutAnything(t *testing.T) {
	w := newBrand(t)
	customer, orderID := w.holder("one.example")
	_, err := w.s.DeleteMailOrder(w.ctx, w.a, ordering.DeleteMailOrder{Order: work.OrderRef{ID: orderID}})
	w.must(err)
	w.assign(customer, "Suspension", 0)
	if got := w.live(customer); got.Subscription.FormerID != 0 || got.EndsAt != nil {
		t.Errorf("%+v", got.Subscription)
	}
	w.must(w.s.RemoveAccountPackage(w.ctx, w.api, customer, w.live(customer).Subscription.ID))
	if list, err := w.s.AccountPackages(w.ctx, w.api, customer, packages.AccountPackageFilter{}); err != nil || len(list) != 0 {
		t.Errorf("%d packages are left, %v", len(list), err)
	}
	out := w.assign(customer, "Free", 0)
	if out.EndsAt != nil || out.Capabilities[offer.Mailboxes] != 1 {
		t.Errorf("%+v", out)
	}
}

func TestEndsOfSubscriptions(t *testing.T) {
	w := newBrand(t)
	customer, orderID := w.holder("one.example")
	ends := func(want string) {
		t.Helper()
		if got := w.details(orderID).Order.ExpiresAt.Format("2006-01-02"); got != want {
			t.Errorf("the order ends on %s, want %s", got, want)
		}
		if got := w.live(customer).EndsAt.Format("2006-01-02"); got != want {
			t.Errorf("the package ends on %s, want %s", got, want)
		}
	}
	w.assign(customer, "Professional", 0)
	ends("2027-11-22") // the order's own
	w.assign(customer, "Professional", 12)
	ends("2028-11-22")
	w.assign(customer, "Business", 1)
	ends("2026-12-22")
	_, err := w.s.ModifyMailOrder(w.ctx, w.a, ordering.ModifyMailOrder{Order: work.OrderRef{ID: orderID}, Expiry: date("2027-03-01"), Payment: billing.PaymentDetails{Charged: amount("1")}})
	w.must(err)
	ends("2027-03-01") // another dialect renewed it
	w.assign(customer, "Business", 1)
	ends("2027-04-01")
	w.clock.Advance(365 * day)
	w.assign(customer, "Business", 1) // over: it counts from now
	ends("2027-12-22")
	w.assign(customer, "Enterprise trial", 12)
	ends("2028-02-22")
	w.assign(customer, "Enterprise trial", 12) // a trial is had once
	ends("2028-02-22")
	if d := w.details(orderID); d.Order.Plan != plan.UltraTrial || d.Order.Seats != 2 {
		t.Errorf("%s, %d seats", d.Order.Plan, d.Order.Seats)
	}
}

func TestAPackageNeedsAnEnd(t *testing.T) {
	w := newBrand(t)
	o, err := w.s.CreateMailOrder(w.ctx, w.a, ordering.CreateMailOrder{Domain: "free.example", Customer: work.CustomerProfile{CustomerID: "f"}, Plan: plan.Free})
	w.must(err)
	_, err = w.tryAssign(o.CustomerID, "Professional", 0, false)
	w.fails(err, fault.Invalid, retail.ReasonNoPeriod)
	w.assign(o.CustomerID, "Professional", 1)
	if d := w.details(o.OrderID); d.Order.Plan != plan.Pro || d.Order.ExpiresAt == nil || d.Order.Tenure != 1 {
		t.Errorf("%+v", d.Order)
	}
}

func TestCapabilitiesAreTheLargest(t *testing.T) {
	w := newBrand(t)
	customer, _ := w.holder("one.example")
	second := w.order(w.a, proOrder("two.example", "one.example"))
	w.assign(customer, "Professional", 12)
	_, err := w.s.ModifyMailOrder(w.ctx, w.a, ordering.ModifyMailOrder{Order: work.OrderRef{ID: second}, Seats: ptr(9), Plan: ptr(plan.Ultra), Payment: billing.PaymentDetails{Charged: amount("1")}})
	w.must(err)
	out, err := w.s.AccountHolder(w.ctx, w.api, customer)
	w.must(err)
	if out.Capabilities[offer.Mailboxes] != 9 || out.Capabilities[offer.StorageLimit] != 51200<<20 {
		t.Errorf("%v", out.Capabilities)
	}
}

func TestHolderActionsAndTheSuspensionPackage(t *testing.T) {
	w := newBrand(t)
	customer, orderID := w.holder("one.example")
	w.assign(customer, "Professional", 12)
	w.assign(customer, "Suspension", 0)
	w.must(w.s.UnsuspendHolder(w.ctx, w.api, customer)) // lifts the package too
	agree(t, w, customer, orderID)
	w.status(orderID, order.Active)
	w.assign(customer, "Suspension", 0)
	w.must(w.s.SuspendHolder(w.ctx, w.api, customer)) // outlasts the package
	w.assign(customer, "Professional", 12)
	w.status(orderID, order.Suspended)
	w.must(w.s.UnsuspendHolder(w.ctx, w.api, customer))
	w.status(orderID, order.Active)
}

func TestAResellerMayBeFull(t *testing.T) {
	w := newBrand(t)
	r, err := w.s.CreateBrandReseller(w.ctx, w.api, retail.BrandResellerChange{
		Name: ptr("small"), DisplayName: ptr("Small"), CurrencyRef: ptr(int64(826)), LanguageRef: ptr(int64(1)), Limit: ptr(1),
	})
	w.must(err)
	create := func(name string) (*holders.HolderDetails, error) {
		return w.s.CreateHolder(w.ctx, w.api, holders.CreateHolder{Password: "pw-long-enough", Data: holders.HolderData{
			FirstName: ptr("A"), LastName: ptr("B"), Username: ptr(name), Email: ptr(name + "@x.example"), Language: ptr("en"), ResellerRef: &r.Reseller.ID,
		}})
	}
	_, err = create("first")
	w.must(err)
	_, err = create("second")
	w.fails(err, fault.Invalid, holders.ReasonResellerFull)
	w.fails(w.s.DeleteBrandReseller(w.ctx, w.api, r.Reseller.ID), fault.Invalid, "RESELLER_IN_USE")
	_, err = w.s.ModifyBrandReseller(w.ctx, w.api, r.Reseller.ID, retail.BrandResellerChange{Limit: ptr(0)})
	w.must(err)
	_, err = create("second")
	w.must(err)
	// What it says of itself in the other dialect leaves the limit alone.
	_, err = w.s.ModifyBrandReseller(w.ctx, w.api, r.Reseller.ID, retail.BrandResellerChange{Limit: ptr(2)})
	w.must(err)
	_, err = w.s.ModifyReseller(w.ctx, w.a, reselling.ModifyReseller{ResellerID: r.Reseller.ID, Profile: &r.Reseller.Profile})
	w.must(err)
	_, err = create("third")
	w.fails(err, fault.Invalid, holders.ReasonResellerFull)
}

func TestOwnPricesAreInTheBrandsCurrency(t *testing.T) {
	w := newBrand(t)
	r, err := w.s.CreateBrandReseller(w.ctx, w.api, retail.BrandResellerChange{Name: ptr("e"), DisplayName: ptr("E"), CurrencyRef: ptr(int64(978)), LanguageRef: ptr(int64(1))})
	w.must(err)
	d, err := w.s.CreateHolder(w.ctx, w.api, holders.CreateHolder{Password: "pw-long-enough", Data: holders.HolderData{
		FirstName: ptr("A"), LastName: ptr("B"), Username: ptr("euro"), Email: ptr("euro@x.example"), Language: ptr("en"), ResellerRef: &r.Reseller.ID,
	}})
	w.must(err)
	_, err = w.s.ModifyPackage(w.ctx, w.api, w.named("Professional").Package.ID, packages.PackageChange{Prices: &[]packages.PriceText{{Months: 12, Amount: "50"}}})
	w.must(err)
	w.setPrices(w.a, pricing.PriceListRef{ResellerID: r.Reseller.ID, Audience: price.Customers}, []pricing.SetPrice{
		{Item: price.Item{Product: product.TitanGlobal, Unit: "1762", Action: price.Add, Months: 12}, Figure: "1"},
	})
	_, err = w.tryAssign(d.ID, "Professional", 12, true)
	w.must(err)
	b, err := w.s.CustomerBalance(w.ctx, w.op, d.ID)
	w.must(err)
	if b.Currency != "EUR" || b.Owed.String() != "60.000" {
		t.Errorf("%+v", b)
	}
	if a := w.live(d.ID); a.Package.Currency.Code != "EUR" || a.Package.Brand.Code != "GBP" || a.Package.Prices[0].Amount.Cents() != "60.00" {
		t.Errorf("%+v", a.Package)
	}
}
