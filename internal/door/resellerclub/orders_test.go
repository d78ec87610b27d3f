package resellerclub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
)

// TestOrderShapes is 7.1 to 7.9: every shape there is.
func TestOrderShapes(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	add := func(domain, option string, seats int, more ...any) reply {
		return s.post(s.child, "eelite/us/add.json", append([]any{"domain-name", domain, "customer-id", c, "months", 1, "no-of-accounts", seats, "invoice-option", option}, more...)...)
	}
	s.fund(s.child, c, "100")
	paid := add("paid.example", "PayInvoice", 1, "auto-renew", "false")
	s.golden("orders/add_pay", paid)
	s.golden("orders/add_keep", add("kept.example", "KeepInvoice", 2))
	s.golden("orders/add_only", add("only.example", "OnlyAdd", 2, "auto-renew", "true"))
	s.golden("orders/add_none", add("none.example", "NoInvoice", 2))
	s.golden("orders/add_short", add("short.example", "PayInvoice", 100))
	id := idOf(t, s.object(paid), "entityid")

	s.clock.Advance(time.Hour)
	s.golden("orders/renew_keep", s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 12, "no-of-accounts", 0, "invoice-option", "KeepInvoice"))
	seats := func(name, option string, n int) {
		s.golden("orders/seats_"+name, s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", n, "invoice-option", option))
	}
	seats("keep", "KeepInvoice", 1)
	seats("none", "NoInvoice", 2)
	seats("pay", "PayInvoice", 1)
	s.golden("orders/seats_delete", s.post(s.child, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", 1))
	s.golden("orders/renew_none", s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 1, "invoice-option", "NoInvoice"))
	seats("only", "OnlyAdd", 2)

	s.goldenRead("orders/details", s.child, "eelite/us/details", "order-id", id)
	s.goldenRead("orders/details_of_child", s.root, "eelite/us/details", "order-id", id)
	s.goldenRead("orders/orderid", s.child, "eelite/us/orderid", "domain-name", "paid.example")
	s.goldenRead("orders/domains_orderid", s.child, "domains/orderid", "domain-name", "paid.example")
	s.goldenRead("orders/search", s.child, "eelite/us/search", "no-of-records", 2, "page-no", 1, "order-by", "orderid desc")
	s.goldenRead("orders/search_empty", s.child, "eelite/us/search", "no-of-records", 10, "page-no", 1, "domain-name", "nobody.example")
	s.goldenRead("orders/actions_current", s.child, "actions/search-current", "no-of-records", 10, "page-no", 1)
	s.goldenRead("orders/actions_archived", s.child, "actions/search-archived", "no-of-records", 3, "page-no", 1)
	records := s.get(s.child, "eelite/us/dns-record.json", "order-id", id)
	var list []map[string]string
	if err := json.Unmarshal([]byte(s.ok(records)), &list); err != nil {
		t.Fatal(err)
	}
	types := map[string]int{}
	for _, r := range list {
		types[r["type"]]++
		if len(r) != 4 || r["class"] != "IN" || r["host"] == "" || r["value"] == "" {
			t.Errorf("%v", r)
		}
	}
	if types["MX"] == 0 || types["TXT"] < 2 {
		t.Errorf("%v in %s", types, records.body)
	}

	free := s.order(s.child, c, "free.example", 1)
	s.golden("orders/suspend", s.post(s.child, "orders/suspend.json", "order-id", free, "reason", "unpaid"))
	s.golden("orders/unsuspend", s.post(s.child, "orders/unsuspend.json", "order-id", free))
	s.golden("orders/delete", s.post(s.child, "eelite/us/delete.json", "order-id", free))
	other := s.newCustomer(s.child, "other@shop.example")
	s.golden("orders/move", s.post(s.child, "products/move.json", "domain-name", "none.example", "existing-customer-id", c, "new-customer-id", other, "default-contact", "oldcontact"))
}

// TestEnterpriseEmail: the other two paths, and that an order of another product is
// unknown on them.
func TestEnterpriseEmail(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.root, "owner@shop.example")
	var ids []int64
	for i, p := range productPaths {
		r := s.post(s.root, p.path+"/add.json", "domain-name", fmt.Sprintf("d%d.example", i), "customer-id", c, "months", 3, "no-of-accounts", 7, "invoice-option", "NoInvoice")
		ids = append(ids, idOf(t, s.object(r), "entityid"))
	}
	for i, p := range productPaths {
		for j, id := range ids {
			r := s.get(s.root, p.path+"/details.json", "order-id", id)
			if i != j {
				s.refused(r, http.StatusInternalServerError, fmt.Sprintf("No Entity found for Entityid: %d", id))
				s.refused(s.get(s.root, p.path+"/orderid.json", "domain-name", fmt.Sprintf("d%d.example", j)), http.StatusInternalServerError, fmt.Sprintf("Website doesn't exist for d%d.example", j))
				continue
			}
			sold, _ := product.Find(p.product)
			s.is(r, "productkey", string(p.product), "entitytypeid", strconv.Itoa(sold.EntityTypeID), "currentstatus", "Active", "emailaccounts", "7")
			s.is(s.get(s.root, p.path+"/search.json", "no-of-records", 10, "page-no", 1), "recsindb", "1")
		}
	}
	s.goldenRead("orders/details_enterprise", s.root, "enterpriseemail/in/details", "order-id", ids[2])
	// The storage of the two is that of their plan.
	for i, level := range []plan.Plan{plan.Pro, plan.Ultra, plan.Ultra} {
		d, err := s.core.FetchOrder(t.Context(), s.partnerActor(), work.OrderRef{ID: ids[i]})
		if err != nil || d.Order.Plan != level {
			t.Errorf("%+v, %v", d, err)
		}
	}
}

