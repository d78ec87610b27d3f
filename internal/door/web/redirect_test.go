package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/jwt"
)

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

func TestRefusedLinks(t *testing.T) {
	w := newWorld(t)
	other, otherKey, err := w.core.CreatePartner(t.Context(), w.op, tenancy.CreatePartner{Name: "Other"})
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
