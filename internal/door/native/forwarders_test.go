package native

import (
	"fmt"
	"strings"
	"testing"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

func TestForwarders(t *testing.T) {
	w := sqliteWorld(t)
	id := w.order(w.partner, "us.example")
	ref := work.OrderRef{ID: id}
	for _, email := range []string{"jane@us.example"} {
		if _, err := w.core.CreateEmailAccount(t.Context(), w.actor(w.partner), mailboxes.CreateEmailAccount{Order: ref, Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.core.CreateForwarder(t.Context(), w.actor(w.partner), routing.ForwarderMembers{
		Forwarder: work.ForwarderRef{Order: ref, Email: "info@us.example"}, Recipients: []string{"jane@us.example"},
	}); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/v1/orders/%d/forwarders", id)
	if got := w.do(w.key, "GET", at, "").items(); len(got) != 1 || got[0]["email"] != "info@us.example" || len(got[0]["recipients"].([]any)) != 1 {
		t.Error(got)
	}
	w.do(w.key, "GET", at+"/info%40us.example", "").want(200, "")
	w.do(w.key, "DELETE", at+"/other@us.example", "").want(404, "")
	w.do(w.key, "DELETE", at+"/info@us.example", "").want(204, "")
	w.do(w.key, "DELETE", at+"/info@us.example", "").want(404, "")
	if got := w.do(w.key, "GET", at, "").items(); len(got) != 0 {
		t.Error(got)
	}
	if got := w.do(w.key, "GET", "/v1/events?type="+string(event.InternalForwardingAccountDeleted), "").items(); len(got) != 1 {
		t.Error(got)
	}
}

func TestPayments(t *testing.T) {
	w := sqliteWorld(t)
	at := fmt.Sprintf("/v1/orders/%d/payment", w.order(w.partner, "us.example"))
	w.do(w.key, "POST", at, `{"action":"billing"}`).want(409, "NO_PAYMENT_URL")
	if _, err := w.core.SetBrand(t.Context(), w.actor(w.partner), tenancy.SetBrand{PartnerID: w.partner, Brand: brand.Brand{PaymentURL: "https://pay.us.example/{domain_name}"}}); err != nil {
		t.Fatal(err)
	}
	if a := w.do(w.key, "POST", at, `{"action":"billing"}`).want(200, ""); !strings.HasPrefix(a.text("url"), "https://pay.us.example/us.example/upgrade?jwt=") {
		t.Error(a.raw)
	}
	for _, bad := range []string{`{"action":"steal"}`, `{}`, `{"action":"billing","items":[{"accounts":-1}]}`, `{"action":"billing","items":[{}]}`} {
		if a := w.do(w.key, "POST", at, bad); a.status != 422 {
			t.Errorf("%s: %d %s", bad, a.status, a.raw)
		}
	}
}
