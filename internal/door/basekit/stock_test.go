package basekit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"posthouse/internal/core/partner"
)

// tenant is what one brand has: each by the kind that parameters name.
type tenant map[string]string

// nobodys is what nobody has.
var nobodys = tenant{"holder": "79999999", "domain": "79999998", "order": "79999997", "item": "79999996", "package": "79999995", "account-package": "79999994",
	"reseller": "79999993", "profile": "79999992", "invoice": "79999991", "brand": "79999990"}

// kindOf is what a parameter names; "" = nothing of a brand's.
func kindOf(op *operation, name string) string {
	segments := strings.Split(op.path, "/")
	if i := slices.Index(segments, ":"+name); i > 0 {
		switch segments[i-1] {
		case "users":
			return "holder"
		case "account-domains", "sites", "mail-services":
			return "domain"
		case "domains":
			if name == "accountDomainRef" {
				return "domain"
			}
		case "orders":
			return "order"
		case "items":
			return "item"
		case "packages":
			return "package"
		case "account-packages", "billing-cycles":
			return "account-package"
		case "resellers":
			return "reseller"
		case "profiles":
			return "profile"
		case "invoices":
			return "invoice"
		case "brands":
			return "brand"
		}
		return ""
	}
	switch name {
	case "accountHolderRef":
		return "holder"
	case "packageRef", "defaultPackageRef", "preferredPackageRef":
		return "package"
	case "resellerRef":
		return "reseller"
	case "siteRef":
		return "domain"
	case "brandRef":
		return "brand"
	}
	return ""
}

// stock gives a brand something of everything, by the calls that make it.
func (w *world) stock(b brand, tag string) tenant {
	w.t.Helper()
	w.stocks++
	tag = fmt.Sprintf("%s%d", tag, w.stocks)
	admin := w.as(b, partner.RightsAdministrator)
	must := func(as brand, method, path string, in any, status int) any {
		w.t.Helper()
		r := w.call(as, method, path, in)
		if r.status != status {
			w.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
		}
		var out any
		if r.body != "" {
			if err := json.Unmarshal([]byte(r.body), &out); err != nil {
				w.t.Fatal(err)
			}
		}
		return out
	}
	ref := func(v any, keys ...any) string {
		w.t.Helper()
		whole := v
		for _, k := range keys {
			switch k := k.(type) {
			case string:
				o, _ := v.(map[string]any)
				v = o[k]
			case int:
				l, _ := v.([]any)
				if k >= len(l) {
					w.t.Fatalf("no %v in %v", keys, whole)
				}
				v = l[k]
			}
		}
		n, ok := v.(float64)
		if !ok {
			w.t.Fatalf("no %v in %v", keys, whole)
		}
		return strconv.FormatInt(int64(n), 10)
	}
	t := tenant{"brand": strconv.FormatInt(b.id, 10), "tag": tag, "domain-name": tag + ".example", "user": "kim", "name": "mailboxes"}
	t["holder"] = ref(must(b, "POST", "/users", object{"brandRef": b.id, "firstName": "Ann", "lastName": "Ash", "username": "ann-" + tag, "password": goodPassword,
		"email": "ann@" + tag + ".example", "languageCode": "en"}, 201), "accountHolder", "ref")
	user := "/users/" + t["holder"]
	t["package"] = ref(must(admin, "POST", "/packages", object{"name": "Own " + tag, "contentType": "mail", "productType": "subscription", "capabilities": object{"mailboxes": 5},
		"prices": []any{object{"price": "8.00", "billingPeriodMonths": 1}, object{"price": "80.00", "billingPeriodMonths": 12}}}, 201), "package", "ref")
	must(b, "POST", user+"/account-packages", object{"packageRef": t["package"], "billingFrequency": 12, "addToBC": 1}, 200)
	t["account-package"] = ref(must(b, "GET", user+"/account-packages", nil, 200), "accountPackages", 0, "ref")
	t["domain-package"] = ref(must(admin, "POST", "/packages", object{"name": "Domain " + tag, "contentType": "domain", "productType": "domain",
		"prices": []any{object{"price": "8.00", "billingPeriodMonths": 12}}}, 201), "package", "ref")
	paid := ref(must(b, "POST", "/orders", object{"accountHolderRef": t["holder"]}, 201), "order", "ref")
	must(b, "POST", "/orders/"+paid+"/items", object{"packageRef": t["domain-package"], "billingPeriodMonths": 12, "domainName": t["domain-name"]}, 201)
	must(b, "PUT", "/orders/"+paid, object{"paymentStatus": "success"}, 200)
	t["domain"] = ref(must(b, "GET", user+"/account-domains", nil, 200), "accountDomains", 0, "ref")
	t["invoice"] = ref(must(b, "GET", user+"/invoices", nil, 200), "invoices", 0, "ref")
	t["order"] = ref(must(b, "POST", "/orders", object{"accountHolderRef": t["holder"]}, 201), "order", "ref")
	t["item"] = ref(must(b, "POST", "/orders/"+t["order"]+"/items", object{"packageRef": t["domain-package"], "billingPeriodMonths": 12, "domainName": "next-" + t["domain-name"]}, 201), "orderItem", "ref")
	must(b, "PUT", user+"/domains/"+t["domain"]+"/mailboxes/kim", object{"password": goodPassword}, 200)
	t["profile"] = ref(must(b, "POST", user+"/profiles", object{"fields": []any{object{"name": "business", "value": "Ash"}}}, 201), "profile", "ref")
	t["reseller"] = ref(must(b, "POST", "/brands/"+t["brand"]+"/resellers", object{"name": "reseller " + tag, "displayName": "Reseller", "defaultCurrencyRef": 826, "defaultLanguageRef": 1}, 201), "reseller", "ref")
	return t
}

