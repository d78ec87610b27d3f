package storetest

import (
	"testing"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

func testShopOrder(t *testing.T, b *bench) {
	p := b.partner()
	c, d := b.customer(p, "c"), b.customer(p, "d")
	foreign := b.customer(b.partner(), "c")
	of := func(id int64) *shop.Order {
		return get(b, func(tx work.Tx) (*shop.Order, error) { return tx.ShopOrder(b.ctx(), id) })
	}
	absent(b, "ShopOrder", func(tx work.Tx) (*shop.Order, error) { return tx.ShopOrder(b.ctx(), 1) })
	var made []*shop.Order
	for i, who := range []int64{c.ID, d.ID, c.ID, foreign.ID, c.ID} {
		partnerID := p.ID
		if who == foreign.ID {
			partnerID = foreign.PartnerID
		}
		o := &shop.Order{PartnerID: partnerID, CustomerID: who, State: shop.OrderNew, Payment: shop.PaymentPending, Completion: shop.CompletionPending,
			DiscountCode: "çode", CreatedAt: when(i), UpdatedAt: when(i + 1)}
		b.write(func(tx work.Tx) error { return tx.InsertShopOrder(b.ctx(), o) })
		made = append(made, o)
	}
	item := func(o *shop.Order, domain string) *shop.Item {
		i := &shop.Item{OrderID: o.ID, PackageID: 7, Months: 12, Domain: domain, Years: 2, Free: true, Price: -1_234_567_890_123, Status: shop.CompletionPending,
			CreatedAt: when(3), UpdatedAt: when(4)}
		b.write(func(tx work.Tx) error { return tx.InsertShopItem(b.ctx(), i) })
		o.Items = append(o.Items, i)
		return i
	}
	item(made[0], "a.example")
	item(made[2], "b.example")
	second := item(made[0], "")
	for _, o := range made {
		same(t, of(o.ID), o)
	}

	o := made[0]
	o.State, o.Payment, o.Completion, o.DiscountCode, o.UpdatedAt = shop.OrderComplete, shop.PaymentSuccess, shop.CompletionSuccess, "", when(9)
	second.Status, second.Failure, second.MailOrderID, second.UpdatedAt = shop.CompletionFailed, "Why", 70000001, when(9)
	made[4].DeletedAt = maybe(10)
	b.write(func(tx work.Tx) error {
		if err := tx.UpdateShopOrder(b.ctx(), made[4]); err != nil {
			return err
		}
		if err := tx.UpdateShopItem(b.ctx(), second); err != nil {
			return err
		}
		return tx.UpdateShopOrder(b.ctx(), o)
	})
	same(t, of(o.ID), o)
	same(t, of(made[4].ID), made[4])

	for _, q := range []struct {
		f    work.ShopOrderFilter
		want []*shop.Order
	}{
		{work.ShopOrderFilter{PartnerID: p.ID, Limit: 10}, made[:3]},
		{work.ShopOrderFilter{PartnerID: p.ID, CustomerID: c.ID, Limit: 10}, []*shop.Order{made[0], made[2]}},
		{work.ShopOrderFilter{PartnerID: p.ID, CustomerID: c.ID, Pending: true, Limit: 10}, made[2:3]},
		{work.ShopOrderFilter{PartnerID: p.ID, Offset: 1, Limit: 1}, made[1:2]},
		{work.ShopOrderFilter{PartnerID: p.ID, CustomerID: foreign.ID, Limit: 10}, nil},
		{work.ShopOrderFilter{PartnerID: foreign.PartnerID, Limit: 10}, made[3:4]},
	} {
		got := get(b, func(tx work.Tx) ([]*shop.Order, error) { return tx.ShopOrders(b.ctx(), q.f) })
		if len(got) == 0 && len(q.want) == 0 {
			continue
		}
		same(t, got, q.want)
	}

	b.write(func(tx work.Tx) error { return tx.RemoveShopItem(b.ctx(), second.ID) })
	o.Items = o.Items[:1]
	same(t, of(o.ID), o)
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.RemoveShopItem(b.ctx(), second.ID) })
	b.refused(fault.NotFound, func(tx work.Tx) error { return tx.UpdateShopItem(b.ctx(), second) })
	b.refused(fault.Conflict, func(tx work.Tx) error {
		return tx.InsertShopItem(b.ctx(), &shop.Item{OrderID: 999, CreatedAt: when(1), UpdatedAt: when(1)})
	})
}

func testHolderInvoices(t *testing.T, b *bench) {
	c := b.customer(b.partner(), "c")
	post := func(x *ledger.Transaction) *ledger.Transaction {
		x.PartnerID, x.Party, x.At, x.Currency, x.AccountingCurrency, x.Rate = c.PartnerID, ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, when(1), "GBP", "GBP", "1"
		if x.Amount == 0 || x.Unutilised == 0 {
			x.BalancedAt = maybe(2)
		}
		b.write(func(tx work.Tx) error { return tx.InsertTransaction(b.ctx(), x, nil) })
		return x
	}
	first := post(&ledger.Transaction{Type: ledger.Invoice, Amount: -10, Net: 10})
	owed := post(&ledger.Transaction{Type: ledger.Invoice, Amount: -10, Net: 10, Unutilised: -10})
	post(&ledger.Transaction{Type: ledger.Invoice})
	post(&ledger.Transaction{Type: ledger.Invoice, Amount: -10, Net: 10, CancelledAt: maybe(3)})
	post(&ledger.Transaction{Type: ledger.Receipt, Amount: 10})
	post(&ledger.Transaction{Type: ledger.Debit, Amount: -10})
	post(&ledger.Transaction{Type: ledger.Debit, Amount: -10, Unutilised: -10})
	post(&ledger.Transaction{Type: ledger.Invoice, Amount: -10, Net: 10, Unutilised: -10, CancelledAt: maybe(3)})
	partly := post(&ledger.Transaction{Type: ledger.Invoice, Amount: -10, Net: 10, Unutilised: -4})
	second := post(&ledger.Transaction{Type: ledger.Invoice, Amount: -20, Net: 20})
	paid := func(customerID int64, offset, limit int) []*ledger.Transaction {
		return get(b, func(tx work.Tx) ([]*ledger.Transaction, error) {
			return tx.PaidInvoices(b.ctx(), customerID, offset, limit)
		})
	}
	same(t, paid(c.ID, 0, 10), []*ledger.Transaction{first, second})
	same(t, paid(c.ID, 1, 10), []*ledger.Transaction{second})
	same(t, paid(c.ID, 0, 1), []*ledger.Transaction{first})
	if got := paid(c.ID+1, 0, 10); len(got) != 0 {
		t.Errorf("another customer has %s", show(got))
	}
	open := func(customerID int64, offset, limit int) []*ledger.Transaction {
		return get(b, func(tx work.Tx) ([]*ledger.Transaction, error) {
			return tx.OpenInvoices(b.ctx(), customerID, offset, limit)
		})
	}
	same(t, open(c.ID, 0, 10), []*ledger.Transaction{owed, partly})
	same(t, open(c.ID, 1, 1), []*ledger.Transaction{partly})
	if got := open(c.ID+1, 0, 10); len(got) != 0 {
		t.Errorf("another customer owes %s", show(got))
	}
}
