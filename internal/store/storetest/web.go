package storetest

import (
	"testing"

	"posthouse/internal/core/cart"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

func testWebSession(t *testing.T, b *bench) {
	p := b.partner()
	find := func(hash string) *work.WebSession {
		return get(b, func(tx work.Tx) (*work.WebSession, error) { return tx.WebSession(b.ctx(), []byte(hash)) })
	}
	absent(b, "WebSession", func(tx work.Tx) (*work.WebSession, error) { return tx.WebSession(b.ctx(), []byte("x")) })
	list := []*work.WebSession{
		{Hash: []byte("a"), Kind: work.PanelSession, PartnerID: p.ID, CustomerID: 2, OrderID: 3, KeyID: 4, ResellerID: 9, APIUserID: 8, Stamp: []byte{0, 1},
			Asked:     panel.Asked{Section: panel.EmailAccounts, Action: panel.LaunchEmailCreation, Email: "ü@x.example", Locale: "de-de", Theme: "t", Framed: true},
			CreatedAt: when(1), UsedAt: when(2), IdleAt: when(10), ExpiresAt: when(30)},
		{Hash: []byte("b"), Kind: work.WebmailSession, PartnerID: p.ID, AccountID: 7, Stamp: []byte("s"), CreatedAt: when(1), UsedAt: when(1), IdleAt: when(20), ExpiresAt: when(21)},
	}
	for _, s := range list {
		b.write(func(tx work.Tx) error { return tx.InsertWebSession(b.ctx(), s) })
	}
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertWebSession(b.ctx(), list[0]) })
	same(t, find("a"), list[0])
	same(t, find("b"), list[1])
	b.write(func(tx work.Tx) error { return tx.TouchWebSession(b.ctx(), []byte("a"), when(5), when(25)) })
	list[0].UsedAt, list[0].IdleAt = when(5), when(25)
	same(t, find("a"), list[0])
	b.write(func(tx work.Tx) error { return tx.ForgetWebSessions(b.ctx(), when(20)) })
	same(t, find("b"), list[1])
	b.write(func(tx work.Tx) error { return tx.ForgetWebSessions(b.ctx(), when(22)) }) // over, though not idle
	same(t, []bool{find("a") != nil, find("b") != nil}, []bool{true, false})
	b.write(func(tx work.Tx) error { return tx.ForgetWebSessions(b.ctx(), when(26)) }) // idle, though not over
	if find("a") != nil {
		t.Error("an idle session is kept")
	}
	b.write(func(tx work.Tx) error { return tx.InsertWebSession(b.ctx(), list[0]) })
	b.write(func(tx work.Tx) error { return tx.DeleteWebSession(b.ctx(), []byte("a")) })
	b.write(func(tx work.Tx) error { return tx.DeleteWebSession(b.ctx(), []byte("a")) })
	if find("a") != nil {
		t.Error("not deleted")
	}
}

func testPartnerToken(t *testing.T, b *bench) {
	p := b.partner()
	find := func(hash string) *work.PartnerToken {
		return get(b, func(tx work.Tx) (*work.PartnerToken, error) { return tx.PartnerToken(b.ctx(), []byte(hash)) })
	}
	one := &work.PartnerToken{Hash: []byte("a"), PartnerID: p.ID, CustomerID: 2, KeyID: 3, ExpiresAt: when(5)}
	two := &work.PartnerToken{Hash: []byte("b"), PartnerID: p.ID, KeyID: 3, ExpiresAt: when(6)}
	for _, v := range []*work.PartnerToken{one, two} {
		b.write(func(tx work.Tx) error { return tx.InsertPartnerToken(b.ctx(), v) })
	}
	same(t, find("a"), one)
	same(t, find("b"), two)
	b.write(func(tx work.Tx) error { return tx.ForgetPartnerTokens(b.ctx(), when(6)) })
	same(t, []bool{find("a") != nil, find("b") != nil}, []bool{false, true})
	absent(b, "PartnerToken", func(tx work.Tx) (*work.PartnerToken, error) { return tx.PartnerToken(b.ctx(), []byte("a")) })

	token := work.LoginToken{Hash: []byte("l"), AccountID: 5, ExpiresAt: when(1)}
	b.write(func(tx work.Tx) error { return tx.InsertLoginToken(b.ctx(), token) })
	for range 2 { // looking does not use it up
		same(t, get(b, func(tx work.Tx) (*work.LoginToken, error) { return tx.LoginToken(b.ctx(), []byte("l")) }), &token)
	}
	absent(b, "LoginToken", func(tx work.Tx) (*work.LoginToken, error) { return tx.LoginToken(b.ctx(), []byte("m")) })
}

