package titan

import (
	"time"

	"posthouse/internal/core/event"
)

// The answers that the partner's domain gives; \u0020 is a blank, at which
// commands are cut.
const (
	setBrand = `partner brand set {partner} {"mx":["mx1.acme.example","mx2.acme.example"],"spfInclude":"spf.acme.example"}`
	setDNS   = "sandbox dns set {partner} "
	hasNS    = `{"name":"shop-{tag}.example","type":"NS","value":"ns1.acme.example"}`
	hasMX    = `{"name":"shop-{tag}.example","type":"MX","preference":10,"value":"mx1.acme.example"},{"name":"shop-{tag}.example","type":"MX","preference":20,"value":"mx2.acme.example"}`
	otherMX  = `{"name":"shop-{tag}.example","type":"MX","preference":10,"value":"mx.elsewhere.example"}`
	hasSPF   = `{"name":"shop-{tag}.example","type":"TXT","value":"v=spf1\u0020include:spf.acme.example\u0020~all"}`
)

func dnsScenarios() []Scenario {
	setUp := `{"titanOrderId":{o},"domainName":"shop-{tag}.example","customerId":"kim","customerName":"Kim Lee","customerEmailAddress":"kim@example.org","mailService":"titan","metadata":{}}`
	return []Scenario{
		{
			Name: "DNS is checked by hand until it is right; DKIM keys",
			Steps: []Step{
				{CLI: setBrand},
				{CLI: setDNS + "[" + hasNS + "," + otherMX + "]"},
				made("o", "shop", "pro", ""),
				{Call: "POST verifyDns", Body: `{"titanOrderId":{o}}`, Want: `{"reqID":"#s","domainExists":true,"nsRecords":["ns1.acme.example"],"spfRecords":[],"mxRecords":["mx.elsewhere.example"],"mxVerified":false,"spfVerified":false,"lenientSPF":false}`},
				{CLI: setDNS + "[" + hasNS + "," + hasMX + "," + hasSPF + "]"},
				{Call: "POST dnsVerification", Body: `{"titanOrderId":{o}}`, Want: `{"domainExists":true,"spfRecords":["v=spf1 include:spf.acme.example ~all"],"mxRecords":["mx1.acme.example","mx2.acme.example"],"mxVerified":true,"spfVerified":true,"lenientSPF":false}`},
				{Call: "POST verifyDns", Body: `{"titanOrderId":{o}}`, Want: `{"mxVerified":true,"spfVerified":true}`}, // no second event
				{CLI: setDNS + `[{"name":"shop-{tag}.example","type":"MX","failure":"timeout"},` + hasNS + "]"},
				{Call: "POST verifyDns", Body: `{"titanOrderId":{o}}`, Status: 504, Want: `{"code":"EXTERNAL_ERROR"}`},
				{Call: "POST generateDkimKeys", Body: `{"titanOrderId":{o}}`, Save: "dkim=txtRecord", Want: `{"reqID":"#s","txtRecord":"#s","selector":"titan"}`},
				{Call: "POST generateDkimKeys", Body: `{"titanOrderId":{o}}`, Want: `{"txtRecord":"{dkim}","selector":"titan"}`},
			},
			Events:   map[event.Type]int{event.MailOrderCreated: 1, event.MailOrderSetupCompleted: 1},
			Payloads: map[event.Type]string{event.MailOrderSetupCompleted: setUp},
		},
		{
			Name: "DNS is checked by itself after some hours and on the next day",
			Steps: []Step{
				{CLI: setBrand},
				{CLI: setDNS + "[" + hasNS + "," + otherMX + "]"},
				made("o", "shop", "pro", ""),
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Advance: 5 * time.Hour},
				{CLI: setDNS + "[" + hasNS + "," + hasMX + "," + hasSPF + "]"},
				{Call: "GET fetchOrderDetails?titanOrderId={o}", Advance: 20 * time.Hour},
			},
			Events:   map[event.Type]int{event.MailOrderCreated: 1, event.MailOrderSetupCompleted: 1},
			Payloads: map[event.Type]string{event.MailOrderSetupCompleted: setUp},
		},
	}
}
