package basekit

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
)

// typesOf names the JSON type of each key, dates told apart.
func typesOf(o map[string]any) map[string]string {
	out := map[string]string{}
	for k, v := range o {
		switch v := v.(type) {
		case nil:
			out[k] = "null"
		case bool:
			out[k] = "b"
		case string:
			out[k] = "s"
		case float64:
			out[k] = "n"
			if v == float64(int64(v)) {
				out[k] = "i"
			}
		case []any:
			out[k] = "[]"
		case map[string]any:
			out[k] = "{}"
			if v["timezone_type"] != nil {
				out[k] = "d"
			}
		}
	}
	return out
}

func wantTypes(t *testing.T, what string, got any, want map[string]string) {
	t.Helper()
	o, _ := got.(map[string]any)
	if types := typesOf(o); !maps.Equal(types, want) {
		t.Errorf("%s is %v, want %v", what, types, want)
	}
}

// TestAccountDomainShapes is 4.3 key by key, and our own objects beside it.
func TestAccountDomainShapes(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	s.priced(shop.OriginOfEnding(""), shop.Price{Months: 12, Amount: 9_990})
	ref := s.bought("a.example")
	single := map[string]string{"ref": "i", "domainName": "s", "domainRegistered": "d", "expiryDate": "d", "active": "i", "autoRenew": "i", "accountHolder": "{}",
		"domainProduct": "{}", "dnsProvider": "{}"}
	list := map[string]string{"ref": "i", "name": "s", "domainRegistered": "d", "expiryDate": "d", "renewalDate": "d", "active": "i", "autoRenew": "i", "isFree": "b",
		"domainProduct": "{}", "accountPackage": "null"}
	d := s.want(s.do("GET", fmt.Sprintf("/account-domains/%d", ref), nil), 200)["accountDomain"].(map[string]any)
	wantTypes(t, "single", d, single)
	wantTypes(t, "domainProduct", d["domainProduct"], map[string]string{"ref": "i", "name": "s", "tld": "s"})
	wantTypes(t, "dnsProvider", d["dnsProvider"], map[string]string{"ref": "i"})
	if h := d["accountHolder"].(map[string]any); h["ref"] != float64(s.ref) || h["username"] != "hlee88" {
		t.Errorf("%v", h)
	}
	for _, path := range []string{"/users/me/account-domains", "/users/me/domains", "/users/me/domains?domainType=purchased"} {
		out := s.want(s.do("GET", s.at(path), nil), 200)
		for _, l := range out {
			wantTypes(t, path, l.([]any)[0], list)
		}
	}
	item := s.want(s.do("GET", "/orders/30000000/items", nil), 200)["orderItems"].([]any)[0]
	wantTypes(t, "item", item, map[string]string{"ref": "i", "status": "s", "packageRef": "i", "billingPeriodMonths": "i", "domainName": "s", "registrationDuration": "i",
		"isFree": "i", "price": "s", "accountDomainRef": "i", "failureMessage": "null"})
	wantTypes(t, "order", s.want(s.do("GET", "/orders/30000000", nil), 200)["order"], map[string]string{"ref": "i", "state": "s", "paymentStatus": "s", "completionStatus": "s",
		"accountHolderRef": "i", "discountCode": "s", "created": "d", "updated": "d", "items": "[]"})
	wantTypes(t, "invoice", s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200)["invoices"].([]any)[0], map[string]string{"ref": "i", "description": "s", "status": "s",
		"date": "d", "paidDate": "d", "currencyRef": "i", "currencyCode": "s", "netAmount": "s", "discountAmount": "s", "dueAmount": "s", "taxAmount": "s", "totalAmount": "s", "accountDomainRef": "i"})
	// Without an end there are no dates of one, and without a package none.
	site := s.want(s.do("POST", "/sites", object{"accountHolderRef": s.ref, "domain": "b.example"}), 201)["site"].(map[string]any)
	wantTypes(t, "site", site, map[string]string{"ref": "i", "primaryDomain": "{}"})
	wantTypes(t, "primaryDomain", site["primaryDomain"], map[string]string{"ref": "i", "domainName": "s"})
	single["expiryDate"] = "null"
	wantTypes(t, "without an end", s.want(s.do("GET", fmt.Sprintf("/account-domains/%.0f", site["ref"]), nil), 200)["accountDomain"], single)
	if got := s.want(s.do("GET", s.at("/users/me/domains?domainType=mapped"), nil), 200); len(got["domains"].([]any)) != 0 {
		t.Errorf("%v", got)
	}
	s.wantError(s.do("GET", s.at("/users/me/domains?domainType=rented"), nil), 400, "domainType", ruleInvalid)
	empty := w.shopper(w.ours, "empty")
	for path, body := range map[string]string{
		"/users/me/account-domains": `{"accountDomains":[]}`, "/users/me/domains": `{"domains":[]}`, "/users/me/sites": `{"sites":[]}`, "/users/me/invoices": `{"invoices":[]}`,
		"/users/me/orders": `{"orders":[]}`, "/users/me/orders/pending": `{"orders":[]}`,
	} {
		if r := empty.do("GET", empty.at(path), nil); r.body != body {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	s.want(s.do("GET", s.at("/users/me/billing-cycles/primary"), nil), 404)
}

// TestAccountDomainZone: dates are the brand's wall clock (B-22), and its DNS
// provider is told (B-08).
func TestAccountDomainZone(t *testing.T) {
	w := newWorld(t)
	if err := w.store.Write(t.Context(), func(tx work.Tx) error {
		return tx.PutShopSettings(t.Context(), w.ours.id, &shop.Settings{TimeZone: "Europe/London", DNSProviderRef: 4}, w.clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
	s := w.shopper(w.ours, "hlee88")
	ref := s.bought("johnsmith.co.uk")
	r := s.do("GET", fmt.Sprintf("/account-domains/%d", ref), nil)
	s.want(r, 200)
	for _, part := range []string{`"domainRegistered":{"date":"2026-11-22 10:00:00.000000","timezone":"Europe/London","timezone_type":3}`, `"dnsProvider":{"ref":4}`, `"tld":"co.uk"`} {
		if !strings.Contains(r.body, part) {
			t.Errorf("no %s in %s", part, r.body)
		}
	}
}

// TestAccountDomainActive is B-21: what an order and its mail service make of it.
func TestAccountDomainActive(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	ref := s.bought("a.example")
	path := fmt.Sprintf("/account-domains/%d", ref)
	active := func(want float64) {
		t.Helper()
		if d := s.want(s.do("GET", path, nil), 200)["accountDomain"].(map[string]any); d["active"] != want {
			t.Errorf("active is %v, want %v", d["active"], want)
		}
	}
	listed := func(n int) {
		t.Helper()
		if got := s.want(s.do("GET", s.at("/users/me/account-domains"), nil), 200)["accountDomains"].([]any); len(got) != n {
			t.Errorf("%d are listed, want %d", len(got), n)
		}
	}
	active(0)
	s.provisioned(ref)
	active(1)
	actor := operator
	if _, err := w.core.SuspendMailOrder(t.Context(), actor, ordering.SuspendMailOrder{Order: work.OrderRef{ID: ref}, Type: "abuse"}); err != nil {
		t.Fatal(err)
	}
	active(0)
	listed(1)
	if _, err := w.core.UnsuspendMailOrder(t.Context(), actor, ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: ref}}); err != nil {
		t.Fatal(err)
	}
	active(1)
	s.want(s.do("DELETE", s.at(fmt.Sprintf("/users/me/domains/%d", ref)), nil), 204)
	active(0)
	listed(0)
	w.clock.Advance(31 * 24 * 3600 * 1e9)
	s.want(s.do("GET", path, nil), 404)
}

// TestDomainOfHolder is section 8: auto-renewal and deletion, by the holder's own
// refs only.
func TestDomainOfHolder(t *testing.T) {
	w := newWorld(t)
	s, other, foreign := w.shopper(w.ours, "hlee88"), w.shopper(w.ours, "other"), w.shopper(w.foreign, "hlee88")
	ref, hers, theirs := s.bought("a.example"), other.bought("b.example"), foreign.bought("a.example")
	mine := s.at(fmt.Sprintf("/users/me/domains/%d", ref))
	for _, on := range []any{1, "1", true, 1} {
		if d := s.want(s.do("PUT", mine, object{"autoRenew": on, "domainName": "ignored.example"}), 200)["accountDomain"].(map[string]any); d["autoRenew"] != 1.0 || d["domainName"] != "a.example" {
			t.Errorf("%v", d)
		}
	}
	if d := s.want(s.do("PUT", mine, object{"autoRenew": "0"}), 200)["accountDomain"].(map[string]any); d["autoRenew"] != 0.0 {
		t.Errorf("%v", d)
	}
	s.wantError(s.do("PUT", mine, nil), 400, "autoRenew", ruleRequired)
	s.wantError(s.do("PUT", mine, object{"autoRenew": 2}), 400, "autoRenew", ruleInvalid)
	for _, path := range []string{
		s.at(fmt.Sprintf("/users/me/domains/%d", hers)), s.at(fmt.Sprintf("/users/me/domains/%d", theirs)), other.at(fmt.Sprintf("/users/me/domains/%d", ref)),
		foreign.at(fmt.Sprintf("/users/me/domains/%d", theirs)), s.at("/users/me/domains/mailboxes"), s.at("/users/me/domains/a.example"),
		s.at("/users/me/domains/9223372036854775808"), s.at("/users/me/domains/-1"), s.at("/users/me/domains/007"), s.at("/users/me/domains/+1"), s.at("/users/me/domains/1e3"),
	} {
		for _, method := range []string{"PUT", "DELETE"} {
			if r := s.do(method, path, object{"autoRenew": 1}); r.status != 404 {
				t.Errorf("%s %s: %d %s", method, path, r.status, r.body)
			}
		}
	}
	for _, path := range []string{fmt.Sprintf("/account-domains/%d", theirs), foreign.at("/users/me/account-domains"), foreign.at("/users/me/domains"), foreign.at("/users/me/sites"),
		fmt.Sprintf("/sites/%d", theirs), foreign.at("/users/me/invoices")} {
		s.wantError(s.do("GET", path, nil), 404, "", "")
	}
	s.wantError(s.do("DELETE", fmt.Sprintf("/sites/%d", theirs), nil), 404, "", "")
	if r := s.do("GET", s.at("/users/me/domains/mailboxes"), nil); r.status != 200 || !strings.HasPrefix(r.body, `{"domainMailboxes":`) {
		t.Errorf("the list of mailboxes is %d %s", r.status, r.body)
	}
	s.want(s.do("DELETE", mine, nil), 204)
	s.want(s.do("DELETE", mine, nil), 404)
	s.want(s.do("PUT", mine, object{"autoRenew": 1}), 404)
	if r := foreign.do("GET", fmt.Sprintf("/account-domains/%d", theirs), nil); r.status != 200 {
		t.Errorf("the other brand's is gone: %s", r.body)
	}
}

// TestAvailability: names that are none are told as such, and another brand's
// order doesn't show.
func TestAvailability(t *testing.T) {
	w := newWorld(t)
	s, foreign := w.shopper(w.ours, "hlee88"), w.shopper(w.foreign, "hlee88")
	ref := s.bought("taken.example")
	foreign.bought("theirs.example")
	for name, free := range map[string]bool{"taken.example": false, "TAKEN.Example.": false, "free.example": true, "theirs.example": true, "a.co.uk": true} {
		r := s.do("GET", "/domains/"+name, nil)
		d := s.want(r, 200)["domain"].(map[string]any)
		if d["available"] != free || d["name"] != strings.ToLower(strings.TrimSuffix(name, ".")) {
			t.Errorf("%s: %v", name, d)
		}
	}
	s.golden("availability", s.do("GET", "/domains/taken.example?brandRef=1&limit=5", nil))
	for _, name := range []string{"localhost", "b%C3%BCcher.example", "xn--bcher-kva.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 200) + "example",
		strings.Repeat("x", 5000), "192.0.2.1", "%5B2001:db8::1%5D", "a..example", "-a.example", "a_b.example", "a%20b.example", "%00.example", "%FF.example", "a%2Fb.example", ".."} {
		r := s.do("GET", "/domains/"+name, nil)
		s.wantError(r, 400, "domain", ruleInvalid)
		if len(r.body) > 2000 {
			t.Errorf("%d bytes say that a name is wrong", len(r.body))
		}
	}
	s.wantError(s.do("GET", "/domains/free.example?brandRef="+fmt.Sprint(w.foreign.id), nil), 403, "", "")
	s.wantError(s.do("GET", "/domains/free.example?limit=many", nil), 400, "limit", ruleInvalid)
	s.want(s.do("DELETE", fmt.Sprintf("/sites/%d", ref), nil), 204)
	if d := s.want(s.do("GET", "/domains/taken.example", nil), 200)["domain"].(map[string]any); d["available"] != true {
		t.Errorf("%v", d)
	}
}

// TestSuspendedHolder buys nothing, and what he has begun fails until he is back.
func TestSuspendedHolder(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	path, items := s.begun("a.example")
	status := func(st customer.Status) {
		if err := w.store.Write(t.Context(), func(tx work.Tx) error {
			c, err := tx.Customer(t.Context(), s.ref)
			if err != nil {
				return err
			}
			c.Status = st
			return tx.UpdateCustomer(t.Context(), c)
		}); err != nil {
			t.Fatal(err)
		}
	}
	status(customer.Suspended)
	s.wantError(s.do("POST", "/orders", object{"accountHolderRef": s.ref}), 400, "accountHolderRef", ruleNotAllow)
	s.wantError(s.do("POST", "/sites", object{"accountHolderRef": s.ref, "domain": "b.example"}), 400, "accountHolderRef", ruleNotAllow)
	o := s.want(s.do("PUT", path, object{"paymentStatus": "success"}), 200)["order"].(map[string]any)
	if o["completionStatus"] != "failed" {
		t.Errorf("%v", o)
	}
	s.wantError(s.do("PUT", items[0], object{"status": "success"}), 400, "status", ruleNotAllow)
	status(customer.Active)
	if i := s.want(s.do("PUT", items[0], object{"status": "success"}), 200)["orderItem"].(map[string]any); i["accountDomainRef"] == nil {
		t.Errorf("%v", i)
	}
	status(customer.Deleted)
	for _, path := range []string{path, s.at("/users/me/account-domains"), s.at("/users/me/orders"), s.at("/users/me/invoices"), s.at("/users/me/sites")} {
		s.wantError(s.do("GET", path, nil), 404, "", "")
	}
	s.wantError(s.do("POST", "/orders", object{"accountHolderRef": s.ref}), 404, "", "")
	s.wantError(s.do("POST", "/sites", object{"accountHolderRef": s.ref, "domain": "b.example"}), 404, "", "")
}
