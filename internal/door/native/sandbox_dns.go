package native

import (
	"context"
	"net/http"
	"time"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

type dnsAnswer struct {
	Name       string `json:"name" minLength:"1" maxLength:"254" example:"shop.example"`
	Type       string `json:"type" enum:"NS,MX,TXT"`
	Preference uint16 `json:"preference,omitempty" doc:"Of an MX"`
	Value      string `json:"value,omitempty" maxLength:"4096" example:"mx1.mail.example"`
	Failure    string `json:"failure,omitempty" enum:"timeout" doc:"This name and type do not answer"`
}

type dnsAnswers struct {
	Records []dnsAnswer `json:"records" maxItems:"500" nullable:"false"`
}

type dnsView struct {
	Set       bool        `json:"set" doc:"False: nothing is set, checks go to the real DNS"`
	Records   []dnsAnswer `json:"records" nullable:"false"`
	UpdatedAt *time.Time  `json:"updatedAt,omitempty" nullable:"false"`
}

type dnsInput struct{ Body dnsAnswers }

type dnsOutput struct{ Body dnsView }

func viewDNS(s *work.SandboxDNS) *dnsOutput {
	out := &dnsOutput{Body: dnsView{Records: []dnsAnswer{}}}
	if s == nil {
		return out
	}
	out.Body.Set, out.Body.UpdatedAt = true, &s.UpdatedAt
	for _, r := range s.Records {
		out.Body.Records = append(out.Body.Records, dnsAnswer(r))
	}
	return out
}

func (d *Door) serveSandboxDNS() {
	records := []dnsAnswer{
		{Name: "shop.example", Type: "NS", Value: "ns1.dns.example"},
		{Name: "shop.example", Type: "MX", Preference: 10, Value: "mx1.mail.example"},
		{Name: "shop.example", Type: "TXT", Value: "v=spf1 mx ~all"},
		{Name: "slow.example", Type: "MX", Failure: dnsrecord.FailTimeout},
	}
	at := exampleTime
	view := dnsView{Set: true, Records: records, UpdatedAt: &at}
	serve(d, operation{
		id: "getSandboxDNS", method: http.MethodGet, path: "/v1/sandbox/dns", tag: "Sandbox", scope: partner.ScopeSandboxRead, sandbox: true,
		summary: "The DNS that your orders see", response: view,
	}, func(ctx context.Context, c *call, _ *struct{}) (*dnsOutput, error) {
		s, err := d.core.SandboxDNSRecords(ctx, c.actor, c.actor.PartnerID)
		if err != nil {
			return nil, err
		}
		return viewDNS(s), nil
	})
	serve(d, operation{
		id: "setSandboxDNS", method: http.MethodPut, path: "/v1/sandbox/dns", tag: "Sandbox", scope: partner.ScopeSandboxWrite, sandbox: true,
		summary: "Set the DNS that your orders see", maxBody: 1 << 20, request: dnsAnswers{Records: records}, response: view,
		doc: "As a whole, in place of the real one; an empty list is a DNS without any domain. Its body has at most 1 MiB.",
	}, func(ctx context.Context, c *call, in *dnsInput) (*dnsOutput, error) {
		cmd := work.SandboxDNS{PartnerID: c.actor.PartnerID, Records: make([]dnsrecord.Answer, 0, len(in.Body.Records))}
		for _, r := range in.Body.Records {
			cmd.Records = append(cmd.Records, dnsrecord.Answer(r))
		}
		s, err := d.core.SetSandboxDNS(ctx, c.actor, cmd)
		if err != nil {
			return nil, err
		}
		return viewDNS(s), nil
	})
	serve(d, operation{
		id: "unsetSandboxDNS", method: http.MethodDelete, path: "/v1/sandbox/dns", tag: "Sandbox", scope: partner.ScopeSandboxWrite, sandbox: true,
		summary: "Go back to the real DNS", doc: "As before any records were set. It is no error when none are.", status: http.StatusNoContent,
	}, func(ctx context.Context, c *call, _ *struct{}) (*struct{}, error) {
		return nil, d.core.UnsetSandboxDNS(ctx, c.actor, c.actor.PartnerID)
	})
}
