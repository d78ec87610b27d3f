package titan

import (
	"time"

	"posthouse/internal/core/event"
)

func lifeScenarios() []Scenario {
	const at = "@shop-{tag}.example"
	expiring := Step{
		Call: "POST createMailOrder", Save: "o=titanOrderId", Want: `{"status":"active"}`,
		Body: `{"domainName":"shop-{tag}.example","customerId":"kim","planType":"pro","noOfAccounts":2,"expiryDate":"{day+10}","chargedAmount":1,"firstEmailAccount":{"email":"me` + at + `","password":"a good passphrase"}}`,
	}
	status := func(want string) Step {
		return Step{Call: "GET fetchOrderDetails?titanOrderId={o}", Want: `{"status":"` + want + `"}`}
	}
	later := func(s Step, days time.Duration) Step { s.Advance = days * day; return s }
	return []Scenario{
		{
			Name: "An order that the platform bills expires, is deleted and purged", Bills: "platform",
			Steps: []Step{
				expiring,
				later(status("active"), 9),
				later(status("suspended"), 2),
				{Call: "GET fetchOrderSuspensions?titanOrderId={o}", Want: `{"suspensions":[{"type":"expiry","suspenderRole":"titan","suspendedOn":"{day-1}"}]}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"expiry"}`, Status: 403, Want: `{"code":"FORBIDDEN","attrs":{"reason":"HIGHER_ROLE"}}`},
				later(status("deleted"), 7),
				{Call: "GET checkMailOrderReactivationEligibility?titanOrderId={o}", Want: `{"reactivationAllowed":true}`},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Advance: 30 * day, Status: 404, Want: `{"code":"DomainNotFound"}`},
				{Call: "GET checkMailOrderReactivationEligibility?titanOrderId={o}", Want: `{"reactivationAllowed":false,"reason":"ORDER_ALREADY_PURGED"}`},
				{Call: "POST reactivateMailOrder", Body: `{"titanOrderId":{o}}`, Status: 400, Want: `{"attrs":{"reason":"ORDER_ALREADY_PURGED"}}`},
				{Call: "GET listMailOrders?customerId=kim", Want: `{"orders":[]}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.MailOrderStatusUpdated: 2, event.MailOrderPurged: 1},
			Payloads: map[event.Type]string{
				event.MailOrderStatusUpdated: `{"titanOrderId":{o},"oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"expiry","suspenderRole":"titan","suspendedOn":"#date"}]}`,
				event.MailOrderPurged:        `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim"}`,
			},
		},
		{
			Name: "A renewal in time lifts expiry and not abuse", Bills: "platform",
			Steps: []Step{
				expiring,
				{Call: "POST suspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Want: `{"status":"suspended"}`},
				{CLI: "order suspend {o} --type abuse"},
				later(Step{Call: "GET fetchOrderSuspensions?titanOrderId={o}", Want: `{"suspensions":[{"type":"abuse","suspenderRole":"partner"},{"type":"abuse","suspenderRole":"titanSupport"},{"type":"expiry","suspenderRole":"titan"}]}`}, 11),
				{Call: "POST modifyMailOrder", Body: `{"titanOrderId":{o},"expiryDate":"{day+365}","chargedAmount":1,"action":"renewOrder"}`, Want: `{"status":"suspended"}`},
				{Call: "POST unsuspendMailOrder", Once: true, Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Want: `{"newStatus":"suspended","remainingSuspensions":[{"type":"abuse","suspenderRole":"titanSupport"}]}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o},"suspensionType":"abuse"}`, Status: 403, Want: `{"code":"FORBIDDEN","attrs":{"reason":"HIGHER_ROLE"}}`},
				{Call: "POST unsuspendMailOrder", Body: `{"titanOrderId":{o}}`, Want: `{"newStatus":"suspended"}`}, // all that it may
				{CLI: "order unsuspend {o} --type abuse"},
				later(status("active"), 40), // nothing that was due before is done after all
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.MailOrderStatusUpdated: 2, event.PlanRenewed: 1},
		},
		{
			Name: "A deleted account's day of purge moves to a later one only",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", ""),
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+10}"}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`}, // live
				{Call: "POST deleteEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `"}`},
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","purgeAt":"{day+30}"}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`}, // no titanAccountId
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+29}"}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`},
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+30}"}`}, // the same
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+31}"}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`},
				{Call: "POST modifyEmailAccount", Advance: 10 * day, Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+30}"}`},
				{Call: "GET checkEmailAccountReactivationEligibility?titanOrderId={o}&titanAccountId={a}", Want: `{"reactivationAllowed":true,"purgeAt":"{day+30}"}`},
				{Call: "GET listEmailAccounts?titanOrderId={o}&includeDeletedAccounts=true", Advance: 29 * day, Want: `{"accounts":[{"titanAccountId":{a},"status":"deleted"}]}`},
				{Call: "GET listEmailAccounts?titanOrderId={o}&includeDeletedAccounts=true", Advance: day, Want: `{"accounts":[]}`},
				{Call: "GET checkEmailAccountReactivationEligibility?titanOrderId={o}&titanAccountId={a}", Want: `{"reactivationAllowed":false,"reason":"ACCOUNT_ALREADY_PURGED"}`},
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","purgeAt":"{day+1}"}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.EmailAccountStatusUpdated: 1, event.EmailAccountPurged: 1},
			Payloads: map[event.Type]string{
				event.EmailAccountPurged: `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","email":"kim` + at + `"}`,
			},
		},
	}
}
