package main

import (
	"context"
	"errors"
	"fmt"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/selling"
	"posthouse/internal/money"
)

type ledgerCmd struct {
	Balance ledgerBalanceCmd `cmd:"" help:"Show what a customer or reseller has and owes."`
	Post    ledgerPostCmd    `cmd:"" help:"Post a receipt, credit, debit or invoice by hand. It is audited; nothing takes it out again but its opposite."`
	Cancel  ledgerCancelCmd  `cmd:"" name:"cancel-action" help:"Drop an action that waits for money. An order that it was to begin is deleted; its invoice is credited."`
}

// ledgerParty names one of the two kinds.
type ledgerParty struct {
	Customer int64 `help:"A customer's ledger with its reseller." placeholder:"ID" xor:"party" required:""`
	Reseller int64 `help:"A reseller's ledger with who is above it." placeholder:"ID" xor:"party" required:""`
}

type ledgerBalanceCmd struct {
	ledgerParty
	JSON bool `help:"Print JSON."`
}

func (k *ledgerBalanceCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		var b *ledger.Balance
		var err error
		if k.Customer != 0 {
			b, err = p.core.CustomerBalance(ctx, operator(), k.Customer)
		} else {
			b, err = p.core.ResellerBalance(ctx, operator(), k.Reseller)
		}
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"currency": b.Currency, "available": b.Available.String(), "locked": b.Locked.String(), "owed": b.Owed.String()})
		}
		_, err = fmt.Fprintf(out, "available %s %s\nlocked    %s %s\nowed      %s %s\n", b.Available, b.Currency, b.Locked, b.Currency, b.Owed, b.Currency)
		return err
	})
}

type ledgerPostCmd struct {
	ledgerParty
	Type   string `arg:"" enum:"receipt,credit,debit,invoice" help:"receipt, credit, debit or invoice."`
	Amount string `arg:"" help:"A positive amount in the ledger's currency, with three decimal places at most."`
	Reason string `help:"What for: the transaction's description." required:"" placeholder:"TEXT"`
	Key    string `help:"A key that makes a repeat do nothing." placeholder:"TEXT"`
	JSON   bool   `help:"Print JSON."`
}

func (k *ledgerPostCmd) Run(ctx context.Context, c *cli, out *output) error {
	amount, err := money.ParseValue(k.Amount)
	if err != nil {
		return err
	}
	if amount <= 0 {
		return errors.New("the amount must be positive")
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		t, err := p.core.PostManually(ctx, operator(), selling.PostManually{
			CustomerID: k.Customer, ResellerID: k.Reseller, Type: ledger.Type(k.Type), Amount: amount, Description: k.Reason, Key: k.Key,
		})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": t.ID, "amount": t.Amount.String(), "currency": t.Currency})
		}
		_, err = fmt.Fprintf(out, "transaction %d: %s %s\n", t.ID, t.Amount, t.Currency)
		return err
	})
}

type ledgerCancelCmd struct {
	ID   int64 `arg:"" help:"The action's number (eaqid)."`
	JSON bool  `help:"Print JSON."`
}

func (k *ledgerCancelCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		a, err := p.core.CancelAction(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": a.ID, "order": a.OrderID, "status": a.Status})
		}
		_, err = fmt.Fprintf(out, "action %d of order %d: %s\n", a.ID, a.OrderID, a.Status)
		return err
	})
}
