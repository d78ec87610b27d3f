package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/gate"
)

// ancestors are those of an answer.
func ancestors(h http.Header) string {
	_, out, _ := strings.Cut(h.Get("Content-Security-Policy"), "frame-ancestors ")
	return out
}

// TestFailuresInAFrame: a page that no session dresses is shown inside the
// page of the partner that the query names, and tells nothing else of it.
func TestFailuresInAFrame(t *testing.T) {
	w := newWorld(t)
	if _, err := w.core.SetBrand(t.Context(), w.partner, tenancy.SetBrand{PartnerID: w.partner.PartnerID, ResellerID: 7, Brand: brand.Brand{
		FrameOrigins: []string{"https://reseller.example"},
	}}); err != nil {
		t.Fatal(err)
	}
	other, _, err := w.core.CreatePartner(t.Context(), w.op, tenancy.CreatePartner{Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	us := fmt.Sprintf("partnerId=%d", w.partner.PartnerID)
	var plain string
	for target, want := range map[string]string{
		"/partner/cpWidget?jwt=x&" + us:                               hosters,
		"/partner/cpWidget?jwt=x&resellerId=7&" + us:                  "https://reseller.example",
		"/partner/cpWidget?jwt=x&resellerId=8&" + us:                  hosters,
		"/partner/cpWidget?jwt=x&resellerId=-1&" + us:                 hosters,
		"/partner/cpWidget?jwt=x&partnerId=999":                       "'none'",
		"/partner/cpWidget?jwt=x&partnerId=1e3":                       "'none'",
		"/partner/cpWidget?jwt=x":                                     "'none'",
		fmt.Sprintf("/partner/cpWidget?jwt=x&partnerId=%d", other.ID): "'none'",
		"/partner/autoLogin?jwt=x&frame=1&" + us:                      "'none'", // never in a frame
		"/panel?frame=1&" + us:                                        hosters,
		"/panel?frame=1&resellerId=7&" + us:                           "https://reseller.example",
		"/panel?" + us:                                                "'none'",
		"/panel?frame=1":                                              "'none'",
		"/panel/none?frame=1&" + us:                                   hosters,
		"/panel/purchase?frame=1&" + us:                               hosters, // the wrong method
		"/session/ended?frame=1&" + us:                                hosters,
		"/session/ended?" + us:                                        "'none'",
		"/webmail?frame=1&" + us:                                      "'none'",
		"/webmail/none?frame=1&" + us:                                 "'none'",
		"/password/x?frame=1&" + us:                                   "'none'",
		"/?slt=x&frame=1&" + us:                                       "'none'",
	} {
		rec := w.browser().get(target)
		if got := ancestors(rec.Header()); got != want {
			t.Errorf("%s: ancestors %s, want %s", target, got, want)
		}
		body := nonces.ReplaceAllString(rec.Body.String(), "")
		if strings.Contains(body, "oster") || strings.Contains(rec.Header().Get("Content-Security-Policy"), "cdn.hoster") {
			t.Errorf("%s: the partner's brand", target)
		}
		if strings.HasPrefix(target, "/partner/cpWidget") {
			if plain == "" {
				plain = body
			}
			if body != plain {
				t.Errorf("%s: another page", target)
			}
		}
	}
	rec := w.browser().get("/panel?frame=1&theme=dark&locale=de&" + us)
	want(t, rec, 401, `data-theme="dark"`, `lang="de-DE"`, `class="framed"`, "Sie sind nicht angemeldet")
	if rec := w.browser().get("/panel?frame=1&theme=ocean&" + us); strings.Contains(rec.Body.String(), `<html lang="en-US" data-theme`) {
		t.Error("a theme that pages without a session don't have")
	}
}

// TestFrameIsLeft: in a frame, signing out leads to a page that is shown there.
func TestFrameIsLeft(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	rec := b.get(fmt.Sprintf("/partner/cpWidget?partnerId=%d&jwt=%s&locale=fr", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order})))
	want(t, rec, 303)
	at := rec.Header().Get("Location")
	rec = b.get(at)
	want(t, rec, 200)
	form := regexp.MustCompile(`action="(/session/end[^"]*)">\s*<input type="hidden" name="token" value="([^"]+)"`).FindStringSubmatch(rec.Body.String())
	if form == nil {
		t.Fatal(rec.Body)
	}
	rec = b.send("POST", strings.ReplaceAll(form[1], "&amp;", "&"), url.Values{"token": {form[2]}, "session": {"frame"}})
	want(t, rec, 303)
	if to := rec.Header().Get("Location"); to != fmt.Sprintf("/session/ended?frame=1&locale=fr-fr&partnerId=%d&theme=light", w.partner.PartnerID) {
		t.Errorf("to %s", to)
	}
	rec = b.get(rec.Header().Get("Location"))
	want(t, rec, 200, `class="framed"`, `lang="fr-FR"`)
	if ancestors(rec.Header()) != hosters {
		t.Errorf("ancestors %s", ancestors(rec.Header()))
	}
	rec = b.get(at)
	want(t, rec, 401, `lang="fr-FR"`)
	if ancestors(rec.Header()) != hosters {
		t.Errorf("ancestors %s", ancestors(rec.Header()))
	}
	// Whose session it is decides, not the query.
	want(t, b.get(fmt.Sprintf("/partner/cpWidget?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 303)
	if rec = b.get("/panel?frame=1&partnerId=999&resellerId=7"); rec.Code != 200 || ancestors(rec.Header()) != hosters {
		t.Errorf("%d %s", rec.Code, ancestors(rec.Header()))
	}
}

// TestFailuresAreLimited: links and sessions that open nothing, by address.
func TestFailuresAreLimited(t *testing.T) {
	w := newWorld(t)
	good := fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))
	in := w.browser()
	want(t, in.get(good), 303)
	bad := []string{"/partner/autoLogin?partnerId=1&jwt=x", "/partner/cpWidget?partnerId=x", "/?slt=1:x&email_account=a@b.example", "/password/guess", "/partner/autoLogin?partnerId=1&token=x"}
	for i := range gate.MaxFailures {
		if rec := w.browser().get(bad[i%len(bad)]); rec.Code != 401 && rec.Code != 410 {
			t.Fatalf("failure %d: %d", i, rec.Code)
		}
	}
	for _, target := range append(bad, good) {
		rec := w.browser().get(target)
		want(t, rec, 429, "Try again in a moment")
		if rec.Header().Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q", rec.Header().Get("Retry-After"))
		}
	}
	want(t, in.get("/panel"), 200) // who is in stays in
	w.clock.Advance(gate.ForgiveEvery)
	want(t, w.browser().get(good), 303)

	// A cookie that opens nothing; having none is no failure.
	dead := w.browser()
	for range gate.MaxFailures {
		dead.cookies["__Host-posthouse_panel"] = strings.Repeat("x", 43)
		want(t, dead.get("/panel"), 401)
		want(t, w.browser().get("/panel"), 401)
	}
	rec := dead.get("/panel")
	want(t, rec, 429)
	if rec.Header().Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", rec.Header().Get("Retry-After"))
	}
	want(t, dead.get("/session"), 429, `"status":429`)
	want(t, in.get("/panel"), 200)
	want(t, w.browser().get(good), 303)
	w.clock.Advance(time.Minute)
	want(t, dead.get("/panel"), 401)
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
