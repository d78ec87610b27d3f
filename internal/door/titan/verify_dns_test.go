package titan

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/dnscheck"
)

// titanBrand is what titan.md section 7.7 tells partners to publish.
var titanBrand = brand.Brand{MX: []string{"mx1.titan.email", "mx2.titan.email"}, SPFInclude: "spf.titan.email"}

// madeUpDNS is a DNS of a test's own, judged by the real checker.
type madeUpDNS struct {
	mu      sync.Mutex
	answers []dnsrecord.Answer
}

func (d *madeUpDNS) set(lines ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = nil
	for _, l := range lines {
		f := strings.SplitN(l, " ", 3)
		a := dnsrecord.Answer{Name: f[0], Type: f[1], Value: f[2]}
		if f[2] == "timeout" {
			a.Value, a.Failure = "", dnsrecord.FailTimeout
		}
		if host, ok := strings.CutPrefix(f[2], "10 "); ok {
			a.Preference, a.Value = 10, host
		}
		if host, ok := strings.CutPrefix(f[2], "20 "); ok {
			a.Preference, a.Value = 20, host
		}
		d.answers = append(d.answers, a)
	}
}

func (d *madeUpDNS) Check(ctx context.Context, want dnsrecord.Expected, _ []dnsrecord.Answer) (*dnsrecord.Found, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return dnscheck.New(nil, 0).Check(ctx, want, append([]dnsrecord.Answer{}, d.answers...))
}

const setupCompleted = "MAIL_ORDER_SETUP_COMPLETED"

func scenarioVerifyDNS(_ *testing.T, w *world) {
	const verify = "POST /partner/verifyDns"
	set := func(lines ...string) { w.zone.set(lines...) }
	w.play(
		step{call: "POST /partner/createMailOrder", send: createShop, save: "order=titanOrderId", events: created, want: madeShop},
		step{
			call: verify, send: `{"titanOrderId":"{order}"}`,
			want: `{"reqID":"R","domainExists":false,"nsRecords":[],"spfRecords":[],"mxRecords":[],"mxVerified":false,"spfVerified":false,"lenientSPF":false}`,
		},
	)
	set("shop.example.com NS ns.example", "shop.example.com MX 20 mx2.titan.email", "shop.example.com MX 10 mx1.titan.email",
		"shop.example.com TXT v=spf1 include:spf.titan.email -all")
	w.play(
		step{
			call: "POST /partner/verifyDNS", send: `{"titanOrderId":{order}}`, events: setupCompleted,
			want: `{"reqID":"R","domainExists":true,"nsRecords":["ns.example"],"spfRecords":["v=spf1 include:spf.titan.email -all"],"mxRecords":["mx1.titan.email","mx2.titan.email"],"mxVerified":true,"spfVerified":true,"lenientSPF":true}`,
		},
	)
	set("shop.example.com NS ns.example", "shop.example.com MX 10 mx1.titan.email", "shop.example.com TXT v=spf1 include:spf.titan.email ~all")
	w.play(
		step{
			call: "POST /partner/dnsVerification", send: `{"domainName":"shop.example.com","customerId":"cust-1"}`, after: time.Hour,
			want: `{"reqID":"R","domainExists":true,"nsRecords":["ns.example"],"spfRecords":["v=spf1 include:spf.titan.email ~all"],"mxRecords":["mx1.titan.email"],"mxVerified":false,"spfVerified":true,"lenientSPF":false}`,
		},
	)
	set("shop.example.com NS ns.example", "shop.example.com MX timeout")
	w.play(
		step{
			call: verify, send: `{"titanOrderId":{order}}`, status: 504,
			want: fails(504, "EXTERNAL_ERROR", "DNS_NO_ANSWER", "The DNS of shop.example.com does not answer"),
		},
		step{call: verify, send: `{"titanOrderId":900001}`, status: 404, want: notFound},
		step{as: "foreign", call: verify, send: `{"titanOrderId":{order}}`, status: 404, want: notFound},
		step{call: verify, send: `{}`, status: 400, want: bad("MISSING_FIELD", "Missing required field titanOrderId")},
		step{call: "POST /partner/deleteMailOrder", send: `{"titanOrderId":{order}}`, events: statusUpdated, want: done},
		step{
			call: verify, send: `{"titanOrderId":{order}}`, status: 404,
			want: fails(404, "DomainNotFound", "ORDER_NOT_ACTIVE", "No Active domain found"),
		},
	)
}

func scenarioGenerateDKIMKeys(t *testing.T, w *world) {
	w.play(step{
		call: "POST /partner/createMailOrder", save: "order=titanOrderId", events: created,
		send: `{"domainName":"dkim.example","customerId":"cust-9","planType":"free"}`,
		want: `{"reqID":"R","titanOrderId":{order},"status":"active","firstEmailAccountDetails":{}}`,
	})
	_, first := w.do(w.key, "POST", "/partner/generateDkimKeys", w.fill(`{"titanOrderId":{order}}`))
	if !regexp.MustCompile(`^\{"reqID":"R","txtRecord":"v=DKIM1; k=rsa; p=[0-9A-Za-z+/]{390}==","selector":"titan"\}`).MatchString(masked(first)) &&
		!regexp.MustCompile(`^\{"reqID":"R","txtRecord":"v=DKIM1; k=rsa; p=[0-9A-Za-z+/]{392}","selector":"titan"\}`).MatchString(masked(first)) {
		t.Errorf("got %s", masked(first))
	}
	w.play(
		step{call: "POST /partner/generateDKIMKeys", send: `{"titanOrderId":"{order}"}`, want: strings.TrimSpace(masked(first))},
		step{as: "foreign", call: "POST /partner/generateDkim", send: `{"titanOrderId":{order}}`, status: 404, want: notFound},
	)
}