func testCart(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	find := func(id string) *cart.Cart {
		return get(b, func(tx work.Tx) (*cart.Cart, error) { return tx.Cart(b.ctx(), id) })
	}
	execute := func(id string, n int) (fresh bool) {
		b.write(func(tx work.Tx) (err error) {
			fresh, err = tx.ExecuteCart(b.ctx(), id, when(n))
			return err
		})
		return fresh
	}
	one := &cart.Cart{TrackingID: "a", PartnerID: o.PartnerID, OrderID: o.ID, Action: cart.Billing, Currency: "EUR", Price: "1.50",
		Items: []cart.Item{{Accounts: 2}, {Plan: plan.Ultra}, {Renew: "yearly"}, {Addon: "x", Quantity: 3}}, CreatedAt: when(1), ExpiresAt: when(5)}
	two := &cart.Cart{TrackingID: "b", PartnerID: o.PartnerID, OrderID: o.ID, Action: cart.UpgradePlan, Items: []cart.Item{{Plan: plan.Premium}}, CreatedAt: when(1), ExpiresAt: when(5)}
	for _, c := range []*cart.Cart{one, two} {
		b.write(func(tx work.Tx) error { return tx.InsertCart(b.ctx(), c) })
	}
	b.refused(fault.Conflict, func(tx work.Tx) error { return tx.InsertCart(b.ctx(), one) })
	same(t, find("a"), one)
	same(t, []bool{execute("a", 2), execute("a", 3), execute("none", 3)}, []bool{true, false, false})
	one.ExecutedAt = maybe(2)
	same(t, find("a"), one)
	b.write(func(tx work.Tx) error { return tx.ForgetCarts(b.ctx(), when(9)) })
	same(t, find("a"), one)
	absent(b, "Cart", func(tx work.Tx) (*cart.Cart, error) { return tx.Cart(b.ctx(), "b") })
}

func testAddons(t *testing.T, b *bench) {
	o := b.anOrder("a.example")
	counters := func() map[string]int64 {
		return get(b, func(tx work.Tx) (map[string]int64, error) { return tx.AddonCounters(b.ctx(), o.ID) })
	}
	same(t, counters(), map[string]int64{})
	for _, n := range []int{1, 2} {
		b.write(func(tx work.Tx) error { return tx.AddAddon(b.ctx(), o.ID, "x", n) })
	}
	b.write(func(tx work.Tx) error { return tx.AddAddon(b.ctx(), o.ID, "y", 5) })
	same(t, counters(), map[string]int64{"x": 3, "y": 5})

	catalogue := func() []cart.Product {
		return get(b, func(tx work.Tx) ([]cart.Product, error) { return tx.AddonCatalogue(b.ctx(), o.PartnerID) })
	}
	if got := catalogue(); got != nil {
		t.Errorf("%v", got)
	}
	price, err := money.Parse("12.50")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]cart.Product{
		{{Type: "x", Name: "Ü", Description: "d", Currency: "EUR", BillingCycle: "monthly", Price: cart.Price{Amount: price}}, {Type: "y", Name: "Y", Currency: "USD"}},
		{},
	} {
		b.write(func(tx work.Tx) error { return tx.PutAddonCatalogue(b.ctx(), o.PartnerID, list, when(1)) })
		got := catalogue()
		if len(got) != len(list) || len(got) > 0 && (got[0].Name != "Ü" || got[0].Price.String() != "12.50" || got[1].Price.String() != "0.00") {
			t.Errorf("%+v", got)
		}
	}
}
