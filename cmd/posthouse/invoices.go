package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/billing"
	"posthouse/internal/door/web"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/secret"
)

// newInvoiceLinks signs with a key of its own.
func (p *platform) newInvoiceLinks(keys *keyring.Keyring) (*secret.Links, error) {
	key, err := keys.Derive("invoice.links")
	if err != nil {
		return nil, err
	}
	return web.NewInvoiceLinks(func() string { return p.baseURL() }, key[:], p.clock), nil
}

type invoiceCmd struct {
	Show invoiceShowCmd `cmd:"" help:"Show an invoice."`
	Link invoiceLinkCmd `cmd:"" help:"Give a link to an invoice's page, to read and to print. Whoever has it can open it for seven days."`
}

type invoiceShowCmd struct {
	ID   int64 `arg:"" help:"Invoice id (a transaction's id)."`
	JSON bool  `help:"Print JSON."`
}

func (k *invoiceShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.Invoice(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		v := viewInvoice(d)
		if k.JSON {
			return printJSON(out, v)
		}
		rows := [][]string{
			{"invoice", strconv.FormatInt(v.ID, 10)}, {"date", date(&v.Date)}, {"from", v.From}, {"to", v.To}, {"for", v.Description},
			{"net", v.Net}, {"discount", v.Discount}, {"tax", v.Tax}, {"total", v.Total + " " + v.Currency}, {"paid", v.Paid}, {"due", v.Due},
		}
		if v.CancelledAt != nil {
			rows = append(rows, []string{"cancelled", date(v.CancelledAt)})
		}
		return table(out, []string{"", ""}, rows)
	})
}

type invoiceLinkCmd struct {
	ID int64 `arg:"" help:"Invoice id (a transaction's id)."`
}

func (k *invoiceLinkCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if _, err := p.core.Invoice(ctx, operator(), k.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, p.invoiceLinks.URL(strconv.FormatInt(k.ID, 10)))
		return err
	})
}

// invoiceView is an invoice as scripts see it.
type invoiceView struct {
	ID          int64      `json:"id"`
	Date        time.Time  `json:"date"`
	From        string     `json:"from"`
	To          string     `json:"to"`
	Description string     `json:"description"`
	Currency    string     `json:"currency"`
	Net         string     `json:"net"`
	Discount    string     `json:"discount"`
	Tax         string     `json:"tax"`
	Total       string     `json:"total"`
	Paid        string     `json:"paid"`
	Due         string     `json:"due"`
	PaidAt      *time.Time `json:"paidAt,omitempty"`
	CancelledAt *time.Time `json:"cancelledAt,omitempty"`
}

func viewInvoice(d *billing.InvoiceDetails) invoiceView {
	t := d.Invoice
	v := invoiceView{ID: t.ID, Date: t.At, From: "the platform", Description: t.Description, Currency: t.Currency, Net: t.Net.String(), Discount: t.Discount.String(),
		Tax: t.Tax.String(), Total: t.Amount.Abs().String(), Paid: d.Paid.String(), Due: d.Due.Abs().String(), PaidAt: t.BalancedAt, CancelledAt: t.CancelledAt}
	if d.Issuer != nil {
		v.From = fmt.Sprintf("reseller %d", d.Issuer.ID)
	}
	if d.Customer != nil {
		v.To = fmt.Sprintf("customer %d", d.Customer.ID)
	} else {
		v.To = fmt.Sprintf("reseller %d", d.Reseller.ID)
	}
	return v
}
