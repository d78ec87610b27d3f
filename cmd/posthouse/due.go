package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/core/work"
)

type dueCmd struct {
	List  dueListCmd  `cmd:"" help:"List what falls due, the next first."`
	Retry dueRetryCmd `cmd:"" help:"Try what failed again at once."`
}

type dueListCmd struct {
	Partner int64  `help:"Only of this partner." placeholder:"ID"`
	Kind    string `help:"Only this kind: order, account, dns, export, renewal, customer-funds or reseller-funds." placeholder:"KIND"`
	Failed  bool   `help:"Only what failed and is tried again."`
	Limit   int    `default:"100" help:"How many at the most."`
	JSON    bool   `help:"Print JSON."`
}

// dueView is an item of the calendar as scripts see it.
type dueView struct {
	Kind      string    `json:"kind"`
	ObjectID  int64     `json:"objectId"`
	PartnerID int64     `json:"partnerId"`
	OwnClock  bool      `json:"ownClock"` // at is by the partner's clock
	At        time.Time `json:"at"`
	Attempts  int       `json:"attempts"`
	LastError string    `json:"lastError,omitempty"`
}

func (k *dueListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.DueItems(ctx, operator(), work.DueFilter{PartnerID: k.Partner, Kind: due.Kind(k.Kind), Failed: k.Failed}, k.Limit)
		if err != nil {
			return err
		}
		views := []dueView{}
		var rows [][]string
		for _, i := range list {
			v := dueView{Kind: string(i.Kind), ObjectID: i.ObjectID, PartnerID: i.PartnerID, OwnClock: i.ClockID != 0, At: i.At, Attempts: i.Attempts, LastError: i.LastError}
			views = append(views, v)
			rows = append(rows, []string{v.At.Format(time.RFC3339), v.Kind, strconv.FormatInt(v.ObjectID, 10), strconv.FormatInt(v.PartnerID, 10),
				map[bool]string{true: "partner's", false: "platform's"}[v.OwnClock], strconv.Itoa(v.Attempts), orDash(v.LastError)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"AT", "KIND", "OBJECT", "PARTNER", "CLOCK", "FAILED", "ERROR"}, rows)
	})
}

type dueRetryCmd struct {
	Kind   string `arg:"" help:"Kind: order, account, dns, export, renewal, customer-funds or reseller-funds."`
	Object int64  `arg:"" help:"Id of the order, account or job."`
}

func (k *dueRetryCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if err := p.core.RetryDue(ctx, operator(), due.Kind(k.Kind), k.Object); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "%s %d is tried again\n", k.Kind, k.Object)
		return err
	})
}
