package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"posthouse/internal/core/cart"
)

type partnerAddonsCmd struct {
	ID   int64  `arg:"" help:"Partner id."`
	File string `arg:"" optional:"" type:"existingfile" help:"JSON file with a list of {addonType, name, description, currency, billingCycle, price}; it replaces the present list."`
	JSON bool   `help:"Print JSON."`
}

func (k *partnerAddonsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if k.File != "" {
			raw, err := os.ReadFile(k.File)
			if err != nil {
				return err
			}
			var list []cart.Product
			if err := json.Unmarshal(raw, &list); err != nil {
				return fmt.Errorf("%s: %w", k.File, err)
			}
			return said(out, p.core.SetAddonCatalogue(ctx, operator(), k.ID, list), "partner %d sells %d add-ons\n", k.ID, len(list))
		}
		list, err := p.core.AddonCatalogue(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		if k.JSON {
			if list == nil {
				list = []cart.Product{}
			}
			return printJSON(out, list)
		}
		var rows [][]string
		for _, a := range list {
			rows = append(rows, []string{a.Type, a.Name, a.Currency, string(a.BillingCycle), a.Price.String()})
		}
		return table(out, []string{"ADD-ON", "NAME", "CURRENCY", "CYCLE", "PRICE"}, rows)
	})
}
