package ledgertest

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// brandWorld is a world whose partner is a brand with priced packages.
type brandWorld struct {
	*world
	api           audit.Actor
	domains, mail int64
}

func newBrandWorld(t *testing.T, engine string) *brandWorld {
	w := &brandWorld{world: newWorld(t, engine)}
	id := w.chain[0].PartnerID
	w.api = audit.Actor{PartnerID: id, Role: suspension.RolePartner, Name: "api-user:1", Limited: true}
	_, err := w.core.SetUpShop(w.ctx, operator, retail.SetUpShop{PartnerID: id})
	w.must(err)
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		list, err := tx.Packages(w.ctx, id)
		if err != nil {
			return err
		}
		for _, k := range list {
			switch k.Origin {
			case shop.OriginOfEnding(""):
				w.domains, k.Prices = k.ID, []shop.Price{{Months: 1, Amount: 990}, {Months: 12, Amount: 9_995}}
			case shop.OriginOfPlan("pro"):
				w.mail, k.Prices = k.ID, []shop.Price{{Months: 1, Amount: 5_000}, {Months: 12, Amount: 60_000}}
			default:
				continue
			}
			if err := tx.UpdatePackage(w.ctx, k); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

// shopRun is one sequence of purchases of holders who also buy in another dialect.
type shopRun struct {
	*brandWorld
	rt     *rapid.T
	own    []*customer.Customer
	orders []*shop.Order
	n      int
}

// TestAnySequenceOfPurchases: whatever is told of orders and items in whatever
// order, each item that succeeds has been booked once at its price and is paid,
// nothing else is, and what a holder has besides is never spent on it.
func TestAnySequenceOfPurchases(t *testing.T) {
	w := newBrandWorld(t, sqldb.SQLite)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		r := &shopRun{brandWorld: w, rt: rt}
		for i, seller := range []*reseller.Reseller{w.chain[0], w.chain[1]} {
			r.own = append(r.own, w.customer(seller, fmt.Sprintf("s%d-%d@x.example", runs, i)))
		}
		w.setFunds(w.chain[1], rapid.SampledFrom([]reseller.Funds{reseller.Prepaid, reseller.Postpaid}).Draw(rt, "funds"))
		steps := map[string]func(){
			"order": r.order, "item": func() { r.item(runs) }, "tell": r.tell, "tell item": r.tellItem, "delete": r.remove, "site": func() { r.site(runs) },
			"fund": r.fund, "elsewhere": func() { r.elsewhere(runs) }, "cancel": r.cancel,
		}
		names := []string{"cancel", "delete", "elsewhere", "fund", "item", "item", "order", "site", "tell", "tell", "tell item"}
		for range rapid.IntRange(3, 16).Draw(rt, "steps") {
			w.clock.Advance(time.Duration(rapid.IntRange(0, 60*24*20).Draw(rt, "minutes")) * time.Minute)
			steps[rapid.SampledFrom(names).Draw(rt, "step")]()
			r.check()
		}
	})
	w.verified()
}

// expected lets a refusal pass, never a fault of ours.
func (r *shopRun) expected(err error) {
	if f := fault.Of(err); f != nil && (f.Code == fault.Internal || f.Code == fault.Unavailable) {
		r.rt.Fatal(err)
	}
}

func (r *shopRun) someone() *customer.Customer {
	return rapid.SampledFrom(r.own).Draw(r.rt, "customer")
}

func (r *shopRun) some() *shop.Order {
	if len(r.orders) == 0 {
		r.order()
	}
	return rapid.SampledFrom(r.orders).Draw(r.rt, "order")
}

func (r *shopRun) order() {
	o, err := r.core.CreateShopOrder(r.ctx, r.api, retail.CreateShopOrder{CustomerID: r.someone().ID})
	r.must(err)
	r.orders = append(r.orders, o)
}

// domain is one of few, so that items, sites and orders of other dialects meet.
func (r *shopRun) domain(run int) string {
	return fmt.Sprintf("d%d-%d.example", rapid.IntRange(0, 4).Draw(r.rt, "domain"), run)
}

