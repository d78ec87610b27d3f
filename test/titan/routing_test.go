package titan

import "posthouse/internal/core/event"

func once(s Step) Step { s.Once = true; return s }

func routingScenarios() []Scenario {
	const at = "@shop-{tag}.example"
	group := func(op, recipients string) Step {
		return Step{Call: "POST " + op, Body: `{"titanOrderId":{o},"email":"team` + at + `","recipients":` + recipients + `}`, Want: `{"reqID":"#s"}`}
	}
	return []Scenario{
		{
			Name: "A catch-all is set, replaced and removed",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", ""), mailbox("b", "lee", ""),
				{Call: "GET getCatchAll?titanOrderId={o}", Want: `{"reqID":"#s","email":null}`},
				{Call: "POST setCatchAll", Body: `{"titanOrderId":{o},"email":"Kim` + at + `"}`},
				{Call: "POST setCatchAll", Body: `{"titanOrderId":{o},"email":"lee` + at + `"}`},
				{Call: "GET getCatchAll?titanOrderId={o}", Want: `{"email":"lee` + at + `"}`},
				{Call: "POST setCatchAll", Body: `{"titanOrderId":{o},"email":"pat` + at + `"}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
				{Call: "POST removeCatchAll", Body: `{"titanOrderId":{o}}`},
				{Call: "POST removeCatchAll", Body: `{"titanOrderId":{o}}`},
				{Call: "GET getCatchAll?titanOrderId={o}", Want: `{"email":null}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 2},
		},
		{
			Name: "A forwarding account is made, grows, shrinks and goes",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", ""), mailbox("b", "lee", ""),
				group("createInternalForwardingAccount", `["kim`+at+`"]`),
				group("createInternalForwardingAccount", `["kim`+at+`"]`),
				{Call: "POST createInternalForwardingAccount", Body: `{"titanOrderId":{o},"email":"team` + at + `","recipients":["lee` + at + `"]}`, Status: 400, Want: `{"code":"BAD_REQUEST"}`},
				{Call: "POST createInternalForwardingAccount", Body: `{"titanOrderId":{o},"email":"out` + at + `","recipients":["kim@elsewhere.example"]}`, Status: 400, Want: `{"attrs":{"reason":"RECIPIENT_NOT_INTERNAL"}}`},
				group("addInternalForwardingAccountMembers", `["Lee`+at+`","kim`+at+`"]`),
				group("addInternalForwardingAccountMembers", `["lee`+at+`"]`),
				{Call: "GET fetchInternalForwardingAccountInfo?titanOrderId={o}&email=team" + at, Want: `{"reqID":"#s","recipients":["kim` + at + `","lee` + at + `"]}`},
				{Call: "GET listInternalForwardingAccounts?titanOrderId={o}", Want: `{"accounts":[{"email":"team` + at + `","recipients":["kim` + at + `","lee` + at + `"]}]}`},
				{Call: "GET checkEmailAccountAvailability?titanOrderId={o}&email=team" + at, Want: `{"isAvailable":false,"reason":"EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT"}`},
				group("removeInternalForwardingAccountMembers", `["kim`+at+`","nobody`+at+`"]`),
				once(group("removeInternalForwardingAccountMembers", `["lee`+at+`"]`)), // the last one: it is gone
				{Call: "GET fetchInternalForwardingAccountInfo?titanOrderId={o}&email=team" + at, Status: 404, Want: `{"code":"AccountNotFound"}`},
				{Call: "GET listInternalForwardingAccounts?titanOrderId={o}", Want: `{"accounts":[]}`},
			},
			Events: map[event.Type]int{
				event.MailOrderCreated: 1, event.EmailAccountCreated: 2, event.InternalForwardingAccountCreated: 1,
				event.InternalForwardingAccountModified: 2, event.InternalForwardingAccountDeleted: 1,
			},
			Payloads: map[event.Type]string{
				event.InternalForwardingAccountCreated:  `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","email":"team` + at + `","recipients":["kim` + at + `"]}`,
				event.InternalForwardingAccountModified: `{"titanOrderId":{o},"email":"team` + at + `","recipients":["kim` + at + `","lee` + at + `"]}`,
				event.InternalForwardingAccountDeleted:  `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","email":"team` + at + `"}`,
			},
		},
	}
}
