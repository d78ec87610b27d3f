package web

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/ordering"
	"posthouse/internal/core/work"
	"posthouse/internal/jwt"
)

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
	ref := work.OrderRef{ID: w.order}
	if _, err := w.core.SuspendMailOrder(t.Context(), w.partner, ordering.SuspendMailOrder{Order: ref, Type: "x"}); err != nil {
		t.Fatal(err)
	}
	want(t, open(), 200, "This order is suspended.")
	if _, err := w.core.DeleteMailOrder(t.Context(), w.partner, ordering.DeleteMailOrder{Order: ref}); err != nil {
		t.Fatal(err)
	}
	want(t, open(), 200, "This order is deleted.")
	w.clock.Advance(31 * 24 * time.Hour)
	want(t, w.browser().get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 401)
}

// What a customer calls itself turns nothing around it.
func TestNamesTurnNothing(t *testing.T) {
	w := newWorld(t)
	name := "Lee\u202egnp.exe\u2066"
	if err := w.core.ModifyMailCustomer(t.Context(), w.partner, ordering.ModifyMailCustomer{Order: work.OrderRef{ID: w.order}, Name: &name}); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	want(t, b.get(fmt.Sprintf("/partner/autoLogin?partnerId=%d&jwt=%s", w.partner.PartnerID, w.jwt(map[string]any{"titanOrderId": w.order}))), 303)
	rec := b.get("/panel")
	want(t, rec, 200, "<dd>Leegnp.exe</dd>")
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
