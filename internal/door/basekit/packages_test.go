package basekit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/money"
)

// key is the actor of a brand's key in the other dialects.
func (b brand) key() audit.Actor {
	return audit.Actor{PartnerID: b.id, Role: suspension.RolePartner, Name: "key:1"}
}

// subscriber makes a customer of b with an order of each domain.
func (w *world) subscriber(b brand, id string, domains ...string) (customer int64, orders []int64) {
	w.t.Helper()
	for _, d := range domains {
		seats, amount, end := 2, money.Amount{}, start.AddDate(0, 6, 0).Truncate(24*time.Hour)
		o, err := w.core.CreateMailOrder(w.t.Context(), b.key(), provision.CreateMailOrder{
			Domain: d, Customer: provision.CustomerProfile{CustomerID: id, Name: "Harry Lee", Email: id + "@b.test"}, Plan: plan.Pro, Seats: &seats, Expiry: &end,
			Payment: provision.PaymentDetails{Charged: &amount},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		customer, orders = o.CustomerID, append(orders, o.OrderID)
	}
	return customer, orders
}

func (w *world) orderNow(b brand, id int64) *provision.OrderDetails {
	w.t.Helper()
	o, err := w.core.FetchOrder(w.t.Context(), b.key(), provision.OrderRef{ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// packageNamed gives the ref of one of b's packages.
func (w *world) packageNamed(b brand, name string) int64 {
	w.t.Helper()
	for _, v := range w.want(w.call(b, "GET", fmt.Sprintf("/brands/%d/packages", b.id), nil), 200)["packages"].([]any) {
		if p := v.(map[string]any); p["name"] == name {
			return int64(p["ref"].(float64))
		}
	}
	w.t.Fatalf("there is no package %q", name)
	return 0
}

// shape gives the JSON type of each value: i, n, s, b, null, {} and [].
func shape(t *testing.T, body string, path ...string) map[string]string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	for _, p := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[p]
		case []any:
			v = at[0]
		}
	}
	out := map[string]string{}
	for k, v := range v.(map[string]any) {
		switch v := v.(type) {
		case json.Number:
			out[k] = "i"
			if strings.ContainsAny(v.String(), ".eE") {
				out[k] = "n"
			}
		case string:
			out[k] = "s"
		case bool:
			out[k] = "b"
		case nil:
			out[k] = "null"
		case map[string]any:
			out[k] = "{}"
		case []any:
			out[k] = "[]"
		}
	}
	return out
}

// wantShape takes "i: a b c" lines.
func wantShape(t *testing.T, got map[string]string, lines ...string) {
	t.Helper()
	want := map[string]string{}
	for _, l := range lines {
		kind, names, _ := strings.Cut(l, ": ")
		for _, n := range strings.Fields(names) {
			want[n] = kind
		}
	}
	if !maps.Equal(got, want) {
		for _, k := range slices.Sorted(maps.Keys(got)) {
			if got[k] != want[k] {
				t.Errorf("%s is %s, want %q", k, got[k], want[k])
			}
		}
		for k := range want {
			if got[k] == "" {
				t.Errorf("%s is missing", k)
			}
		}
	}
}

const capabilityKeys = `liveSites allowUsers cdnEnabled cssEditing themeLevel freeDomains htmlEditing pagesLimited storageLimit templateTier
	domainMapping googleAnalytics ecommerceAllowed googleAdWordVoucher allowExternalRedirects allowTemplateSave mailboxes mobile siteLock mobileSites
	mobilePublishing restrictPagesOnPublish`

func TestPackageShapes(t *testing.T) {
	w := newWorld(t)
	pro := w.packageNamed(w.ours, "Professional")
	one := w.call(w.ours, "GET", fmt.Sprintf("/packages/%d", pro), nil)
	w.want(one, 200)
	w.golden("package", one)
	wantShape(t, shape(t, one.body, "package"),
		"i: ref offerRebillMonths trialDays requirePurchasedDomain allowMultiplePurchase showInStore showInTemplatePicker displayOrder brandRef defaultCurrencyRef",
		"s: name active global urlId notifyMarketing productType type contentType offerRebillActive imageURL bannerHTML affiliateLink brandName currencyCode currencyName currencyTitle",
		"null: templateGroupRef", "[]: prices categories", "{}: capabilities templateGroup")
	wantShape(t, shape(t, one.body, "package", "prices", "0"), "i: ref billingPeriodMonths", "s: price formattedPrice", "null: offerPrice", "{}: currency")
	wantShape(t, shape(t, one.body, "package", "prices", "0", "currency"), "i: ref paypal", "s: name alphaCode numCode htmlCode currencyRate")
	wantShape(t, shape(t, one.body, "package", "capabilities"), "i: "+capabilityKeys)
	prices := w.call(w.ours, "GET", fmt.Sprintf("/packages/%d/prices?locale=en", pro), nil)
	w.want(prices, 200)
	w.golden("package_prices", prices)
	list := w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/packages", w.ours.id), nil)
	w.want(list, 200)
	w.golden("packages", list)

	c, _ := w.subscriber(w.ours, "c1", "one.example")
	path := fmt.Sprintf("/users/%d/account-packages", c)
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"accountPackages":[]}` {
		t.Error(got)
	}
	added := w.send(w.ours, "POST", path, "application/json", fmt.Sprintf(`{"packageRef":"%d","billingFrequency":12}`, pro))
	w.want(added, 200)
	w.golden("account_package_added", added)
	wantShape(t, shape(t, added.body, "capabilities"), "s: "+capabilityKeys)
	mine := w.call(w.ours, "GET", path, nil)
	w.want(mine, 200)
	w.golden("account_packages", mine)
	wantShape(t, shape(t, mine.body, "accountPackages", "0"), "i: ref deleteOnExpiry isFree billingPeriodMonths", "s: activationCode", "{}: startDateTime endDateTime updated package")
	ref := int64(w.want(mine, 200)["accountPackages"].([]any)[0].(map[string]any)["ref"].(float64))
	w.golden("account_package", w.call(w.ours, "GET", fmt.Sprintf("%s/%d", path, ref), nil))
}

func TestPackageFilters(t *testing.T) {
	w := newWorld(t)
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	w.want(w.call(admin, "PUT", fmt.Sprintf("/packages/%d", w.packageNamed(w.ours, "Business")), map[string]any{"active": "N", "prices": []any{map[string]any{"billingPeriodMonths": "3", "price": 8}}}), 200)
	for query, want := range map[string]string{
		"":                            "Free Professional Business Enterprise Professional trial Business trial Enterprise trial Domain Suspension",
		"active=0":                    "Business",
		"active=Y&contentType=domain": "Domain",
		"productType=domain":          "Domain",
		"contentType=mail&type=standard&active=1": "Free Professional Enterprise",
		"showInStore=0":            "Suspension",
		"billingPeriodMonths=3":    "Business",
		"billingPeriodMonths=0":    "Suspension",
		"currencyRef=978":          "",
		"currencyRef=826&active=0": "Business",
		"contentType=siteLock":     "",
		"type=":                    "Free Professional Business Enterprise Professional trial Business trial Enterprise trial Domain Suspension",
	} {
		var names []string
		for _, p := range w.want(w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/packages?%s", w.ours.id, query), nil), 200)["packages"].([]any) {
			names = append(names, p.(map[string]any)["name"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	w.wantError(w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/packages?active=maybe&billingPeriodMonths=x", w.ours.id), nil), 400, "active", "invalid")
}

// A live billing module changes the package, suspends and comes back (section 12).
func TestChangeOfPackageAndSuspension(t *testing.T) {
	w := newWorld(t)
	c, orders := w.subscriber(w.ours, "c1", "one.example", "two.example")
	five, six, off := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.ours, "Business"), w.packageNamed(w.ours, "Suspension")
	user, path := fmt.Sprintf("/users/%d", c), fmt.Sprintf("/users/%d/account-packages", c)
	assign := func(ref int64, months string) map[string]any {
		t.Helper()
		return w.want(w.send(w.ours, "POST", path, "application/json", fmt.Sprintf(`{"packageRef":"%d","billingFrequency":%s}`, ref, months)), 200)
	}
	shown := func(want int64, suspended float64) {
		t.Helper()
		h := w.want(w.call(w.ours, "GET", user, nil), 200)["accountHolder"].(map[string]any)
		if h["subscriptionPackageRef"] != float64(want) || h["suspended"] != suspended {
			t.Errorf("package %v, suspended %v", h["subscriptionPackageRef"], h["suspended"])
		}
	}
	each := func(p plan.Plan, seats int, end time.Time, s order.Status) {
		t.Helper()
		for _, id := range orders {
			if o := w.orderNow(w.ours, id); o.Order.Plan != p || o.Order.Seats != seats || !o.Order.ExpiresAt.Equal(end) || o.Status != s {
				t.Errorf("order %d is %s, %d seats, until %s, %s", id, o.Order.Plan, o.Order.Seats, o.Order.ExpiresAt, o.Status)
			}
		}
	}
	if got := assign(five, "12")["capabilities"].(map[string]any); got["mailboxes"] != "5" || got["storageLimit"] != "5368709120" {
		t.Errorf("%v", got)
	}
	year := order.AddMonths(start, 12)
	each(plan.Pro, 5, year, order.Active)
	shown(five, 0)
	assign(six, "1")
	each(plan.Premium, 5, order.AddMonths(start, 1), order.Active)
	shown(six, 0)
	assign(six, `"1"`) // the same again is a renewal
	two := order.AddMonths(order.AddMonths(start, 1), 1)
	each(plan.Premium, 5, two, order.Active)
	assign(off, "null")
	each(plan.Premium, 5, two, order.Suspended)
	shown(off, 1)
	assign(off, "null") // twice is once
	shown(off, 1)
	assign(six, "1") // what runs goes on: coming back costs no time
	each(plan.Premium, 5, two, order.Active)
	shown(six, 0)
	assign(off, "1")
	assign(five, "null")
	each(plan.Pro, 5, two, order.Active)
	shown(five, 0)

	a := w.want(w.call(w.ours, "GET", path, nil), 200)["accountPackages"].([]any)
	if len(a) != 1 {
		t.Fatalf("%d account packages", len(a))
	}
	ref := int64(a[0].(map[string]any)["ref"].(float64))
	w.want(w.call(w.ours, "DELETE", fmt.Sprintf("%s/%d", path, ref), nil), 204)
	w.wantError(w.call(w.ours, "DELETE", fmt.Sprintf("%s/%d", path, ref), nil), 404, "", "")
	each(plan.Pro, 5, two, order.Active) // what is paid for stays
	if h := w.want(w.call(w.ours, "GET", user, nil), 200)["accountHolder"].(map[string]any); h["subscriptionPackageRef"] != nil {
		t.Error(h["subscriptionPackageRef"])
	}
}

func TestAssignRefusals(t *testing.T) {
	w := newWorld(t)
	c, orders := w.subscriber(w.ours, "c1", "one.example")
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	for _, local := range []string{"a", "b"} {
		if _, err := w.core.CreateEmailAccount(t.Context(), w.ours.key(), provision.CreateEmailAccount{Order: provision.OrderRef{ID: orders[0]}, Email: local + "@one.example"}); err != nil {
			t.Fatal(err)
		}
	}
	path := fmt.Sprintf("/users/%d/account-packages", c)
	pro, free := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.ours, "Free")
	for _, r := range []struct {
		body, field, rule string
	}{
		{`{"billingFrequency":1}`, "packageRef", "required"},
		{`{"packageRef":null,"billingFrequency":1}`, "packageRef", "required"},
		{fmt.Sprintf(`{"packageRef":%d}`, pro), "billingFrequency", "required"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":2}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":-12}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":"yearly"}`, pro), "billingFrequency", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":12,"addToBC":"often"}`, pro), "addToBC", "invalid"},
		{`{"packageRef":"x","billingFrequency":1}`, "packageRef", "invalid"},
		{`{"packageRef":99999999999999999999,"billingFrequency":1}`, "packageRef", "invalid"},
		{`{"packageRef":1,"billingFrequency":1}`, "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, w.packageNamed(w.foreign, "Professional")), "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, w.packageNamed(w.ours, "Domain")), "packageRef", "invalid"},
		{fmt.Sprintf(`{"packageRef":%d,"billingFrequency":1}`, free), "packageRef", "limitReached"}, // two mailboxes, one seat
	} {
		w.wantError(w.send(w.ours, "POST", path, "application/json", r.body), 400, r.field, r.rule)
	}
	w.want(w.call(admin, "PUT", fmt.Sprintf("/packages/%d", pro), map[string]any{"active": 0}), 200)
	w.wantError(w.call(w.ours, "POST", path, map[string]any{"packageRef": pro, "billingFrequency": 1}), 400, "packageRef", "notAllowed")
	if o := w.orderNow(w.ours, orders[0]); o.Order.Seats != 2 || o.Order.Plan != plan.Pro {
		t.Errorf("a refused package has changed the order: %d seats", o.Order.Seats)
	}
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"accountPackages":[]}` {
		t.Errorf("a refused package is subscribed to: %s", got)
	}
}

func TestPackageTenants(t *testing.T) {
	w := newWorld(t)
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	c, _ := w.subscriber(w.ours, "c1", "one.example")
	d, _ := w.subscriber(w.ours, "c2", "two.example")
	theirs, _ := w.subscriber(w.foreign, "c1", "three.example")
	mine, foreign := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.foreign, "Professional")
	for _, u := range []int64{c, d} {
		w.want(w.call(w.ours, "POST", fmt.Sprintf("/users/%d/account-packages", u), map[string]any{"packageRef": mine, "billingFrequency": 1}), 200)
	}
	ofD := int64(w.want(w.call(w.ours, "GET", fmt.Sprintf("/users/%d/account-packages", d), nil), 200)["accountPackages"].([]any)[0].(map[string]any)["ref"].(float64))
	for _, r := range []struct{ method, path string }{
		{"GET", fmt.Sprintf("/brands/%d", w.foreign.id)},
		{"PUT", fmt.Sprintf("/brands/%d", w.foreign.id)},
		{"GET", fmt.Sprintf("/brands/%d/packages", w.foreign.id)},
		{"GET", fmt.Sprintf("/brands/%d/languages", w.foreign.id)},
		{"GET", fmt.Sprintf("/brands/%d/currencies", w.foreign.id)},
		{"GET", fmt.Sprintf("/brands/%d/domain-tlds", w.foreign.id)},
		{"PUT", fmt.Sprintf("/brands/%d/domain-tlds", w.foreign.id)},
		{"GET", fmt.Sprintf("/brands/%d/resellers", w.foreign.id)},
		{"POST", fmt.Sprintf("/brands/%d/resellers", w.foreign.id)},
		{"GET", "/brands/0/packages"},
		{"GET", "/brands/99999999999999999999/packages"},
		{"GET", "/brands/x/packages"},
		{"GET", fmt.Sprintf("/packages/%d", foreign)},
		{"GET", fmt.Sprintf("/packages/%d/prices", foreign)},
		{"PUT", fmt.Sprintf("/packages/%d", foreign)},
		{"PUT", fmt.Sprintf("/packages/%d/capabilities", foreign)},
		{"POST", fmt.Sprintf("/packages/%d/clone", foreign)},
		{"DELETE", fmt.Sprintf("/packages/%d", foreign)},
		{"GET", "/packages/abc"},
		{"GET", fmt.Sprintf("/users/%d/account-packages", theirs)},
		{"POST", fmt.Sprintf("/users/%d/account-packages", theirs)},
		{"GET", fmt.Sprintf("/users/%d/account-packages/%d", theirs, ofD)},
		{"GET", fmt.Sprintf("/users/%d/account-packages/%d", c, ofD)},
		{"DELETE", fmt.Sprintf("/users/%d/account-packages/%d", c, ofD)},
		{"GET", fmt.Sprintf("/resellers/%d", w.foreign.root)},
		{"GET", fmt.Sprintf("/resellers/%d", w.ours.root)}, // the brand itself is none of its resellers
		{"PUT", fmt.Sprintf("/resellers/%d", w.ours.root)},
		{"DELETE", fmt.Sprintf("/resellers/%d", w.ours.root)},
		{"DELETE", fmt.Sprintf("/resellers/%d", w.foreign.root)},
	} {
		body := map[string]any{
			"packageRef": mine, "billingFrequency": 1, "name": "x", "displayName": "x", "defaultCurrencyRef": 826, "defaultLanguageRef": 1, "tlds": []string{"com"},
			"capabilities": map[string]any{"mailboxes": 3},
		}
		want := http.StatusNotFound
		if strings.HasPrefix(r.path, fmt.Sprintf("/brands/%d", w.foreign.id)) { // a brand's own ref says whose it is (2.1)
			want = http.StatusForbidden
		}
		if got := w.call(admin, r.method, r.path, body); got.status != want {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
	}
	if p := w.want(w.call(w.foreign, "GET", fmt.Sprintf("/packages/%d", foreign), nil), 200)["package"].(map[string]any); p["name"] != "Professional" {
		t.Error(p["name"])
	}
	w.wantError(w.call(admin, "POST", "/packages", map[string]any{"name": "x", "brandRef": w.foreign.id}), 403, "", "")
}

func TestOnlyAdministratorsChangeTheShop(t *testing.T) {
	w := newWorld(t)
	ref := w.packageNamed(w.ours, "Professional")
	for _, r := range []struct{ method, path string }{
		{"POST", "/packages"},
		{"PUT", fmt.Sprintf("/packages/%d", ref)},
		{"DELETE", fmt.Sprintf("/packages/%d", ref)},
		{"PUT", fmt.Sprintf("/packages/%d/capabilities", ref)},
		{"POST", fmt.Sprintf("/packages/%d/clone", ref)},
		{"PUT", fmt.Sprintf("/brands/%d", w.ours.id)},
		{"PUT", fmt.Sprintf("/brands/%d/domain-tlds", w.ours.id)},
	} {
		w.wantError(w.call(w.ours, r.method, r.path, map[string]any{"name": "x", "tlds": []string{"com"}}), 403, "", "")
	}
}

func TestChangePackages(t *testing.T) {
	w := newWorld(t)
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	made := w.call(admin, "POST", "/packages", map[string]any{
		"name": "Mail 10", "plan": "premium", "prices": []any{map[string]any{"billingPeriodMonths": 12, "price": "80.00"}, map[string]any{"billingPeriodMonths": 1, "price": "8.00"}},
		"capabilities": map[string]any{"mailboxes": "10", "liveSites": 2}, "displayOrder": 3, "brandRef": fmt.Sprint(w.ours.id),
	})
	p := w.want(made, 201)["package"].(map[string]any)
	w.golden("package_made", made)
	ref := int64(p["ref"].(float64))
	path := fmt.Sprintf("/packages/%d", ref)
	p = w.want(w.call(admin, "PUT", path+"/capabilities", map[string]any{"capabilities": map[string]any{"mailboxes": 4}}), 200)["package"].(map[string]any)
	if c := p["capabilities"].(map[string]any); c["mailboxes"] != 4.0 || c["liveSites"] != 2.0 {
		t.Error(c)
	}
	w.want(w.call(admin, "PUT", path+"/capabilities", map[string]any{"liveSites": "7"}), 200)
	p = w.want(w.call(admin, "PUT", path, map[string]any{"name": "Mail 4", "isFree": 1, "showInStore": false}), 200)["package"].(map[string]any)
	if p["name"] != "Mail 4" || p["showInStore"] != 0.0 || p["prices"].([]any)[0].(map[string]any)["price"] != "0.00" || p["capabilities"].(map[string]any)["liveSites"] != 7.0 {
		t.Error(p)
	}
	clone := w.want(w.call(admin, "POST", path+"/clone", nil), 201)["package"].(map[string]any)
	if clone["name"] != "Copy of Mail 4" || clone["ref"] == p["ref"] {
		t.Error(clone["name"], clone["ref"])
	}
	w.want(w.call(admin, "DELETE", path, nil), 204)
	w.wantError(w.call(w.ours, "GET", path, nil), 404, "", "")
	off := w.packageNamed(w.ours, "Suspension")
	w.wantError(w.call(admin, "DELETE", fmt.Sprintf("/packages/%d", off), nil), 400, "", "")
	w.wantError(w.call(admin, "POST", fmt.Sprintf("/packages/%d/clone", off), nil), 400, "", "")
	for body, field := range map[string]string{
		`{"name":""}`: "name", `{"name":"x","plan":"gold"}`: "plan", `{"name":"x","productType":"one-off"}`: "productType", `{"name":"x","contentType":"widget"}`: "contentType",
		`{"name":"x","prices":[{"price":"8.00"}]}`: "prices", `{"name":"x","prices":[{"billingPeriodMonths":1,"price":"8.005"}]}`: "prices",
		`{"name":"x","prices":[{"billingPeriodMonths":1,"price":"-8"}]}`: "prices", `{"name":"x","prices":"8"}`: "prices", `{"name":"x","prices":[1]}`: "prices",
		`{"name":"x","prices":[{"billingPeriodMonths":1,"price":1},{"billingPeriodMonths":1,"price":2}]}`: "prices",
		`{"name":"x","prices":[{"billingPeriodMonths":1,"price":1e30}]}`:                                  "prices",
		`{"name":"x","capabilities":{"mailboxes":0}}`:                                                     "mailboxes", `{"name":"x","capabilities":{"mailboxes":"many"}}`: "capabilities",
		`{"name":"x","capabilities":{"storageLimit":1}}`: "storageLimit", `{"name":"x","capabilities":{"a b":1}}`: "a b", `{"name":"x","capabilities":5}`: "capabilities",
		`{"name":"x","tld":"com"}`: "tld", `{"name":"x","contentType":"domain","tld":"no ending"}`: "tld", `{"name":"x","contentType":"domain","plan":"pro"}`: "plan",
		`{"name":"x","type":"bargain"}`: "type", `{"name":"x","displayOrder":-1}`: "displayOrder", `{"name":"x","isFree":"perhaps"}`: "isFree",
	} {
		r := w.send(admin, "POST", "/packages", "application/json", body)
		out := w.want(r, 400)
		if errs, _ := out["errors"].(map[string]any); errs[field] == nil {
			t.Errorf("%s: %s", body, r.body)
		}
	}
}
