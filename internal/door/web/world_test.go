package web

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/gate"
	"posthouse/internal/jwt"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqltest"
)

// world is a door with a core behind it, a partner and one order.
type world struct {
	t       *testing.T
	core    *provision.Service
	store   *sqltest.Twice
	links   *secret.Links // to invoices
	door    *Door
	clock   *clock.Manual
	log     *bytes.Buffer
	op      audit.Actor
	partner audit.Actor
	key     string
	order   int64
	account int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	rows := sqltest.NewTwice(t, c)
	core, err := provision.New(work.Config{Store: rows, Hasher: doortest.Hasher{}, SealingKey: make([]byte, 32), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	links := NewInvoiceLinks(func() string { return "https://app.example" }, []byte("a key"), c)
	w := &world{t: t, core: core, store: rows, links: links, clock: c, log: &bytes.Buffer{}, op: audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}}
	if w.door, err = New(Config{Core: core, Serving: gate.Serving{Clock: c, Log: slog.New(slog.NewTextHandler(w.log, nil))}, PanelHost: "manage.example", WebmailHost: "app.example", Invoices: links}); err != nil {
		t.Fatal(err)
	}
	p, key, err := core.CreatePartner(t.Context(), w.op, tenancy.CreatePartner{Name: "Hoster", Settings: partner.Settings{Carts: true}})
	if err != nil {
		t.Fatal(err)
	}
	w.key, w.partner = key, audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1", KeyID: 1}
	if _, err := core.SetBrand(t.Context(), w.partner, tenancy.SetBrand{PartnerID: p.ID, Brand: brand.Brand{
		Name: "Hoster & Söhne", Colour: "#ffe08a", LogoURL: "https://cdn.hoster.example/logo.svg", SupportURL: "https://hoster.example/help",
		PaymentURL: "https://pay.hoster.example/{locale}/{domain_name}", FrameOrigins: []string{"https://my.hoster.example", "https://old.hoster.example:8443"},
		Themes: []string{"light", "dark"},
	}}); err != nil {
		t.Fatal(err)
	}
	w.order, w.account = w.newOrder("shop.example", "cust-1", "kim@shop.example")
	return w
}

func (w *world) newOrder(domain, customer, email string) (int64, int64) {
	w.t.Helper()
	expiry := time.Date(2027, 11, 22, 0, 0, 0, 0, time.UTC)
	o, err := w.core.CreateMailOrder(w.t.Context(), w.partner, ordering.CreateMailOrder{
		Domain: domain, Customer: work.CustomerProfile{CustomerID: customer, Name: "Kim <Lee>"}, Plan: plan.Pro, Seats: ptr(2), Expiry: &expiry,
		Payment:      billing.PaymentDetails{Charged: zero()},
		FirstAccount: &ordering.FirstAccount{Email: email, Password: "secret"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.OrderID, o.Account.AccountID
}

func (w *world) jwt(claims map[string]any) string {
	w.t.Helper()
	if _, ok := claims["exp"]; !ok {
		claims["exp"] = w.clock.Now().Add(5 * time.Minute).Unix()
	}
	token, err := jwt.Sign(claims, []byte(w.key))
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *world) slt() string {
	w.t.Helper()
	a, err := w.core.CreateEmailAccount(w.t.Context(), w.partner, mailboxes.CreateEmailAccount{
		Order: work.OrderRef{ID: w.order}, Email: "kim@shop.example", Password: "secret", IsAdmin: true, WantLoginToken: true,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a.LoginToken
}

// browser keeps cookies by name, whatever their attributes.
type browser struct {
	w       *world
	cookies map[string]string
	plain   bool
	header  http.Header
}

func (w *world) browser() *browser {
	return &browser{w: w, cookies: map[string]string{}, header: http.Header{}}
}

func (b *browser) send(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if !b.plain {
		r.TLS = &tls.ConnectionState{}
	}
	for k, v := range b.header {
		r.Header[k] = v
	}
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	rec := httptest.NewRecorder()
	if !b.w.door.Handles(r) {
		b.w.t.Fatalf("%s %s is not for this door", method, target)
	}
	b.w.door.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	checkHeaders(b.w.t, r, rec)
	return rec
}

func (b *browser) get(target string) *httptest.ResponseRecorder { return b.send("GET", target, nil) }

// checkHeaders holds for every answer there is.
func checkHeaders(t *testing.T, r *http.Request, rec *httptest.ResponseRecorder) {
	t.Helper()
	h := rec.Header()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow",
		"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s %s: %s is %q", r.Method, r.URL.Path, name, got)
		}
	}
	if got := h.Get("Strict-Transport-Security"); (got == "max-age=31536000") != (r.TLS != nil) {
		t.Errorf("%s: HSTS %q", r.URL.Path, got)
	}
	csp := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "base-uri 'none'", "form-action ", "frame-ancestors "} {
		if !strings.Contains(csp, part) {
			t.Errorf("%s: policy %q lacks %s", r.URL.Path, csp, part)
		}
	}
	if strings.Contains(csp, "script-src") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: policy %q", r.URL.Path, csp)
	}
	if framed := !strings.Contains(csp, "frame-ancestors 'none'"); framed == (h.Get("X-Frame-Options") == "DENY") {
		t.Errorf("%s: framed %v, X-Frame-Options %q", r.URL.Path, framed, h.Get("X-Frame-Options"))
	}
}

func want(t *testing.T, rec *httptest.ResponseRecorder, status int, has ...string) {
	t.Helper()
	if rec.Code != status {
		t.Fatalf("status %d, want %d: %s %s", rec.Code, status, rec.Header(), rec.Body)
	}
	for _, s := range has {
		if !strings.Contains(rec.Body.String(), s) {
			t.Errorf("no %q in %s", s, rec.Body)
		}
	}
}
