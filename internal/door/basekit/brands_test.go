package basekit

import (
	"fmt"
	"strings"
	"testing"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
)

func TestBrands(t *testing.T) {
	w := newWorld(t)
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	path := fmt.Sprintf("/brands/%d", w.ours.id)
	list := w.call(w.ours, "GET", "/brands", nil)
	w.want(list, 200)
	w.golden("brands", list)
	one := w.call(w.ours, "GET", path+"?embed=currencies", nil)
	w.want(one, 200)
	w.golden("brand", one)
	wantShape(t, shape(t, one.body, "brand"), "i: ref active defaultCurrencyRef defaultPackageRef", "null: preferredPackageRef", "{}: capabilities", "[]: currencies",
		"s: name displayName domain email supportEmail logoImageURL faviconURL helpURL")
	pro, business, off := w.packageNamed(w.ours, "Professional"), w.packageNamed(w.ours, "Business"), w.packageNamed(w.ours, "Suspension")
	changed := w.call(admin, "PUT", path, map[string]any{
		"name": "us", "displayName": "Us & Co", "domain": "Us.Example", "email": "staff@us.example", "supportEmail": "help@us.example", "defaultPackageRef": fmt.Sprint(pro),
		"preferredPackageRef": business, "logoImageURL": "https://us.example/logo.png", "faviconURL": "https://us.example/f.ico", "helpURL": "https://us.example/help",
		"capabilities": map[string]any{"liveSites": 3}, "active": 1,
	})
	w.want(changed, 200)
	w.golden("brand_changed", changed)
	if got := w.want(w.call(w.ours, "GET", path, nil), 200)["brand"].(map[string]any); got["displayName"] != "Us & Co" || got["domain"] != "us.example" {
		t.Error(got)
	}
	made := w.want(w.call(w.ours, "POST", "/users", map[string]any{"brandRef": w.ours.id, "firstName": "A", "lastName": "B", "username": "owned", "password": "a good one", "email": "owned@x.example", "languageCode": "en"}), 201)
	if owner := made["accountHolder"].(map[string]any)["owner"].(map[string]any); owner["displayName"] != "Us & Co" {
		t.Errorf("holders see the brand as %v", owner["displayName"])
	}
	d, err := w.core.Brand(t.Context(), w.ours.key(), w.ours.id, 0) // as the other dialects see it
	if err != nil || d.Own.Name != "Us & Co" || d.Own.ContactEmail != "staff@us.example" || d.Own.LogoURL != "https://us.example/logo.png" {
		t.Errorf("%+v, %v", d, err)
	}
	p := w.want(w.call(w.ours, "GET", fmt.Sprintf("/packages/%d", pro), nil), 200)["package"].(map[string]any)
	if p["capabilities"].(map[string]any)["liveSites"] != 3.0 || p["brandName"] != "us" {
		t.Error("the brand's capabilities are not its packages'")
	}
	w.want(w.call(admin, "PUT", path, map[string]any{"preferredPackageRef": nil, "defaultPackageRef": 0}), 200)
	for _, r := range []struct{ body, field string }{
		{`{"active":0}`, "active"}, {`{"email":"x"}`, "email"}, {`{"supportEmail":"x"}`, "supportEmail"}, {`{"logoImageURL":"javascript:alert(1)"}`, "logoImageURL"},
		{`{"faviconURL":"http://us.example/"}`, "faviconURL"}, {`{"helpURL":"https://a@us.example/"}`, "helpURL"}, {`{"domain":"no domain"}`, "domain"},
		{fmt.Sprintf(`{"defaultPackageRef":%d}`, off), "defaultPackageRef"}, {`{"defaultPackageRef":1}`, "defaultPackageRef"}, {fmt.Sprintf(`{"preferredPackageRef":%d}`, off), "preferredPackageRef"}, {`{"preferredPackageRef":"x"}`, "preferredPackageRef"},
		{fmt.Sprintf(`{"preferredPackageRef":%d}`, w.packageNamed(w.foreign, "Free")), "preferredPackageRef"},
		{`{"capabilities":{"x y":1}}`, "x y"}, {`{"displayName":"a\u0000b"}`, "displayName"}, {`{"name":{"a":1}}`, "name"},
	} {
		w.wantError(w.send(admin, "PUT", path, "application/json", r.body), 400, r.field, "invalid")
	}
}

