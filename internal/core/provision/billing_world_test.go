package provision_test

import (
	"testing"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// shop is resellers with price lists: root sells in EUR (USD books at 1.1) and
// charges left 1.00 GBP-priced seats; left sells in GBP to jane.
type shop struct {
	*tree
	jane *customer.Customer // left's
	john *customer.Customer // left's too
}

// figures of all slabs and tenures of Business Email: add and renew.
func allFigures(add, renew string) (out []pricing.SetPrice) {
	sold, _ := product.Find(product.BusinessEmail)
	for _, s := range sold.Slabs {
		for _, m := range product.Tenures {
			out = append(out, pricing.SetPrice{Item: price.Item{Product: sold.Key, Unit: s.String(), Action: price.Add, Months: m}, Figure: add},
				pricing.SetPrice{Item: price.Item{Product: sold.Key, Unit: s.String(), Action: price.Renew, Months: m}, Figure: renew})
		}
	}
	return out
}

func newShop(t *testing.T) *shop {
	t.Helper()
	w := &shop{tree: newTree(t)}
	w.jane, w.john = w.customerOf(w.a.PartnerID, w.left.ID, "jane@x.example"), w.customerOf(w.a.PartnerID, w.left.ID, "john@x.example")
	w.setPrices(as(w.left), pricing.PriceListRef{Audience: price.Customers}, allFigures("1.25", "1.50"))
	w.setPrices(as(w.root), pricing.PriceListRef{Audience: price.Resellers}, allFigures("0.40", "0.50"))
	return w
}

func (w *world) setPrices(actor audit.Actor, ref pricing.PriceListRef, rows []pricing.SetPrice) {
	w.t.Helper()
	if _, err := w.s.SetPrices(w.ctx, actor, ref, rows); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// fails wants a fault with a reason.
func (w *world) fails(err error, code fault.Code, reason string) {
	w.t.Helper()
	if !fault.Is(err, code) || fault.Of(err).Reason != reason {
		w.t.Fatalf("got %v, want %s [%s]", err, code, reason)
	}
}

// value reads an amount.
func value(s string) money.Value {
	v, err := money.ParseValue(s)
	if err != nil {
		panic(err)
	}
	return v
}

// fund gives a customer money.
func (w *shop) fund(c *customer.Customer, amount string) {
	w.t.Helper()
	_, err := w.s.PostManually(w.ctx, as(w.left), selling.PostManually{CustomerID: c.ID, Type: ledger.Receipt, Amount: value(amount), Description: "Bank transfer"})
	w.must(err)
}

func (w *shop) fundReseller(by audit.Actor, r *reseller.Reseller, amount string) {
	w.t.Helper()
	_, err := w.s.PostManually(w.ctx, by, selling.PostManually{ResellerID: r.ID, Type: ledger.Receipt, Amount: value(amount), Description: "Bank transfer"})
	w.must(err)
}

func (w *shop) add(c *customer.Customer, domain string, months, seats int, o action.InvoiceOption) (*selling.Purchased, error) {
	return w.s.AddOrder(w.ctx, as(w.left), selling.AddOrder{Domain: domain, CustomerID: c.ID, Product: product.BusinessEmail, Months: months, Seats: seats, Option: o})
}

func (w *shop) added(c *customer.Customer, domain string, months, seats int, o action.InvoiceOption) *selling.Purchased {
	w.t.Helper()
	p, err := w.add(c, domain, months, seats, o)
	w.must(err)
	return p
}

func (w *shop) renew(id int64, months, extra int, o action.InvoiceOption) (*selling.Purchased, error) {
	return w.s.RenewOrder(w.ctx, as(w.left), selling.RenewOrder{Order: selling.SoldOrderRef{ID: id}, Months: months, ExtraSeats: extra, Option: o})
}

func (w *shop) seats(id int64, n int, o action.InvoiceOption) (*selling.Purchased, error) {
	return w.s.AddSeats(w.ctx, as(w.left), selling.AddSeats{Order: selling.SoldOrderRef{ID: id}, Seats: n, Option: o})
}

// has compares a customer's balance: available, locked, owed.
func (w *shop) has(c *customer.Customer, available, locked, owed string) {
	w.t.Helper()
	b, err := w.s.CustomerBalance(w.ctx, w.op, c.ID)
	w.must(err)
	if b.Currency != "GBP" || b.Available.String() != available || b.Locked.String() != locked || b.Owed.String() != owed {
		w.t.Fatalf("balance %+v, want %s %s %s", b, available, locked, owed)
	}
}

func (w *shop) resellerHas(r *reseller.Reseller, currency, available, owed string) {
	w.t.Helper()
	b, err := w.s.ResellerBalance(w.ctx, w.op, r.ID)
	w.must(err)
	if b.Currency != currency || b.Available.String() != available || b.Owed.String() != owed {
		w.t.Fatalf("balance %+v, want %s %s %s", b, currency, available, owed)
	}
}

func (w *shop) transaction(id int64) *ledger.Transaction {
	w.t.Helper()
	var out *ledger.Transaction
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Transaction(w.ctx, id)
		return err
	}))
	return out
}

func (w *shop) action(id int64) *action.Action {
	w.t.Helper()
	var out *action.Action
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		out, err = tx.Action(w.ctx, id)
		return err
	}))
	return out
}

func (w *shop) is(id int64, want order.Status) {
	w.t.Helper()
	var o *order.Order
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		o, err = tx.Order(w.ctx, id)
		return err
	}))
	if got := o.Status(w.clock.Now()); got != want {
		w.t.Fatalf("order %d is %s, want %s", id, got, want)
	}
}

func (w *shop) end(id int64) time.Time {
	w.t.Helper()
	return *w.details(id).Order.ExpiresAt
}

func (w *shop) changeReseller(id int64, change func(*reseller.Reseller)) {
	w.t.Helper()
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error {
		r, err := tx.Reseller(w.ctx, id)
		if err != nil {
			return err
		}
		change(r)
		return tx.UpdateReseller(w.ctx, r)
	}))
}