func (r *shopRun) item(run int) {
	cmd := retail.AddShopOrderItem{OrderID: r.some().ID, PackageID: r.mail, Months: rapid.SampledFrom([]int{1, 12}).Draw(r.rt, "months"), Free: rapid.Bool().Draw(r.rt, "free")}
	if rapid.Bool().Draw(r.rt, "domain item") {
		cmd.PackageID, cmd.Domain = r.domains, r.domain(run)
	}
	_, err := r.core.AddShopOrderItem(r.ctx, r.api, cmd)
	r.expected(err)
}

func (r *shopRun) tell() {
	cmd := retail.ModifyShopOrder{OrderID: r.some().ID}
	if rapid.Bool().Draw(r.rt, "pays") {
		cmd.Payment = rapid.SampledFrom([]*shop.PaymentStatus{ptr(shop.PaymentSuccess), ptr(shop.PaymentSuccess), ptr(shop.PaymentFailed)}).Draw(r.rt, "payment")
	} else {
		cmd.State = ptr(shop.OrderComplete)
		cmd.Completion = ptr(rapid.SampledFrom([]shop.Completion{shop.CompletionSuccess, shop.CompletionCancelled, shop.CompletionFailed}).Draw(r.rt, "completion"))
	}
	for range 2 { // a repeat changes nothing: see check
		_, err := r.core.ModifyShopOrder(r.ctx, r.api, cmd)
		r.expected(err)
	}
}

func (r *shopRun) tellItem() {
	o, err := r.core.ShopOrder(r.ctx, r.api, r.some().ID)
	r.expected(err)
	if o == nil || len(o.Items) == 0 {
		return
	}
	_, err = r.core.ModifyShopOrderItem(r.ctx, r.api, retail.ModifyShopOrderItem{OrderID: o.ID, ItemID: rapid.SampledFrom(o.Items).Draw(r.rt, "item").ID,
		Status: rapid.SampledFrom([]shop.Completion{shop.CompletionSuccess, shop.CompletionPending, shop.CompletionFailed, shop.CompletionExpired}).Draw(r.rt, "status")})
	r.expected(err)
}

func (r *shopRun) remove() {
	switch rapid.IntRange(0, 2).Draw(r.rt, "what") {
	case 0:
		r.expected(r.core.DeleteShopOrder(r.ctx, r.api, r.some().ID))
	case 1:
		if o, err := r.core.ShopOrder(r.ctx, r.api, r.some().ID); err == nil && len(o.Items) > 0 {
			r.expected(r.core.RemoveShopOrderItem(r.ctx, r.api, o.ID, o.Items[0].ID))
		}
	default:
		c := r.someone()
		list, err := r.core.AccountDomains(r.ctx, r.api, c.ID)
		r.must(err)
		if len(list) > 0 {
			r.must(r.core.DeleteAccountDomain(r.ctx, r.api, c.ID, list[0].Order.ID))
		}
	}
}

func (r *shopRun) site(run int) {
	_, err := r.core.CreateSite(r.ctx, r.api, retail.CreateSite{CustomerID: r.someone().ID, Domain: r.domain(run)})
	r.expected(err)
}

func (r *shopRun) cancel() { r.must(r.core.CancelHolder(r.ctx, r.api, r.someone().ID)) }

func (r *shopRun) fund() {
	r.n++
	_, err := r.core.PostManually(r.ctx, as(r.chain[0]), selling.PostManually{CustomerID: r.someone().ID, Type: ledger.Receipt,
		Amount: money.Value(rapid.Int64Range(1, 20_000).Draw(r.rt, "amount")), Description: "cash", Key: "k" + strconv.Itoa(r.n)})
	r.must(err)
}

