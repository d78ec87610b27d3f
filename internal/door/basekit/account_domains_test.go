package basekit

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/shop"
	"posthouse/internal/money"
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
	if err := w.store.Write(t.Context(), func(tx provision.Tx) error {
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
	if _, err := w.core.SuspendMailOrder(t.Context(), actor, provision.SuspendMailOrder{Order: provision.OrderRef{ID: ref}, Type: "abuse"}); err != nil {
		t.Fatal(err)
	}
	active(0)
	listed(1)
	if _, err := w.core.UnsuspendMailOrder(t.Context(), actor, provision.UnsuspendMailOrder{Order: provision.OrderRef{ID: ref}}); err != nil {
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

// TestSites is section 9.
func TestSites(t *testing.T) {
	w := newWorld(t)
	s, other, foreign := w.shopper(w.ours, "hlee88"), w.shopper(w.ours, "other"), w.shopper(w.foreign, "hlee88")
	r := s.do("POST", "/sites", object{"brandRef": fmt.Sprint(s.id), "accountHolderRef": fmt.Sprint(s.ref), "domain": " Example.COM."})
	s.want(r, 201)
	s.golden("site", r)
	if again := s.do("POST", "/sites", object{"brandRef": s.id, "accountHolderRef": s.ref, "domain": "example.com"}); again.status != 201 || again.body != r.body {
		t.Errorf("a repeat is %d %s", again.status, again.body)
	}
	if got := s.send(s.brand, "GET", "/sites/70000000", "application/json", ""); got.body != r.body {
		t.Errorf("%s", got.body)
	}
	list := s.send(s.brand, "GET", s.at("/users/me/sites"), "application/json", "")
	s.want(list, 200)
	s.golden("sites", list)
	s.wantError(other.do("POST", "/sites", object{"accountHolderRef": other.ref, "domain": "example.com"}), 400, "domain", ruleExists)
	if r := foreign.do("POST", "/sites", object{"accountHolderRef": foreign.ref, "domain": "example.com"}); r.status != 201 {
		t.Errorf("another brand's order is in the way: %s", r.body)
	}
	for _, x := range []struct {
		in          any
		status      int
		field, rule string
	}{
		{nil, 400, "domain", ruleRequired}, {object{"domain": "b.example"}, 400, "accountHolderRef", ruleRequired}, {object{"accountHolderRef": s.ref}, 400, "domain", ruleRequired},
		{object{"accountHolderRef": s.ref, "domain": "bücher.example"}, 400, "domain", ruleInvalid}, {object{"accountHolderRef": s.ref, "domain": "nodots"}, 400, "domain", ruleInvalid},
		{object{"accountHolderRef": foreign.ref, "domain": "b.example"}, 404, "", ""}, {object{"accountHolderRef": "x", "domain": "b.example"}, 400, "accountHolderRef", ruleInvalid},
		{object{"accountHolderRef": s.ref, "domain": "b.example", "brandRef": foreign.id}, 403, "", ""},
	} {
		s.wantError(s.do("POST", "/sites", x.in), x.status, x.field, x.rule)
	}
	for i := range 12 {
		s.want(s.do("POST", "/sites", object{"accountHolderRef": s.ref, "domain": fmt.Sprintf("s%02d.example", i)}), 201)
	}
	names := func(query string) (out []string) {
		for _, o := range s.want(s.do("GET", s.at("/users/me/sites"+query), nil), 200)["sites"].([]any) {
			out = append(out, o.(map[string]any)["primaryDomain"].(map[string]any)["domainName"].(string))
		}
		return out
	}
	if got := names(""); len(got) != 10 || got[0] != "example.com" || got[9] != "s08.example" {
		t.Errorf("%v", got)
	}
	if got := names("?offset=11&limit=5"); !slices.Equal(got, []string{"s10.example", "s11.example"}) {
		t.Errorf("%v", got)
	}
	if got := names("?offset=99999999999"); len(got) != 0 {
		t.Errorf("%v", got)
	}
	s.wantError(s.do("GET", s.at("/users/me/sites?limit=-1"), nil), 400, "limit", ruleInvalid)
	s.want(s.do("DELETE", "/sites/70000000", nil), 204)
	s.want(s.do("DELETE", "/sites/70000000", nil), 404)
	s.want(s.do("GET", "/sites/70000000", nil), 404)
	if got := names("?limit=1"); !slices.Equal(got, []string{"s00.example"}) {
		t.Errorf("%v", got)
	}
	// The name is free again: this is another order.
	if again := s.want(s.do("POST", "/sites", object{"accountHolderRef": s.ref, "domain": "example.com"}), 201); again["site"].(map[string]any)["ref"] == 70000000.0 {
		t.Errorf("%v", again)
	}
	if got := s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200)["invoices"].([]any); len(got) != 0 {
		t.Errorf("sites are booked: %v", got)
	}
}

// TestNotBuilt: what the contract leaves out is 404 with an error body.
func TestNotBuilt(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	ref := s.bought("a.example")
	for _, call := range []string{
		"GET /users/me/domains/a.example/subdomains", "POST /users/me/domains/a.example/subdomains", "DELETE /users/me/domains/a.example/subdomains/1",
		"GET /domains/a.example/suggest", fmt.Sprintf("GET /domains/%d/transfer", ref), fmt.Sprintf("PUT /domains/%d/transfer", ref),
		fmt.Sprintf("GET /sites/%d/pages", ref), fmt.Sprintf("POST /sites/%d/publish", ref), "GET /sites/1/2/3/4", "GET /ssl-certs/a.example", "POST /ssl-certs/a.example",
		"GET /templates", "GET /widgets", "GET /assets", "GET /v2/templates", "GET /users/me/account-domains/1", "GET /users/me/billing-cycles", "GET /orders/1/items/2/3",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := s.do(method, s.at(path), nil)
		s.wantError(r, 404, "", "")
		if r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s", call, r.header)
		}
	}
	for _, call := range []string{"GET /sites", "PUT /sites/1", "POST /account-domains/1", "POST /domains/a.example", "DELETE /orders", "PATCH /orders/1"} {
		method, path, _ := strings.Cut(call, " ")
		if r := s.do(method, path, nil); r.status != 405 || r.header.Get("Allow") == "" {
			t.Errorf("%s: %d %v", call, r.status, r.header)
		}
	}
}

// TestSuspendedHolder buys nothing, and what he has begun fails until he is back.
func TestSuspendedHolder(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	path, items := s.begun("a.example")
	status := func(st customer.Status) {
		if err := w.store.Write(t.Context(), func(tx provision.Tx) error {
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

// TestInvoices: what is open, taken back or paid in is none.
func TestInvoices(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	s.priced(shop.OriginOfEnding(""), shop.Price{Months: 12, Amount: 9_995})
	post := func(kind ledger.Type, v money.Value) int64 {
		x, err := w.core.PostManually(t.Context(), operator, provision.PostManually{CustomerID: s.ref, Type: kind, Amount: v, Description: "By hand"})
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	open := post(ledger.Invoice, 5_000)
	s.bought("a.example")
	if got := s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200)["invoices"].([]any); len(got) != 1 || got[0].(map[string]any)["totalAmount"] != "10.00" {
		t.Errorf("%v", got)
	}
	s.want(s.do("GET", s.at(fmt.Sprintf("/users/me/invoices/%d", open)), nil), 404)
	post(ledger.Receipt, 7_000)
	if _, err := w.core.PayTransactions(t.Context(), operator, provision.NamedTransactions{Invoices: []int64{open}}); err != nil {
		t.Fatal(err)
	}
	got := s.want(s.do("GET", s.at("/users/me/invoices?limit=1"), nil), 200)["invoices"].([]any)
	if len(got) != 1 || got[0].(map[string]any)["ref"] != float64(open) || got[0].(map[string]any)["accountDomainRef"] != nil || got[0].(map[string]any)["totalAmount"] != "5.00" {
		t.Errorf("%v", got)
	}
	other := w.shopper(w.ours, "other")
	s.want(s.do("GET", other.at(fmt.Sprintf("/users/me/invoices/%d", open)), nil), 404)
}

// TestOpenInvoices: what addToBC has put on the holder's account shows in the
// billing cycle, and in the list when it is asked for, until it is paid.
func TestOpenInvoices(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	mail := s.priced("plan:premium", shop.Price{Months: 12, Amount: 60_000})
	s.want(s.do("POST", s.at("/users/me/account-packages"), object{"packageRef": mail, "billingFrequency": 12, "addToBC": 1}), 200)
	invoices := func(query string) []any {
		return s.want(s.do("GET", s.at("/users/me/invoices"+query), nil), 200)["invoices"].([]any)
	}
	cycle := func() map[string]any {
		return s.want(s.do("GET", s.at("/users/me/billing-cycles/primary"), nil), 200)["billingCycle"].(map[string]any)
	}
	if len(invoices("")) != 0 || len(invoices("?status=paid")) != 0 || len(invoices("?status=open&offset=1")) != 0 {
		t.Error("an open invoice is told as a paid one")
	}
	open := invoices("?status=open")
	if len(open) != 1 {
		t.Fatalf("%v", open)
	}
	one := open[0].(map[string]any)
	if one["status"] != "open" || one["paidDate"] != nil || one["totalAmount"] != "60.00" || one["dueAmount"] != "60.00" {
		t.Errorf("%v", one)
	}
	path := s.at(fmt.Sprintf("/users/me/invoices/%.0f", one["ref"]))
	s.want(s.do("GET", path, nil), 404)
	if got := s.want(s.do("GET", path+"?status=open", nil), 200)["invoice"]; !reflect.DeepEqual(got, open[0]) {
		t.Errorf("%v", got)
	}
	if c := cycle(); c["amountDue"] != "60.00" || !reflect.DeepEqual(c["openInvoices"], open) {
		t.Errorf("%v", c)
	}
	pay := func(v money.Value) {
		t.Helper()
		if _, err := w.core.PostManually(t.Context(), operator, provision.PostManually{CustomerID: s.ref, Type: ledger.Receipt, Amount: v, Description: "Paid"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.core.PayTransactions(t.Context(), operator, provision.NamedTransactions{Invoices: []int64{int64(one["ref"].(float64))}}); err != nil {
			t.Fatal(err)
		}
	}
	pay(60_000)
	if c := cycle(); c["amountDue"] != "0.00" || len(c["openInvoices"].([]any)) != 0 || len(invoices("?status=open")) != 0 || len(invoices("")) != 1 {
		t.Errorf("%v", c)
	}
	s.want(s.do("GET", path+"?status=open", nil), 404)
	s.wantError(s.do("GET", s.at("/users/me/invoices?status=late"), nil), 400, "status", "invalid")
	other := w.shopper(w.ours, "other")
	s.want(s.do("GET", other.at(fmt.Sprintf("/users/me/invoices/%.0f?status=open", one["ref"])), nil), 404)
}
