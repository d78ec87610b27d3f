// Package ledgertest holds the properties of the ledger against: sequences of
// calls, and calls at one time, on every engine.
package ledgertest

import (
	"context"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

type noHasher struct{}

func (noHasher) Hash(context.Context, string) (string, error)         { return "", nil }
func (noHasher) Verify(context.Context, string, string) (bool, error) { return false, nil }

var operator = audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}

// world is a chain of resellers, root > middle > leaf, each with its own
// currency and prices, and customers of middle and leaf.
type world struct {
	t         *testing.T
	ctx       context.Context
	db        *sqldb.DB
	store     *store.Store
	core      *provision.Service
	clock     *clock.Manual
	chain     []*reseller.Reseller
	customers []*customer.Customer
}

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)), db: sqltest.Open(t, engine)}
	w.store = store.New(w.db, sqltest.NoMail{})
	var err error
	w.core, err = provision.New(work.Config{Store: w.store, Hasher: noHasher{}, SealingKey: make([]byte, 32), Clock: w.clock})
	w.must(err)
	p, _, err := w.core.CreatePartner(w.ctx, operator, tenancy.CreatePartner{Name: "Partner"})
	w.must(err)
	parent := int64(0)
	for i, c := range []struct{ name, selling, accounting, rate string }{{"root", "EUR", "USD", "1.0833"}, {"middle", "GBP", "EUR", "1.1737"}, {"leaf", "INR", "GBP", "0.00911"}} {
		r, _, err := w.core.CreateReseller(w.ctx, operator, reselling.CreateReseller{PartnerID: p.ID, ParentID: parent, Username: c.name + "@x.example",
			SellingCurrency: c.selling, AccountingCurrency: c.accounting, ConversionRate: c.rate})
		w.must(err)
		w.chain, parent = append(w.chain, r), r.ID
		if i > 0 {
			w.prices(as(w.chain[i-1]), pricing.PriceListRef{Audience: price.Resellers}, "0.371", "0.412")
			w.prices(as(r), pricing.PriceListRef{Audience: price.Customers}, "1.253", "1.497")
		}
	}
	w.prices(operator, pricing.PriceListRef{PartnerID: p.ID, Audience: price.Resellers}, "0.111", "0.099")
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func as(r *reseller.Reseller) audit.Actor {
	return audit.Actor{PartnerID: r.PartnerID, Role: suspension.RolePartner, Name: "reseller", Limited: true, Limit: audit.Limit{ResellerID: r.ID}}
}

func (w *world) prices(actor audit.Actor, ref pricing.PriceListRef, add, renew string) {
	w.t.Helper()
	sold, _ := product.Find(product.BusinessEmail)
	var rows []pricing.SetPrice
	for _, s := range sold.Slabs {
		for _, m := range product.Tenures {
			for a, f := range map[price.Action]string{price.Add: add, price.Renew: renew} {
				rows = append(rows, pricing.SetPrice{Item: price.Item{Product: sold.Key, Unit: s.String(), Action: a, Months: m}, Figure: f})
			}
		}
	}
	_, err := w.core.SetPrices(w.ctx, actor, ref, rows)
	w.must(err)
}

func (w *world) customer(r *reseller.Reseller, name string) *customer.Customer {
	w.t.Helper()
	c := &customer.Customer{PartnerID: r.PartnerID, ResellerID: r.ID, CustomerID: name, Username: name, Status: customer.Active, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
	w.must(w.store.Write(w.ctx, func(tx work.Tx) error { return tx.InsertCustomer(w.ctx, c) }))
	w.customers = append(w.customers, c)
	return c
}

// sums are what a party's ledger comes to, by the entries and by what is open.
type sums struct{ entries, have, owed money.Value }

func (w *world) sums(account string, p ledger.Party, currency string) (s sums) {
	w.t.Helper()
	w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
		all, err := tx.AccountSum(w.ctx, account)
		if err != nil {
			return err
		}
		have, err := tx.OpenSum(w.ctx, p, currency, false)
		if err != nil {
			return err
		}
		owed, err := tx.OpenSum(w.ctx, p, currency, true)
		s = sums{all[currency], have.Selling, -owed.Selling}
		return err
	}))
	return s
}

func (w *world) transaction(id int64) (x *ledger.Transaction) {
	w.t.Helper()
	w.must(w.store.Read(w.ctx, func(tx work.Tx) (err error) {
		x, err = tx.Transaction(w.ctx, id)
		return err
	}))
	return x
}

// verified wants a ledger that adds up.
func (w *world) verified() {
	w.t.Helper()
	n, err := w.store.VerifyLedger(w.ctx, func(u store.Unbalanced) { w.t.Error(u) })
	w.must(err)
	if n == 0 {
		w.t.Error("the ledger is empty")
	}
}
