package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
)

type logCmd struct {
	Events logEventsCmd `cmd:"" help:"What happened to a partner's objects, as its webhooks tell it."`
	Audit  logAuditCmd  `cmd:"" help:"Who did what, purges included: what went, when, by which rule and how much."`
}

// logFlags are what both logs have in common.
type logFlags struct {
	Partner int64 `arg:"" help:"Partner id."`
	After   int64 `help:"Go on after this id." placeholder:"ID"`
	Limit   int   `default:"100" help:"How many at the most, oldest first."`
	JSON    bool  `help:"Print JSON."`
}

type logEventsCmd struct {
	logFlags
	Order int64  `help:"Only of this order." placeholder:"ID"`
	Type  string `help:"Only this type, such as MAIL_ORDER_PURGED." placeholder:"TYPE"`
}

type loggedEvent struct {
	ID       int64           `json:"id"`
	PublicID string          `json:"publicId"`
	Type     string          `json:"event"`
	OrderID  int64           `json:"orderId,omitempty"`
	Data     json.RawMessage `json:"data"`
	Actor    string          `json:"actor"`
	At       time.Time       `json:"at"` // the partner's time
}

func (k *logEventsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		f := work.EventFilter{PartnerID: k.Partner, OrderID: k.Order, Oldest: true, Past: k.After}
		if k.Type != "" {
			f.Types = []event.Type{event.Type(k.Type)}
		}
		list, err := p.core.Events(ctx, operator(), f, k.Limit)
		if err != nil {
			return err
		}
		views := []loggedEvent{}
		var rows [][]string
		for _, e := range list {
			order := "-" // an account holder's
			if e.OrderID != 0 {
				order = strconv.FormatInt(e.OrderID, 10)
			}
			views = append(views, loggedEvent{ID: e.ID, PublicID: e.PublicID, Type: string(e.Type), OrderID: e.OrderID, Data: e.Data, Actor: e.Actor, At: e.At})
			rows = append(rows, []string{strconv.FormatInt(e.ID, 10), e.At.Format(time.RFC3339), string(e.Type), order, e.Actor})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WHEN", "EVENT", "ORDER", "BY"}, rows)
	})
}

type logAuditCmd struct {
	logFlags
	Action string `help:"Only this action, such as mail_order.purge." placeholder:"ACTION"`
	Object string `help:"Only this kind of object, such as order or account." placeholder:"KIND"`
	ID     int64  `help:"Only the object with this id." placeholder:"ID"`
}

type loggedRecord struct {
	ID       int64           `json:"id"`
	Action   string          `json:"action"`
	Object   string          `json:"object"`
	ObjectID int64           `json:"objectId"`
	Detail   json.RawMessage `json:"detail,omitempty"`
	Actor    string          `json:"actor"`
	Address  string          `json:"address,omitempty"`
	At       time.Time       `json:"at"` // the partner's time
}

func (k *logAuditCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.AuditLog(ctx, operator(), work.AuditFilter{PartnerID: k.Partner, Action: k.Action, Object: k.Object, ObjectID: k.ID,
			Oldest: true, Past: k.After}, k.Limit)
		if err != nil {
			return err
		}
		views := []loggedRecord{}
		var rows [][]string
		for _, r := range list {
			views = append(views, loggedRecord{ID: r.ID, Action: r.Action, Object: r.Object, ObjectID: r.ObjectID, Detail: r.Detail, Actor: r.Actor, Address: r.Address, At: r.At})
			rows = append(rows, []string{strconv.FormatInt(r.ID, 10), r.At.Format(time.RFC3339), r.Action, r.Object + " " + strconv.FormatInt(r.ObjectID, 10), r.Actor, string(r.Detail)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WHEN", "ACTION", "OBJECT", "BY", "DETAIL"}, rows)
	})
}
