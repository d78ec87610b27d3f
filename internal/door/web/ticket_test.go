package web

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
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
	r, key, err := w.core.CreateReseller(t.Context(), w.op, reselling.CreateReseller{PartnerID: w.partner.PartnerID, Username: "shop@example.org", SellingCurrency: "GBP"})
	if err != nil {
		t.Fatal(err)
	}
	s.reseller = r.ID
	if _, err := w.core.SetBrand(t.Context(), w.op, tenancy.SetBrand{PartnerID: w.partner.PartnerID, ResellerID: r.ID, Brand: brand.Brand{Name: "The Shop"}}); err != nil {
		t.Fatal(err)
	}
	c, err := w.core.AuthenticateReseller(t.Context(), r.ID, key, netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	s.actor = c.Actor
	d, err := w.core.CreateCustomer(t.Context(), s.actor, customers.CreateCustomer{Password: "Pass-Word9!", Data: customers.CustomerData{
		Username: "jane@example.org", Name: "Jane Doe", Company: "Doe", Address1: "1", City: "London", State: "London", Country: "GB", Zip: "N1",
		PhoneCC: "44", Phone: "1", Language: "de",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.customer = d.ID
	if _, err := w.core.TransferMailOrder(t.Context(), w.partner, ordering.TransferMailOrder{
		Order: work.OrderRef{ID: w.order}, To: work.CustomerProfile{CustomerID: d.CustomerID},
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) ticket() string {
	s.t.Helper()
	raw, err := s.core.GenerateCustomerLogin(s.t.Context(), s.actor, customers.GenerateCustomerLogin{CustomerID: s.customer, IP: "192.0.2.7"})
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

// TestAccountLogin: an account holder comes in by a brand's word. Where a client
// would have him go afterwards counts for nothing, and the session ends with what
// it stands on.
func TestAccountLogin(t *testing.T) {
	w := newWorld(t)
	vouching := func(partnerID int64, name string) int64 {
		if _, err := w.core.SetUpShop(t.Context(), w.op, retail.SetUpShop{PartnerID: partnerID, Username: name + "@resellers.example", Currency: "GBP"}); err != nil {
			t.Fatal(err)
		}
		u, _, err := w.core.CreateAPIUser(t.Context(), w.op, tenancy.CreateAPIUser{PartnerID: partnerID, Username: name})
		if err != nil {
			t.Fatal(err)
		}
		return u.ID
	}
	user := vouching(w.partner.PartnerID, "brand")
	d, err := w.core.FetchOrder(t.Context(), w.partner, work.OrderRef{ID: w.order})
	if err != nil {
		t.Fatal(err)
	}
	ref := d.Customer.ID
	open := func(order int64) string {
		t.Helper()
		h, err := w.core.OpenHolder(t.Context(), w.partner, holders.OpenHolder{Ref: ref, OrderID: order, APIUserID: user})
		if err != nil {
			t.Fatal(err)
		}
		return h.Ticket
	}
	for name, r := range map[string]string{"none": "", "foreign": "r=https://evil.example/", "escaped": "r=https%3A%2F%2Fevil.example", "javascript": "r=javascript:alert(1)", "another hash": "r=x&hash=" + strings.Repeat("x", 32)} {
		b := w.browser()
		rec := b.get("/account/login?hash=" + open(0) + "&" + r)
		want(t, rec, 303)
		if to := rec.Header().Get("Location"); to != "/panel?section=home" {
			t.Errorf("%s leads to %s", name, to)
		}
		want(t, b.get("/panel"), 200, "shop.example")
	}
	one := open(w.order)
	want(t, w.browser().get(fmt.Sprintf("/account/login?hash=%s&siteRef=%d&", one, w.order)), 303)
	want(t, w.browser().get(fmt.Sprintf("/account/login?hash=%s&siteRef=%d&", one, w.order)), 401) // replayed
	others, _ := w.newOrder("other.example", "cust-2", "a@other.example")
	for _, query := range []string{"", "hash=", "hash=" + strings.Repeat("x", 32), "hash=" + open(0) + "&siteRef=x", "hash=" + open(0) + "&siteRef=" + fmt.Sprint(others)} {
		want(t, w.browser().get("/account/login?"+query), 401)
	}
	late := open(0)
	w.clock.Advance(5*time.Minute + time.Second)
	want(t, w.browser().get("/account/login?hash="+late), 401)
	if strings.Contains(w.log.String(), one) {
		t.Error("the log has a ticket")
	}

	foreign, _, err := w.core.CreatePartner(t.Context(), w.op, tenancy.CreatePartner{Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.OpenHolder(t.Context(), w.partner, holders.OpenHolder{Ref: ref, APIUserID: vouching(foreign.ID, "stranger")}); err == nil {
		t.Error("another brand's API user vouches")
	}
	nothing := func() error { return nil }
	for _, c := range []struct {
		name      string
		end, undo func() error
	}{
		{"password", func() error {
			pw := "another one"
			_, err := w.core.ModifyHolder(t.Context(), w.partner, holders.ModifyHolder{Ref: ref, Password: &pw})
			return err
		}, nothing},
		{"suspended", func() error { return w.core.SuspendHolder(t.Context(), w.partner, ref) }, func() error { return w.core.UnsuspendHolder(t.Context(), w.partner, ref) }},
		{"deleted", func() error { return w.core.DeleteHolder(t.Context(), w.partner, ref, false) }, func() error {
			_, err := w.core.ModifyHolder(t.Context(), w.partner, holders.ModifyHolder{Ref: ref, Deleted: new(bool)})
			return err
		}},
		{"anonymised", func() error { return w.core.AnonymiseHolder(t.Context(), w.partner, ref) }, nothing},
		{"partner suspended", func() error { return w.core.SuspendPartner(t.Context(), w.op, w.partner.PartnerID) },
			func() error { return w.core.UnsuspendPartner(t.Context(), w.op, w.partner.PartnerID) }},
		{"API user revoked", func() error { return w.core.RevokeAPIUser(t.Context(), w.op, user) }, nil},
	} {
		b := w.browser()
		unused := open(0)
		want(t, b.get("/account/login?hash="+open(0)), 303)
		want(t, b.get("/panel"), 200)
		if err := c.end(); err != nil {
			t.Fatal(c.name, err)
		}
		want(t, b.get("/panel"), 401)
		want(t, w.browser().get("/account/login?hash="+unused), 401)
		if c.undo == nil {
			break
		}
		if err := c.undo(); err != nil {
			t.Fatal(c.name, err)
		}
		if c.name != "partner suspended" { // what ended does not come back
			want(t, b.get("/panel"), 401)
		}
	}
}
