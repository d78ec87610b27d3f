package resellerclub

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// restAdd orders Titan Email.
func (s *shop) restAdd(r seller, customerID int64, domain string, planID, seats int, more ...any) reply {
	s.t.Helper()
	months := 1
	if planID == 1755 || planID == 1760 {
		months = 3
	}
	return s.rest(http.MethodPost, r, "product/titanmailglobal/order", append([]any{"domain-name", domain, "customer-id", customerID, "plan-id", planID, "noOfMonths", months,
		"invoice-option", "NoInvoice", "additional-param-json", fmt.Sprintf(`{"no_of_accounts":"%d"}`, seats)}, more...)...)
}

func (s *shop) restShows(r seller, id int64, pairs ...string) map[string]any {
	s.t.Helper()
	return s.is(s.rest(http.MethodGet, r, "product/titanmailglobal", "order-id", id), pairs...)
}

// TestRestShapes is section 15, each of its calls.
func TestRestShapes(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	patch := func(path string, pairs ...any) reply {
		return s.rest(http.MethodPatch, s.child, "product/titanmailglobal/"+path, pairs...)
	}
	made := s.rest(http.MethodPost, s.child, "product/titanmailglobal/order", "domain-name", "t.example", "customer-id", c, "plan-id", 1762, "noOfMonths", 12,
		"invoice-option", "KeepInvoice", "additional-param-json", `{"no_of_accounts":"5"}`, "discount-amount", "10.5")
	s.golden("restapi/add", made)
	id := idOf(t, s.object(made), "orderid")
	s.golden("restapi/add_none", s.restAdd(s.child, c, "n.example", 1756, 1))
	s.ok(s.mailbox(s.child, id, "a@t.example"))
	s.golden("restapi/details", s.rest(http.MethodGet, s.child, "product/titanmailglobal", "order-id", id))
	s.golden("restapi/tenure", patch(fmt.Sprintf("order/%d/tenure/1", id), "invoice-option", "NoInvoice", "additional-info", `{"no_of_accounts":"2"}`))
	s.golden("restapi/seats", patch(fmt.Sprintf("orders/%d/seats/3", id), "invoice-option", "KeepInvoice"))
	s.ok(patch(fmt.Sprintf("order/%d/seats/1", id), "invoice-option", "NoInvoice"))
	s.restShows(s.child, id, "noofaccounts", "11", "used_account_count", "1")
	s.golden("restapi/plan", patch(fmt.Sprintf("order/%d/plan/1756", id), "invoice-option", "NoInvoice"))
	s.restShows(s.child, id, "planid", "1756", "plan_name", "Business")
	s.golden("restapi/suspend", patch(fmt.Sprintf("order/%d/suspend", id), "reason", "unpaid"))
	s.golden("restapi/unsuspend", patch(fmt.Sprintf("order/%d/unsuspend", id)))
	sso := s.object(s.rest(http.MethodGet, s.child, fmt.Sprintf("product/titanmailglobal/order/%d/sso-url", id)))
	for key, path := range map[string]string{"sso_url": "/partner/autoLogin", "iframe_url": "/partner/cpWidget"} {
		u, err := url.Parse(fmt.Sprint(sso[key]))
		if err != nil || u.Path != path || u.Host == "" || len(sso) != 2 {
			t.Fatalf("%v, %v", sso, err)
		}
		if id := u.Query().Get("partnerId"); id != strconv.FormatInt(s.partner, 10) { // R2 and R3, letter for letter
			t.Errorf("%s is of partner %q", key, id)
		}
		session, _, err := s.core.OpenPanelSession(t.Context(), signin.OpenPanel{PartnerID: s.partner, JWT: u.Query().Get("jwt")})
		if err != nil || session.Order == nil || session.Order.Order.ID != id {
			t.Errorf("%s opens %+v, %v", key, session, err)
		}
	}
	s.clock.Advance(5*time.Minute + time.Minute + time.Second)
	if _, _, err := s.core.OpenPanelSession(t.Context(), signin.OpenPanel{PartnerID: s.partner, JWT: fmt.Sprint(sso["sso_url"])[strings.Index(fmt.Sprint(sso["sso_url"]), "jwt=")+4:]}); err == nil {
		t.Error("a link opens for ever")
	}
	s.golden("restapi/delete", s.rest(http.MethodDelete, s.child, fmt.Sprintf("product/titanmailglobal/order/%d", id)))
	s.restShows(s.child, id, "currentstatus", "Deleted")
}

