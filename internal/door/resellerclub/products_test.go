package resellerclub

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
)

// prices writes a list from lines such as "eeliteus 1-5 add 12 0.35".
func (w *world) prices(ref pricing.PriceListRef, lines ...string) {
	w.t.Helper()
	var set []pricing.SetPrice
	for _, l := range lines {
		var p pricing.SetPrice
		if _, err := fmt.Sscan(l, &p.Product, &p.Unit, &p.Action, &p.Months, &p.Figure); err != nil {
			w.t.Fatal(err)
		}
		set = append(set, p)
	}
	if _, err := w.core.SetPrices(w.t.Context(), operator, ref, set); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sells(s seller, keys ...product.Key) {
	w.t.Helper()
	if _, err := w.core.SignUpProducts(w.t.Context(), operator, s.id, keys); err != nil {
		w.t.Fatal(err)
	}
}

func TestPriceMaps(t *testing.T) {
	w := newWorld(t)
	customer := w.newCustomer(w.child, "c@x.example")
	w.golden("products/no_prices", w.get(w.child, "products/customer-price.json"))
	w.prices(pricing.PriceListRef{ResellerID: w.child.id, Audience: price.Customers},
		"eeliteus 1-5 add 1 100", "eeliteus 1-5 add 12 1.250000", "eeliteus 1-5 renew 6 0.000001", "eeliteus 50-200000 add 1 0",
		"enterpriseemailin 101-10000 renew 3 2", "titanmailglobal 1762 add 1 0.60", "titanmailglobal 1762 renew 12 0.48", "titanmailglobal 1755 add 3 0")
	w.prices(pricing.PriceListRef{ResellerID: w.child.id, Audience: price.Customers, PartyID: customer}, "eeliteus 1-5 add 1 90.5", "eeliteus 6-25 add 1 80")
	w.prices(pricing.PriceListRef{ResellerID: w.child.id, Audience: price.Resellers}, "eeliteus 1-5 add 1 7")
	w.prices(pricing.PriceListRef{ResellerID: w.root.id, Audience: price.Resellers}, "eeliteus 1-5 add 1 5")
	w.prices(pricing.PriceListRef{ResellerID: w.root.id, Audience: price.Resellers, PartyID: w.child.id}, "eeliteus 1-5 add 1 4")

	w.goldenRead("products/customer_price", w.child, "products/customer-price")
	w.goldenRead("products/customer_price_one", w.child, "products/customer-price", "customer-id", customer)
	if a, b := w.get(w.root, "products/customer-price.json", "customer-id", customer), w.get(w.child, "products/customer-price.json", "customer-id", customer); a.body != b.body {
		t.Errorf("from above: %s", a.body)
	}
	w.goldenRead("products/reseller_price", w.child, "products/reseller-price", "reseller-id", w.grandchild.id)
	if a, b := w.get(w.child, "products/reseller-price.json"), w.get(w.child, "products/reseller-price.json", "reseller-id", w.child.id); a.body != b.body {
		t.Errorf("its own id: %s, %s", a.body, b.body)
	}
	w.goldenRead("products/reseller_price_below", w.root, "products/reseller-price", "reseller-id", w.child.id)
	w.goldenRead("products/reseller_cost_price", w.child, "products/reseller-cost-price")
	if body := w.ok(w.get(w.sibling, "products/reseller-cost-price.json")); body != `{"eeliteus":{"email_account_ranges":{"1-5":{"add":{"1":5.0},"renew":{}}}}}` {
		t.Error(body)
	}

	// Siblings, those above and other partners.
	for _, s := range []seller{w.sibling, w.grandchild, w.foreign} {
		w.refused(w.get(s, "products/customer-price.json", "customer-id", customer), 500, fmt.Sprintf("Invalid customer-id: %d", customer))
		for _, path := range []string{"products/reseller-price.json", "products/reseller-cost-price.json"} {
			w.refused(w.get(s, path, "reseller-id", w.child.id), 500, fmt.Sprintf("Invalid reseller-id: %d", w.child.id))
		}
	}
	w.refused(w.get(w.child, "products/customer-price.json", "customer-id", "x"), 500, "{customer-id=customer-id is invalid}")
	w.refused(w.get(w.child, "products/reseller-price.json", "reseller-id", "1;--"), 500, "{reseller-id=reseller-id is invalid}")
	w.refused(w.get(w.child, "products/reseller-price.json", "reseller-id", 424242), 500, "Invalid reseller-id: 424242")

	// What is not signed up for is not there.
	w.sells(w.child, product.TitanGlobal)
	w.golden("products/customer_price_narrow", w.get(w.child, "products/customer-price.json"))
}

func TestBandPrices(t *testing.T) {
	w := newWorld(t)
	w.goldenRead("products/mock_reseller_price", w.child, "mock/products/reseller-price")
	if a, b := w.get(w.child, "mock/products/reseller-price.json").body, w.get(w.foreign, "mock/products/reseller-price.json").body; a != b {
		t.Error("two callers, two answers")
	}
	// The body as the document has it.
	raw, err := os.ReadFile("testdata/products/mock_of_the_contract.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.ok(w.get(w.child, "mock/products/reseller-price.json")); got != strings.TrimSpace(string(raw)) {
		t.Errorf("got  %s\nwant %s", got, raw)
	}
}

func TestProducts(t *testing.T) {
	w := newWorld(t)
	w.sells(w.child, product.BusinessEmail, product.TitanGlobal)
	w.goldenRead("products/category_keys_mapping", w.child, "products/category-keys-mapping")
	w.goldenRead("products/plan_details", w.child, "products/plan-details")
	w.goldenRead("products/details", w.child, "products/details")
	w.sells(w.child)
	w.golden("products/category_keys_mapping_none", w.get(w.child, "products/category-keys-mapping.json"))
	w.golden("products/plan_details_none", w.get(w.child, "products/plan-details.json"))
	if r := w.send(http.MethodPut, "/api/products/details.json?"+w.child.with(nil), "", ""); r.status != 500 {
		t.Error(r)
	}
}
