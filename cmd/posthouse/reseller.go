package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/work"
)

type resellerCmd struct {
	Create    resellerCreateCmd    `cmd:"" help:"Make a reseller: a partner's root, or one below another. Prints its first API key."`
	List      resellerListCmd      `cmd:"" help:"List resellers."`
	Show      resellerShowCmd      `cmd:"" help:"Show a reseller and its keys (never their secrets)."`
	Modify    resellerModifyCmd    `cmd:"" help:"Change rate, tax, funds or name of a reseller."`
	Suspend   resellerSuspendCmd   `cmd:"" help:"Refuse all calls of a reseller and of those below it. Mail of its customers goes on."`
	Unsuspend resellerUnsuspendCmd `cmd:"" help:"Take calls again."`
	Key       resellerKeyCmd       `cmd:"" help:"API keys."`
	Networks  resellerNetworksCmd  `cmd:"" help:"Set the networks that calls may come from."`
	Products  resellerProductsCmd  `cmd:"" help:"Show what a reseller has signed up for, or set it. What it loses, all below it lose."`
	Password  resellerPasswordCmd  `cmd:"" help:"Set the password of auth-password; it is read from standard input."`
	Prices    resellerPricesCmd    `cmd:"" help:"Price lists."`
}

type resellerCreateCmd struct {
	Username   string   `arg:"" help:"Its user name, an e-mail address."`
	Partner    int64    `help:"Make the root of this partner." placeholder:"ID" xor:"place" required:""`
	Parent     int64    `help:"Make it below this reseller." placeholder:"ID" xor:"place" required:""`
	Name       string   `help:"Name of the person." placeholder:"TEXT"`
	Company    string   `help:"Company." placeholder:"TEXT"`
	Country    string   `help:"Country, two letters." placeholder:"CC"`
	Currency   string   `help:"Selling currency, for good. None: the parent's." placeholder:"USD"`
	Accounting string   `help:"Accounting currency, for good. None: the selling currency." placeholder:"USD"`
	Rate       string   `help:"Accounting currency per selling currency." placeholder:"1.25"`
	TaxName    string   `help:"Name of the tax on its invoices." placeholder:"VAT"`
	TaxRate    string   `help:"Per cent." placeholder:"19"`
	Prepaid    bool     `help:"It may not spend more than it has paid in."`
	Test       bool     `help:"It may change things with GET, as on the vendor's test host."`
	Product    []string `help:"What it may sell. None: all that its parent may." placeholder:"KEY"`
	Allow      []string `help:"Networks that calls may come from." placeholder:"CIDR"`
	JSON       bool     `help:"Print JSON."`
}

func (k *resellerCreateCmd) Run(ctx context.Context, c *cli, out *output) error {
	networks, err := prefixes(k.Allow)
	if err != nil {
		return err
	}
	cmd := reselling.CreateReseller{
		PartnerID: k.Partner, ParentID: k.Parent, Username: k.Username, Profile: reseller.Profile{Name: k.Name, Company: k.Company, Country: k.Country},
		SellingCurrency: k.Currency, AccountingCurrency: k.Accounting, ConversionRate: k.Rate, TaxName: k.TaxName, TaxRate: k.TaxRate, Test: k.Test,
		AllowedNetworks: networks, Products: productKeys(k.Product),
	}
	if k.Prepaid {
		cmd.Funds = reseller.Prepaid
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		r, key, err := p.core.CreateReseller(ctx, operator(), cmd)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, struct {
				resellerView
				Key string `json:"key"`
			}{viewReseller(r, nil), key})
		}
		if _, err := fmt.Fprintf(out, "reseller %d (%s)\n", r.ID, r.Username); err != nil {
			return err
		}
		return printKey(out, key)
	})
}

// productKeys is nil when none is named.
func productKeys(names []string) (out []product.Key) {
	for _, n := range names {
		out = append(out, product.Key(n))
	}
	return out
}

type resellerListCmd struct {
	Partner int64 `help:"Only those of this partner." placeholder:"ID"`
	Under   int64 `help:"Only this one and those below it." placeholder:"ID"`
	JSON    bool  `help:"Print JSON."`
}

func (k *resellerListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		views, rows := []resellerView{}, [][]string(nil)
		for {
			found, err := p.core.Resellers(ctx, operator(), work.ResellerFilter{PartnerID: k.Partner, Under: k.Under, Offset: len(views)})
			if err != nil {
				return err
			}
			for _, r := range found.Resellers {
				views = append(views, viewReseller(r, nil))
				rows = append(rows, []string{strconv.FormatInt(r.ID, 10), strings.Repeat("  ", r.Depth()-1) + r.Username, string(r.Status), strconv.FormatInt(r.PartnerID, 10),
					strconv.FormatInt(r.ParentID, 10), r.SellingCurrency, string(r.Funds), date(&r.CreatedAt)})
			}
			if len(found.Resellers) == 0 || len(views) >= found.Total {
				break
			}
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "USER NAME", "STATUS", "PARTNER", "PARENT", "CURRENCY", "FUNDS", "CREATED"}, rows)
	})
}

