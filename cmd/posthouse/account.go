package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/work"
)

type accountCmd struct {
	Find      accountFindCmd      `cmd:"" help:"Find email accounts by address."`
	Show      accountShowCmd      `cmd:"" help:"Show an email account."`
	Suspend   accountSuspendCmd   `cmd:"" help:"Suspend an email account; only the operator lifts it."`
	Export    accountExportCmd    `cmd:"" help:"Begin a legal export of an account, or show how far the present one is."`
	Exports   accountExportsCmd   `cmd:"" help:"List the legal exports of an account, with links to their files."`
	Unsuspend accountUnsuspendCmd `cmd:"" help:"Lift suspensions of one type."`
}

type accountFindCmd struct {
	Email string `arg:"" help:"Address of the account."`
	JSON  bool   `help:"Print JSON."`
}

func (k *accountFindCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		found, err := p.core.FindAccounts(ctx, operator(), k.Email)
		if err != nil {
			return err
		}
		views := []accountView{}
		for _, a := range found {
			views = append(views, viewAccount(a))
		}
		if k.JSON {
			return printJSON(out, views)
		}
		var rows [][]string
		for _, v := range views {
			rows = append(rows, []string{strconv.FormatInt(v.ID, 10), v.Email, v.Status, strconv.FormatInt(v.OrderID, 10), strconv.FormatInt(v.PartnerID, 10), size(v.StorageUsed)})
		}
		return table(out, []string{"ID", "EMAIL", "STATUS", "ORDER", "PARTNER", "USED"}, rows)
	})
}

type accountShowCmd struct {
	ID   int64 `arg:"" help:"Account id (titanAccountId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *accountShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.FetchEmailAccount(ctx, operator(), work.AccountRef{AccountID: k.ID})
		if err != nil {
			return err
		}
		v := viewAccount(d)
		if k.JSON {
			return printJSON(out, v)
		}
		fmt.Fprintf(out, "account    %d\nemail      %s\nname       %s\nstatus     %s\norder      %d\npartner    %d\nadmin      %s\npassword   %s\nused       %s of %s\ncreated    %s\n",
			v.ID, v.Email, orDash(v.Name), v.Status, v.OrderID, v.PartnerID, yes(v.IsAdmin), map[bool]string{true: "set", false: "none: nobody can log in with one"}[v.HasPassword],
			size(v.StorageUsed), size(v.StorageLimit), date(&v.CreatedAt))
		if v.PurgeAt != nil {
			fmt.Fprintf(out, "purge at   %s\n", date(v.PurgeAt))
		}
		for _, a := range v.Aliases {
			fmt.Fprintf(out, "alias      %s\n", a)
		}
		for _, s := range v.Suspensions {
			fmt.Fprintf(out, "suspended  %s by %s on %s %s\n", s.Type, s.Role, date(&s.On), s.Note)
		}
		return nil
	})
}

// accountView is an account as scripts see it; sizes are bytes.
type accountView struct {
	ID           int64            `json:"id"`
	Email        string           `json:"email"`
	Name         string           `json:"name,omitempty"`
	Status       string           `json:"status"`
	OrderID      int64            `json:"orderId"`
	PartnerID    int64            `json:"partnerId"`
	IsAdmin      bool             `json:"isAdmin"`
	HasPassword  bool             `json:"hasPassword"`
	StorageUsed  int64            `json:"storageUsed"`
	StorageLimit int64            `json:"storageLimit"`
	Aliases      []string         `json:"aliases,omitempty"`
	Suspensions  []suspensionView `json:"suspensions,omitempty"`
	PurgeAt      *time.Time       `json:"purgeAt,omitempty"`
	CreatedAt    time.Time        `json:"createdAt"`
}

func viewAccount(d *work.AccountDetails) accountView {
	a := d.Account
	v := accountView{ID: a.ID, Email: a.Email(), Name: a.Name, Status: string(d.Status), OrderID: a.OrderID, PartnerID: a.PartnerID,
		IsAdmin: a.IsAdmin, HasPassword: a.PasswordHash != "", StorageUsed: d.StorageUsed, StorageLimit: d.StorageLimitMB << 20,
		PurgeAt: a.PurgeAt, CreatedAt: a.CreatedAt}
	for _, local := range a.HeldAliases() {
		v.Aliases = append(v.Aliases, local+"@"+a.Domain)
	}
	for _, s := range a.Suspensions {
		v.Suspensions = append(v.Suspensions, suspensionView{Type: s.Type, Role: string(s.Role), ResellerID: s.ResellerID, On: s.On, Note: s.Note})
	}
	return v
}

// size prints bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
