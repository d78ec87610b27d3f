package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/mail/dnsres"
	"posthouse/internal/mail/queue"
)

type queueCmd struct {
	List    queueListCmd    `cmd:"" help:"List messages, oldest first."`
	Show    queueShowCmd    `cmd:"" help:"Show a message with its recipients and every attempt."`
	Retry   queueRetryCmd   `cmd:"" help:"Try waiting recipients again at once."`
	Hold    queueHoldCmd    `cmd:"" help:"Stop delivery until it is released."`
	Release queueReleaseCmd `cmd:"" help:"Deliver what is held."`
	Fail    queueFailCmd    `cmd:"" help:"Return a message to its sender."`
}

// withQueue gives the queue's operator calls; nothing is delivered by this process.
func (c *cli) withQueue(ctx context.Context, out *output, fn func(*queue.Queue) error) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		resolver, err := dnsres.New(dnsres.Config{Servers: p.cfg.DNS.Servers, Clock: p.clock})
		if err != nil {
			return err
		}
		q, err := queue.New(queue.Config{DB: p.db, Mail: p.mail, Directory: p.core, Resolver: resolver, Hostname: p.cfg.Hostname, Clock: p.clock,
			SRS: p.srs, Lifetime: time.Duration(p.cfg.Outbound.Lifetime)})
		if err != nil {
			return err
		}
		return fn(q)
	})
}

type queueListCmd struct {
	State   string `help:"Only messages with a recipient in this state: ready, leased, delivered, bounced, expired or held." placeholder:"STATE"`
	Domain  string `help:"Only messages with a recipient at this domain." placeholder:"DOMAIN"`
	Partner int64  `help:"Only messages of this partner." placeholder:"ID"`
	Account int64  `help:"Only messages of this account." placeholder:"ID"`
	Open    bool   `help:"Only messages that are still being delivered."`
	After   int64  `help:"Go on after this cursor." placeholder:"CURSOR"`
	Limit   int    `default:"100" help:"How many at the most."`
	JSON    bool   `help:"Print JSON."`
}

func (k *queueListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		list, err := q.List(ctx, queue.Filter{State: queue.State(k.State), Domain: k.Domain, PartnerID: k.Partner, AccountID: k.Account,
			Open: k.Open, After: k.After, Limit: k.Limit})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, list)
		}
		var rows [][]string
		for _, m := range list {
			rows = append(rows, []string{strconv.FormatInt(m.Cursor, 10), m.ID, m.Kind, date(&m.Created), orDash(m.ReversePath), size(m.Size), states(m.States)})
		}
		return table(out, []string{"CURSOR", "ID", "KIND", "CREATED", "FROM", "SIZE", "RECIPIENTS"}, rows)
	})
}

func states(m map[queue.State]int) string {
	var s []string
	for state, n := range m {
		s = append(s, fmt.Sprintf("%d %s", n, state))
	}
	slices.Sort(s)
	return strings.Join(s, ", ")
}

type queueShowCmd struct {
	ID   string `arg:"" help:"Message id."`
	JSON bool   `help:"Print JSON."`
}

func (k *queueShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		d, err := q.Show(ctx, k.ID)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, d)
		}
		fmt.Fprintf(out, "message   %s (%s)\nfrom      %s\naccount   %d, order %d, partner %d\nsize      %s\ncreated   %s\nexpires   %s\n",
			d.ID, d.Kind, orDash(d.ReversePath), d.AccountID, d.OrderID, d.PartnerID, size(d.Size), date(&d.Created), date(&d.Expires))
		for _, r := range d.Recipients {
			fmt.Fprintf(out, "\n%s  %s after %d attempts, next %s\n    %s %s\n", r.Address, r.State, r.Attempts, date(r.NextAttempt), r.Status, r.Reply)
			for _, a := range r.Log {
				fmt.Fprintf(out, "    %s %s %s\n", date(&a.Ended), a.Outcome, a.Stage)
			}
		}
		return nil
	})
}

// queueTarget is what the changing commands name.
type queueTarget struct {
	ID      string `arg:"" help:"Message id."`
	Address string `arg:"" optional:"" help:"Only this recipient."`
}

func (k *queueTarget) change(ctx context.Context, c *cli, out *output, what string, fn func(*queue.Queue) (queue.Changed, error)) error {
	return c.withQueue(ctx, out, func(q *queue.Queue) error {
		done, err := fn(q)
		if err != nil {
			return err
		}
		if done.Busy > 0 {
			fmt.Fprintf(out.errs, "%d recipients are being delivered at this moment and were left alone\n", done.Busy)
		}
		_, err = fmt.Fprintf(out, "%d recipients %s\n", done.Recipients, what)
		return err
	})
}

type queueRetryCmd struct{ queueTarget }

func (k *queueRetryCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.change(ctx, c, out, "are due now", func(q *queue.Queue) (queue.Changed, error) { return q.Retry(ctx, k.ID, k.Address) })
}

type queueHoldCmd struct{ queueTarget }

func (k *queueHoldCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.change(ctx, c, out, "are held", func(q *queue.Queue) (queue.Changed, error) { return q.Hold(ctx, k.ID, k.Address) })
}

type queueReleaseCmd struct{ queueTarget }

func (k *queueReleaseCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.change(ctx, c, out, "are released", func(q *queue.Queue) (queue.Changed, error) { return q.Release(ctx, k.ID, k.Address) })
}

type queueFailCmd struct {
	queueTarget
	Reason string `help:"What the sender is told." placeholder:"TEXT"`
}

func (k *queueFailCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.change(ctx, c, out, "are returned", func(q *queue.Queue) (queue.Changed, error) { return q.Fail(ctx, k.ID, k.Address, k.Reason) })
}