type resellerShowCmd struct {
	ID   int64 `arg:"" help:"Reseller id."`
	JSON bool  `help:"Print JSON."`
}

func (k *resellerShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ShowReseller(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		v := viewReseller(d.Reseller, d.Keys)
		if k.JSON {
			return printJSON(out, v)
		}
		tax := "none"
		if v.TaxRate != "" {
			tax = strings.TrimSpace(v.TaxName + " " + v.TaxRate + " %")
		}
		if _, err := fmt.Fprintf(out, "reseller    %d\nuser name   %s\nname        %s\ncompany     %s\nstatus      %s\npartner     %d\nparent      %d\ncurrencies  sells in %s, books in %s at %s, pays in %s\ntax         %s\nfunds       %s\ntest        %s\nallowed     %s\nproducts    %s\ncreated     %s\n\n",
			v.ID, v.Username, orDash(v.Name), orDash(v.Company), v.Status, v.PartnerID, v.ParentID, v.SellingCurrency, v.AccountingCurrency, v.ConversionRate,
			d.ParentCurrency, tax, v.Funds, yes(v.Test), networkList(d.Reseller.AllowedNetworks), orDash(strings.Join(v.Products, " ")), date(&v.CreatedAt)); err != nil {
			return err
		}
		var rows [][]string
		for _, key := range v.Keys {
			rows = append(rows, []string{strconv.FormatInt(key.ID, 10), "…" + key.Hint, key.State, date(&key.CreatedAt), date(key.ExpiresAt)})
		}
		return table(out, []string{"KEY", "ENDS IN", "STATE", "CREATED", "EXPIRES"}, rows)
	})
}

type resellerModifyCmd struct {
	ID       int64   `arg:"" help:"Reseller id."`
	Username *string `help:"Its user name." placeholder:"EMAIL"`
	Rate     *string `help:"Accounting currency per selling currency, of what is booked from now on." placeholder:"1.25"`
	TaxName  *string `help:"Name of the tax on its invoices." placeholder:"VAT"`
	TaxRate  *string `help:"Per cent; 0 is none." placeholder:"19"`
	Funds    *string `help:"'prepaid' or 'postpaid'." placeholder:"HOW"`
	Test     *bool   `help:"Whether it may change things with GET." negatable:""`
}

func (k *resellerModifyCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		_, err := p.core.ModifyReseller(ctx, operator(), reselling.ModifyReseller{
			ResellerID: k.ID, Username: k.Username, ConversionRate: k.Rate, TaxName: k.TaxName, TaxRate: k.TaxRate, Funds: (*reseller.Funds)(k.Funds), Test: k.Test,
		})
		return said(out, err, "reseller %d is changed\n", k.ID)
	})
}

type resellerSuspendCmd struct {
	ID     int64  `arg:"" help:"Reseller id."`
	Reason string `help:"For the audit log." placeholder:"TEXT"`
}

func (k *resellerSuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.SuspendReseller(ctx, operator(), k.ID, k.Reason), "reseller %d is suspended\n", k.ID)
	})
}

type resellerUnsuspendCmd struct {
	ID int64 `arg:"" help:"Reseller id."`
}

func (k *resellerUnsuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.UnsuspendReseller(ctx, operator(), k.ID), "reseller %d is active\n", k.ID)
	})
}

type resellerKeyCmd struct {
	Add    resellerKeyAddCmd    `cmd:"" help:"Make a further key; the present ones stay."`
	Rotate resellerKeyRotateCmd `cmd:"" help:"Make a new key; the present one works on for a while, older ones end."`
	Revoke resellerKeyRevokeCmd `cmd:"" help:"End a key at once."`
}

type resellerKeyAddCmd struct {
	ID   int64         `arg:"" help:"Reseller id."`
	Life time.Duration `help:"How long it works; none: until it is revoked." placeholder:"720h"`
	JSON bool          `help:"Print JSON."`
}

func (k *resellerKeyAddCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		made, raw, err := p.core.CreateResellerKey(ctx, operator(), reselling.CreateResellerKey{ResellerID: k.ID, Life: k.Life})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": k.ID, "keyId": made.ID, "key": raw})
		}
		return printKey(out, raw, "id", strconv.FormatInt(made.ID, 10))
	})
}

type resellerKeyRotateCmd struct {
	ID      int64          `arg:"" help:"Reseller id."`
	Overlap *time.Duration `help:"How long the present key works on; 0 ends it at once." placeholder:"24h"`
	JSON    bool           `help:"Print JSON."`
}

