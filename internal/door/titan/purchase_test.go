package titan

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// scenarioPurchase is operations 12 and 16: a cart made in the panel, paid at
// the partner, carried out once.
func scenarioPurchase(t *testing.T, w *world) {
	price, err := money.Parse("2.5")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.core.SetAddonCatalogue(t.Context(), operator, w.partner, []cart.Product{
		{Type: "archive", Name: "Archive", Description: "Keeps everything", Currency: "usd", BillingCycle: "monthly", Price: cart.Price{Amount: price}},
		{Type: "archive", Name: "Archiv", Currency: "EUR", BillingCycle: "monthly", Price: cart.Price{Amount: price}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, partner.Settings{Carts: true, BillingOwner: partner.BilledByPlatform}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.SetBrand(t.Context(), operator, tenancy.SetBrand{PartnerID: w.partner, Brand: brand.Brand{PaymentURL: "https://pay.example/{domain_name}"}}); err != nil {
		t.Fatal(err)
	}
	makeShop(w)
	trackingID := func(items ...cart.Item) string {
		t.Helper()
		var id int64
		fmt.Sscan(w.names["order"], &id)
		p, err := w.core.StartPurchase(t.Context(), operator, ordering.StartPurchase{Order: work.OrderRef{ID: id}, Action: cart.BuyMoreAccounts, Items: items})
		if err != nil {
			t.Fatal(err)
		}
		if u, err := url.Parse(p.URL); err != nil || !strings.HasPrefix(p.URL, "https://pay.example/shop.example.com/upgrade?jwt=") || u.Query().Get("jwt") == "" {
			t.Errorf("payment page %s, %v", p.URL, err)
		}
		return p.TrackingID
	}
	w.names["cart"] = trackingID(cart.Item{Accounts: 3}, cart.Item{Addon: "archive", Quantity: 2}, cart.Item{Plan: "premium"})
	done := `{"reqID":"R"}`
	invalid := bad("TRACKING_ID_INVALID", "The trackingId is not valid")
	w.play(
		step{
			call: "GET /partner/fetchAddonProducts?titanOrderId={order}",
			want: `{"reqID":"R","domainBillingCycle":"yearly","domainCurrency":"EUR","addons":[{"addonType":"archive","name":"Archiv","description":"","currency":"EUR","billingCycle":"monthly","price":2.50}]}`,
		},
		step{
			call: "GET /partner/fetchAddonProducts?domainName=shop.example.com&customerId=cust-1&defaultCurrency=USD",
			want: `{"reqID":"R","domainBillingCycle":"yearly","domainCurrency":"EUR","addons":[{"addonType":"archive","name":"Archiv","description":"","currency":"EUR","billingCycle":"monthly","price":2.50}]}`,
		},
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"trackingId":"{cart}"}`, status: 400, want: bad("MISSING_FIELD", "Missing required field chargedAmount")},
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"chargedAmount":1}`, status: 400, want: bad("MISSING_FIELD", "Missing required field trackingId")},
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"trackingId":"unknown","chargedAmount":1}`, status: 400, want: invalid},
		step{
			call: "POST /partner/completePurchase", events: "PLAN_UPGRADED ACCOUNTS_PURCHASED", want: done,
			send: `{"titanOrderId":"{order}","trackingId":" {cart} ","chargedAmount":"30.00","currency":"USD","paymentTxnId":"pay-1","unknown":1}`,
		},
		// A repeat, with whatever else in it.
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"trackingId":"{cart}","chargedAmount":31,"paymentTxnId":"pay-2"}`, want: done},
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"trackingId":"{cart}","chargedAmount":31}`, after: 8 * 24 * time.Hour, want: done},
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: w.fill(`{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"premium","noOfAccounts":5,"noOfBillableAccounts":5,"noOfActiveAccounts":0,"noOfProvisionedAccounts":0,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{"archive":2}}`),
		},
		step{
			call: "GET /partner/fetchAddonProducts?titanOrderId={order}", // the currency became the order's
			want: `{"reqID":"R","domainBillingCycle":"yearly","domainCurrency":"USD","addons":[{"addonType":"archive","name":"Archive","description":"Keeps everything","currency":"USD","billingCycle":"monthly","price":2.50}]}`,
		},
	)
	payments := 0
	if err := w.store.Read(t.Context(), func(tx work.Tx) error {
		var id int64
		fmt.Sscan(w.names["order"], &id)
		all, err := tx.Payments(t.Context(), id)
		payments = 0
		for _, p := range all {
			if strings.HasPrefix(p.TxnID, "pay-") || p.ChargedAmount == "31.00" {
				payments++
			}
		}
		return err
	}); err != nil || payments != 1 {
		t.Errorf("%d payments, %v", payments, err)
	}
	w.names["late"] = trackingID(cart.Item{Accounts: 1})
	w.play(
		step{call: "POST /partner/completePurchase", send: `{"titanOrderId":{order},"trackingId":"{late}","chargedAmount":1}`, after: 7 * 24 * time.Hour, status: 400, want: invalid},
	)
}

func scenarioClearEmailSessions(_ *testing.T, w *world) {
	makeShop(w)
	many := strings.TrimSuffix(strings.Repeat("1,", 101), ",")
	w.play(
		makeKim,
		step{call: "POST /partner/clearEmailSessions", send: `{"titanOrderId":{order},"titanAccountIds":["{account}",{account}]}`, want: `{"reqID":"R"}`},
		step{call: "POST /partner/clearEmailSessions", send: `{"titanOrderId":{order},"titanAccountIds":[{account},999999]}`, status: 404, want: fails(404, "AccountNotFound", "", "No such email account")},
		step{call: "POST /partner/clearEmailSessions", send: `{"titanOrderId":{order},"titanAccountIds":[]}`, status: 400, want: bad("MISSING_FIELD", "Missing required field titanAccountIds")},
		step{call: "POST /partner/clearEmailSessions", send: `{"titanOrderId":{order},"titanAccountIds":["x"]}`, status: 400, want: bad("INVALID_FIELD", "Field titanAccountIds must be an array of positive whole numbers")},
		step{call: "POST /partner/clearEmailSessions", send: `{"titanOrderId":{order},"titanAccountIds":[` + many + `]}`, status: 400, want: bad("TOO_MANY_ACCOUNTS", "At most 100 email accounts can be cleared at once")},
	)
}

func scenarioTokens(t *testing.T, w *world) {
	makeShop(w)
	w.play(
		step{call: "POST /partner/generateCPToken", send: `{"customerId":"nobody","validityInMinutes":30}`, status: 404, want: fails(404, "UserNotFound", "", "No such customer")},
		step{call: "POST /partner/generateCPToken", send: `{}`, status: 400, want: bad("MISSING_FIELD", "Missing required field customerId")},
	)
	status, body := w.do(w.key, "POST", "/partner/generateCPToken", `{"customerId":"cust-1","validityInMinutes":30}`)
	if status != 200 || !strings.Contains(body, `"token":"`) {
		t.Fatalf("%d %s", status, body)
	}
	status, body = w.do(w.key, "POST", "/partner/token/generate", "")
	if status != 200 || !strings.Contains(body, `"expiresInSeconds":3600`) {
		t.Fatalf("%d %s", status, body)
	}
	w.save("token=token", body)
	token := w.names["token"]
	if status, body := w.do(token, "GET", w.fill("/partner/fetchOrderDetails?titanOrderId={order}"), ""); status != 200 {
		t.Errorf("by the token: %d %s", status, body)
	}
	if status, body := w.do(token, "POST", "/partner/token/generate", ""); status != 403 || !strings.Contains(body, "KEY_NEEDED") {
		t.Errorf("a token from a token: %d %s", status, body)
	}
	for _, bad := range []string{token[:len(token)-1] + string(token[len(token)-1]^1), "p_" + token[2:], strings.Replace(token, fmt.Sprint(w.partner), fmt.Sprint(w.partner+1), 1)} {
		if status, body := w.do(bad, "GET", w.fill("/partner/fetchOrderDetails?titanOrderId={order}"), ""); status != 401 {
			t.Errorf("%s: %d %s", bad, status, body)
		}
	}
	w.clock.Advance(time.Hour)
	if status, _ := w.do(token, "GET", w.fill("/partner/fetchOrderDetails?titanOrderId={order}"), ""); status != 401 {
		t.Errorf("after an hour: %d", status)
	}
	_, body = w.do(w.key, "POST", "/partner/token/generate", "")
	w.save("token=token", body)
	if err := w.core.SuspendPartner(t.Context(), operator, w.partner); err != nil {
		t.Fatal(err)
	}
	if status, _ := w.do(w.names["token"], "GET", "/partner/healthCheck", ""); status != 200 {
		t.Errorf("health check: %d", status)
	}
	if status, body := w.do(w.names["token"], "GET", w.fill("/partner/fetchOrderDetails?titanOrderId={order}"), ""); status != 404 || !strings.Contains(body, "PartnerNotFound") {
		t.Errorf("suspended: %d %s", status, body)
	}
}