// TestNotSignedUp is R-34, for each kind of call, before anything else that is wrong.
func TestNotSignedUp(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	id := s.order(s.child, c, "d.example", 1)
	s.changeSeller(s.child, func(r *reseller.Reseller) { r.Products = []product.Key{product.TitanGlobal} })
	for _, r := range []reply{
		s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
		s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 1, "invoice-option", "NoInvoice"),
		s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
		s.post(s.child, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", 1),
		s.post(s.child, "eelite/us/delete.json", "order-id", id),
		s.get(s.child, "eelite/us/details.json", "order-id", id),
		s.get(s.child, "eelite/us/dns-record.json", "order-id", id),
		s.get(s.child, "eelite/us/orderid.json", "domain-name", "d.example"),
		s.get(s.child, "eelite/us/search.json", "no-of-records", 10, "page-no", 1),
		// Not even for its customer by who is above it.
		s.post(s.root, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
	} {
		s.refused(r, http.StatusInternalServerError, textNotAllowed)
	}
}

// TestOrderParameters is what is wrong with parameters, each with its text.
func TestOrderParameters(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	id := s.order(s.child, c, "d.example", 2)
	add := func(change ...any) reply {
		all := []any{"domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice"}
		for i := 0; i+1 < len(change); i += 2 {
			for j := 0; j+1 < len(all); j += 2 {
				if all[j] == change[i] {
					all[j+1] = change[i+1]
				}
			}
		}
		return s.post(s.child, "eelite/us/add.json", all...)
	}
	seats := func(method string, n any) reply {
		return s.post(s.child, "eelite/us/"+method+".json", "order-id", id, "no-of-accounts", n, "invoice-option", "NoInvoice")
	}
	search := func(pairs ...any) reply {
		return s.get(s.child, "eelite/us/search.json", append([]any{"no-of-records", 10, "page-no", 1}, pairs...)...)
	}
	for name, x := range map[string]struct {
		r    reply
		text string
	}{
		"nothing at all":          {s.post(s.child, "eelite/us/add.json"), "{domain-name=domain-name must not be blank, customer-id=customer-id must not be blank, months=months must not be blank, no-of-accounts=no-of-accounts must not be blank, invoice-option=invoice-option must not be blank}"},
		"domain":                  {add("domain-name", "no domain"), "{domain-name=domain-name is invalid}"},
		"path as domain":          {add("domain-name", "../../etc"), "{domain-name=domain-name is invalid}"},
		"months that none has":    {add("months", 5), "{months=months is invalid}"},
		"months not priced":       {add("months", 6), "{months=months is not available for this product}"},
		"months as text":          {add("months", "one"), "{months=months is invalid}"},
		"months 0":                {add("months", 0), "{months=months is invalid}"},
		"no accounts":             {add("no-of-accounts", 0), textOneAccount},
		"minus one":               {add("no-of-accounts", -1), textOneAccount},
		"too many accounts":       {add("no-of-accounts", 200_001), "{no-of-accounts=no-of-accounts is invalid}"},
		"far too many accounts":   {add("no-of-accounts", "99999999999999999999"), "{no-of-accounts=no-of-accounts is invalid}"},
		"option in small letters": {add("invoice-option", "keepinvoice"), "{invoice-option=invoice-option is invalid}"},
		"customer as text":        {add("customer-id", "me"), "{customer-id=customer-id is invalid}"},
		"unknown customer":        {add("customer-id", 99999999), "Invalid customer-id: 99999999"},
		"auto-renew":              {s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice", "auto-renew", "yes"), "{auto-renew=auto-renew is invalid}"},
		"negative discount":       {s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "KeepInvoice", "discount-amount", "-5"), "{discount-amount=discount-amount is invalid}"},
		"discount in thousandths": {s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "KeepInvoice", "discount-amount", "0.005"), "{discount-amount=discount-amount is invalid}"},
		"the same, no invoice":    {s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice", "discount-amount", "0.005"), "{discount-amount=discount-amount is invalid}"},
		"the same, as a renewal":  {s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 1, "invoice-option", "KeepInvoice", "discount-amount", "1.001"), "{discount-amount=discount-amount is invalid}"},
		"the same, more seats":    {s.post(s.child, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "KeepInvoice", "discount-amount", "0.0001"), "{discount-amount=discount-amount is invalid}"},
		"discount over the price": {s.post(s.child, "eelite/us/add.json", "domain-name", "x.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "KeepInvoice", "discount-amount", "6.26"), "{discount-amount=discount-amount is invalid}"},

		"second order of a domain":     {add("domain-name", "D.example."), textNotAllowed},
		"renewal of an unknown order":  {s.post(s.child, "eelite/us/renew.json", "order-id", 1, "months", 1, "invoice-option", "NoInvoice"), "No Entity found for Entityid: 1"},
		"renewal of order 0":           {s.post(s.child, "eelite/us/renew.json", "order-id", 0, "months", 1, "invoice-option", "NoInvoice"), "No Entity found for Entityid: 0"},
		"renewal of order -1":          {s.post(s.child, "eelite/us/renew.json", "order-id", -1, "months", 1, "invoice-option", "NoInvoice"), "No Entity found for Entityid: -1"},
		"renewal with fewer accounts":  {s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 1, "no-of-accounts", -1, "invoice-option", "NoInvoice"), "{no-of-accounts=no-of-accounts is invalid}"},
		"renewal for months unpriced":  {s.post(s.child, "eelite/us/renew.json", "order-id", id, "months", 6, "invoice-option", "NoInvoice"), "{months=months is not available for this product}"},
		"add 0 accounts":               {seats("add-email-account", 0), "{no-of-accounts=no-of-accounts is invalid}"},
		"add -1 accounts":              {seats("add-email-account", -1), "{no-of-accounts=no-of-accounts is invalid}"},
		"add more than can be":         {seats("add-email-account", 199_999), "{no-of-accounts=no-of-accounts is invalid}"},
		"delete 0 accounts":            {seats("delete-email-account", 0), "{no-of-accounts=no-of-accounts is invalid}"},
		"delete -1 accounts":           {seats("delete-email-account", -1), "{no-of-accounts=no-of-accounts is invalid}"},
		"delete all accounts":          {seats("delete-email-account", 2), textOneAccount},
		"delete more than there are":   {seats("delete-email-account", 1_000_000), textOneAccount},
		"an address instead of number": {seats("delete-email-account", "x@d.example"), "{no-of-accounts=no-of-accounts is invalid}"},
		"unknown domain":               {s.get(s.child, "eelite/us/orderid.json", "domain-name", "nobody.example"), "Website doesn't exist for nobody.example"},
		"no domain":                    {s.get(s.child, "eelite/us/orderid.json", "domain-name", "' OR 1=1"), "Website doesn't exist for ' OR 1=1"},

		"page 0":               {s.get(s.child, "eelite/us/search.json", "no-of-records", 10, "page-no", 0), "{page-no=page-no is invalid}"},
		"page -1":              {s.get(s.child, "eelite/us/search.json", "no-of-records", 10, "page-no", -1), "{page-no=page-no is invalid}"},
		"10^9 records":         {s.get(s.child, "eelite/us/search.json", "no-of-records", 1_000_000_000, "page-no", 1), "{no-of-records=no-of-records is invalid}"},
		"0 records":            {s.get(s.child, "eelite/us/search.json", "no-of-records", 0, "page-no", 1), "{no-of-records=no-of-records is invalid}"},
		"no page":              {s.get(s.child, "eelite/us/search.json"), "{page-no=page-no must not be blank, no-of-records=no-of-records must not be blank}"},
		"SQL in order-by":      {search("order-by", "orderid; DROP TABLE mail_order"), "{order-by=order-by is invalid}"},
		"function in order-by": {search("order-by", "(SELECT 1)"), "{order-by=order-by is invalid}"},
		"column of another":    {search("order-by", "ownership_token"), "{order-by=order-by is invalid}"},
		"date as text":         {search("creation-date-start", "2026-01-01"), "{creation-date-start=creation-date-start is invalid}"},
		"unknown status":       {search("status", "active"), "{status=status is invalid}"},
		"order as text":        {search("order-id", "x"), "{order-id=order-id is invalid}"},
		"many wildcards":       {search("domain-name", strings.Repeat("%a", 50)), "The search is out of bounds"},
		"action type":          {s.get(s.child, "actions/search-archived.json", "no-of-records", 10, "page-no", 1, "action-type", "Sell"), "{action-type=action-type is invalid}"},
		"action status":        {s.get(s.child, "actions/search-current.json", "no-of-records", 10, "page-no", 1, "action-status", "Done"), "{action-status=action-status is invalid}"},
		"move from nobody":     {s.post(s.child, "products/move.json", "domain-name", "d.example", "existing-customer-id", 5, "new-customer-id", c), "Invalid customer-id: 5"},
		"move to nobody":       {s.post(s.child, "products/move.json", "domain-name", "d.example", "existing-customer-id", c, "new-customer-id", 6), "Invalid customer-id: 6"},
		"move of nothing":      {s.post(s.child, "products/move.json", "domain-name", "nobody.example", "existing-customer-id", c, "new-customer-id", c), "Website doesn't exist for nobody.example"},
	} {
		t.Run(name, func(t *testing.T) {
			outer := s.t
			s.t = t
			defer func() { s.t = outer }()
			s.refused(x.r, http.StatusInternalServerError, x.text)
		})
	}
	s.shows(s.child, id, "emailaccounts", "2")
	s.is(search(), "recsindb", "1")
}

// TestMoveOrder: an order changes its customer, also its reseller, within the caller's tree.
func TestMoveOrder(t *testing.T) {
	s := newShop(t)
	here, below, beside := s.newCustomer(s.child, "c@shop.example"), s.newCustomer(s.grandchild, "g@shop.example"), s.newCustomer(s.sibling, "s@shop.example")
	id := s.order(s.child, here, "d.example", 1)
	move := func(by seller, from, to int64) reply {
		return s.post(by, "products/move.json", "domain-name", "d.example", "existing-customer-id", from, "new-customer-id", to)
	}
	s.refused(move(s.child, here, beside), 500, fmt.Sprintf("Invalid customer-id: %d", beside))
	s.refused(move(s.sibling, here, beside), 500, fmt.Sprintf("Invalid customer-id: %d", here))
	s.refused(move(s.child, below, here), 500, "Website doesn't exist for d.example")
	s.is(move(s.child, here, here), "status", "Success")
	before := s.events()["MAIL_ORDER_TRANSFERRED"]
	s.is(move(s.child, here, below), "status", "Success")
	s.shows(s.child, id, "customerid", strconv.FormatInt(below, 10), "isImmediateReseller", "false",
		"parentkey", fmt.Sprintf("999999999_999999998_%d_%d_%d", s.root.id, s.child.id, s.grandchild.id))
	s.shows(s.grandchild, id, "isImmediateReseller", "true")
	s.is(move(s.root, below, beside), "status", "Success")
	s.refused(s.get(s.child, "eelite/us/details.json", "order-id", id), 500, fmt.Sprintf("No Entity found for Entityid: %d", id))
	s.shows(s.sibling, id, "isImmediateReseller", "true")
	if n := s.events()["MAIL_ORDER_TRANSFERRED"] - before; n != 2 {
		t.Errorf("%d events", n)
	}
	d, err := s.core.FetchOrder(t.Context(), s.partnerActor(), work.OrderRef{ID: id})
	if err != nil || d.Order.ResellerID == nil || *d.Order.ResellerID != s.sibling.id {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestOrdersOfOthers: to a sibling, a child's own parent's orders and another
// partner's reseller nothing exists.
func TestOrdersOfOthers(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "c@shop.example")
	id := s.order(s.child, c, "d.example", 2)
	titan := idOf(t, s.object(s.rest(http.MethodPost, s.child, "product/titanmailglobal/order", "domain-name", "t.example", "customer-id", c, "plan-id", 1762, "noOfMonths", 1,
		"invoice-option", "NoInvoice", "additional-param-json", `{"no_of_accounts":"1"}`)), "orderid")
	for name, by := range map[string]seller{"sibling": s.sibling, "below": s.grandchild, "other partner": s.foreign} {
		unknown := fmt.Sprintf("No Entity found for Entityid: %d", id)
		for _, r := range []reply{
			s.get(by, "eelite/us/details.json", "order-id", id),
			s.get(by, "eelite/us/dns-record.json", "order-id", id),
			s.post(by, "eelite/us/renew.json", "order-id", id, "months", 1, "invoice-option", "NoInvoice"),
			s.post(by, "eelite/us/add-email-account.json", "order-id", id, "no-of-accounts", 1, "invoice-option", "NoInvoice"),
			s.post(by, "eelite/us/delete-email-account.json", "order-id", id, "no-of-accounts", 1),
			s.post(by, "eelite/us/delete.json", "order-id", id),
			s.post(by, "orders/suspend.json", "order-id", id),
			s.post(by, "orders/unsuspend.json", "order-id", id),
		} {
			s.refused(r, 500, unknown)
		}
		s.refused(s.get(by, "eelite/us/orderid.json", "domain-name", "d.example"), 500, "Website doesn't exist for d.example")
		s.refused(s.get(by, "domains/orderid.json", "domain-name", "d.example"), 500, "Website doesn't exist for d.example")
		s.refused(s.post(by, "eelite/us/add.json", "domain-name", "n.example", "customer-id", c, "months", 1, "no-of-accounts", 1, "invoice-option", "NoInvoice"), 500, fmt.Sprintf("Invalid customer-id: %d", c))
		s.is(s.get(by, "actions/search-archived.json", "no-of-records", 10, "page-no", 1, "order-id", id), "recsindb", "0")
		unknown = fmt.Sprintf("No Entity found for Entityid: %d", titan)
		base := fmt.Sprintf("product/titanmailglobal/order/%d", titan)
		for _, r := range []reply{
			s.rest(http.MethodGet, by, "product/titanmailglobal", "order-id", titan),
			s.rest(http.MethodGet, by, base+"/sso-url"),
			s.rest(http.MethodPatch, by, base+"/tenure/1", "invoice-option", "NoInvoice"),
			s.rest(http.MethodPatch, by, base+"/seats/1", "invoice-option", "NoInvoice"),
			s.rest(http.MethodPatch, by, base+"/plan/1756", "invoice-option", "NoInvoice"),
			s.rest(http.MethodPatch, by, base+"/suspend"),
			s.rest(http.MethodPatch, by, base+"/unsuspend"),
			s.rest(http.MethodDelete, by, base),
		} {
			s.refused(r, 500, unknown)
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
	s.shows(s.child, id, "currentstatus", "Active", "emailaccounts", "2")
}
