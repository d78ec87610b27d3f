package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
)

type partnerCmd struct {
	Create    partnerCreateCmd    `cmd:"" help:"Make a partner with a first API key."`
	List      partnerListCmd      `cmd:"" help:"List all partners."`
	Show      partnerShowCmd      `cmd:"" help:"Show a partner and its keys (never their secrets)."`
	Suspend   partnerSuspendCmd   `cmd:"" help:"Refuse all API calls of a partner. Mail of its customers goes on."`
	Unsuspend partnerUnsuspendCmd `cmd:"" help:"Take API calls again."`
	RotateKey partnerRotateCmd    `cmd:"" help:"Make a new API key; the present one works on for a while."`
	Key       partnerKeyCmd       `cmd:"" help:"Keys for less than everything."`
	RevokeKey partnerRevokeCmd    `cmd:"" help:"End a key at once."`
	Allow     partnerAllowCmd     `cmd:"" help:"Set the networks that API calls may come from."`
	Settings  partnerSettingsCmd  `cmd:"" help:"Change settings, as a JSON object; keys not named stay."`
	Addons    partnerAddonsCmd    `cmd:"" help:"Show what a partner sells in the control panel besides plans and accounts, or set it from a file."`
	Brand     partnerBrandCmd     `cmd:"" help:"What a partner or one of its resellers appears as."`

	Notifications partnerNotificationsCmd `cmd:"" help:"List what a partner has reported (refunds, purchases, set-ups)."`
	Bookings      partnerBookingsCmd      `cmd:"" help:"List the refunds and credits that a partner has reported."`
	Syncs         partnerSyncsCmd         `cmd:"" help:"List requests to synchronise customers with a hosting server that wait for a connector."`
}

type partnerCreateCmd struct {
	Name     string   `arg:"" help:"Name of the partner."`
	Sandbox  bool     `help:"Its mail never leaves the machine."`
	Bills    string   `enum:"partner,platform" default:"partner" help:"Who bills the customers: 'partner' acts on expiry itself, 'platform' leaves that to Posthouse."`
	Currency string   `help:"Currency of amounts that name none." placeholder:"USD"`
	Allow    []string `help:"Networks that API calls may come from, such as 192.0.2.0/24." placeholder:"CIDR"`
	JSON     bool     `help:"Print JSON."`
}

func (k *partnerCreateCmd) Run(ctx context.Context, c *cli, out *output) error {
	networks, err := prefixes(k.Allow)
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		made, key, err := p.core.CreatePartner(ctx, operator(), tenancy.CreatePartner{
			Name: k.Name, Sandbox: k.Sandbox, AllowedNetworks: networks,
			Settings: partner.Settings{BillingOwner: partner.BillingOwner(k.Bills), Currency: k.Currency},
		})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": made.ID, "name": made.Name, "key": key})
		}
		if _, err := fmt.Fprintf(out, "partner %d (%s)\n", made.ID, made.Name); err != nil {
			return err
		}
		return printKey(out, key)
	})
}

type partnerListCmd struct {
	JSON bool `help:"Print JSON."`
}

func (k *partnerListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		all, err := p.core.Partners(ctx, operator())
		if err != nil {
			return err
		}
		if k.JSON {
			views := []partnerView{}
			for _, q := range all {
				views = append(views, viewPartner(q, nil))
			}
			return printJSON(out, views)
		}
		var rows [][]string
		for _, q := range all {
			rows = append(rows, []string{strconv.FormatInt(q.ID, 10), q.Name, string(q.Status), yes(q.Sandbox), networkList(q.AllowedNetworks), date(&q.CreatedAt)})
		}
		return table(out, []string{"ID", "NAME", "STATUS", "SANDBOX", "ALLOWED", "CREATED"}, rows)
	})
}

type partnerShowCmd struct {
	ID   int64 `arg:"" help:"Partner id."`
	JSON bool  `help:"Print JSON."`
}

