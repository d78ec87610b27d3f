package web

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/provision"
)

// shop is a reseller of the world's partner with a brand, and a customer of it
// that has the world's order.
type shop struct {
	*world
	reseller int64
	actor    audit.Actor
	customer int64
}

func newShop(t *testing.T) *shop {
	t.Helper()
	w := newWorld(t)
	s := &shop{world: w}
	r, key, err := w.core.CreateReseller(t.Context(), w.op, provision.CreateReseller{PartnerID: w.partner.PartnerID, Username: "shop@example.org", SellingCurrency: "GBP"})
	if err != nil {
		t.Fatal(err)
	}
	s.reseller = r.ID
	if _, err := w.core.SetBrand(t.Context(), w.op, provision.SetBrand{PartnerID: w.partner.PartnerID, ResellerID: r.ID, Brand: brand.Brand{Name: "The Shop"}}); err != nil {
		t.Fatal(err)
	}
	c, err := w.core.AuthenticateReseller(t.Context(), r.ID, key, netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	s.actor = c.Actor
	d, err := w.core.CreateCustomer(t.Context(), s.actor, provision.CreateCustomer{Password: "Pass-Word9!", Data: provision.CustomerData{
		Username: "jane@example.org", Name: "Jane Doe", Company: "Doe", Address1: "1", City: "London", State: "London", Country: "GB", Zip: "N1",
		PhoneCC: "44", Phone: "1", Language: "de",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.customer = d.ID
	if _, err := w.core.TransferMailOrder(t.Context(), w.partner, provision.TransferMailOrder{
		Order: provision.OrderRef{ID: w.order}, To: provision.CustomerProfile{CustomerID: d.CustomerID},
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) ticket() string {
	s.t.Helper()
	raw, err := s.core.GenerateCustomerLogin(s.t.Context(), s.actor, provision.GenerateCustomerLogin{CustomerID: s.customer, IP: "192.0.2.7"})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

func TestAutoLoginServlet(t *testing.T) {
	s := newShop(t)
	b := s.browser()
	ticket := s.ticket()
	rec := b.get("/servlet/AutoLoginServlet?userLoginId=" + ticket + "&role=customer")
	want(t, rec, 303)
	if to := rec.Header().Get("Location"); to != "/panel?section=home" {
		t.Errorf("to %s", to)
	}
	want(t, b.get("/panel"), 200, "The Shop", "Jane Doe", "shop.example")
	want(t, s.browser().get("/servlet/AutoLoginServlet?userLoginId="+ticket+"&role=customer"), 401) // replayed
	if strings.Contains(s.log.String(), ticket) {
		t.Error("the log has a ticket")
	}
	// A browser that looks ahead does not use it up.
	ticket = s.ticket()
	ahead := s.browser()
	ahead.header.Set("Sec-Purpose", "prefetch;prerender")
	want(t, ahead.get("/servlet/AutoLoginServlet?userLoginId="+ticket+"&role=customer"), 503)
	want(t, s.browser().get("/servlet/autologinservlet?role=customer&userLoginId="+ticket), 303)
	s.clock.Advance(time.Minute)
	late := s.ticket()
	s.clock.Advance(5*time.Minute + time.Second)
	for name, query := range map[string]string{
		"expired": "role=customer&userLoginId=" + late, "nothing": "", "no ticket": "role=customer", "a reseller": "role=reseller&userLoginId=" + s.ticket(),
		"no role": "userLoginId=" + s.ticket(), "rubbish": "role=customer&userLoginId=" + strings.Repeat("x", 5000), "NUL": "role=customer&userLoginId=%00",
	} {
		rec := s.browser().get("/servlet/AutoLoginServlet?" + query)
		want(t, rec, 401, "The link has expired or is invalid")
		if len(rec.Result().Cookies()) > 0 {
			t.Errorf("%s: a cookie", name)
		}
	}
}

func TestManageService(t *testing.T) {
	s := newShop(t)
	for service, section := range map[string]string{"mailhosting": "email-accounts", "webmail": "home", "dns": "domain-verification", "rubbish": "home", "": "home"} {
		b := s.browser()
		rec := b.get(fmt.Sprintf("/servlet/ManageServiceServletForAPI?auth-token=%s&orderid=%d&service-name=%s", s.ticket(), s.order, service))
		want(t, rec, 303)
		if to := rec.Header().Get("Location"); to != "/panel?section="+section {
			t.Errorf("%s leads to %s", service, to)
		}
		want(t, b.get("/session"), 200, fmt.Sprintf(`"titanOrderId":%d`, s.order), `"role":"accountAdmin"`)
	}
	others, _ := s.newOrder("other.example", "cust-2", "a@other.example")
	for name, id := range map[string]string{"another customer's": fmt.Sprint(others), "unknown": "99999999", "none": "", "negative": "-1", "text": "1+OR+1=1"} {
		ticket := s.ticket()
		want(t, s.browser().get(fmt.Sprintf("/servlet/ManageServiceServletForAPI?auth-token=%s&orderid=%s&service-name=dns", ticket, id)), 401)
		if name == "another customer's" { // tried, so used up
			want(t, s.browser().get(fmt.Sprintf("/servlet/ManageServiceServletForAPI?auth-token=%s&orderid=%d&service-name=dns", ticket, s.order)), 401)
		}
	}
}

// A session ends with what it stands on.
func TestTicketSessionEnds(t *testing.T) {
	for name, end := range map[string]func(*shop) error{
		"password": func(s *shop) error {
			return s.core.ChangeCustomerPassword(s.t.Context(), s.actor, s.customer, "New-Pass9!")
		},
		"suspended": func(s *shop) error { return s.core.SuspendCustomer(s.t.Context(), s.actor, s.customer, "") },
		"reseller suspended": func(s *shop) error {
			return s.core.SuspendReseller(s.t.Context(), s.op, s.reseller, "")
		},
		"partner suspended": func(s *shop) error { return s.core.SuspendPartner(s.t.Context(), s.op, s.partner.PartnerID) },
	} {
		s := newShop(t)
		b := s.browser()
		unused := s.ticket()
		want(t, b.get("/servlet/AutoLoginServlet?role=customer&userLoginId="+s.ticket()), 303)
		want(t, b.get("/panel"), 200)
		if err := end(s); err != nil {
			t.Fatal(name, err)
		}
		if rec := b.get("/panel"); rec.Code != 401 {
			t.Errorf("%s: the session goes on: %d", name, rec.Code)
		}
		if rec := s.browser().get("/servlet/AutoLoginServlet?role=customer&userLoginId=" + unused); rec.Code != 401 {
			t.Errorf("%s: a ticket opens the panel: %d", name, rec.Code)
		}
	}
}