// TestRestSSOWithoutBrand: the links are whole even where no brand has an address,
// and the address that billing panels link to with "http://" has no scheme.
func TestRestSSOWithoutBrand(t *testing.T) {
	s := newShop(t)
	s.door.baseURL = func() string { return "https://mail.platform.example/" }
	if _, err := s.core.SetBrand(t.Context(), operator, tenancy.SetBrand{PartnerID: s.partner}); err != nil {
		t.Fatal(err)
	}
	id := idOf(t, s.object(s.restAdd(s.root, s.newCustomer(s.root, "owner@root.example"), "t.example", 1756, 1)), "orderid")
	sso := s.object(s.rest(http.MethodGet, s.root, fmt.Sprintf("product/titanmailglobal/order/%d/sso-url", id)))
	for _, key := range []string{"sso_url", "iframe_url"} {
		if !strings.HasPrefix(fmt.Sprint(sso[key]), "https://mail.platform.example/partner/") {
			t.Errorf("%s is %v", key, sso[key])
		}
	}
	if got := s.object(s.get(s.root, "resellers/details.json"))["brandingurl"]; got != "mail.platform.example" {
		t.Errorf("brandingurl is %v", got)
	}
}

// TestRestTrial: the free plan, and where it leads.
func TestRestTrial(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	to := func(id int64, planID int, more ...any) reply {
		return s.rest(http.MethodPatch, s.child, fmt.Sprintf("product/titanmailglobal/order/%d/plan/%d", id, planID), append([]any{"invoice-option", "NoInvoice"}, more...)...)
	}
	trial := idOf(t, s.is(s.restAdd(s.child, c, "t.example", 1755, 2, "invoice-option", "KeepInvoice"), "actionstatus", "InvoicePaid"), "orderid")
	s.golden("restapi/details_trial", s.rest(http.MethodGet, s.child, "product/titanmailglobal", "order-id", trial))
	s.refused(s.restAdd(s.child, c, "x.example", 1755, 3), 500, "{plan-id=plan-id is a free trial of 2 accounts for 3 months}")
	s.refused(s.rest(http.MethodPatch, s.child, fmt.Sprintf("product/titanmailglobal/orders/%d/seats/1", trial), "invoice-option", "NoInvoice"), 500, textNotAllowed)
	s.refused(s.rest(http.MethodPatch, s.child, fmt.Sprintf("product/titanmailglobal/order/%d/tenure/1", trial), "invoice-option", "NoInvoice"), 500, textNotAllowed)
	s.refused(to(trial, 1762, "noOfMonths", 12), 500, textNotAllowed)
	s.refused(to(trial, 1755, "noOfMonths", 12), 500, textNotAllowed)
	s.refused(to(trial, 1756), 500, "{months=months is not available for this product}")
	s.refused(to(trial, 1758, "noOfMonths", 12), 500, "{plan-id=plan-id is invalid}") // India's

	// The trial is over and suspended: the upgrade brings it back, paid from now on.
	s.clock.Advance(order.AddMonths(start, 3).Add(time.Hour).Sub(start))
	s.runDue(trial)
	s.restShows(s.child, trial, "currentstatus", "Suspended")
	s.ok(to(trial, 1756, "noOfMonths", 12))
	s.restShows(s.child, trial, "currentstatus", "Active", "planid", "1756", "is_free", "false", "noofaccounts", "2",
		"endtime", fmt.Sprint(order.AddMonths(s.clock.Now(), 12).Unix()))
	s.ok(to(trial, 1757))
	s.refused(to(trial, 1756), 500, textNotAllowed)
	s.restShows(s.child, trial, "planid", "1757", "endtime", fmt.Sprint(order.AddMonths(s.clock.Now(), 12).Unix()))
	if d, err := s.core.FetchOrder(t.Context(), s.partnerActor(), work.OrderRef{ID: trial}); err != nil || d.Order.Plan != plan.Ultra || d.StorageLimitMB != 51200 {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestRestBadInput: parameters of section 15, and other products' keys.
func TestRestBadInput(t *testing.T) {
	s := newShop(t)
	c := s.newCustomer(s.child, "owner@shop.example")
	id := idOf(t, s.object(s.restAdd(s.child, c, "t.example", 1762, 1)), "orderid")
	seats := s.order(s.child, c, "e.example", 1)
	for _, path := range []string{"product/eeliteus", "product/nothing", "product/"} {
		s.refused(s.rest(http.MethodGet, s.child, path, "order-id", id), 404, "Action not Found")
	}
	s.refused(s.rest(http.MethodGet, s.child, "product/titanmailindia", "order-id", id), 500, fmt.Sprintf("No Entity found for Entityid: %d", id))
	s.refused(s.rest(http.MethodGet, s.child, "product/titanmailglobal", "order-id", seats), 500, fmt.Sprintf("No Entity found for Entityid: %d", seats))
	for doc, ok := range map[string]bool{
		`{"no_of_accounts":"2"}`: true, `{"no_of_accounts":2}`: true, ` {"no_of_accounts":" 2 ","x":[1]} `: true,
		`{"no_of_accounts":"2.5"}`: false, `{"no_of_accounts":null}`: false, `{}`: false, `[]`: false, `5`: false, `{"no_of_accounts":`: false,
		`{"no_of_accounts":["2"]}`: false, `{"no_of_accounts":1e99}`: false, strings.Repeat("[", 50_000): false,
	} {
		r := s.rest(http.MethodPost, s.child, "product/titanmailglobal/order", "domain-name", "x.example", "customer-id", c, "plan-id", 1762, "noOfMonths", 1,
			"invoice-option", "OnlyAdd", "additional-param-json", doc)
		if !ok {
			s.refused(r, 500, "{additional-param-json=additional-param-json is invalid}")
			continue
		}
		made := s.object(r)
		s.restShows(s.child, idOf(t, made, "orderid"), "noofaccounts", "2", "currentstatus", "InActive")
		if err := s.cancel(s.child, idOf(t, made, "invoiceid")); err != nil {
			t.Fatal(err)
		}
	}
	path := func(tail string) string { return fmt.Sprintf("product/titanmailglobal/order/%d/%s", id, tail) }
	for tail, text := range map[string]string{
		"tenure/2": "{months=months is invalid}", "tenure/x": "{months=months is invalid}", "seats/0": "{seats=seats is invalid}", "seats/-1": "{seats=seats is invalid}",
		"plan/9": "{plan-id=plan-id is invalid}", "plan/x": "{planid=planid is invalid}",
	} {
		s.refused(s.rest(http.MethodPatch, s.child, path(tail), "invoice-option", "NoInvoice"), 500, text)
	}
	s.refused(s.rest(http.MethodPatch, s.child, path("tenure/1"), "invoice-option", "NoInvoice", "additional-info", `{"no_of_accounts":"-1"}`), 500, "{additional-info=additional-info is invalid}")
	s.refused(s.rest(http.MethodGet, s.child, path("suspend")), 500, "Invalid HTTP method. Use PATCH.")
	// A form in the body of PATCH counts too.
	r := s.send(http.MethodPatch, "/restapi/"+path("seats/2"), "application/x-www-form-urlencoded", s.child.with([]any{"invoice-option", "NoInvoice"}))
	s.is(r, "actiontype", "AddEmailAccount")
}

func (s *shop) cancel(r seller, invoice int64) error {
	_, err := s.core.CancelTransactions(s.t.Context(), s.actor(r), selling.NamedTransactions{Invoices: []int64{invoice}})
	return err
}

func FuzzAccountsOf(f *testing.F) {
	for _, s := range []string{`{"no_of_accounts":"5"}`, `{"no_of_accounts":5}`, `{}`, `[[[`, `{"no_of_accounts":"-9223372036854775809"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := accountsOf(text)
		if n != nil && (!ok || *n < -maxCount || *n > maxCount) {
			t.Errorf("%q: %d, %v", text, *n, ok)
		}
	})
}
