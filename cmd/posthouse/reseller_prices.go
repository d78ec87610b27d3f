package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
)

type resellerPricesCmd struct {
	Export resellerPricesExportCmd `cmd:"" help:"Print a price list as CSV, as 'import' takes it."`
	Import resellerPricesImportCmd `cmd:"" help:"Replace a price list by a CSV file, whole or not at all."`
}

// priceListFlags name a list.
type priceListFlags struct {
	Partner  int64  `help:"The platform's list towards the root reseller of this partner." placeholder:"ID" xor:"issuer" required:""`
	Reseller int64  `help:"A list of this reseller." placeholder:"ID" xor:"issuer" required:""`
	For      string `help:"Whom the list is for: 'customers' or 'resellers'." enum:"customers,resellers" default:"customers"`
	Customer int64  `help:"What this customer pays instead of the list." placeholder:"ID" xor:"party"`
	Below    int64  `help:"What this sub-reseller pays instead of the list." placeholder:"ID" xor:"party"`
	JSON     bool   `help:"Print JSON."`
}

func (k *priceListFlags) ref() pricing.PriceListRef {
	ref := pricing.PriceListRef{PartnerID: k.Partner, ResellerID: k.Reseller, Audience: price.Audience(k.For)}
	switch {
	case k.Partner != 0:
		ref.Audience = price.Resellers
	case k.Customer != 0:
		ref.Audience, ref.PartyID = price.Customers, k.Customer
	case k.Below != 0:
		ref.Audience, ref.PartyID = price.Resellers, k.Below
	}
	return ref
}

// priceView is a figure as scripts see it.
type priceView struct {
	Product  string `json:"product"`
	Unit     string `json:"unit"`
	Action   string `json:"action"`
	Months   int    `json:"months"`
	Currency string `json:"currency"`
	Price    string `json:"price"`
}

func viewPrices(l *pricing.PriceList) []priceView {
	out := []priceView{}
	for _, r := range l.Rows {
		out = append(out, priceView{string(r.Product), r.Unit, string(r.Action), r.Months, l.Currency, r.Figure.String()})
	}
	return out
}

type resellerPricesExportCmd struct{ priceListFlags }

func (k *resellerPricesExportCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if k.JSON {
			l, err := p.core.Prices(ctx, operator(), k.ref())
			if err != nil {
				return err
			}
			return printJSON(out, viewPrices(l))
		}
		file, err := p.core.ExportPrices(ctx, operator(), k.ref())
		if err != nil {
			return err
		}
		_, err = out.Write(file)
		return err
	})
}

type resellerPricesImportCmd struct {
	File   string `arg:"" help:"CSV file, or - for standard input."`
	DryRun bool   `help:"Only tell what would change."`
	priceListFlags
}

func (k *resellerPricesImportCmd) Run(ctx context.Context, c *cli, out *output) error {
	in := io.Reader(os.Stdin)
	if k.File != "-" {
		f, err := os.Open(k.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	file, err := io.ReadAll(io.LimitReader(in, price.MaxFile+1))
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		got, err := p.core.ImportPrices(ctx, operator(), pricing.ImportPrices{List: k.ref(), File: file, DryRun: k.DryRun})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"dryRun": k.DryRun, "added": got.Added, "changed": got.Changed, "removed": got.Removed, "same": got.Same, "prices": viewPrices(&got.PriceList)})
		}
		verb := "are"
		if k.DryRun {
			verb = "would be"
		}
		_, err = fmt.Fprintln(out, strconv.Itoa(got.Added)+" prices "+verb+" added, "+strconv.Itoa(got.Changed)+" changed, "+strconv.Itoa(got.Removed)+" removed; "+strconv.Itoa(got.Same)+" stay")
		return err
	})
}
