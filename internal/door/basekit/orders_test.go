package basekit

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"posthouse/internal/core/shop"
)

// TestOrder goes the whole way of section 7, with the shape of every reply.
func TestOrder(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	domains := s.priced(shop.OriginOfEnding(""), shop.Price{Months: 12, Amount: 9_990})

	r := s.do("POST", "/orders", object{"accountHolderRef": fmt.Sprint(s.ref), "discountCode": "SUMMER"})
	s.want(r, 201)
	s.golden("order-created", r)
	r = s.do("POST", "/orders/30000000/items", object{"packageRef": fmt.Sprint(domains), "billingPeriodMonths": "12", "domainName": " Example.COM. ", "registrationDuration": 1, "isFree": "0"})
	s.want(r, 201)
	s.golden("order-item-created", r)
	r = s.do("GET", s.at("/users/me/orders/pending"), nil)
	s.want(r, 200)
	s.golden("orders", r)
	if r := s.do("GET", "/account-domains/70000000", nil); r.status != 404 {
		t.Errorf("it is there before it is paid: %s", r.body)
	}
	r = s.do("PUT", "/orders/30000000", object{"paymentStatus": "success"})
	s.want(r, 200)
	s.golden("order-paid", r)
	for _, path := range []string{"/orders/30000000", "/orders", s.at("/users/me/orders")} {
		if got := s.do("GET", path, nil); got.status != 200 || !strings.Contains(got.body, `"status":"success"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	r = s.do("GET", "/orders/30000000/items", nil)
	s.want(r, 200)
	s.golden("order-items", r)
	if got := s.want(s.do("GET", s.at("/users/me/orders/pending"), nil), 200); len(got["orders"].([]any)) != 0 {
		t.Errorf("pending: %v", got)
	}

	r = s.do("GET", "/account-domains/70000000", nil)
	s.want(r, 200)
	if !strings.Contains(r.body, `"active":0`) {
		t.Errorf("it is active before its service is set up: %s", r.body)
	}
	s.provisioned(70000000)
	r = s.do("GET", "/account-domains/70000000", nil)
	s.want(r, 200)
	s.golden("account-domain", r)
	r = s.do("GET", s.at("/users/me/invoices"), nil)
	s.want(r, 200)
	s.golden("invoices", r)
	r = s.do("GET", s.at("/users/me/invoices/70000000"), nil)
	s.want(r, 200)
	s.golden("invoice", r)
}

// TestOrderPaidAtOnce: however often and in parallel the payment is told, one
// mail order, one event and one invoice come of it.
func TestOrderPaidAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	s.priced(shop.OriginOfEnding(""), shop.Price{Months: 12, Amount: 9_990})
	path, items := s.begun("a.example", "b.example")
	var wg sync.WaitGroup
	for i := range 12 {
		in := []object{{"paymentStatus": "success"}, {"state": "complete", "completionStatus": "success"}, {"paymentStatus": "success", "completionStatus": "success"}}[i%3]
		wg.Go(func() {
			if r := s.do("PUT", path, in); r.status != 200 || !strings.Contains(r.body, `"completionStatus":"success"`) {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
		wg.Go(func() {
			if r := s.do("PUT", items[i%2], object{"status": "success"}); r.status != 200 && r.status != 400 {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	wg.Wait()
	if got := s.want(s.do("GET", s.at("/users/me/account-domains"), nil), 200); len(got["accountDomains"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	if got := s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200); len(got["invoices"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	created := 0
	for _, e := range s.store.AllEvents() {
		if e.Type == "MAIL_ORDER_CREATED" {
			created++
		}
	}
	if created != 2 {
		t.Errorf("%d orders were told of", created)
	}
}

// TestOrderOutcomes: what may be told of an order after what.
func TestOrderOutcomes(t *testing.T) {
	type step struct {
		in          object
		field, rule string // "" = taken
		state       string // state/payment/completion/item afterwards
	}
	pay, fail := object{"paymentStatus": "success"}, object{"paymentStatus": "failed"}
	for name, steps := range map[string][]step{
		"paid": {
			{in: object{"state": "fulfillment"}, state: "fulfillment/pending/pending/pending"},
			{in: pay, state: "complete/success/success/success"}, {in: pay, state: "complete/success/success/success"},
			{in: object{"state": "fulfillment"}, state: "complete/success/success/success"},
			{in: fail, field: "paymentStatus", rule: ruleNotAllow}, {in: object{"completionStatus": "cancelled"}, field: "completionStatus", rule: ruleNotAllow},
		},
		"complete": {
			{in: object{"completionStatus": "success"}, field: "state", rule: ruleRequired},
			{in: object{"state": "complete"}, state: "complete/pending/pending/pending"},
			{in: object{"completionStatus": "success"}, state: "complete/success/success/success"},
		},
		"failed, then paid": {
			{in: fail, state: "new/failed/pending/failed"}, {in: fail, state: "new/failed/pending/failed"}, {in: pay, state: "complete/success/success/success"},
		},
		"cancelled": {
			{in: object{"completionStatus": "cancelled"}, state: "complete/pending/cancelled/cancelled"},
			{in: object{"completionStatus": "cancelled"}, state: "complete/pending/cancelled/cancelled"},
			{in: pay, field: "paymentStatus", rule: ruleNotAllow}, {in: object{"completionStatus": "expired"}, field: "completionStatus", rule: ruleNotAllow},
			{in: object{"state": "complete", "completionStatus": "success"}, field: "completionStatus", rule: ruleNotAllow},
		},
		"nonsense": {
			{in: object{"paymentStatus": "paid"}, field: "paymentStatus", rule: ruleInvalid}, {in: object{"state": "new"}, field: "state", rule: ruleInvalid},
			{in: object{"completionStatus": "pending"}, field: "completionStatus", rule: ruleInvalid},
			{in: object{"paymentStatus": "success", "completionStatus": "failed"}, field: "completionStatus", rule: ruleNotAllow},
			{in: object{"paymentStatus": []string{"success"}}, field: "paymentStatus", rule: ruleInvalid},
			{in: object{"removeDiscount": "maybe"}, field: "removeDiscount", rule: ruleInvalid},
			{in: object{}, state: "new/pending/pending/pending"}, {in: object{"state": nil, "beta": 1}, state: "new/pending/pending/pending"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.shopper(w.ours, "hlee88")
			path, _ := s.begun("a.example")
			for i, x := range steps {
				r := s.do("PUT", path, x.in)
				if x.field != "" {
					s.wantError(r, 400, x.field, x.rule)
					continue
				}
				o := s.want(r, 200)["order"].(map[string]any)
				item := o["items"].([]any)[0].(map[string]any)
				if got := fmt.Sprintf("%v/%v/%v/%v", o["state"], o["paymentStatus"], o["completionStatus"], item["status"]); got != x.state {
					t.Errorf("step %d: %s, want %s", i, got, x.state)
				}
				if made := item["accountDomainRef"] != nil; made != (item["status"] == "success") {
					t.Errorf("step %d: %v", i, item)
				}
			}
		})
	}
}

// TestOrderBadInput: each with the field that it is about.
func TestOrderBadInput(t *testing.T) {
	w := newWorld(t)
	s, other, foreign := w.shopper(w.ours, "hlee88"), w.shopper(w.ours, "other"), w.shopper(w.foreign, "hlee88")
	_ = other.bought("taken.example")
	path, items := s.begun("a.example")
	theirs, _ := foreign.begun("a.example")
	any_ := s.pack(shop.OriginOfEnding(""))
	mail := s.pack("plan:pro")
	item := func(changes object) object {
		in := object{"packageRef": any_, "billingPeriodMonths": 12, "domainName": "b.example"}
		for k, v := range changes {
			in[k] = v
		}
		return in
	}
	for _, x := range []struct {
		method, path string
		in           any
		status       int
		field, rule  string
	}{
		{"POST", "/orders", nil, 400, "accountHolderRef", ruleRequired},
		{"POST", "/orders", object{"accountHolderRef": ""}, 400, "accountHolderRef", ruleRequired},
		{"POST", "/orders", object{"accountHolderRef": "9223372036854775808"}, 400, "accountHolderRef", ruleInvalid},
		{"POST", "/orders", object{"accountHolderRef": -1}, 400, "accountHolderRef", ruleInvalid},
		{"POST", "/orders", object{"accountHolderRef": foreign.ref}, 404, "", ""},
		{"POST", "/orders", object{"accountHolderRef": 12345}, 404, "", ""},
		{"POST", "/orders", object{"accountHolderRef": s.ref, "discountCode": strings.Repeat("x", 300)}, 400, "discountCode", ruleInvalid},
		{"POST", path + "/items", nil, 400, "packageRef", ruleRequired},
		{"POST", path + "/items", object{"packageRef": any_}, 400, "billingPeriodMonths", ruleRequired},
		{"POST", path + "/items", item(object{"billingPeriodMonths": -1}), 400, "billingPeriodMonths", ruleInvalid},
		{"POST", path + "/items", item(object{"billingPeriodMonths": 1 << 40}), 400, "billingPeriodMonths", ruleInvalid},
		{"POST", path + "/items", item(object{"billingPeriodMonths": "soon"}), 400, "billingPeriodMonths", ruleInvalid},
		{"POST", path + "/items", item(object{"registrationDuration": 99}), 400, "registrationDuration", ruleInvalid},
		{"POST", path + "/items", item(object{"isFree": "perhaps"}), 400, "isFree", ruleInvalid},
		{"POST", path + "/items", item(object{"packageRef": foreign.pack(shop.OriginOfEnding(""))}), 404, "", ""},
		{"POST", path + "/items", item(object{"packageRef": s.pack("suspension"), "domainName": ""}), 400, "packageRef", ruleNotAllow},
		{"POST", path + "/items", item(object{"domainName": nil}), 400, "domainName", ruleRequired},
		{"POST", path + "/items", item(object{"packageRef": mail}), 400, "domainName", ruleNotAllow},
		{"POST", path + "/items", object{"packageRef": mail, "billingPeriodMonths": 5}, 400, "billingPeriodMonths", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": "A.example."}), 400, "domainName", ruleExists},
		{"POST", path + "/items", item(object{"domainName": "TAKEN.example"}), 400, "domainName", ruleExists},
		{"POST", path + "/items", item(object{"domainName": "bücher.example"}), 400, "domainName", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": "xn--bcher-kva.example"}), 400, "domainName", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": strings.Repeat("a", 64) + ".example"}), 400, "domainName", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": "localhost"}), 400, "domainName", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": "192.0.2.1"}), 400, "domainName", ruleInvalid},
		{"POST", path + "/items", item(object{"domainName": object{"a": 1}}), 400, "domainName", ruleInvalid},
		{"POST", "/orders/30000000x/items", item(nil), 404, "", ""},
		{"PUT", items[0], object{}, 400, "status", ruleRequired},
		{"PUT", items[0], object{"status": "done"}, 400, "status", ruleInvalid},
		{"PUT", items[0], object{"status": "success"}, 400, "status", ruleNotAllow},
		{"PUT", path + "/items/1", object{"status": "failed"}, 404, "", ""},
		{"DELETE", path + "/items/1", nil, 404, "", ""},
		{"PUT", theirs, object{"paymentStatus": "success"}, 404, "", ""},
		{"GET", theirs, nil, 404, "", ""},
		{"GET", theirs + "/items", nil, 404, "", ""},
		{"DELETE", theirs, nil, 404, "", ""},
		{"GET", foreign.at("/users/me/orders"), nil, 404, "", ""},
		{"GET", foreign.at("/users/me/orders/pending"), nil, 404, "", ""},
		{"GET", "/orders?limit=0", nil, 400, "limit", ruleInvalid},
		{"GET", "/orders?offset=-1", nil, 400, "offset", ruleInvalid},
	} {
		r := s.do(x.method, x.path, x.in)
		s.wantError(r, x.status, x.field, x.rule)
		if t.Failed() {
			t.Fatalf("%s %s %v", x.method, x.path, x.in)
		}
	}
	for _, ref := range []string{"9223372036854775808", "-1", "1e3", "007", "+1", "%2B1", "0", "abc", "1.0", "%31%20", "ٱ"} {
		for _, path := range []string{"/orders/R", "/orders/R/items", "/account-domains/R", "/users/R/account-domains", "/users/R/domains", "/users/R/sites", "/sites/R",
			"/users/R/invoices", "/users/R/orders", "/users/R/billing-cycles/primary", s.at("/users/me/billing-cycles/R"), s.at("/users/me/invoices/R")} {
			if r := s.do("GET", strings.Replace(path, "R", ref, 1), nil); r.status != 404 {
				t.Errorf("%s with %s: %d %s", path, ref, r.status, r.body)
			}
		}
	}
}

// TestOrderItems: what may be done with an item, before and after.
func TestOrderItems(t *testing.T) {
	w := newWorld(t)
	s, other := w.shopper(w.ours, "hlee88"), w.shopper(w.ours, "other")
	path, items := s.begun("a.example", "b.example", "c.example")
	s.want(s.do("DELETE", items[2], nil), 204)
	s.want(s.do("DELETE", items[2], nil), 404)
	s.want(s.do("PUT", items[1], object{"status": "failed"}), 200)
	s.want(s.do("PUT", items[1], object{"status": "pending"}), 200)
	taken := other.bought("b.example") // meanwhile
	out := s.want(s.do("PUT", path, object{"paymentStatus": "success"}), 200)["order"].(map[string]any)
	first, second := out["items"].([]any)[0].(map[string]any), out["items"].([]any)[1].(map[string]any)
	if out["completionStatus"] != "failed" || out["paymentStatus"] != "success" || first["status"] != "success" || second["status"] != "failed" ||
		second["failureMessage"] == nil || second["accountDomainRef"] != nil {
		t.Errorf("%v", out)
	}
	// A repeat of the same call does nothing, also when the name is free by then.
	s.want(other.do("DELETE", other.at(fmt.Sprintf("/users/me/domains/%d", taken)), nil), 204)
	s.want(s.do("PUT", path, object{"paymentStatus": "success"}), 200)
	s.want(s.do("PUT", path, object{"state": "complete", "completionStatus": "success"}), 200)
	if got := s.want(s.do("GET", s.at("/users/me/account-domains"), nil), 200); len(got["accountDomains"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
	for _, item := range items[:2] {
		s.wantError(s.do("DELETE", item, nil), 400, "state", ruleNotAllow)
	}
	s.wantError(s.do("DELETE", path, nil), 400, "state", ruleNotAllow)
	s.wantError(s.do("POST", path+"/items", object{"packageRef": s.pack("plan:pro"), "billingPeriodMonths": 1}), 400, "state", ruleNotAllow)
	for _, status := range []string{"pending", "failed", "cancelled", "expired"} {
		s.wantError(s.do("PUT", items[0], object{"status": status}), 400, "status", ruleNotAllow)
	}
	// What failed is tried again by itself.
	r := s.do("PUT", items[1], object{"status": "success"})
	if got := s.want(r, 200)["orderItem"].(map[string]any); got["accountDomainRef"] == nil || got["failureMessage"] != nil {
		t.Errorf("%v", got)
	}
	if got := s.want(s.do("GET", path, nil), 200)["order"].(map[string]any); got["completionStatus"] != "success" {
		t.Errorf("%v", got)
	}
}

// TestOrderDeleted: an order that is gone is gone for every call.
func TestOrderDeleted(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	path, items := s.begun("a.example")
	s.want(s.do("DELETE", path, nil), 204)
	for _, x := range []struct {
		method, path string
		in           any
	}{
		{"PUT", path, object{"paymentStatus": "success"}}, {"GET", path, nil}, {"DELETE", path, nil}, {"PUT", items[0], object{"status": "success"}},
		{"DELETE", items[0], nil}, {"GET", path + "/items", nil},
		{"POST", path + "/items", object{"packageRef": s.pack(shop.OriginOfEnding("")), "billingPeriodMonths": 12, "domainName": "b.example"}},
	} {
		s.wantError(s.do(x.method, x.path, x.in), 404, "", "")
	}
	if got := s.want(s.do("GET", "/orders", nil), 200); len(got["orders"].([]any)) != 0 {
		t.Errorf("%v", got)
	}
	if got := s.want(s.do("GET", s.at("/users/me/account-domains"), nil), 200); len(got["accountDomains"].([]any)) != 0 {
		t.Errorf("%v", got)
	}
	s.want(s.do("GET", "/orders/", nil), 404)
	if r := s.do(http.MethodPatch, path, nil); r.status != 405 || r.header.Get("Allow") == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestOrderOfMailPackage: a mail package of an order is the holder's
// subscription, and the domains beside it have plan, seats and end of it.
func TestOrderOfMailPackage(t *testing.T) {
	w := newWorld(t)
	s := w.shopper(w.ours, "hlee88")
	mail := s.priced("plan:premium", shop.Price{Months: 12, Amount: 60_000})
	path, _ := s.begun("a.example")
	s.want(s.do("POST", path+"/items", object{"packageRef": mail, "billingPeriodMonths": 12}), 201)
	s.want(s.do("POST", path+"/items", object{"packageRef": s.pack("plan:pro"), "billingPeriodMonths": 1, "isFree": 1}), 201)
	s.want(s.do("DELETE", path+"/items/50000002", nil), 204)
	s.want(s.do("PUT", path, object{"paymentStatus": "success"}), 200)
	r := s.do("GET", s.at("/users/me/account-domains"), nil)
	s.want(r, 200)
	s.provisioned(70000000)
	r = s.do("GET", s.at("/users/me/account-domains"), nil)
	s.want(r, 200)
	s.golden("account-domains", r)
	r = s.do("GET", s.at("/users/me/billing-cycles/primary"), nil)
	cycle := s.want(r, 200)["billingCycle"].(map[string]any)
	s.golden("billing-cycle", r)
	if again := s.do("GET", s.at(fmt.Sprintf("/users/me/billing-cycles/%.0f", cycle["ref"])), nil); again.body != r.body {
		t.Errorf("%s, want %s", again.body, r.body)
	}
	s.want(s.do("GET", s.at("/users/me/billing-cycles/99"), nil), 404)
	if got := s.want(s.do("GET", s.at("/users/me/invoices"), nil), 200)["invoices"].([]any); len(got) != 1 || got[0].(map[string]any)["totalAmount"] != "60.00" {
		t.Errorf("%v", got)
	}
}
