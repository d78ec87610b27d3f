package basekit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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
		"GET /sites", "PUT /sites/1", "PATCH /sites/1",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := s.do(method, s.at(path), nil)
		s.wantError(r, 404, "", "")
		if r.header.Get("Content-Type") != "application/json" || r.header.Get("Allow") != "" {
			t.Errorf("%s: %s", call, r.header)
		}
	}
	for _, call := range []string{"PUT /users/1/sites", "POST /account-domains/1", "POST /domains/a.example", "DELETE /orders", "PATCH /orders/1"} {
		method, path, _ := strings.Cut(call, " ")
		if r := s.do(method, path, nil); r.status != 405 || r.header.Get("Allow") == "" {
			t.Errorf("%s: %d %v", call, r.status, r.header)
		}
	}
}
