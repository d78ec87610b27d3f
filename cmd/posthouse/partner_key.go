package main

import (
	"context"
	"strconv"
	"strings"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
)

type partnerKeyCmd struct {
	Create partnerKeyCreateCmd `cmd:"" help:"Make a further API key; the present ones stay. End it with 'partner revoke-key'."`
}

type partnerKeyCreateCmd struct {
	ID    int64    `arg:"" help:"Partner id."`
	Scope []string `help:"What the key may be used for, comma-separated or repeated: ${scopes}. None: everything." placeholder:"SCOPE"`
	JSON  bool     `help:"Print JSON."`
}

func (k *partnerKeyCreateCmd) Run(ctx context.Context, c *cli, out *output) error {
	scopes, err := partner.ParseScopes(k.Scope)
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		made, raw, err := p.core.CreateKey(ctx, operator(), tenancy.CreateKey{PartnerID: k.ID, Scopes: scopes})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": k.ID, "keyId": made.ID, "key": raw, "scopes": scopeNames(made.Scopes)})
		}
		return printKey(out, raw, "id", strconv.FormatInt(made.ID, 10), "for", scopeList(scopeNames(made.Scopes)))
	})
}

func scopeNames(in []partner.Scope) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func scopeList(names []string) string {
	if len(names) == 0 {
		return "everything"
	}
	return strings.Join(names, " ")
}
