package titan

import (
	"posthouse/internal/core/event"
)

// mailbox makes an account and saves its id under name.
func mailbox(name, local, more string) Step {
	return Step{
		Call: "POST createEmailAccount", Save: name + "=titanAccountId",
		Body: `{"titanOrderId":{o},"email":"` + local + `@shop-{tag}.example"` + more + `}`, Want: `{"titanAccountId":"#n"}`,
	}
}

func accountScenarios() []Scenario {
	const at = `@shop-{tag}.example`
	return []Scenario{
		{
			Name: "An order with its first account, and a second one",
			Steps: []Step{
				{Call: "POST createMailOrder", Save: "o=titanOrderId a=firstEmailAccountDetails.titanAccountId",
					Body: `{"domainName":"shop-{tag}.example","customerId":"kim","planType":"pro_trial","expiryDate":"2035-01-31","firstEmailAccount":{"email":"me` + at + `","password":"a good passphrase","name":"Me"}}`,
					Want: `{"titanOrderId":"#n","status":"active","firstEmailAccountDetails":{"titanAccountId":"#n","email":"me` + at + `","webmailAutoLoginToken":"#s"}}`},
				mailbox("b", "kim", `,"firstName":"Kim","lastName":"Lee","alternateEmailAddress":"kim@example.org","password":"another passphrase","requireAutoLoginToken":true`),
				mailbox("b", "kim", `,"firstName":"Kim","lastName":"Lee","alternateEmailAddress":"kim@example.org","password":"another passphrase"`), // a repeat
				{Call: "POST createEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","name":"Other"}`, Status: 400, Want: `{"attrs":{"reason":"EXISTS_AS_EMAIL_ACCOUNT"}}`},
				{Call: "GET checkEmailAccountAvailability?titanOrderId={o}&email=kim@shop-{tag}.example", Want: `{"isAvailable":false,"titanAccountId":{b},"reason":"EXISTS_AS_EMAIL_ACCOUNT"}`},
				{Call: "GET checkEmailAccountAvailability?titanOrderId={o}&email=lee@shop-{tag}.example", Want: `{"isAvailable":false,"titanAccountId":"#absent","reason":"ACCOUNT_LIMIT_REACHED"}`},
				{Call: "GET checkEmailAccountAvailability?titanOrderId={o}&email=lee@other.example", Want: `{"isAvailable":false,"reason":"DOMAIN_MISMATCH"}`},
				{Call: "GET listEmailAccounts?titanOrderId={o}", Want: `{"accounts":[{"titanAccountId":{a},"isAdmin":true},{"titanAccountId":{b},"email":"kim` + at + `","customerId":"kim","titanOrderId":{o},"domainName":"shop-{tag}.example","name":"Kim Lee","firstName":"Kim","lastName":"Lee","alternateEmailAddress":"kim@example.org","status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":false,"aliases":[],"purgeAt":"#absent"}]}`},
				{Call: "GET fetchEmailAccountInfo?email=kim@shop-{tag}.example", Want: `{"name":"Kim Lee","firstName":"Kim","lastName":"Lee","titanOrderId":{o},"alternateEmailAddress":"kim@example.org","status":"active","storageUsed":0,"storageLimit":5120,"isAdmin":false,"aliases":[],"titanAccountId":{b},"email":"kim` + at + `","customerId":"kim"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 2},
			Payloads: map[event.Type]string{
				event.EmailAccountCreated: `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","email":"kim` + at + `","name":"Kim Lee","alternateEmailAddress":"kim@example.org","isAdmin":false,"aliases":[],"titanAccountId":"#absent"}`,
			},
		},
		{
			Name: "An account changes, gets aliases, is suspended and released",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", `,"password":"a good passphrase"`),
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","name":"Kim","isAdmin":true}`},
				{Call: "POST modifyEmailAccount", Body: `{"titanOrderId":{o},"email":"kim` + at + `","password":"another passphrase"}`}, // no event
				{Call: "POST addEmailAlias", Body: `{"titanOrderId":{o},"email":"kim` + at + `","alias":"Sales` + at + `","displayName":"Sales"}`},
				{Call: "GET listEmailAlias?titanOrderId={o}&email=kim@shop-{tag}.example", Want: `{"email":"kim` + at + `","aliases":[{"alias":"sales` + at + `","displayName":"Sales"}]}`},
				{Call: "GET checkEmailAccountAvailability?titanOrderId={o}&email=sales@shop-{tag}.example", Want: `{"isAvailable":false,"titanAccountId":{a},"reason":"EXISTS_AS_ALIAS"}`},
				{Call: "POST removeEmailAlias", Body: `{"titanOrderId":{o},"email":"kim` + at + `","aliases":["sales` + at + `","never` + at + `"]}`},
				{Call: "POST removeEmailAlias", Body: `{"titanOrderId":{o},"email":"kim` + at + `","aliases":["sales` + at + `"]}`},
				{Call: "POST suspendEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","suspensionType":"employee left"}`},
				{Call: "POST unsuspendEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","suspensionType":"abuse"}`, Want: `{"newStatus":"suspended","remainingSuspensions":[{"type":"employee left"}]}`},
				{Call: "POST unsuspendEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `"}`, Want: `{"newStatus":"active","remainingSuspensions":[]}`},
				{Call: "POST suspendEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"lee` + at + `"}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.EmailAccountModified: 3, event.EmailAccountStatusUpdated: 2},
			Payloads: map[event.Type]string{
				event.EmailAccountModified:      `{"email":"kim` + at + `","name":"Kim","isAdmin":true,"aliases":["sales` + at + `"]}`,
				event.EmailAccountStatusUpdated: `{"titanOrderId":{o},"domainName":"#s","customerId":"kim","email":"kim` + at + `","oldStatus":"active","newStatus":"suspended","suspensions":[{"type":"employee left","suspenderRole":"partner","suspendedOn":"#date"}]}`,
			},
		},
		{
			Name: "An account is deleted and comes back",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", ""),
				{Call: "GET checkEmailAccountReactivationEligibility?titanOrderId={o}&titanAccountId={a}", Want: `{"reactivationAllowed":false,"reason":"ACCOUNT_NOT_IN_DELETED_STATE","purgeAt":"#absent"}`},
				{Call: "POST deleteEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `","reason":"requested by user"}`},
				{Call: "POST deleteEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `"}`},
				{Call: "GET listEmailAccounts?titanOrderId={o}", Want: `{"accounts":[]}`},
				{Call: "GET listEmailAccounts?titanOrderId={o}&includeDeletedAccounts=true", Want: `{"accounts":[{"titanAccountId":{a},"status":"deleted","purgeAt":"#date"}]}`},
				{Call: "GET checkEmailAccountReactivationEligibility?titanOrderId={o}&titanAccountId={a}", Want: `{"reactivationAllowed":true,"reason":"#absent","purgeAt":"#date"}`},
				{Call: "POST reactivateEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"reason":"back"}`},
				{Call: "POST reactivateEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a}}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.EmailAccountStatusUpdated: 2},
			Payloads: map[event.Type]string{
				event.EmailAccountStatusUpdated: `{"email":"kim` + at + `","oldStatus":"deleted","newStatus":"active","suspensions":[]}`,
			},
		},
	}
}
