package native

import (
	"fmt"
	"testing"
	"time"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/selling"
	"posthouse/internal/secret"
)

func TestInvoice(t *testing.T) {
	w := sqliteWorld(t)
	w.door.links = secret.NewLinks(func() string { return "https://mail.example" }, "/invoices/", "invoice", time.Hour, []byte("key"), w.clock)
	seller, _, err := w.core.CreateReseller(t.Context(), operator, reselling.CreateReseller{PartnerID: w.actor(w.partner).PartnerID, Username: "root@us.example", SellingCurrency: "GBP"})
	if err != nil {
		t.Fatal(err)
	}
	post := func(typ ledger.Type) int64 {
		x, err := w.core.PostManually(t.Context(), operator, selling.PostManually{ResellerID: seller.ID, Type: typ, Amount: 6250, Description: "Advice <b>"})
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	id := post(ledger.Invoice)
	got := w.do(w.key, "GET", fmt.Sprintf("/v1/invoices/%d", id), "").want(200, "")
	link := w.door.links.URL(fmt.Sprint(id))
	for name, want := range map[string]any{"id": float64(id), "resellerId": float64(seller.ID), "description": "Advice <b>", "currency": "GBP", "net": "6.250", "total": "6.250",
		"paid": "0.000", "due": "6.250", "url": link} {
		if got.body[name] != want {
			t.Errorf("%s is %v, want %v", name, got.body[name], want)
		}
	}
	receipt := post(ledger.Receipt)
	if got := w.do(w.key, "GET", fmt.Sprintf("/v1/invoices/%d", id), "").want(200, ""); got.body["due"] != "0.000" || got.body["paidAt"] == nil || len(got.body["payments"].([]any)) != 1 {
		t.Errorf("paid: %s", got.raw)
	}
	w.do(w.key, "GET", fmt.Sprintf("/v1/invoices/%d", receipt), "").want(404, "NO_SUCH_INVOICE")
	w.do(w.key, "GET", "/v1/invoices/0", "").want(422, "INVALID_FIELD")
}
