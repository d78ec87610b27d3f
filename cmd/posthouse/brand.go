package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/tenancy"
)

type partnerBrandCmd struct {
	Show partnerBrandShowCmd `cmd:"" help:"Show what was set, and what customers see."`
	Set  partnerBrandSetCmd  `cmd:"" help:"Change a brand, as a JSON object; keys not named stay, null or an empty value falls back."`
}

type partnerBrandShowCmd struct {
	ID       int64 `arg:"" help:"Partner id."`
	Reseller int64 `help:"One of the partner's resellers." placeholder:"ID"`
	JSON     bool  `help:"Print JSON."`
}

type brandView struct {
	Own       brand.Brand `json:"set"`
	Effective brand.Brand `json:"effective"`
	UpdatedAt *time.Time  `json:"updatedAt,omitempty"`
}

func (k *partnerBrandShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.Brand(ctx, operator(), k.ID, k.Reseller)
		if err != nil {
			return err
		}
		v := brandView{Own: d.Own, Effective: d.Effective}
		if !d.Own.UpdatedAt.IsZero() {
			v.UpdatedAt = &d.Own.UpdatedAt
		}
		if k.JSON {
			return printJSON(out, v)
		}
		own, effective := brandRows(v.Own), brandRows(v.Effective)
		var rows [][]string
		for i, r := range effective {
			rows = append(rows, []string{r[0], orDash(own[i][1]), orDash(r[1])})
		}
		return table(out, []string{"KEY", "SET", "EFFECTIVE"}, rows)
	})
}

func brandRows(b brand.Brand) [][2]string {
	list := func(s []string) string { return strings.Join(s, " ") }
	return [][2]string{
		{"name", b.Name}, {"supportUrl", b.SupportURL}, {"logoUrl", b.LogoURL}, {"colour", b.Colour}, {"senderName", b.SenderName},
		{"senderEmail", b.SenderEmail}, {"contactEmail", b.ContactEmail}, {"panelUrl", b.PanelURL}, {"webmailUrl", b.WebmailURL},
		{"paymentUrl", b.PaymentURL}, {"frameOrigins", list(b.FrameOrigins)}, {"themes", list(b.Themes)}, {"mx", list(b.MX)},
		{"spfInclude", b.SPFInclude},
	}
}

type partnerBrandSetCmd struct {
	ID       int64  `arg:"" help:"Partner id."`
	JSON     string `arg:"" name:"json" help:"Object such as {\"name\": \"Acme Mail\", \"mx\": [\"mx1.acme.example\"]}."`
	Reseller int64  `help:"One of the partner's resellers." placeholder:"ID"`
}

func (k *partnerBrandSetCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.Brand(ctx, operator(), k.ID, k.Reseller)
		if err != nil {
			return err
		}
		next, err := changedBrand(d.Own, k.JSON)
		if err != nil {
			return err
		}
		_, err = p.core.SetBrand(ctx, operator(), tenancy.SetBrand{PartnerID: k.ID, ResellerID: k.Reseller, Brand: next, IfUpdatedAt: &d.Own.UpdatedAt})
		return said(out, err, "the brand of partner %d is changed\n", k.ID)
	})
}

// changedBrand puts the keys of a JSON object over b; null takes one away.
func changedBrand(b brand.Brand, text string) (brand.Brand, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &keys); err != nil || keys == nil {
		return b, fmt.Errorf("brand: not a JSON object: %w", err)
	}
	for key, v := range keys {
		if string(v) == "null" {
			v = json.RawMessage(`""`)
			if key == "frameOrigins" || key == "themes" || key == "mx" {
				v = json.RawMessage(`[]`)
			}
		}
		one, err := json.Marshal(map[string]json.RawMessage{key: v})
		if err != nil {
			return b, fmt.Errorf("brand: %w", err)
		}
		dec := json.NewDecoder(strings.NewReader(string(one)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&b); err != nil {
			return b, fmt.Errorf("brand: %w", err)
		}
	}
	return b, nil
}
