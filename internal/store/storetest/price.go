package storetest

import (
	"testing"

	"github.com/govalues/decimal"

	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
)

func testPrice(t *testing.T, b *bench) {
	p, q := b.partner(), b.partner()
	list := price.List{PartnerID: p.ID, IssuerID: 7, Audience: price.Customers}
	single := list
	single.PartyID = 10000001
	item := price.Item{Product: product.BusinessEmail, Unit: "1-5", Action: price.Add, Months: 1}
	figure := func(s string) decimal.Decimal { return decimal.MustParse(s) }
	of := func(l price.List, i price.Item) *price.Row {
		return get(b, func(tx work.Tx) (*price.Row, error) { return tx.Price(b.ctx(), l, i) })
	}
	rows := func(l price.List) []price.Row {
		return get(b, func(tx work.Tx) ([]price.Row, error) { return tx.Prices(b.ctx(), l) })
	}
	set := func(l price.List, i price.Item, f string) {
		t.Helper()
		b.write(func(tx work.Tx) error { return tx.SetPrice(b.ctx(), l, price.Row{Item: i, Figure: figure(f)}) })
	}
	has := func(l price.List) bool {
		return get(b, func(tx work.Tx) (bool, error) { return tx.HasPrices(b.ctx(), l) })
	}
	if of(list, item) != nil || has(list) || len(rows(list)) != 0 {
		t.Error("an empty store has prices")
	}
	set(list, item, "0.350001")
	set(list, item, "0.35")
	same(t, rows(list), []price.Row{{Item: item, Figure: figure("0.35")}})
	same(t, of(single, item), &price.Row{Item: item, Figure: figure("0.35")}) // everyone's
	set(single, item, "0.3")
	same(t, of(single, item), &price.Row{Item: item, Figure: figure("0.3")})
	same(t, of(list, item), &price.Row{Item: item, Figure: figure("0.35")})
	renew := item
	renew.Action = price.Renew
	set(list, renew, "999999.999999")
	same(t, of(single, renew), &price.Row{Item: renew, Figure: figure("999999.999999")})
	for name, other := range map[string]price.List{
		"other partner":  {PartnerID: q.ID, IssuerID: 7, Audience: price.Customers},
		"other issuer":   {PartnerID: p.ID, IssuerID: 8, Audience: price.Customers},
		"other audience": {PartnerID: p.ID, IssuerID: 7, Audience: price.Resellers},
	} {
		if of(other, item) != nil || has(other) || len(rows(other)) != 0 {
			t.Errorf("%s: another's prices", name)
		}
		b.write(func(tx work.Tx) error { return tx.ClearPrices(b.ctx(), other) })
	}
	otherCustomer := list
	otherCustomer.PartyID = 10000002
	same(t, of(otherCustomer, item), &price.Row{Item: item, Figure: figure("0.35")})
	b.write(func(tx work.Tx) error { return tx.RemovePrice(b.ctx(), single, item) })
	if has(single) || !has(list) || len(rows(list)) != 2 {
		t.Error("the wrong row was removed")
	}
	b.write(func(tx work.Tx) error { return tx.ClearPrices(b.ctx(), list) })
	if has(list) {
		t.Error("the list was not cleared")
	}
}
