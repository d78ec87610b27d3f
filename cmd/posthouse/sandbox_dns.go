package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/work"
)

type sandboxDNSCmd struct {
	Show  sandboxDNSShowCmd  `cmd:"" help:"Show the answers that were set."`
	Set   sandboxDNSSetCmd   `cmd:"" help:"Set all answers. An empty list is a DNS without any domain."`
	Unset sandboxDNSUnsetCmd `cmd:"" help:"Take the answers away: checks go to the real DNS again."`
}

type sandboxDNSUnsetCmd struct {
	Partner int64 `arg:"" help:"Partner id."`
}

func (k *sandboxDNSUnsetCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.UnsetSandboxDNS(ctx, operator(), k.Partner), "partner %d sees the real DNS\n", k.Partner)
	})
}

type sandboxDNSShowCmd struct {
	Partner int64 `arg:"" help:"Partner id."`
	JSON    bool  `help:"Print JSON."`
}

func (k *sandboxDNSShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.SandboxDNSRecords(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		if d == nil {
			return fmt.Errorf("partner %d has set no answers: checks that are asked for go to the real DNS", k.Partner)
		}
		if k.JSON {
			return printJSON(out, d.Records)
		}
		var rows [][]string
		for _, r := range d.Records {
			value := r.Value
			switch {
			case r.Failure != "":
				value = "(" + r.Failure + ")"
			case r.Type == "MX":
				value = fmt.Sprintf("%d %s", r.Preference, r.Value)
			}
			rows = append(rows, []string{r.Name, r.Type, value})
		}
		return table(out, []string{"NAME", "TYPE", "VALUE"}, rows)
	})
}

type sandboxDNSSetCmd struct {
	Partner int64  `arg:"" help:"Partner id."`
	JSON    string `arg:"" name:"json" help:"List such as [{\"name\": \"example.test\", \"type\": \"MX\", \"preference\": 10, \"value\": \"mx.example.net\"}, {\"name\": \"slow.test\", \"type\": \"NS\", \"failure\": \"timeout\"}]."`
}

func (k *sandboxDNSSetCmd) Run(ctx context.Context, c *cli, out *output) error {
	dec := json.NewDecoder(strings.NewReader(k.JSON))
	dec.DisallowUnknownFields()
	var records []dnsrecord.Answer
	if err := dec.Decode(&records); err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		_, err := p.core.SetSandboxDNS(ctx, operator(), work.SandboxDNS{PartnerID: k.Partner, Records: records})
		return said(out, err, "partner %d sees %d records\n", k.Partner, len(records))
	})
}
