package basekit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// key is the actor of a brand's key in the other dialects.
func (b brand) key() audit.Actor {
	return audit.Actor{PartnerID: b.id, Role: suspension.RolePartner, Name: "key:1"}
}

func (w *world) orderNow(b brand, id int64) *work.OrderDetails {
	w.t.Helper()
	o, err := w.core.FetchOrder(w.t.Context(), b.key(), work.OrderRef{ID: id})
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
	for _, r := range []reply{ // a name is given once
		w.call(admin, "POST", path+"/clone", object{"name": "mail 4"}),
		w.call(admin, "POST", "/packages", object{"name": "Mail 4", "contentType": "mail"}),
		w.call(admin, "PUT", fmt.Sprintf("/packages/%.0f", clone["ref"]), object{"name": " Mail 4"}),
	} {
		w.wantError(r, 400, "name", "alreadyExists")
	}
	// Two names that look the same are one, however they are written.
	w.want(w.call(admin, "POST", "/packages", object{"name": "Groß-Café", "contentType": "mail"}), 201)
	for _, name := range []string{"GROSS-CAFÉ", "groß-cafe\u0301", "Groß-\u200bCafé", "\u202eGroß-Café", "Groß-Café\u00a0", "Groß-Ｃafé"} {
		w.wantError(w.call(admin, "POST", "/packages", object{"name": name, "contentType": "mail"}), 400, "name", "alreadyExists")
	}
	w.wantError(w.call(admin, "POST", "/packages", object{"name": "Mail  4", "contentType": "mail"}), 400, "name", "alreadyExists")
	w.want(w.call(admin, "POST", "/packages", object{"name": "Gros-Cafe", "contentType": "mail"}), 201)
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