func TestLanguagesAndCurrencies(t *testing.T) {
	w := newWorld(t)
	languages := w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/languages", w.ours.id), nil)
	w.want(languages, 200)
	w.golden("languages", languages)
	wantShape(t, shape(t, languages.body, "languages", "0"), "i: ref", "s: code name")
	currencies := w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/currencies", w.ours.id), nil)
	w.want(currencies, 200)
	w.golden("currencies", currencies)
}

func TestDomainTlds(t *testing.T) {
	w := newWorld(t)
	admin := w.addUser(w.ours, partner.RightsAdministrator)
	path := fmt.Sprintf("/brands/%d/domain-tlds", w.ours.id)
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"domainTlds":[]}` {
		t.Error(got)
	}
	set := w.call(admin, "PUT", path, map[string]any{"tlds": []string{"com", ".co.uk", "NET", "org", "io", "dev", "com"}})
	if n := len(w.want(set, 200)["domainTlds"].([]any)); n != 6 {
		t.Errorf("%d endings", n)
	}
	five := w.call(w.ours, "GET", path, nil)
	w.golden("domain_tlds", five)
	if n := len(w.want(five, 200)["domainTlds"].([]any)); n != 5 { // the usual limit
		t.Errorf("%d endings", n)
	}
	if n := len(w.want(w.call(w.ours, "GET", path+"?limit=50&offset=1", nil), 200)["domainTlds"].([]any)); n != 5 {
		t.Errorf("%d endings", n)
	}
	com := w.packageNamed(w.ours, ".com")
	w.want(w.call(admin, "PUT", path, map[string]any{"tlds": []string{"net"}}), 200)
	if p := w.want(w.call(w.ours, "GET", fmt.Sprintf("/packages/%d", com), nil), 200)["package"].(map[string]any); p["active"] != "N" {
		t.Error("the package of an ending that is gone is on offer")
	}
	w.want(w.call(admin, "PUT", path, map[string]any{"tlds": []string{"com"}}), 200)
	if again := w.packageNamed(w.ours, ".com"); again != com {
		t.Errorf("an ending that is back has another package: %d, %d", com, again)
	}
	for _, body := range []string{`{"tlds":["no ending"]}`, `{"tlds":[1]}`, `{"tlds":"com"}`, `{"tlds":[""]}`, `{"tlds":["` + strings.Repeat("a", 70) + `"]}`} {
		w.wantError(w.send(admin, "PUT", path, "application/json", body), 400, "tlds", "invalid")
	}
	w.wantError(w.send(admin, "PUT", path, "application/json", `{}`), 400, "tlds", "required")
}

func TestResellers(t *testing.T) {
	w := newWorld(t)
	path := fmt.Sprintf("/brands/%d/resellers", w.ours.id)
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"resellers":[]}` {
		t.Error(got)
	}
	made := w.call(w.ours, "POST", path, map[string]any{
		"name": "shop", "displayName": "The Shop", "defaultCurrencyRef": "826", "defaultLanguageRef": 1, "accountCreateLimit": 2, "loginURL": "https://shop.example/",
	})
	r := w.want(made, 201)["reseller"].(map[string]any)
	w.golden("reseller", made)
	wantShape(t, shape(t, made.body, "reseller"), "i: ref brandRef accountCreateLimit defaultCurrencyRef defaultLanguageRef enabled", "null: parentResellerRef", "{}: created updated",
		"s: resellerName displayName loginURL externalAccountURL externalPaymentURL externalPaymentCancellationURL externalSubscriptionURL resellerHelpURL resellerSupportEmail")
	ref := int64(r["ref"].(float64))
	one := fmt.Sprintf("/resellers/%d", ref)
	euro := w.want(w.call(w.ours, "POST", path, map[string]any{"name": "e@shop.example", "displayName": "Euro", "defaultCurrencyRef": 978, "defaultLanguageRef": 2}), 201)["reseller"].(map[string]any)
	if euro["accountCreateLimit"] != nil || euro["defaultCurrencyRef"] != 978.0 {
		t.Error(euro)
	}
	w.golden("resellers", w.call(w.ours, "GET", path, nil))
	r = w.want(w.call(w.ours, "PUT", one, map[string]any{"displayName": "Shop", "enabled": 0, "accountCreateLimit": nil, "defaultCurrencyRef": 826}), 200)["reseller"].(map[string]any)
	if r["displayName"] != "Shop" || r["enabled"] != 0.0 || r["accountCreateLimit"] != nil || r["resellerName"] != "shop" {
		t.Error(r)
	}
	// The other dialects see it below the root, and without a key.
	d, err := w.core.ShowReseller(t.Context(), w.ours.key(), ref)
	if err != nil || d.Reseller.ParentID != w.ours.root || d.Reseller.Status != reseller.Suspended || len(d.Keys) != 0 || d.Reseller.PasswordHash != "" {
		t.Errorf("%+v, %v", d, err)
	}
	w.want(w.call(w.ours, "PUT", one, map[string]any{"enabled": true}), 200)
	for _, c := range []struct{ body, field, rule string }{
		{`{"defaultCurrencyRef":978}`, "defaultCurrencyRef", "notAllowed"}, {`{"defaultLanguageRef":99}`, "defaultLanguageRef", "invalid"}, {`{"name":""}`, "name", "invalid"},
		{`{"accountCreateLimit":-1}`, "accountCreateLimit", "invalid"}, {`{"loginURL":"javascript:1"}`, "loginURL", "invalid"}, {`{"enabled":"perhaps"}`, "enabled", "invalid"},
	} {
		w.wantError(w.send(w.ours, "PUT", one, "application/json", c.body), 400, c.field, c.rule)
	}
	for _, field := range []string{"name", "displayName", "defaultCurrencyRef", "defaultLanguageRef"} {
		w.wantError(w.call(w.ours, "POST", path, map[string]any{}), 400, field, "required")
	}
	w.wantError(w.call(w.ours, "POST", path, map[string]any{"name": "x", "displayName": "x", "defaultCurrencyRef": 1, "defaultLanguageRef": 1}), 400, "defaultCurrencyRef", "invalid")
	below, _, err := w.core.CreateReseller(t.Context(), w.ours.key(), reselling.CreateReseller{ParentID: ref, Username: "below@shop.example", NoKey: true})
	if err != nil {
		t.Fatal(err)
	}
	w.wantError(w.call(w.ours, "DELETE", one, nil), 400, "", "")
	w.wantError(w.call(w.ours, "GET", fmt.Sprintf("/resellers/%d", below.ID), nil), 404, "", "") // not directly below the brand
	w.want(w.call(w.ours, "DELETE", fmt.Sprintf("/resellers/%.0f", euro["ref"]), nil), 204)
	w.wantError(w.call(w.ours, "GET", fmt.Sprintf("/resellers/%.0f", euro["ref"]), nil), 404, "", "")
	if n := len(w.want(w.call(w.ours, "GET", path, nil), 200)["resellers"].([]any)); n != 1 {
		t.Errorf("%d resellers", n)
	}
	w.want(w.call(w.ours, "POST", path, map[string]any{"name": "e@shop.example", "displayName": "Euro", "defaultCurrencyRef": 978, "defaultLanguageRef": 2}), 201) // the name is free
}
