package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
)

type noticeCmd struct {
	List  noticeListCmd  `cmd:"" help:"List mails that wait to be written, oldest first."`
	Retry noticeRetryCmd `cmd:"" help:"Try to write a mail again at once, a parked one too."`
	Drop  noticeDropCmd  `cmd:"" help:"Remove a mail unwritten."`
}

type noticeListCmd struct {
	Partner int64 `help:"Only this partner's." placeholder:"ID"`
	Parked  bool  `help:"Only those that failed too often and wait for you."`
	After   int64 `help:"Go on after this id." placeholder:"ID"`
	Limit   int   `default:"100" help:"How many at the most."`
	JSON    bool  `help:"Print JSON."`
}

// noticeLine is a notice without the secret in it.
type noticeLine struct {
	ID        int64       `json:"id"`
	PartnerID int64       `json:"partnerId"`
	OrderID   int64       `json:"orderId,omitempty"`
	AccountID int64       `json:"accountId,omitempty"`
	Kind      notice.Kind `json:"kind"`
	To        string      `json:"to"`
	Created   time.Time   `json:"created"`
	Attempts  int         `json:"attempts"`
	Next      *time.Time  `json:"next,omitempty"`
	Parked    bool        `json:"parked"`
	LastError string      `json:"lastError,omitempty"`
}

func (k *noticeListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.Notices(ctx, operator(), work.NoticeFilter{PartnerID: k.Partner, Parked: k.Parked, After: k.After, Limit: k.Limit})
		if err != nil {
			return err
		}
		lines := make([]noticeLine, 0, len(list))
		var rows [][]string
		for _, n := range list {
			l := noticeLine{ID: n.ID, PartnerID: n.PartnerID, OrderID: n.OrderID, AccountID: n.AccountID, Kind: n.Kind, To: n.To, Created: n.CreatedAt,
				Attempts: n.Attempts, Parked: n.Parked, LastError: n.LastError}
			state := "waits"
			switch {
			case n.Parked:
				state = "parked"
			case !n.TryAt.IsZero():
				l.Next, state = &n.TryAt, "again at "+date(&n.TryAt)
			}
			lines = append(lines, l)
			rows = append(rows, []string{strconv.FormatInt(l.ID, 10), strconv.FormatInt(l.PartnerID, 10), string(l.Kind), l.To, date(&l.Created),
				strconv.Itoa(l.Attempts), state, orDash(l.LastError)})
		}
		if k.JSON {
			return printJSON(out, lines)
		}
		return table(out, []string{"ID", "PARTNER", "KIND", "TO", "CREATED", "FAILED", "STATE", "LAST ERROR"}, rows)
	})
}

type noticeRetryCmd struct {
	ID int64 `arg:"" help:"Id of the mail."`
}

func (k *noticeRetryCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if err := p.core.RetryNotice(ctx, operator(), k.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "due now")
		return err
	})
}

type noticeDropCmd struct {
	ID int64 `arg:"" help:"Id of the mail."`
}

func (k *noticeDropCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		if err := p.core.DropNotice(ctx, operator(), k.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "removed")
		return err
	})
}
