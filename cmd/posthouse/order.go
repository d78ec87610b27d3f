package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

type orderCmd struct {
	Find      orderFindCmd      `cmd:"" help:"Find orders by domain, partner or the partner's own order id."`
	Show      orderShowCmd      `cmd:"" help:"Show an order with its suspensions, accounts and latest events."`
	DNS       orderDNSCmd       `cmd:"" name:"dns" help:"Print the DNS records that an order's domain is to publish."`
	Check     orderCheckCmd     `cmd:"" help:"Look up what an order's domain publishes and keep the result."`
	DKIM      orderDKIMCmd      `cmd:"" name:"dkim" help:"The DKIM keys of an order's domain."`
	Suspend   orderSuspendCmd   `cmd:"" help:"Suspend an order; only the operator lifts it."`
	Unsuspend orderUnsuspendCmd `cmd:"" help:"Lift suspensions of one type."`
}

// findLimit bounds the rows of a look-up.
const findLimit = 200

type orderFindCmd struct {
	Domain         string `arg:"" optional:"" help:"Beginning of the domain name."`
	Partner        int64  `help:"Only orders of this partner." placeholder:"ID"`
	PartnerOrderID string `name:"order-id" help:"The partner's own order id." placeholder:"ID"`
	JSON           bool   `help:"Print JSON."`
}

func (k *orderFindCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		found, err := p.core.FindOrders(ctx, operator(), work.OrderFilter{
			PartnerID: k.Partner, DomainPrefix: k.Domain, PartnerOrderID: k.PartnerOrderID}, findLimit)
		if err != nil {
			return err
		}
		if k.JSON {
			views := []orderView{}
			for _, o := range found {
				views = append(views, viewOrder(o))
			}
			return printJSON(out, views)
		}
		var rows [][]string
		for _, d := range found {
			o := d.Order
			rows = append(rows, []string{strconv.FormatInt(o.ID, 10), o.Domain, string(d.Status), string(o.Plan),
				fmt.Sprintf("%d/%d", d.Counters.Provisioned, o.Seats), strconv.FormatInt(o.PartnerID, 10), d.Customer.CustomerID, date(o.ExpiresAt)})
		}
		return table(out, []string{"ID", "DOMAIN", "STATUS", "PLAN", "SEATS", "PARTNER", "CUSTOMER", "EXPIRES"}, rows)
	})
}

type orderShowCmd struct {
	ID   int64 `arg:"" help:"Order id (titanOrderId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *orderShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.FetchOrder(ctx, operator(), work.OrderRef{ID: k.ID})
		if err != nil {
			return err
		}
		accounts, err := p.core.ListEmailAccounts(ctx, operator(), mailboxes.ListEmailAccounts{Order: work.OrderRef{ID: k.ID}, IncludeDeleted: true})
		if err != nil {
			return err
		}
		events, err := p.core.OrderEvents(ctx, operator(), k.ID, 20)
		if err != nil {
			return err
		}
		v := viewOrder(d)
		for _, a := range accounts {
			v.Accounts = append(v.Accounts, viewAccount(a))
		}
		for _, e := range events {
			v.Events = append(v.Events, eventView{ID: e.ID, PublicID: e.PublicID, Type: string(e.Type), Actor: e.Actor, RequestID: e.RequestID, At: e.At})
		}
		if k.JSON {
			return printJSON(out, v)
		}
		return printOrder(out, &v)
	})
}

func printOrder(out *output, v *orderView) error {
	fmt.Fprintf(out, "order      %d\ndomain     %s\nstatus     %s\nplan       %s, %d of %d seats taken\npartner    %d\ncustomer   %s (%d)\norder id   %s\nexpires    %s\nserves     %s\ncreated    %s\n",
		v.ID, v.Domain, v.Status, v.Plan, v.Provisioned, v.Seats, v.PartnerID, v.CustomerID, v.TitanCustomerID, orDash(v.PartnerOrderID),
		date(v.ExpiresAt), yes(v.Serviceable), date(&v.CreatedAt))
	if v.PurgeAt != nil {
		fmt.Fprintf(out, "purge at   %s\n", date(v.PurgeAt))
	}
	for _, s := range v.Suspensions {
		fmt.Fprintf(out, "suspended  %s by %s on %s %s\n", s.Type, s.Role, date(&s.On), s.Note)
	}
	fmt.Fprintln(out)
	var rows [][]string
	for _, a := range v.Accounts {
		rows = append(rows, []string{strconv.FormatInt(a.ID, 10), a.Email, a.Status, yes(a.IsAdmin), size(a.StorageUsed)})
	}
	if err := table(out, []string{"ACCOUNT", "EMAIL", "STATUS", "ADMIN", "USED"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(out)
	rows = nil
	for _, e := range v.Events {
		rows = append(rows, []string{date(&e.At), e.Type, e.Actor, orDash(e.RequestID)})
	}
	return table(out, []string{"WHEN", "EVENT", "BY", "REQUEST"}, rows)
}

// orderView is an order as scripts see it.
type orderView struct {
	ID              int64            `json:"id"`
	Domain          string           `json:"domain"`
	Status          string           `json:"status"`
	Plan            string           `json:"plan"`
	Seats           int              `json:"seats"`
	Active          int              `json:"activeAccounts"`
	Provisioned     int              `json:"provisionedAccounts"`
	PartnerID       int64            `json:"partnerId"`
	PartnerOrderID  string           `json:"partnerOrderId,omitempty"`
	CustomerID      string           `json:"customerId"`
	TitanCustomerID int64            `json:"titanCustomerId"`
	Serviceable     bool             `json:"serviceable"`
	ExpiresAt       *time.Time       `json:"expiresAt,omitempty"`
	PurgeAt         *time.Time       `json:"purgeAt,omitempty"`
	CreatedAt       time.Time        `json:"createdAt"`
	Suspensions     []suspensionView `json:"suspensions,omitempty"`
	Accounts        []accountView    `json:"accounts,omitempty"`
	Events          []eventView      `json:"events,omitempty"`
}

type suspensionView struct {
	Type       string    `json:"type"`
	Role       string    `json:"suspenderRole"`
	ResellerID int64     `json:"resellerId,omitempty"`
	On         time.Time `json:"suspendedOn"`
	Note       string    `json:"note,omitempty"`
}

type eventView struct {
	ID        int64     `json:"id"`
	PublicID  string    `json:"publicId"`
	Type      string    `json:"event"`
	Actor     string    `json:"actor"`
	RequestID string    `json:"requestId,omitempty"`
	At        time.Time `json:"at"`
}

func viewOrder(d *work.OrderDetails) orderView {
	o := d.Order
	v := orderView{ID: o.ID, Domain: o.Domain, Status: string(d.Status), Plan: string(o.Plan), Seats: o.Seats,
		Active: d.Counters.Active, Provisioned: d.Counters.Provisioned, PartnerID: o.PartnerID, PartnerOrderID: o.PartnerOrderID,
		CustomerID: d.Customer.CustomerID, TitanCustomerID: o.CustomerID, Serviceable: o.Serviceable, ExpiresAt: o.ExpiresAt,
		PurgeAt: o.PurgeAt, CreatedAt: o.CreatedAt}
	for _, s := range o.Suspensions {
		v.Suspensions = append(v.Suspensions, suspensionView{Type: s.Type, Role: string(s.Role), ResellerID: s.ResellerID, On: s.On, Note: s.Note})
	}
	return v
}
