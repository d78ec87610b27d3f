package titan

import "posthouse/internal/core/event"

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
	}
}