// elsewhere buys in the ResellerClub dialect, on a greedy invoice.
func (r *shopRun) elsewhere(run int) {
	_, err := r.core.AddOrder(r.ctx, as(r.chain[1]), selling.AddOrder{Domain: r.domain(run), CustomerID: r.own[1].ID, Product: product.BusinessEmail, Months: 1, Seats: 2, Option: action.PayInvoice})
	r.expected(err)
}

// check compares the ledger with what the items say.
func (r *shopRun) check() {
	for i, c := range r.own {
		s := r.sums("customer:"+strconv.FormatInt(c.ID, 10), ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, []string{"EUR", "GBP"}[i])
		if s.entries != s.have-s.owed || s.have < 0 || s.owed < 0 {
			r.rt.Fatalf("customer %d: %+v", c.ID, s)
		}
		var booked, want int
		list, err := r.core.ShopOrders(r.ctx, r.api, work.ShopOrderFilter{CustomerID: c.ID, Limit: 100})
		r.must(err)
		for _, o := range list {
			for _, item := range o.Items {
				if item.Status == shop.CompletionSuccess && item.Price > 0 {
					want++
				}
				if (item.MailOrderID != 0) != (item.Status == shop.CompletionSuccess && item.Domain != "") || item.Status == shop.CompletionSuccess && !o.Paid() {
					r.rt.Fatalf("item %+v of %+v", item, o)
				}
			}
		}
		r.must(r.store.Read(r.ctx, func(tx work.Tx) error {
			booked = 0
			page, _, err := tx.SearchTransactions(r.ctx, work.TransactionQuery{Kind: ledger.OfCustomer, Parties: []int64{c.ID}, Types: []ledger.Type{ledger.Receipt},
				Ranges: []work.TransactionRange{{}}, Limit: 500})
			for _, x := range page {
				if !x.Manual { // what was paid outside
					booked++
					if !x.Balanced() {
						r.rt.Fatalf("of a payment %s are left", x.Unutilised)
					}
				}
			}
			return err
		}))
		if booked != want {
			r.rt.Fatalf("customer %d: %d payments for %d items", c.ID, booked, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestPurchasesAtOneTime: orders that want the same names, paid from many sides:
// each name is one holder's, and each success is booked once.
func TestPurchasesAtOneTime(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newBrandWorld(t, engine)
			jane, john := w.customer(w.chain[0], "jane@x.example"), w.customer(w.chain[0], "john@x.example")
			var orders []*shop.Order
			for _, c := range []*customer.Customer{jane, john, jane} {
				o, err := w.core.CreateShopOrder(w.ctx, w.api, retail.CreateShopOrder{CustomerID: c.ID})
				w.must(err)
				for _, d := range []string{"a.example", "b.example"} {
					_, err := w.core.AddShopOrderItem(w.ctx, w.api, retail.AddShopOrderItem{OrderID: o.ID, PackageID: w.domains, Months: 12, Domain: d})
					w.must(err)
				}
				orders = append(orders, o)
			}
			var wg sync.WaitGroup
			for i := range 9 {
				wg.Go(func() {
					if _, err := w.core.ModifyShopOrder(w.ctx, w.api, retail.ModifyShopOrder{OrderID: orders[i%3].ID, Payment: ptr(shop.PaymentSuccess)}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			made := map[string]int{}
			for _, o := range orders {
				o, err := w.core.ShopOrder(w.ctx, w.api, o.ID)
				w.must(err)
				for _, i := range o.Items {
					if i.Status == shop.CompletionSuccess {
						made[i.Domain]++
					} else if i.Status != shop.CompletionFailed || i.MailOrderID != 0 {
						t.Errorf("%+v", i)
					}
				}
			}
			invoices := 0
			for _, c := range []*customer.Customer{jane, john} {
				list, err := w.core.HolderInvoices(w.ctx, w.api, retail.HolderInvoices{CustomerID: c.ID, Limit: 100})
				w.must(err)
				invoices += len(list)
			}
			if made["a.example"] != 1 || made["b.example"] != 1 || invoices != 2 {
				t.Errorf("%v, %d invoices", made, invoices)
			}
			w.verified()
		})
	}
}
