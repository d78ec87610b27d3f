package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"posthouse/internal/mail/queue"
)

type sandboxCmd struct {
	Messages sandboxMessagesCmd `cmd:"" help:"List mail of sandbox partners that did not leave the machine, newest first."`
	Show     sandboxShowCmd     `cmd:"" help:"Print such a message as it would have left."`
	Delete   sandboxDeleteCmd   `cmd:"" help:"Delete such mail."`
	DNS      sandboxDNSCmd      `cmd:"" name:"dns" help:"What the orders of a sandbox partner see in place of the DNS."`
}

type sandboxMessagesCmd struct {
	Partner   int64  `help:"Only this partner's." placeholder:"ID"`
	Recipient string `help:"Only to this address." placeholder:"ADDRESS"`
	Notices   bool   `help:"Only mail that the platform wrote."`
	Before    int64  `help:"Go on before this id." placeholder:"ID"`
	Limit     int    `default:"100" help:"How many at the most."`
	JSON      bool   `help:"Print JSON."`
}

func (k *sandboxMessagesCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		list, err := q.SandboxMessages(ctx, operator(), queue.SandboxFilter{PartnerID: k.Partner, Recipient: k.Recipient, Notices: k.Notices,
			Before: k.Before, Limit: k.Limit})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, list)
		}
		var rows [][]string
		for _, m := range list {
			rows = append(rows, []string{strconv.FormatInt(m.ID, 10), strconv.FormatInt(m.PartnerID, 10), date(&m.At), orDash(m.ReversePath), m.Recipient, size(m.Size), m.Subject})
		}
		return table(out, []string{"ID", "PARTNER", "AT", "FROM", "TO", "SIZE", "SUBJECT"}, rows)
	})
}

type sandboxShowCmd struct {
	ID int64 `arg:"" help:"Id of the message."`
}

func (k *sandboxShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		m, err := q.SandboxContent(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, io.NewSectionReader(m, 0, m.Size()))
		if cerr := m.Close(); err == nil {
			err = cerr
		}
		return err
	})
}

type sandboxDeleteCmd struct {
	ID      int64 `arg:"" optional:"" help:"Id of the message; without one, all of --partner."`
	Partner int64 `help:"All of this partner's." placeholder:"ID"`
}

func (k *sandboxDeleteCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		if k.ID != 0 {
			return q.DeleteSandboxMessage(ctx, operator(), k.ID)
		}
		n, err := q.DeleteSandboxMessages(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%d messages deleted\n", n)
		return err
	})
}
