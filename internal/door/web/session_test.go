package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

func TestWebmailLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	email := url.QueryEscape("Kim@Shop.example")
	if _, err := w.core.ModifyEmailAccount(t.Context(), w.partner, mailboxes.ModifyEmailAccount{
		Account: work.AccountRef{Order: work.OrderRef{ID: w.order}, Email: "kim@shop.example"}, IsAdmin: ptr(true),
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
	details, err := w.core.FetchOrder(t.Context(), w.partner, work.OrderRef{ID: w.order})
	if err != nil {
		t.Fatal(err)
	}
	ref := mailboxes.MailboxRef{OfDomain: mailboxes.OfDomain{CustomerID: details.Customer.ID, OrderID: w.order}, User: "kim"}
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
