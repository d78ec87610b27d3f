package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/door/doortest"
	"posthouse/internal/fault"
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
	core, err := provision.New(provision.Config{Store: rows, Hasher: doortest.Hasher{}, SealingKey: make([]byte, 32), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	links := NewInvoiceLinks(func() string { return "https://app.example" }, []byte("a key"), c)
	w := &world{t: t, core: core, store: rows, links: links, clock: c, log: &bytes.Buffer{}, op: audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}}
	if w.door, err = New(Config{Core: core, Serving: gate.Serving{Clock: c, Log: slog.New(slog.NewTextHandler(w.log, nil))}, PanelHost: "manage.example", WebmailHost: "app.example", Invoices: links}); err != nil {
		t.Fatal(err)
	}
	p, key, err := core.CreatePartner(t.Context(), w.op, provision.CreatePartner{Name: "Hoster", Settings: partner.Settings{Carts: true}})
	if err != nil {
		t.Fatal(err)
	}
	w.key, w.partner = key, audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "key:1", KeyID: 1}
	if _, err := core.SetBrand(t.Context(), w.partner, provision.SetBrand{PartnerID: p.ID, Brand: brand.Brand{
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
	o, err := w.core.CreateMailOrder(w.t.Context(), w.partner, provision.CreateMailOrder{
		Domain: domain, Customer: provision.CustomerProfile{CustomerID: customer, Name: "Kim <Lee>"}, Plan: plan.Pro, Seats: ptr(2), Expiry: &expiry,
		Payment:      provision.PaymentDetails{Charged: zero()},
		FirstAccount: &provision.FirstAccount{Email: email, Password: "secret"},
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
	a, err := w.core.CreateEmailAccount(w.t.Context(), w.partner, provision.CreateEmailAccount{
		Order: provision.OrderRef{ID: w.order}, Email: "kim@shop.example", Password: "secret", IsAdmin: true, WantLoginToken: true,
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

func TestAutoLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	target := fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s&section=email-accounts&action=launch-email-creation&email=new@shop.example&locale=de-de&theme=dark",
		w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": fmt.Sprint(w.order)}))
	rec := b.get(target)
	want(t, rec, 303)
	if to := rec.Header().Get("Location"); to != "/panel?section=email-accounts" {
		t.Errorf("to %s", to)
	}
	c := rec.Result().Cookies()[0]
	if c.Name != "__Host-posthouse_panel" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Partitioned || len(c.Value) != 43 {
		t.Errorf("cookie %+v", c)
	}
	rec = b.get("/panel?section=email-accounts")
	want(t, rec, 200, "Hoster &amp; Söhne", "shop.example", "Sie sind angemeldet", "Postfächer (new@shop.example)", "Kim &lt;Lee&gt;", `lang="de-DE"`, "--brand:#ffe08a;--on-brand:#16191f",
		`<img src="https://cdn.hoster.example/logo.svg"`)
	csp := rec.Header().Get("Content-Security-Policy")
	if !regexp.MustCompile(`^default-src 'none'; style-src 'nonce-[\w-]{22}'; img-src 'self' https://cdn\.hoster\.example; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$`).MatchString(csp) {
		t.Errorf("policy %s", csp)
	}
	rec = b.get("/session")
	want(t, rec, 200)
	var who whoIsIn
	if err := json.Unmarshal(rec.Body.Bytes(), &who); err != nil {
		t.Fatal(err)
	}
	p := who.Panel
	if p == nil || p.Role != "accountAdmin" || p.Order == nil || p.Order.ID != w.order || p.Section != "email-accounts" || p.Action != "launch-email-creation" ||
		p.Email != "new@shop.example" || p.Locale != "de-de" || p.Theme != "" || p.Framed || p.Notice != "" || p.Customer.CustomerID != "cust-1" || len(who.Webmail) != 0 {
		t.Errorf("%s", rec.Body)
	}
	// The same link again, as a reader who goes back does: the session before ends.
	old := b.cookies["__Host-posthouse_panel"]
	want(t, b.get(target), 303)
	if _, err := w.core.Session(t.Context(), old); err == nil {
		t.Error("the session before is still open")
	}
	if strings.Contains(w.log.String(), "jwt=") || strings.Contains(w.log.String(), b.cookies["__Host-posthouse_panel"]) {
		t.Error("the log has a secret")
	}
}

// hosters are the frame origins of the world's partner.
const hosters = "https://my.hoster.example https://old.hoster.example:8443"

func TestWidget(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	rec := b.get(fmt.Sprintf("/partner/cpWidget?partnerId=%d&jwt=%s&section=billing-and-subscription&theme=dark", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order})))
	want(t, rec, 303)
	if to := rec.Header().Get("Location"); to != fmt.Sprintf("/panel?frame=1&locale=en-us&partnerId=%d&section=billing-and-subscription&theme=dark", w.partner.PartnerID) {
		t.Errorf("to %s", to)
	}
	line := rec.Header().Get("Set-Cookie")
	for _, part := range []string{"__Host-posthouse_frame=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=None", "; Partitioned"} {
		if !strings.Contains(line, part) {
			t.Errorf("cookie %s lacks %s", line, part)
		}
	}
	rec = b.get("/panel?frame=1&section=billing-and-subscription")
	want(t, rec, 200, `data-theme="dark"`, `class="framed"`, fmt.Sprintf(`action="/panel/purchase?frame=1&amp;locale=en-us&amp;partnerId=%d&amp;theme=dark"`, w.partner.PartnerID))
	csp := rec.Header().Get("Content-Security-Policy")
	if !strings.HasSuffix(csp, "form-action 'self'; frame-ancestors "+hosters) {
		t.Errorf("policy %s", csp)
	}
	// A page of its own does not take the frame's cookie: it is sent across sites.
	want(t, b.get("/panel?section=home"), 401)
	want(t, b.get("/session"), 401)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(rec.Body.String())[1]
	// A new tab has not the frame's cookie: the way to the payment page is a link.
	rec = b.send("POST", "/panel/purchase?frame=1", url.Values{"action": {"upgradePlan"}, "token": {token}})
	want(t, rec, 200, `<a class="button" href="https://pay.hoster.example/en-us/shop.example/upgrade?jwt=`, `target="_blank" rel="noopener noreferrer"`)
	if csp := rec.Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, "frame-ancestors "+hosters) {
		t.Errorf("policy %s", csp)
	}
	want(t, b.get("/session?frame=1"), 200, `"framed":true`, `"theme":"dark"`, `"frameOrigins":["https://my.hoster.example"`)
}

func TestRefusedLinks(t *testing.T) {
	w := newWorld(t)
	other, otherKey, err := w.core.CreatePartner(t.Context(), w.op, provision.CreatePartner{Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	foreign := audit.Actor{PartnerID: other.ID, Role: suspension.RolePartner, Name: "key:2"}
	mine := w.partner
	w.partner = foreign
	theirs, _ := w.newOrder("theirs.example", "t-1", "a@theirs.example")
	w.partner = mine
	theirJWT, _ := jwt.Sign(map[string]any{"titanOrderId": theirs, "exp": w.clock.Now().Add(time.Minute).Unix()}, []byte(otherKey))
	good := w.jwt(map[string]any{"titanOrderId": w.order})
	head, rest, _ := strings.Cut(good, ".")
	body, _, _ := strings.Cut(rest, ".")
	us := fmt.Sprintf("partnerId=%d", w.partner.PartnerID)
	var page string
	for name, query := range map[string]string{
		"nothing":                 "",
		"no partner":              "jwt=" + good,
		"no token":                us,
		"both":                    us + "&jwt=" + good + "&token=x",
		"unknown partner":         "partnerId=999&jwt=" + good,
		"partner rubbish":         "partnerId=1e3&jwt=" + good,
		"another partner's order": us + "&jwt=" + w.jwt(map[string]any{"titanOrderId": theirs}),
		"an unknown order":        us + "&jwt=" + w.jwt(map[string]any{"titanOrderId": 999999}),
		"no order":                us + "&jwt=" + w.jwt(map[string]any{}),
		"another partner's key":   us + "&jwt=" + theirJWT,
		"the other partner, us":   fmt.Sprintf("partnerId=%d&jwt=%s", other.ID, good),
		"expired":                 us + "&jwt=" + w.jwt(map[string]any{"titanOrderId": w.order, "exp": w.clock.Now().Add(-time.Hour).Unix()}),
		"no signature":            us + "&jwt=" + head + "." + body + ".",
		"dots":                    us + "&jwt=" + strings.Repeat(".", 20000),
		"an unknown token":        us + "&token=" + strings.Repeat("x", 43),
	} {
		rec := w.browser().get("/partner/autoLogin?" + query)
		want(t, rec, 401, "This link doesn&#39;t work", "The link has expired or is invalid")
		if len(rec.Result().Cookies()) > 0 {
			t.Errorf("%s: a cookie", name)
		}
		// The same page for all, but for the nonce: nothing tells one from another.
		shown := regexp.MustCompile(`nonce="[^"]*"`).ReplaceAllString(rec.Body.String(), "")
		if page == "" {
			page = shown
		}
		if shown != page {
			t.Errorf("%s: another page:\n%s", name, shown)
		}
	}
}

func TestNotices(t *testing.T) {
	w := newWorld(t)
	open := func() *httptest.ResponseRecorder {
		b := w.browser()
		want(t, b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 303)
		return b.get("/panel")
	}
	if rec := open(); strings.Contains(rec.Body.String(), `class="notice"`) {
		t.Error("a notice about nothing")
	}
	ref := provision.OrderRef{ID: w.order}
	if _, err := w.core.SuspendMailOrder(t.Context(), w.partner, provision.SuspendMailOrder{Order: ref, Type: "x"}); err != nil {
		t.Fatal(err)
	}
	want(t, open(), 200, "This order is suspended.")
	if _, err := w.core.DeleteMailOrder(t.Context(), w.partner, provision.DeleteMailOrder{Order: ref}); err != nil {
		t.Fatal(err)
	}
	want(t, open(), 200, "This order is deleted.")
	w.clock.Advance(31 * 24 * time.Hour)
	want(t, w.browser().get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 401)
}

func TestWebmailLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	email := url.QueryEscape("Kim@Shop.example")
	if _, err := w.core.ModifyEmailAccount(t.Context(), w.partner, provision.ModifyEmailAccount{
		Account: provision.AccountRef{Order: provision.OrderRef{ID: w.order}, Email: "kim@shop.example"}, IsAdmin: ptr(true),
	}); err != nil {
		t.Fatal(err)
	}
	token := w.slt()
	// Nothing that isn't a reader's click uses it up.
	r := b.send("HEAD", "/?slt="+token+"&email_account="+email, nil)
	want(t, r, 405)
	b.header.Set("Sec-Purpose", "prefetch;prerender")
	want(t, b.get("/?slt="+token+"&email_account="+email), 503)
	b.header.Del("Sec-Purpose")
	rec := b.get("/?slt=" + token + "&email_account=" + email)
	want(t, rec, 303)
	if rec.Header().Get("Location") != "/webmail" {
		t.Error(rec.Header())
	}
	if c := rec.Result().Cookies()[0]; c.Name != "__Host-posthouse_webmail" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
	want(t, b.get("/webmail"), 200, "kim@shop.example", "You are signed in")
	want(t, b.get("/session"), 200, `"panel":null`, `"email":"kim@shop.example"`, `"role":"account"`)
	want(t, w.browser().get("/?slt="+token+"&email_account="+email), 401) // twice
	token = w.slt()
	want(t, w.browser().get("/?slt="+token+"&email_account=other@shop.example"), 401)
	want(t, w.browser().get("/?slt="+token+"&email_account="+email), 401) // used up
	token = w.slt()
	w.clock.Advance(5 * time.Minute)
	want(t, w.browser().get("/?slt="+token+"&email_account="+email), 401) // late
	want(t, w.browser().get("/?slt=&email_account="), 401)

	// A second mailbox in the same browser, beside the first; then instead of it.
	want(t, b.get("/?slt="+w.slt()+"&email_account="+email), 303)
	if all := strings.Split(b.cookies["__Host-posthouse_webmail"], "."); len(all) != 2 {
		t.Fatalf("%d sessions", len(all))
	}
	before := strings.Split(b.cookies["__Host-posthouse_webmail"], ".")
	want(t, b.get("/?slt="+w.slt()+"&clearSession=true&email_account="+email), 303)
	if strings.Contains(b.cookies["__Host-posthouse_webmail"], ".") {
		t.Error("the others are still in the cookie")
	}
	for _, s := range before {
		if _, err := w.core.Session(t.Context(), s); err == nil {
			t.Error("another session is still open")
		}
	}
}

// TestMailboxToken is the log-in of basekit.md 5.7: a token without an address.
func TestMailboxToken(t *testing.T) {
	w := newWorld(t)
	details, err := w.core.FetchOrder(t.Context(), w.partner, provision.OrderRef{ID: w.order})
	if err != nil {
		t.Fatal(err)
	}
	ref := provision.MailboxRef{OfDomain: provision.OfDomain{CustomerID: details.Customer.ID, OrderID: w.order}, User: "kim"}
	token := func() string {
		t.Helper()
		out, err := w.core.MailboxLoginToken(t.Context(), w.partner, ref)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	b := w.browser()
	one := token()
	if r := b.send("HEAD", "/?loginToken="+one, nil); r.Code != 405 {
		t.Errorf("HEAD: %d", r.Code)
	}
	want(t, b.send("POST", "/?loginToken="+one, nil), 405)
	b.header.Set("Sec-Purpose", "prefetch")
	want(t, b.get("/?loginToken="+one), 503)
	b.header.Del("Sec-Purpose")
	want(t, w.browser().get("/?slt="+one+"&email_account=kim@shop.example"), 401) // not R1's
	rec := b.get("https://app.example/?loginToken=" + one)
	want(t, rec, 303)
	h := rec.Header()
	if h.Get("Location") != "/webmail" || !strings.Contains(h.Get("Cache-Control"), "no-store") || h.Get("Referrer-Policy") == "" || strings.Contains(rec.Body.String(), one) {
		t.Errorf("%v %s", h, rec.Body)
	}
	if c := rec.Result().Cookies()[0]; c.Name != "__Host-posthouse_webmail" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
	want(t, b.get("/webmail"), 200, "kim@shop.example")
	want(t, b.get("/?loginToken="+token()), 303)
	if all := strings.Split(b.cookies["__Host-posthouse_webmail"], "."); len(all) != 2 {
		t.Errorf("%d sessions", len(all))
	}
	late := token()
	w.clock.Advance(5 * time.Minute)
	for _, bad := range []string{one, late, "", "x", strings.Repeat("a", 32), strings.Repeat("a", 1<<12), "%00", url.QueryEscape("' OR 1=1 --"), url.QueryEscape(w.slt())} {
		r := w.browser().get("/?loginToken=" + bad)
		want(t, r, 401)
		if len(r.Result().Cookies()) > 0 {
			t.Errorf("%.40q gives a cookie", bad)
		}
	}
	if strings.Contains(w.log.String(), one) || strings.Contains(w.log.String(), late) {
		t.Error("the log has a token in it")
	}
}

func TestSessionEnds(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	open := func() { // a session and its form token
		t.Helper()
		want(t, b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 303)
	}
	token := func() string { return formToken(b.cookies["__Host-posthouse_panel"]) }
	open()
	for name, header := range map[string][2]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"},
	} {
		b.header.Set(header[0], header[1])
		if rec := b.send("POST", "/session/end", url.Values{"token": {token()}}); rec.Code != 403 {
			t.Errorf("%s: %d", name, rec.Code)
		}
		b.header.Del(header[0])
	}
	want(t, b.send("POST", "/session/end", url.Values{"token": {"x"}}), 403)
	want(t, b.send("POST", "/session/end", url.Values{}), 403)
	want(t, b.send("POST", "/session/end", nil), 400)
	want(t, b.get("/session/end"), 405)
	want(t, b.get("/panel"), 200)
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.header.Set("Origin", "null")
	rec := b.send("POST", "/session/end", url.Values{"token": {token()}, "session": {"panel"}})
	want(t, rec, 303)
	if rec.Header().Get("Location") != "/session/ended" || len(b.cookies) != 0 {
		t.Errorf("%v, cookies %v", rec.Header(), b.cookies)
	}
	want(t, b.get("/session/ended"), 200, "You are signed out")
	want(t, b.get("/panel"), 401, "You are not signed in")
	open()
	w.clock.Advance(2 * time.Hour) // unused
	want(t, b.get("/panel"), 401)
}

func TestPurchase(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	want(t, b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s&locale=fr", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 303)
	rec := b.get("/panel?section=billing-and-upgrade")
	want(t, rec, 200, `action="/panel/purchase"`)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(rec.Body.String())[1]
	want(t, b.send("POST", "/panel/purchase", url.Values{"action": {"buyMoreAccounts"}}), 403)
	want(t, b.send("POST", "/panel/purchase", url.Values{"action": {"steal"}, "token": {token}}), 400)
	want(t, b.send("POST", "/panel/purchase", url.Values{"action": {"buyMoreAccounts"}, "accounts": {"-1"}, "token": {token}}), 400)
	want(t, w.browser().send("POST", "/panel/purchase", url.Values{"action": {"buyMoreAccounts"}, "token": {token}}), 401)
	rec = b.send("POST", "/panel/purchase", url.Values{"action": {"buyMoreAccounts"}, "accounts": {"3"}, "token": {token}})
	want(t, rec, 303)
	to, err := url.Parse(rec.Header().Get("Location"))
	if err != nil || to.Scheme+"://"+to.Host+to.Path != "https://pay.hoster.example/fr-fr/shop.example/upgrade" {
		t.Fatal(to, err)
	}
	claims, err := jwt.Verify(to.Query().Get("jwt"), [][]byte{[]byte(w.key)}, w.clock.Now())
	if err != nil || claims.OrderID != w.order || !claims.ExpiresAt.Equal(w.clock.Now().Add(15*time.Minute)) {
		t.Errorf("%+v, %v", claims, err)
	}
}

func TestRouting(t *testing.T) {
	w := newWorld(t)
	for target, handled := range map[string]bool{
		"/": false, "/?slt=": true, "/?loginToken=": true, "/?x=1": false, "http://manage.example/": true, "http://APP.example:8080/": true, "/partner/createMailOrder": false,
		"/partner/autoLogin": true, "/partner/AUTOLOGIN/": true, "/partner/cpWidget": true, "/panel": true, "/panel/none": true, "/panelx": false,
		"/webmail/x": true, "/session": true, "/session/other": false, "http://app.example/panel": false, "http://manage.example/webmail": false,
		"http://app.example/session": true, "/v1/orders": false, "/healthz": false, "//": false, "/partner/autoLogin/x": false,
	} {
		if got := w.door.Handles(httptest.NewRequest("GET", target, nil)); got != handled {
			t.Errorf("%s: %v", target, got)
		}
	}
	b := w.browser()
	want(t, b.get("/panel/none"), 404, "Page not found")
	want(t, b.get("http://manage.example/"), 303)
	if rec := b.send("POST", "/panel", url.Values{}); rec.Code != 405 || rec.Header().Get("Allow") != "GET" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	b.header.Set("Accept", "application/json")
	if rec := b.get("/session"); rec.Code != 401 || !json.Valid(rec.Body.Bytes()) || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	b.plain = true
	delete(b.header, "Accept")
	rec := b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order})))
	if c := rec.Result().Cookies()[0]; c.Name != "posthouse_panel" || c.Secure {
		t.Errorf("over plain HTTP: %+v", c)
	}
}

// FuzzQuery holds that no query makes the door fail, set a cookie, or answer
// with a page that has the query in it unescaped.
func FuzzQuery(f *testing.F) {
	f.Add("/partner/autoLogin", "partnerId=1&jwt=a.b.c&section=home&locale=de")
	f.Add("/partner/cpWidget", "partnerId=1&jwt=a.b.c&theme=dark")
	f.Add("/", "slt=1:nkLjBJX9Uqgy&email_account=a@b&clearSession=true")
	f.Add("/", "loginToken=nkLjBJX9UqgynkLjBJX9UqgynkLjBJX9")
	f.Add("/panel", "section=<script>&frame=1")
	f.Add("/panel", "frame=1&partnerId=1&resellerId=2&locale=de&theme=dark")
	f.Add("/session/ended", "frame=1&partnerId=-1&theme=%22")
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	door, err := New(Config{Core: nobody{}, Serving: gate.Serving{Clock: c}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery = path, query
		if !door.Handles(r) {
			return
		}
		c.Advance(gate.ForgiveEvery)
		rec := httptest.NewRecorder()
		door.ServeHTTP(rec, r)
		checkHeaders(t, r, rec)
		if csp := rec.Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; frame-ancestors 'none'") && !strings.HasSuffix(csp, "; frame-ancestors https://a.example") {
			t.Fatal(csp)
		}
		if rec.Code == 429 {
			t.Fatal("told to wait")
		}
		if rec.Code >= 500 || len(rec.Result().Cookies()) > 0 || strings.Contains(rec.Body.String(), "<script") {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	})
}

// nobody lets nobody in.
type nobody struct{ Core }

func (nobody) OpenPanelSession(context.Context, provision.OpenPanel) (*provision.Session, string, error) {
	return nil, "", errLink
}

func (nobody) OpenTicketSession(context.Context, provision.OpenTicket) (*provision.Session, string, error) {
	return nil, "", errLink
}
func (nobody) OpenMailboxSession(context.Context, provision.OpenMailbox) (*provision.Session, string, error) {
	return nil, "", errLink
}
func (nobody) OpenWebmailSession(context.Context, provision.OpenWebmail) (*provision.Session, string, error) {
	return nil, "", errLink
}

func (nobody) FrameOrigins(context.Context, int64, int64) ([]string, error) {
	return []string{"https://a.example", "https://b.example;script-src *"}, nil
}

func (nobody) Session(context.Context, string) (*provision.Session, error) { return nil, errNotIn }

func (nobody) PasswordTokenInfo(context.Context, string) (*provision.PasswordSubject, error) {
	return nil, fault.New(fault.NotFound, "No such link")
}