func (k *resellerKeyRotateCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		raw, err := p.core.RotateResellerKey(ctx, operator(), reselling.RotateResellerKey{ResellerID: k.ID, Overlap: k.Overlap})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": k.ID, "key": raw})
		}
		return printKey(out, raw)
	})
}

type resellerKeyRevokeCmd struct {
	ID  int64 `arg:"" help:"Reseller id."`
	Key int64 `arg:"" help:"Key id, as 'reseller show' lists it."`
}

func (k *resellerKeyRevokeCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.RevokeResellerKey(ctx, operator(), k.ID, k.Key), "key %d is revoked\n", k.Key)
	})
}

type resellerNetworksCmd struct {
	ID int64 `arg:"" help:"Reseller id."`
	networksArg
}

func (k *resellerNetworksCmd) Run(ctx context.Context, c *cli, out *output) error {
	networks, err := k.read()
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.SetResellerNetworks(ctx, operator(), k.ID, networks), "reseller %d may call from: %s\n", k.ID, networkList(networks))
	})
}

type resellerProductsCmd struct {
	ID   int64    `arg:"" help:"Reseller id."`
	Keys []string `arg:"" optional:"" help:"Product keys, such as eeliteus; they replace the present ones."`
	None bool     `help:"Sign it up for nothing."`
	JSON bool     `help:"Print JSON."`
}

func (k *resellerProductsCmd) Run(ctx context.Context, c *cli, out *output) error {
	if k.None && len(k.Keys) > 0 {
		return fmt.Errorf("give product keys, or --none")
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ShowReseller(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		r := d.Reseller
		if k.None || len(k.Keys) > 0 {
			if r, err = p.core.SignUpProducts(ctx, operator(), k.ID, productKeys(k.Keys)); err != nil {
				return err
			}
		}
		names := viewReseller(r, nil).Products
		if k.JSON {
			return printJSON(out, names)
		}
		_, err = fmt.Fprintf(out, "reseller %d sells: %s\n", k.ID, orDash(strings.Join(names, " ")))
		return err
	})
}

type resellerPasswordCmd struct {
	ID   int64 `arg:"" help:"Reseller id."`
	None bool  `help:"Take the password away: only keys work then."`
}

func (k *resellerPasswordCmd) Run(ctx context.Context, c *cli, out *output) error {
	password := ""
	if !k.None {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if password = strings.TrimRight(line, "\r\n"); password == "" {
			return fmt.Errorf("there is no password on standard input")
		}
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		done := "set"
		if password == "" {
			done = "taken away"
		}
		return said(out, p.core.SetResellerPassword(ctx, operator(), k.ID, password), "the password of reseller %d is %s\n", k.ID, done)
	})
}

// resellerView is a reseller as scripts see it.
type resellerView struct {
	ID                 int64           `json:"id"`
	PartnerID          int64           `json:"partnerId"`
	ParentID           int64           `json:"parentId"`
	Username           string          `json:"username"`
	Name               string          `json:"name,omitempty"`
	Company            string          `json:"company,omitempty"`
	Status             reseller.Status `json:"status"`
	Test               bool            `json:"test"`
	Funds              reseller.Funds  `json:"funds"`
	SellingCurrency    string          `json:"sellingCurrency"`
	AccountingCurrency string          `json:"accountingCurrency"`
	ConversionRate     string          `json:"conversionRate"`
	TaxName            string          `json:"taxName,omitempty"`
	TaxRate            string          `json:"taxRate,omitempty"`
	Allowed            []string        `json:"allowedNetworks"`
	Products           []string        `json:"products"`
	CreatedAt          time.Time       `json:"createdAt"`
	Keys               []keyView       `json:"keys,omitempty"`
}

func viewReseller(r *reseller.Reseller, keys []*reseller.Key) resellerView {
	v := resellerView{
		ID: r.ID, PartnerID: r.PartnerID, ParentID: r.ParentID, Username: r.Username, Name: r.Profile.Name, Company: r.Profile.Company, Status: r.Status, Test: r.Test,
		Funds: r.Funds, SellingCurrency: r.SellingCurrency, AccountingCurrency: r.AccountingCurrency, ConversionRate: r.ConversionRate, TaxName: r.TaxName,
		TaxRate: r.TaxRate, Allowed: networkTexts(r.AllowedNetworks), Products: []string{}, CreatedAt: r.CreatedAt,
	}
	for _, p := range r.Products {
		v.Products = append(v.Products, string(p))
	}
	for _, k := range keys {
		v.Keys = append(v.Keys, keyView{ID: k.ID, Hint: k.Hint, State: keyState(k.ExpiresAt, k.RevokedAt), Scopes: []string{}, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt})
	}
	return v
}