func (k *partnerShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ShowPartner(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		v := viewPartner(d.Partner, d.Keys)
		if k.JSON {
			return printJSON(out, v)
		}
		settings, err := json.Marshal(v.Settings)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "partner   %d\nname      %s\nstatus    %s\nsandbox   %s\nallowed   %s\nsettings  %s\ncreated   %s\n\n",
			v.ID, v.Name, v.Status, yes(v.Sandbox), networkList(d.Partner.AllowedNetworks), settings, date(&v.CreatedAt)); err != nil {
			return err
		}
		var rows [][]string
		for _, key := range v.Keys {
			rows = append(rows, []string{strconv.FormatInt(key.ID, 10), "…" + key.Hint, key.State, scopeList(key.Scopes), date(&key.CreatedAt), date(key.ExpiresAt)})
		}
		return table(out, []string{"KEY", "ENDS IN", "STATE", "FOR", "CREATED", "EXPIRES"}, rows)
	})
}

type partnerSuspendCmd struct {
	ID int64 `arg:"" help:"Partner id."`
}

func (k *partnerSuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.SuspendPartner(ctx, operator(), k.ID), "partner %d is suspended\n", k.ID)
	})
}

type partnerUnsuspendCmd struct {
	ID int64 `arg:"" help:"Partner id."`
}

func (k *partnerUnsuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.UnsuspendPartner(ctx, operator(), k.ID), "partner %d is active\n", k.ID)
	})
}

type partnerRotateCmd struct {
	ID      int64          `arg:"" help:"Partner id."`
	Overlap *time.Duration `help:"How long the present key works on; 0 ends it at once." placeholder:"24h"`
	JSON    bool           `help:"Print JSON."`
}

func (k *partnerRotateCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		key, err := p.core.RotateKey(ctx, operator(), tenancy.RotateKey{PartnerID: k.ID, Overlap: k.Overlap})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": k.ID, "key": key})
		}
		return printKey(out, key)
	})
}

type partnerRevokeCmd struct {
	ID  int64 `arg:"" help:"Partner id."`
	Key int64 `arg:"" help:"Key id, as 'partner show' lists it."`
}

func (k *partnerRevokeCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.RevokeKey(ctx, operator(), k.ID, k.Key), "key %d is revoked\n", k.Key)
	})
}

type partnerAllowCmd struct {
	ID int64 `arg:"" help:"Partner id."`
	networksArg
}

func (k *partnerAllowCmd) Run(ctx context.Context, c *cli, out *output) error {
	networks, err := k.read()
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.SetAllowedNetworks(ctx, operator(), k.ID, networks), "partner %d may call from: %s\n", k.ID, networkList(networks))
	})
}

type partnerSettingsCmd struct {
	ID   int64  `arg:"" help:"Partner id."`
	JSON string `arg:"" name:"json" help:"Object such as {\"collateHosts\": true}."`
}

func (k *partnerSettingsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ShowPartner(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		dec := json.NewDecoder(strings.NewReader(k.JSON))
		dec.DisallowUnknownFields()
		settings := d.Partner.Settings
		if err := dec.Decode(&settings); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		return said(out, p.core.SetPartnerSettings(ctx, operator(), k.ID, settings), "partner %d is changed\n", k.ID)
	})
}

// partnerView is a partner as scripts see it.
type partnerView struct {
	ID        int64            `json:"id"`
	Name      string           `json:"name"`
	Status    partner.Status   `json:"status"`
	Sandbox   bool             `json:"sandbox"`
	Allowed   []string         `json:"allowedNetworks"`
	Settings  partner.Settings `json:"settings"`
	CreatedAt time.Time        `json:"createdAt"`
	Keys      []keyView        `json:"keys,omitempty"`
}

func viewPartner(p *partner.Partner, keys []*partner.Key) partnerView {
	v := partnerView{ID: p.ID, Name: p.Name, Status: p.Status, Sandbox: p.Sandbox, Settings: p.Settings, CreatedAt: p.CreatedAt, Allowed: networkTexts(p.AllowedNetworks)}
	for _, k := range keys {
		v.Keys = append(v.Keys, keyView{ID: k.ID, Hint: k.Hint, State: keyState(k.ExpiresAt, k.RevokedAt), Scopes: scopeNames(k.Scopes), CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt})
	}
	return v
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// said prints a line when err is nil.
func said(out *output, err error, format string, a ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, format, a...)
	return err
}
