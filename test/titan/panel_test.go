package titan

import (
	"encoding/base64"
	"net/url"
	"strings"

	"posthouse/internal/core/event"
)

func panelScenarios() []Scenario {
	const at = "@shop-{tag}.example"
	return []Scenario{
		{
			Name: "Tokens for the panel and in the place of the key",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				{Call: "POST generateCPToken", Body: `{"customerId":"kim","validityInMinutes":30}`, Want: `{"reqID":"#s","token":"#s"}`},
				{Call: "POST generateCPToken", Body: `{"customerId":"nobody"}`, Status: 404, Want: `{"code":"UserNotFound"}`},
				{Call: "POST token/generate", As: "nobody", Status: 401, Want: `{"code":"UNAUTHENTICATED","attrs":{"detail":"Auth header missing"}}`},
				{Call: "POST token/generate", Want: `{"reqID":"#s","token":"#s","expiresInSeconds":3600}`, Save: "token=token"},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", As: "{token}", Want: `{"titanOrderId":{o}}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1},
		},
		{
			Name: "Add-ons are offered, sessions end, a password link is sent",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", `,"password":"a good passphrase"`), mailbox("b", "lee", ""),
				{Call: "GET fetchAddonProducts?titanOrderId={o}", Want: `{"reqID":"#s","domainBillingCycle":"monthly","domainCurrency":"EUR","addons":"#a"}`},
				{Call: "GET fetchAddonProducts?domainName=shop-{tag}.example&customerId=kim&defaultCurrency=USD", Want: `{"domainCurrency":"EUR"}`},
				{Call: "POST clearEmailSessions", Body: `{"titanOrderId":{o},"titanAccountIds":["{a}",{b}]}`, Want: `{"reqID":"#s"}`},
				{Call: "POST clearEmailSessions", Body: `{"titanOrderId":{o},"titanAccountIds":[{a},900001]}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
				{Call: "POST changeEmailAccountPassword", Body: `{"titanOrderId":{o},"email":"kim` + at + `","recipient":"Reset@example.org"}`, Want: `{"reqID":"#s"}`},
				{CLI: "sandbox messages --partner {partner} --recipient reset@example.org --json", Wait: true, Want: `[{"id":"#n"}]`},
				{Call: "POST changeEmailAccountPassword", Body: `{"titanOrderId":{o},"email":"pat` + at + `","recipient":"kim@example.org"}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 2},
		},
		{
			Name: "Redirects into webmail and the panel let the right one in",
			Set:  `{"carts":true}`,
			Steps: []Step{
				{CLI: `partner brand set {partner} {"themes":["plain","dark"],"frameOrigins":["https://shop.acme.example"]}`},
				made("o", "shop", "pro", ""),
				{Call: "POST createEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","requireAutoLoginToken":true}`, Save: "a=titanAccountId slt=webmailAutoLoginToken", Want: `{"webmailAutoLoginToken":"#has:1:"}`},
				{Call: "GET web:/session", Status: 401, Want: `{"status":401}`},
				{Call: "GET web:/?slt={slt}&email_account=lee@shop-{tag}.example", Status: 401, Want: `{"page":"#s"}`},
				{Call: "POST createEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","requireAutoLoginToken":true}`, Save: "slt=webmailAutoLoginToken"},
				{Call: "GET web:/?slt={slt}&email_account=kim@shop-{tag}.example&clearSession=true", Status: 303, Want: `{"location":"/webmail"}`},
				{Call: "GET web:/?slt={slt}&email_account=kim@shop-{tag}.example", Status: 401, Want: `{"page":"#s"}`}, // used
				{Call: "GET web:/partner/autoLogin?partnerId={partner}&jwt={jwt:o}&section=email-accounts&action=launch-email-creation&email=new@shop-{tag}.example&locale=en-us", Status: 303, Want: `{"location":"#has:/panel?section=email-accounts"}`},
				{Call: "GET web:/session", Want: `{"panel":{"role":"accountAdmin","partnerId":{partner},"customer":{"customerId":"kim"},"order":{"titanOrderId":{o},"status":"active"},"section":"email-accounts","action":"launch-email-creation","email":"new` + at + `","framed":false},"webmail":[{"titanAccountId":{a},"titanOrderId":{o},"email":"kim` + at + `"}]}`},
				{Call: "GET web:/partner/cpWidget?partnerId={partner}&jwt={jwt:o}&section=billing-and-subscription&theme=dark", Status: 303, Want: `{"location":"#has:frame=1"}`},
				{Call: "GET web:/session?frame=1", Want: `{"panel":{"role":"accountAdmin","order":{"titanOrderId":{o}},"section":"billing-and-subscription","theme":"dark","framed":true,"frameOrigins":["https://shop.acme.example"]}}`},
				// The token of a customer opens all of its orders (T-36).
				{Call: "POST generateCPToken", Body: `{"customerId":"kim"}`, Save: "cp=token"},
				{Call: "GET web:/partner/autoLogin?partnerId={partner}&token={cp}", Status: 303, Want: `{"location":"#has:section=home"}`},
				{Call: "GET web:/session", Want: `{"panel":{"order":null,"customer":{"customerId":"kim"}}}`},
				{Call: "GET web:/partner/autoLogin?partnerId={partner}&jwt=a.b.c", Status: 401, Want: `{"page":"#has:expired or"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1},
		},
		{
			Name: "A cart goes to the partner's payment page and is paid", Bills: "platform", Set: `{"carts":true}`,
			Steps: []Step{
				{CLI: `partner brand set {partner} {"paymentUrl":"https://pay.acme.example/{domain_name}"}`},
				made("o", "shop", "pro", ""),
				{Call: "GET web:/partner/autoLogin?partnerId={partner}&jwt={jwt:o}&section=billing-and-upgrade", Status: 303},
				{Call: "GET web:/session", Save: "form=panel.formToken"},
				{Call: "POST web:/panel/purchase", Body: "token={form}&action=buyMoreAccounts&accounts=2", Status: 303, Want: `{"location":"#has:https://pay.acme.example/shop-{tag}.example/upgrade?jwt="}`, Save: "pay=location"},
				{Do: readPaymentToken},
				{Call: "POST completePurchase", Body: `{"titanOrderId":{o},"trackingId":"never","chargedAmount":"7.50"}`, Status: 400, Want: `{"attrs":{"reason":"TRACKING_ID_INVALID"}}`},
				{Call: "POST completePurchase", Body: `{"titanOrderId":{o},"trackingId":"{tracking}","chargedAmount":"7.50","currency":"EUR","paymentTxnId":"t-9"}`, Want: `{"reqID":"#s"}`},
				{Call: "POST completePurchase", Body: `{"titanOrderId":{o},"trackingId":"{tracking}","chargedAmount":"7.50","currency":"EUR","paymentTxnId":"t-9"}`},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Want: `{"noOfAccounts":7}`},
				// Another cart: one more month after 31 January.
				{Call: "POST web:/panel/purchase", Body: "token={form}&action=renewOrder&renew=monthly", Status: 303, Save: "pay=location"},
				{Do: readPaymentToken},
				{Call: "POST completePurchase", Body: `{"titanOrderId":{o},"trackingId":"{tracking}","chargedAmount":"1"}`},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Want: `{"expiryDate":"2035-02-28"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.AccountsPurchased: 1, event.PlanRenewed: 1},
			Payloads: map[event.Type]string{
				event.AccountsPurchased: `{"configBeforeUpdate":{"noOfAccounts":5},"configAfterUpdate":{"noOfAccounts":7},"paymentDetails":{"amount":7.5,"currency":"EUR"}}`,
			},
		},
	}
}

// readPaymentToken is the partner's payment page: it verifies the token and
// remembers the trackingId (R4, section 9.4).
func readPaymentToken(w *world) {
	w.t.Helper()
	to, err := url.Parse(w.names["pay"])
	if err != nil {
		w.t.Fatal(err)
	}
	parts := strings.Split(to.Query().Get("jwt"), ".")
	if len(parts) != 3 {
		w.t.Fatalf("no token in %s", to)
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || w.jwt(string(claims)) != strings.Join(parts, ".") {
		w.t.Fatalf("the token is not signed by the key: %v", err)
	}
	got, err := parse(string(claims))
	if err != nil {
		w.t.Fatal(err)
	}
	want, err := parse(w.fill(`{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","planType":"pro","noOfAccounts":"#n","expiryDate":"2035-01-31","action":"#s","trackingId":"#s","currency":"EUR","exp":"#n","iat":"#n"}`))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := fits("claims", want, got); err != nil {
		w.t.Fatal(err)
	}
	w.save("tracking=trackingId", got)
}
