package provision_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const aPassword = "Correct-Horse.7"

var anywhere = netip.MustParseAddr("192.0.2.1")

func TestCreateReseller(t *testing.T) {
	w := newTree(t)
	if w.root.Depth() != 1 || w.leaf.Depth() != 3 || w.left.SellingCurrency != "GBP" || w.right.SellingCurrency != "EUR" || w.right.Funds != reseller.Postpaid ||
		w.right.ConversionRate != "1" || len(w.leaf.Products) != 5 {
		t.Fatalf("%+v", w.tree())
	}
	base := func(change func(*reselling.CreateReseller)) reselling.CreateReseller {
		cmd := reselling.CreateReseller{Username: "new@a.example"}
		change(&cmd)
		return cmd
	}
	for _, c := range []struct {
		name   string
		actor  audit.Actor
		cmd    reselling.CreateReseller
		code   fault.Code
		reason string
	}{
		{"a second root", w.op, base(func(c *reselling.CreateReseller) { c.PartnerID = w.a.PartnerID }), fault.Conflict, "ROOT_EXISTS"},
		{"a taken name", as(w.left), base(func(c *reselling.CreateReseller) { c.Username = "RIGHT@a.example" }), fault.Invalid, "USERNAME_TAKEN"},
		{"no name", as(w.left), base(func(c *reselling.CreateReseller) { c.Username = " " }), fault.Invalid, "FIELD_username"},
		{"no address", as(w.left), base(func(c *reselling.CreateReseller) { c.Username = "root" }), fault.Invalid, "FIELD_username"},
		{"a sibling's child", as(w.left), base(func(c *reselling.CreateReseller) { c.ParentID = w.right.ID }), fault.NotFound, "NO_SUCH_RESELLER"},
		{"its parent's child", as(w.left), base(func(c *reselling.CreateReseller) { c.ParentID = w.root.ID }), fault.NotFound, "NO_SUCH_RESELLER"},
		{"another partner's child", w.a, base(func(c *reselling.CreateReseller) { c.ParentID = w.other.ID }), fault.NotFound, "NO_SUCH_RESELLER"},
		{"another partner's tree", as(w.left), base(func(c *reselling.CreateReseller) { c.PartnerID = w.b.PartnerID }), fault.NotFound, "NO_SUCH_RESELLER"},
		{"no such parent", w.op, base(func(c *reselling.CreateReseller) { c.ParentID = 99 }), fault.NotFound, "NO_SUCH_RESELLER"},
		{"no partner", w.op, base(func(c *reselling.CreateReseller) { c.PartnerID = 99 }), fault.PartnerNotFound, ""},
		{"no currency", as(w.left), base(func(c *reselling.CreateReseller) { c.SellingCurrency = "XYZ" }), fault.Invalid, ""},
		{"two currencies without a rate", as(w.left), base(func(c *reselling.CreateReseller) { c.AccountingCurrency = "USD" }), fault.Invalid, "RATE"},
		{"one currency with a rate", as(w.left), base(func(c *reselling.CreateReseller) { c.ConversionRate = "2" }), fault.Invalid, "RATE"},
		{"rate 0", as(w.left), base(func(c *reselling.CreateReseller) { c.AccountingCurrency, c.ConversionRate = "USD", "0" }), fault.Invalid, "RATE"},
		{"a negative rate", as(w.left), base(func(c *reselling.CreateReseller) { c.AccountingCurrency, c.ConversionRate = "USD", "-1" }), fault.Invalid, "RATE"},
		{"tax over 100", as(w.left), base(func(c *reselling.CreateReseller) { c.TaxRate = "101" }), fault.Invalid, "TAX_RATE"},
		{"no product", as(w.left), base(func(c *reselling.CreateReseller) { c.Products = []product.Key{"eeliteuk"} }), fault.Invalid, "PRODUCT"},
		{"no funds", as(w.left), base(func(c *reselling.CreateReseller) { c.Funds = "barter" }), fault.Invalid, ""},
		{"a short password", as(w.left), base(func(c *reselling.CreateReseller) { c.Password = "short" }), fault.Invalid, "FIELD_password"},
		{"no mail address", as(w.left), base(func(c *reselling.CreateReseller) { c.Profile.Email = "x" }), fault.Invalid, "FIELD_email"},
		{"a long name", as(w.left), base(func(c *reselling.CreateReseller) { c.Profile.Name = strings.Repeat("x", 256) }), fault.Invalid, "FIELD_name"},
		{"control characters", as(w.left), base(func(c *reselling.CreateReseller) { c.Profile.City = "a\x00b" }), fault.Invalid, "FIELD_city"},
	} {
		if _, _, err := w.s.CreateReseller(w.ctx, c.actor, c.cmd); !fault.Is(err, c.code) || fault.Of(err).Reason != c.reason {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	scoped := w.a
	scoped.Limited = true
	if _, _, err := w.s.CreateReseller(w.ctx, scoped, base(func(*reselling.CreateReseller) {})); fault.Of(err) == nil || fault.Of(err).Reason != "OWN_ACCOUNT" {
		t.Errorf("a key with scopes makes resellers: %v", err)
	}
	if n := w.count(); n != 5 {
		t.Errorf("%d resellers", n)
	}
	// Its own: currency and products of its parent.
	narrow, err := w.s.SignUpProducts(w.ctx, as(w.root), w.left.ID, []product.Key{product.TitanGlobal})
	if err != nil || !slices.Equal(narrow.Products, []product.Key{product.TitanGlobal}) {
		t.Fatal(narrow, err)
	}
	made, key, err := w.s.CreateReseller(w.ctx, as(w.left), base(func(c *reselling.CreateReseller) { c.Password, c.Username = aPassword, "New@A.example" }))
	if err != nil || made.SellingCurrency != "GBP" || made.Username != "new@a.example" || !slices.Equal(made.Products, narrow.Products) || made.ParentID != w.left.ID || len(key) != 32 {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := w.s.AuthenticateReseller(w.ctx, made.ID, key, anywhere); err != nil {
		t.Error(err)
	}
	if _, _, err := w.s.CreateReseller(w.ctx, as(w.left), base(func(c *reselling.CreateReseller) {
		c.Username, c.Products = "more@a.example", []product.Key{product.BusinessEmail}
	})); fault.Of(err) == nil || fault.Of(err).Reason != "PRODUCT" {
		t.Errorf("a product that the parent has not: %v", err)
	}
	w.noSecrets()
}

func (w *tree) tree() []*reseller.Reseller {
	return []*reseller.Reseller{w.root, w.left, w.right, w.leaf, w.other}
}

func (w *world) count() int {
	w.t.Helper()
	found, err := w.s.Resellers(w.ctx, w.op, work.ResellerFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return found.Total
}

func TestTreeDepth(t *testing.T) {
	w := newWorld(t)
	parent := w.reseller(reselling.CreateReseller{PartnerID: w.a.PartnerID, Username: "r1@a.example"})
	for i := 2; i <= reseller.MaxDepth; i++ {
		parent = w.reseller(reselling.CreateReseller{ParentID: parent.ID, Username: fmt.Sprintf("r%d@a.example", i)})
	}
	if _, _, err := w.s.CreateReseller(w.ctx, as(parent), reselling.CreateReseller{Username: "deep@a.example"}); fault.Of(err) == nil || fault.Of(err).Reason != "TREE_DEPTH" {
		t.Error(err)
	}
	if found, err := w.s.Resellers(w.ctx, as(parent), work.ResellerFilter{}); err != nil || found.Total != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestResellerTenants: to a reseller exist itself and those below, to a partner
// its own; what is set from above nobody sets for itself.
func TestResellerTenants(t *testing.T) {
	w := newTree(t)
	name := func(s string) *string { return &s }
	test := true
	calls := map[string]func(a audit.Actor, id int64) error{
		"show": func(a audit.Actor, id int64) error { _, err := w.s.ShowReseller(w.ctx, a, id); return err },
		"modify": func(a audit.Actor, id int64) error {
			_, err := w.s.ModifyReseller(w.ctx, a, reselling.ModifyReseller{ResellerID: id, TaxName: name("VAT")})
			return err
		},
		"password": func(a audit.Actor, id int64) error { return w.s.SetResellerPassword(w.ctx, a, id, aPassword) },
		"search": func(a audit.Actor, id int64) error {
			_, err := w.s.Resellers(w.ctx, a, work.ResellerFilter{Under: id})
			return err
		},
		"cost prices": func(a audit.Actor, id int64) error { _, err := w.s.CostPrices(w.ctx, a, id); return err },
		"prices":      func(a audit.Actor, id int64) error { _, err := w.s.ResellerPrices(w.ctx, a, id); return err },
		"!test": func(a audit.Actor, id int64) error {
			_, err := w.s.ModifyReseller(w.ctx, a, reselling.ModifyReseller{ResellerID: id, Test: &test})
			return err
		},
		"!suspend":   func(a audit.Actor, id int64) error { return w.s.SuspendReseller(w.ctx, a, id, "why") },
		"!unsuspend": func(a audit.Actor, id int64) error { return w.s.UnsuspendReseller(w.ctx, a, id) },
		"!networks":  func(a audit.Actor, id int64) error { return w.s.SetResellerNetworks(w.ctx, a, id, nil) },
		"!products": func(a audit.Actor, id int64) error {
			_, err := w.s.SignUpProducts(w.ctx, a, id, []product.Key{product.BusinessEmail})
			return err
		},
		"!add key": func(a audit.Actor, id int64) error {
			_, _, err := w.s.CreateResellerKey(w.ctx, a, reselling.CreateResellerKey{ResellerID: id})
			return err
		},
		"!rotate key": func(a audit.Actor, id int64) error {
			_, err := w.s.RotateResellerKey(w.ctx, a, reselling.RotateResellerKey{ResellerID: id})
			return err
		},
		"!revoke key": func(a audit.Actor, id int64) error { return w.s.RevokeResellerKey(w.ctx, a, id, 1) },
	}
	for what, call := range calls {
		for _, c := range []struct {
			actor audit.Actor
			id    int64
		}{
			{as(w.left), w.right.ID}, {as(w.left), w.root.ID}, {as(w.left), w.other.ID}, {as(w.leaf), w.left.ID}, {as(w.leaf), w.root.ID},
			{as(w.root), w.other.ID}, {as(w.other), w.leaf.ID}, {w.a, w.other.ID}, {as(w.left), 424242}, {w.a, 424242}, {as(w.left), -1},
		} {
			if err := call(c.actor, c.id); !fault.Is(err, fault.NotFound) || fault.Of(err).Reason != "NO_SUCH_RESELLER" {
				t.Errorf("%s of %d by %+v: %v", what, c.id, c.actor.Limit, err)
			}
		}
		session := audit.Actor{PartnerID: w.a.PartnerID, Role: "accountAdmin", Name: "session", Limit: audit.Limit{CustomerID: 1}}
		if err := call(session, w.left.ID); err == nil {
			t.Errorf("%s by a session", what)
		}
		own := call(as(w.right), w.right.ID)
		scoped := w.a
		scoped.Limited = true
		if strings.HasPrefix(what, "!") {
			for who, err := range map[string]error{"itself": own, "a key with scopes": call(scoped, w.right.ID)} {
				if fault.Of(err) == nil || fault.Of(err).Reason != "OWN_ACCOUNT" {
					t.Errorf("%s by %s: %v", what, who, err)
				}
			}
		} else if own != nil {
			t.Errorf("%s by itself: %v", what, own)
		}
	}
	for what, call := range calls { // and those who may
		for _, a := range []audit.Actor{as(w.left), as(w.root), w.a, w.op} {
			if err := call(a, w.leaf.ID); err != nil && (fault.Of(err).Reason != "NO_SUCH_KEY" || what != "!revoke key") {
				t.Errorf("%s by %+v: %v", what, a, err)
			}
			if err := w.s.UnsuspendReseller(w.ctx, w.op, w.leaf.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSuspendReseller(t *testing.T) {
	w := newTree(t)
	keys := map[int64]string{}
	for _, r := range w.tree() {
		_, raw, err := w.s.CreateResellerKey(w.ctx, w.op, reselling.CreateResellerKey{ResellerID: r.ID})
		if err != nil {
			t.Fatal(err)
		}
		keys[r.ID] = raw
	}
	in := func(want ...*reseller.Reseller) {
		t.Helper()
		for _, r := range w.tree() {
			_, err := w.s.AuthenticateReseller(w.ctx, r.ID, keys[r.ID], anywhere)
			_, acts := w.s.ShowReseller(w.ctx, as(r), 0)
			if (err == nil) != slices.Contains(want, r) || (acts == nil) != (err == nil) {
				t.Errorf("%s: %v, %v", r.Username, err, acts)
			}
		}
	}
	in(w.tree()...)
	for range 2 {
		if err := w.s.SuspendReseller(w.ctx, as(w.root), w.left.ID, "unpaid"); err != nil {
			t.Fatal(err)
		}
	}
	in(w.root, w.right, w.other) // the leaf is below
	if !strings.Contains(w.lastRecord("reseller.suspend"), "unpaid") {
		t.Error(w.lastRecord("reseller.suspend"))
	}
	if err := w.s.UnsuspendReseller(w.ctx, as(w.root), w.left.ID); err != nil {
		t.Fatal(err)
	}
	in(w.tree()...)
	if err := w.s.SuspendReseller(w.ctx, w.a, w.root.ID, ""); err != nil {
		t.Fatal(err)
	}
	in(w.other)
}

func TestResellerKeys(t *testing.T) {
	w := newTree(t)
	valid := func(raw string) bool {
		_, err := w.s.AuthenticateReseller(w.ctx, w.left.ID, raw, anywhere)
		return err == nil
	}
	k, first, err := w.s.CreateResellerKey(w.ctx, w.op, reselling.CreateResellerKey{ResellerID: w.left.ID, Life: time.Hour})
	if err != nil || !valid(first) || !strings.HasSuffix(first, k.Hint) {
		t.Fatal(k, err)
	}
	w.clock.Advance(time.Hour)
	if valid(first) {
		t.Error("the key has expired")
	}
	_, second, err := w.s.CreateResellerKey(w.ctx, w.op, reselling.CreateResellerKey{ResellerID: w.left.ID})
	if err != nil {
		t.Fatal(err)
	}
	third, err := w.s.RotateResellerKey(w.ctx, w.op, reselling.RotateResellerKey{ResellerID: w.left.ID})
	if err != nil || !valid(second) || !valid(third) {
		t.Fatal(err)
	}
	w.clock.Advance(24 * time.Hour)
	if valid(second) || !valid(third) {
		t.Error("the overlap")
	}
	now := time.Duration(0)
	fourth, err := w.s.RotateResellerKey(w.ctx, w.op, reselling.RotateResellerKey{ResellerID: w.left.ID, Overlap: &now})
	if err != nil || valid(third) || !valid(fourth) {
		t.Fatal(err)
	}
	d, err := w.s.ShowReseller(w.ctx, w.op, w.left.ID)
	if err != nil || d.Keys[0].Hint != fourth[28:] || d.Keys[0].LookupHash != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	for range 2 {
		if err := w.s.RevokeResellerKey(w.ctx, w.op, w.left.ID, d.Keys[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if valid(fourth) {
		t.Error("the key is revoked")
	}
	if err := w.s.RevokeResellerKey(w.ctx, w.op, w.right.ID, d.Keys[0].ID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	for range 100 {
		if _, _, err = w.s.CreateResellerKey(w.ctx, w.op, reselling.CreateResellerKey{ResellerID: w.right.ID}); err != nil {
			break
		}
	}
	if fault.Of(err) == nil || fault.Of(err).Reason != "TOO_MANY_KEYS" { // it was made with one
		t.Error(err)
	}
	w.noSecrets()
}

func TestModifyReseller(t *testing.T) {
	w := newTree(t)
	text := func(s string) *string { return &s }
	prepaid := reseller.Prepaid
	r, err := w.s.ModifyReseller(w.ctx, w.op, reselling.ModifyReseller{
		ResellerID: w.root.ID, Username: text("Boss@A.example"), ConversionRate: text("1.250"), TaxName: text("VAT"), TaxRate: text("19.0"), Funds: &prepaid,
		Profile: &reseller.Profile{Name: "Näme", Country: "de", Email: "boss@a.example", Additional: map[string]string{"supportemail": "help@a.example", "empty": ""}},
	})
	if err != nil || r.Username != "boss@a.example" || r.ConversionRate != "1.25" || r.TaxRate != "19" || r.Funds != reseller.Prepaid || r.Profile.Country != "DE" || len(r.Profile.Additional) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	records := len(w.store.AllRecords())
	if _, err := w.s.ModifyReseller(w.ctx, w.op, reselling.ModifyReseller{ResellerID: w.root.ID, TaxRate: text("19")}); err != nil || len(w.store.AllRecords()) != records {
		t.Error("nothing changed", err)
	}
	for reason, cmd := range map[string]reselling.ModifyReseller{
		"USERNAME_TAKEN": {Username: text("left@a.example")},
		"RATE":           {ConversionRate: text("0")},
		"TAX_RATE":       {TaxRate: text("-1")},
	} {
		cmd.ResellerID = w.root.ID
		if _, err := w.s.ModifyReseller(w.ctx, w.op, cmd); !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if _, err := w.s.ModifyReseller(w.ctx, as(w.left), reselling.ModifyReseller{ConversionRate: text("2")}); fault.Of(err) == nil || fault.Of(err).Reason != "RATE" {
		t.Errorf("one currency: %v", err)
	}
}

func TestSignUpProducts(t *testing.T) {
	w := newTree(t)
	sells := func(id int64) []product.Key {
		d, err := w.s.ShowReseller(w.ctx, w.op, id)
		if err != nil {
			t.Fatal(err)
		}
		return d.Reseller.Products
	}
	one, two := []product.Key{product.BusinessEmail}, []product.Key{product.BusinessEmail, product.TitanIndia}
	if _, err := w.s.SignUpProducts(w.ctx, w.op, w.root.ID, two); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sells(w.left.ID), two) || !slices.Equal(sells(w.leaf.ID), two) || len(sells(w.other.ID)) != 5 {
		t.Error("what the root lost those below have")
	}
	if _, err := w.s.SignUpProducts(w.ctx, as(w.left), w.leaf.ID, one); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.SignUpProducts(w.ctx, as(w.root), w.left.ID, []product.Key{product.TitanGlobal}); fault.Of(err) == nil || fault.Of(err).Reason != "PRODUCT" {
		t.Error(err)
	}
	if _, err := w.s.SignUpProducts(w.ctx, as(w.root), w.left.ID, nil); err != nil || len(sells(w.leaf.ID)) != 0 || len(sells(w.right.ID)) != 2 {
		t.Error(err, sells(w.leaf.ID))
	}
}

func TestEffectivePrices(t *testing.T) {
	w := newTree(t)
	mine := w.customerOf(w.a.PartnerID, w.left.ID, "mine@x.example")
	w.prices(as(w.left), pricing.PriceListRef{Audience: price.Customers}, "2")
	w.prices(as(w.left), pricing.PriceListRef{Audience: price.Customers, PartyID: mine.ID}, "1")
	w.prices(as(w.left), pricing.PriceListRef{Audience: price.Resellers}, "3")
	w.prices(as(w.root), pricing.PriceListRef{Audience: price.Resellers}, "4")
	w.prices(as(w.root), pricing.PriceListRef{Audience: price.Resellers, PartyID: w.left.ID}, "5")
	want := func(what string, p *pricing.EffectivePrices, err error, text string) {
		t.Helper()
		got := ""
		if err == nil {
			got = p.Currency
			for _, r := range p.Rows {
				got += " " + r.Figure.String()
			}
		}
		if err != nil || got != text {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	p, err := w.s.CustomerPrices(w.ctx, as(w.left), 0)
	want("everyone", p, err, "GBP 2")
	p, err = w.s.CustomerPrices(w.ctx, as(w.left), mine.ID)
	want("one customer", p, err, "GBP 1")
	p, err = w.s.CustomerPrices(w.ctx, as(w.root), mine.ID)
	want("one customer, from above", p, err, "GBP 1")
	p, err = w.s.ResellerPrices(w.ctx, as(w.left), 0)
	want("those below", p, err, "GBP 3")
	p, err = w.s.ResellerPrices(w.ctx, as(w.left), w.left.ID)
	want("those below, by its own id", p, err, "GBP 3")
	p, err = w.s.ResellerPrices(w.ctx, as(w.left), w.leaf.ID)
	want("the leaf", p, err, "GBP 3")
	p, err = w.s.ResellerPrices(w.ctx, as(w.root), w.left.ID)
	want("the left", p, err, "EUR 5")
	p, err = w.s.CostPrices(w.ctx, as(w.left), 0)
	want("its cost", p, err, "EUR 5")
	p, err = w.s.CostPrices(w.ctx, as(w.right), 0)
	want("its cost", p, err, "EUR 4")
	if p, err = w.s.CostPrices(w.ctx, as(w.root), 0); err != nil || p.Currency != "USD" || len(p.Rows) != 272 || !p.Rows[0].Figure.IsZero() {
		t.Errorf("a root without a list: %+v, %v", p, err)
	}
	if _, err := w.s.SignUpProducts(w.ctx, as(w.root), w.left.ID, []product.Key{product.TitanGlobal}); err != nil {
		t.Fatal(err)
	}
	p, err = w.s.CustomerPrices(w.ctx, as(w.left), 0)
	want("not signed up", p, err, "GBP")
	for _, a := range []audit.Actor{as(w.right), as(w.other), as(w.leaf)} {
		if _, err := w.s.CustomerPrices(w.ctx, a, mine.ID); !fault.Is(err, fault.CustomerNotFound) {
			t.Error(err)
		}
	}
}

func TestResellerLogins(t *testing.T) {
	w := newTree(t)
	login := func(a audit.Actor, id int64) string {
		t.Helper()
		raw, err := w.s.GenerateResellerLogin(w.ctx, a, reselling.GenerateResellerLogin{ResellerID: id, IP: "192.0.2.7"})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	refused := func(what string, a audit.Actor, raw string) {
		t.Helper()
		if _, err := w.s.AuthenticateResellerToken(w.ctx, a, raw); !fault.Is(err, fault.Invalid) || fault.Of(err).Reason != "FIELD_token" {
			t.Errorf("%s: %v", what, err)
		}
	}
	raw := login(as(w.left), w.leaf.ID)
	for _, a := range []audit.Actor{as(w.right), as(w.other)} {
		refused("another's token", a, raw)
	}
	if d, err := w.s.AuthenticateResellerToken(w.ctx, as(w.root), raw); err != nil || d.Reseller.ID != w.leaf.ID {
		t.Fatalf("%+v, %v", d, err)
	}
	refused("used up", as(w.root), raw)
	raw = login(as(w.left), 0)
	w.clock.Advance(5 * time.Minute)
	refused("expired", as(w.left), raw)
	refused("no token", as(w.left), "x")
	raw = login(as(w.left), 0)
	refused("a parent's token", as(w.leaf), raw)
	for _, id := range []int64{w.right.ID, w.root.ID, w.other.ID, 424242} {
		if _, err := w.s.GenerateResellerLogin(w.ctx, as(w.left), reselling.GenerateResellerLogin{ResellerID: id, IP: "192.0.2.7"}); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if _, err := w.s.TempResellerPassword(w.ctx, as(w.left), id); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	}
	if _, err := w.s.GenerateResellerLogin(w.ctx, as(w.left), reselling.GenerateResellerLogin{IP: "here"}); fault.Of(err) == nil || fault.Of(err).Reason != "FIELD_ip" {
		t.Error(err)
	}

	in := func(id int64, password string) bool {
		_, err := w.s.AuthenticateResellerPassword(w.ctx, id, password, anywhere)
		return err == nil
	}
	temp, err := w.s.TempResellerPassword(w.ctx, as(w.left), w.leaf.ID)
	if err != nil || !in(w.leaf.ID, temp) || !in(w.leaf.ID, temp) || in(w.left.ID, temp) {
		t.Error("the temporary password", err)
	}
	if err := w.s.SetResellerPassword(w.ctx, as(w.leaf), 0, aPassword); err != nil || !in(w.leaf.ID, aPassword) || in(w.leaf.ID, temp) {
		t.Error("a new password ends the temporary one", err)
	}
	if temp, err = w.s.TempResellerPassword(w.ctx, as(w.leaf), 0); err != nil || !in(w.leaf.ID, aPassword) || !in(w.leaf.ID, temp) {
		t.Error("both passwords", err)
	}
	w.clock.Advance(24 * time.Hour)
	if in(w.leaf.ID, temp) || !in(w.leaf.ID, aPassword) {
		t.Error("a day later")
	}
	if err := w.s.SetResellerPassword(w.ctx, as(w.leaf), 0, ""); err != nil || in(w.leaf.ID, aPassword) || in(w.leaf.ID, "") {
		t.Error("no password", err)
	}
	if err := w.s.SuspendReseller(w.ctx, w.op, w.leaf.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.TempResellerPassword(w.ctx, as(w.left), w.leaf.ID); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	w.noSecrets()
}