const goodPassword = "Correct-Horse-7"

// newMatrix is a world whose brands call as often as they like.
func newMatrix(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for _, b := range []brand{w.ours, w.foreign} {
		if err := w.core.SetPartnerSettings(t.Context(), operator, b.id, partner.Settings{RatePerSecond: new(int)}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// as gives an API user of a brand with some rights.
func (w *world) as(b brand, rights partner.Rights) brand {
	w.t.Helper()
	if rights == "" || rights == partner.RightsBrand {
		return b
	}
	key := fmt.Sprint(b.id, rights)
	if w.others == nil {
		w.others = map[string]brand{}
	}
	if _, ok := w.others[key]; !ok {
		w.others[key] = w.addUser(b, rights)
	}
	return w.others[key]
}

// plausible are values of parameters that name nothing: with them a call gets as
// far as the object it is about.
func plausible(op *operation, name string, t tenant) any {
	switch op.method + " " + op.path + " " + name {
	case "GET /users username":
		return "ann-" + t["tag"]
	case "POST /login username":
		return "ann-" + t["tag"]
	case "POST /users/forgotten-password username":
		return "ann-" + t["tag"]
	case "POST /users/forgotten-password email":
		return "ann@" + t["tag"] + ".example"
	case "POST /sites domain":
		return "site-" + t["domain-name"]
	case "POST /packages contentType", "POST /packages/:ref/clone contentType":
		return "mail"
	case "PUT /orders/:ref/items/:itemRef status":
		return "cancelled"
	}
	if v, ok := plain[name]; ok {
		return v
	}
	switch name {
	case "packageRef":
		if strings.HasPrefix(op.path, "/orders/") {
			return t["domain-package"]
		}
	case "username":
		return "new-" + t["tag"]
	case "email":
		return "new@" + t["tag"] + ".example"
	case "domainName", "domain":
		return "new-" + t["domain-name"]
	case "name":
		return "Name " + t["tag"]
	}
	return nil
}

var plain = map[string]any{
	"firstName": "Bob", "lastName": "Birch", "password": goodPassword, "languageCode": "en", "loginLink": "https://shop.example/reset", "verificationUrl": "https://shop.example/verify",
	"billingFrequency": 1, "billingPeriodMonths": 12, "userType": "accountHolder", "hash": "0123456789abcdef", "token": "J4kawdtfj2FcLcHq9SFyANBVz2BW5ECn", "note": "A note",
	"displayName": "A name", "defaultCurrencyRef": 826, "defaultLanguageRef": 1, "fields": []any{object{"name": "business", "value": "Ash"}}, "tlds": []any{"example"},
	"contentType": "mail", "productType": "subscription", "capabilities": object{"mailboxes": 6}, "mailboxes": 6, "autoRenew": 1, "state": "complete", "completionStatus": "success",
	"prices": []any{object{"price": "9.00", "billingPeriodMonths": 1}},
}
