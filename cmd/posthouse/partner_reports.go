package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"posthouse/internal/core/selling"
)

// reportPage selects a part of what a partner has reported.
type reportPage struct {
	ID    int64 `arg:"" help:"Partner id."`
	After int64 `help:"Only those with a greater id." placeholder:"ID"`
	JSON  bool  `help:"Print JSON."`
}

func (k *reportPage) filter() selling.NotificationFilter {
	return selling.NotificationFilter{PartnerID: k.ID, After: k.After, Limit: findLimit}
}

type partnerNotificationsCmd struct{ reportPage }

type notificationView struct {
	ID         int64           `json:"id"`
	Event      string          `json:"event"`
	Data       json.RawMessage `json:"data"`
	RequestID  string          `json:"requestId,omitempty"`
	ReceivedAt time.Time       `json:"receivedAt"`
}

func (k *partnerNotificationsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		all, err := p.core.Notifications(ctx, operator(), k.filter())
		if err != nil {
			return err
		}
		views, rows := []notificationView{}, [][]string(nil)
		for _, n := range all {
			views = append(views, notificationView{ID: n.ID, Event: string(n.Event), Data: n.Data, RequestID: n.RequestID, ReceivedAt: n.ReceivedAt})
			rows = append(rows, []string{strconv.FormatInt(n.ID, 10), date(&n.ReceivedAt), string(n.Event), orDash(n.RequestID)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WHEN", "EVENT", "REQUEST"}, rows)
	})
}

type partnerBookingsCmd struct{ reportPage }

type bookingView struct {
	ID             int64     `json:"id"`
	NotificationID int64     `json:"notificationId"`
	Kind           string    `json:"kind"`
	TxnID          string    `json:"paymentTxnId,omitempty"`
	OrderID        int64     `json:"titanOrderId,omitempty"`
	PartnerOrderID string    `json:"orderId,omitempty"`
	Domain         string    `json:"domainName,omitempty"`
	CustomerID     string    `json:"customerId,omitempty"`
	Currency       string    `json:"currency"`
	Amount         string    `json:"amount"`
	TaxAmount      string    `json:"taxAmount,omitempty"`
	USDAmount      string    `json:"usdAmount,omitempty"`
	At             time.Time `json:"at"`
}

func (k *partnerBookingsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		all, err := p.core.Bookings(ctx, operator(), k.filter())
		if err != nil {
			return err
		}
		views, rows := []bookingView{}, [][]string(nil)
		for _, b := range all {
			views = append(views, bookingView{
				ID: b.ID, NotificationID: b.NotificationID, Kind: string(b.Kind), TxnID: b.TxnID, OrderID: b.OrderID, PartnerOrderID: b.PartnerOrderID,
				Domain: b.Domain, CustomerID: b.CustomerID, Currency: b.Currency, Amount: b.Amount, TaxAmount: b.TaxAmount, USDAmount: b.USDAmount, At: b.At,
			})
			rows = append(rows, []string{
				strconv.FormatInt(b.ID, 10), date(&b.At), string(b.Kind), b.Amount + " " + b.Currency, orDash(b.TxnID), strconv.FormatInt(b.OrderID, 10), orDash(b.Domain),
			})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WHEN", "KIND", "AMOUNT", "TRANSACTION", "ORDER", "DOMAIN"}, rows)
	})
}

type partnerSyncsCmd struct {
	ID   int64 `arg:"" help:"Partner id."`
	JSON bool  `help:"Print JSON."`
}

type syncView struct {
	ID          int64     `json:"id"`
	CustomerID  int64     `json:"titanCustomerId"`
	ServerHost  string    `json:"serverHostname"`
	RequestedAt time.Time `json:"requestedAt"`
}

func (k *partnerSyncsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		all, err := p.core.ServerSyncs(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		views, rows := []syncView{}, [][]string(nil)
		for _, s := range all {
			views = append(views, syncView{ID: s.ID, CustomerID: s.CustomerID, ServerHost: s.ServerHost, RequestedAt: s.RequestedAt})
			rows = append(rows, []string{strconv.FormatInt(s.ID, 10), date(&s.RequestedAt), strconv.FormatInt(s.CustomerID, 10), s.ServerHost})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WHEN", "CUSTOMER", "SERVER"}, rows)
	})
}
