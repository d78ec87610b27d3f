package main

import (
	"context"
	"fmt"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// suspendFlags are what the operator's suspensions have in common. They are put
// by the role titanSupport: no partner lifts them.
type suspendFlags struct {
	ID   int64  `arg:"" help:"Id (titanOrderId, titanAccountId)."`
	Type string `help:"Type of the suspension: 'abuse' refuses mail from outside too." required:"" placeholder:"TYPE"`
	Note string `help:"Note for the partner's staff." placeholder:"TEXT"`
	JSON bool   `help:"Print JSON."`
}

func (k *suspendFlags) print(out *output, id int64, status string, left suspension.Set) error {
	if k.JSON {
		views := []suspensionView{}
		for _, s := range left {
			views = append(views, suspensionView{Type: s.Type, Role: string(s.Role), ResellerID: s.ResellerID, On: s.On, Note: s.Note})
		}
		return printJSON(out, map[string]any{"id": id, "status": status, "suspensions": views})
	}
	fmt.Fprintf(out, "%d is %s\n", id, status)
	for _, s := range left {
		fmt.Fprintf(out, "suspended  %s by %s on %s %s\n", s.Type, s.Role, date(&s.On), s.Note)
	}
	return nil
}

type orderSuspendCmd struct{ suspendFlags }

func (k *orderSuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		s, err := p.core.SuspendMailOrder(ctx, operator(), ordering.SuspendMailOrder{Order: work.OrderRef{ID: k.ID}, Type: k.Type, Note: k.Note})
		if err != nil {
			return err
		}
		return k.print(out, s.OrderID, string(s.Status), s.Suspensions)
	})
}

type orderUnsuspendCmd struct{ suspendFlags }

func (k *orderUnsuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		s, err := p.core.UnsuspendMailOrder(ctx, operator(), ordering.UnsuspendMailOrder{Order: work.OrderRef{ID: k.ID}, Type: k.Type, Note: k.Note})
		if err != nil {
			return err
		}
		return k.print(out, s.OrderID, string(s.Status), s.Suspensions)
	})
}

// accountRef names an account by its id alone.
func accountRef(ctx context.Context, p *platform, id int64) (work.AccountRef, error) {
	d, err := p.core.FetchEmailAccount(ctx, operator(), work.AccountRef{AccountID: id})
	if err != nil {
		return work.AccountRef{}, err
	}
	return work.AccountRef{Order: work.OrderRef{ID: d.Account.OrderID}, AccountID: id}, nil
}

type accountSuspendCmd struct{ suspendFlags }

func (k *accountSuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		ref, err := accountRef(ctx, p, k.ID)
		if err != nil {
			return err
		}
		s, err := p.core.SuspendEmailAccount(ctx, operator(), mailboxes.SuspendEmailAccount{Account: ref, Type: k.Type, Note: k.Note})
		if err != nil {
			return err
		}
		return k.print(out, s.AccountID, string(s.Status), s.Suspensions)
	})
}

type accountUnsuspendCmd struct{ suspendFlags }

func (k *accountUnsuspendCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		ref, err := accountRef(ctx, p, k.ID)
		if err != nil {
			return err
		}
		s, err := p.core.UnsuspendEmailAccount(ctx, operator(), mailboxes.UnsuspendEmailAccount{Account: ref, Type: k.Type, Note: k.Note})
		if err != nil {
			return err
		}
		return k.print(out, s.AccountID, string(s.Status), s.Suspensions)
	})
}
