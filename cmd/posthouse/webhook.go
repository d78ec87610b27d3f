package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

type webhookCmd struct {
	Add        webhookAddCmd        `cmd:"" help:"Send a partner's events to a URL. Prints the signing secret, this once."`
	List       webhookListCmd       `cmd:"" help:"List receivers."`
	Show       webhookShowCmd       `cmd:"" help:"Show a receiver (never its secrets)."`
	Pause      webhookPauseCmd      `cmd:"" help:"Send nothing until it is resumed; events gather."`
	Resume     webhookResumeCmd     `cmd:"" help:"Send again, what has gathered first."`
	Remove     webhookRemoveCmd     `cmd:"" help:"Remove a receiver; what waits for it is dropped."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"List deliveries, newest first."`
	Attempts   webhookAttemptsCmd   `cmd:"" help:"List the latest attempts of a delivery, newest first."`
	Replay     webhookReplayCmd     `cmd:"" help:"Send events again, under their old ids: one, or those of a range of time."`
	Listen     webhookListenCmd     `cmd:"" help:"Receive events and show them: for writing an integration."`
	FailNext   webhookFailNextCmd   `cmd:"" help:"Sandbox partners only: let the next attempts fail without being sent."`
}

type webhookAddCmd struct {
	Partner     int64    `arg:"" help:"Partner id."`
	URL         string   `arg:"" help:"Where to; https, in development http too."`
	Format      string   `help:"'titan': the events of orders and accounts. 'basekit': those of account holders." enum:"titan,basekit" default:"titan"`
	Header      string   `help:"Name of the header that authenticates us." default:"Authorization"`
	Value       string   `help:"Its value; without it the partner's newest valid API key, or no header with --format basekit." placeholder:"TEXT"`
	Event       []string `help:"Only events of these types; all of the format without it." placeholder:"TYPE"`
	SuppressOwn bool     `help:"Leave out events that the partner's own API calls cause."`
	Paused      bool     `help:"Let events gather until it is resumed."`
	JSON        bool     `help:"Print JSON."`
}

func (k *webhookAddCmd) Run(ctx context.Context, c *cli, out *output) error {
	var types []event.Type
	for _, t := range k.Event {
		types = append(types, eventType(t))
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		e, err := p.core.CreateWebhook(ctx, operator(), outbox.CreateWebhook{PartnerID: k.Partner, Format: webhook.Format(k.Format), URL: k.URL, HeaderName: k.Header,
			HeaderValue: k.Value, Events: types, SuppressOwn: k.SuppressOwn, Paused: k.Paused})
		if err != nil {
			return err
		}
		if k.JSON {
			v := viewWebhook(e)
			v.SigningSecret = e.SigningSecret
			return printJSON(out, v)
		}
		_, err = fmt.Fprintf(out, "webhook %d\nsecret  %s\nThe secret is shown this once.\n", e.ID, e.SigningSecret)
		return err
	})
}

type webhookListCmd struct {
	Partner int64 `help:"Only this partner's." placeholder:"ID"`
	JSON    bool  `help:"Print JSON."`
}

func (k *webhookListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.Webhooks(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		views := []webhookView{}
		var rows [][]string
		for _, e := range list {
			v := viewWebhook(e)
			views = append(views, v)
			rows = append(rows, []string{strconv.FormatInt(v.ID, 10), strconv.FormatInt(v.Partner, 10), string(v.Format), v.State, v.URL, date(v.FailingSince)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "PARTNER", "FORMAT", "STATE", "URL", "FAILING SINCE"}, rows)
	})
}

// webhookTarget is what most commands name.
type webhookTarget struct {
	ID int64 `arg:"" help:"Webhook id."`
}

type webhookShowCmd struct {
	webhookTarget
	JSON bool `help:"Print JSON."`
}

func (k *webhookShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		e, err := p.core.Webhook(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		v := viewWebhook(e)
		if k.JSON {
			return printJSON(out, v)
		}
		events := "all"
		if len(v.Events) > 0 {
			events = fmt.Sprint(v.Events)
		}
		_, err = fmt.Fprintf(out, "webhook   %d\npartner   %d\nformat    %s\nurl       %s\nstate     %s\nheader    %s: %s\nevents    %s\nown calls %s\nfailing   %s\nwarned    %s\ncreated   %s\n",
			v.ID, v.Partner, v.Format, v.URL, v.State, v.Header, v.Value, events, map[bool]string{true: "left out", false: "sent too"}[v.SuppressOwn],
			date(v.FailingSince), date(v.WarnedAt), date(&v.CreatedAt))
		return err
	})
}

type webhookPauseCmd struct{ webhookTarget }

func (k *webhookPauseCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.set(ctx, c, out, true, "is paused")
}

type webhookResumeCmd struct{ webhookTarget }

func (k *webhookResumeCmd) Run(ctx context.Context, c *cli, out *output) error {
	return k.set(ctx, c, out, false, "is active")
}

func (k *webhookTarget) set(ctx context.Context, c *cli, out *output, paused bool, what string) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		_, err := p.core.ModifyWebhook(ctx, operator(), outbox.ModifyWebhook{ID: k.ID, Paused: &paused})
		return said(out, err, "webhook %d %s\n", k.ID, what)
	})
}

type webhookRemoveCmd struct{ webhookTarget }

func (k *webhookRemoveCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.DeleteWebhook(ctx, operator(), k.ID), "webhook %d is removed\n", k.ID)
	})
}

type webhookDeliveriesCmd struct {
	Partner int64  `help:"Only this partner's." placeholder:"ID"`
	Webhook int64  `help:"Only to this receiver." placeholder:"ID"`
	Order   int64  `help:"Only of this order." placeholder:"ID"`
	Event   string `help:"Only of this event." placeholder:"ID"`
	State   string `help:"Only 'pending', 'delivered' or 'failed' ones." placeholder:"STATE"`
	Before  int64  `help:"Go on behind this delivery." placeholder:"ID"`
	Limit   int    `default:"100" help:"How many at the most."`
	JSON    bool   `help:"Print JSON."`
}

func (k *webhookDeliveriesCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.WebhookDeliveries(ctx, operator(), work.DeliveryFilter{PartnerID: k.Partner, EndpointID: k.Webhook, OrderID: k.Order,
			EventID: k.Event, State: webhook.State(k.State), Before: k.Before, Limit: k.Limit})
		if err != nil {
			return err
		}
		views := []deliveryView{}
		var rows [][]string
		for _, d := range list {
			v := deliveryView{ID: d.ID, Partner: d.PartnerID, Webhook: d.EndpointID, Order: d.OrderID, Customer: d.CustomerID, Event: d.EventID, Type: d.Type, Replay: d.Replay,
				State: d.State, Attempts: d.Attempts, Status: d.LastStatus, Error: d.LastError, CreatedAt: d.CreatedAt, FirstAt: d.FirstAt, LastAt: d.LastAt}
			views = append(views, v)
			rows = append(rows, []string{strconv.FormatInt(v.ID, 10), strconv.FormatInt(v.Webhook, 10), strconv.FormatInt(v.Order, 10), string(v.Type), v.Event,
				string(v.State), strconv.Itoa(v.Attempts), answer(v.Status, v.Error), date(&v.CreatedAt)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "WEBHOOK", "ORDER", "TYPE", "EVENT", "STATE", "ATTEMPTS", "LAST ANSWER", "CREATED"}, rows)
	})
}

type webhookAttemptsCmd struct {
	Delivery int64 `arg:"" help:"Delivery id, as 'webhook deliveries' lists it."`
	JSON     bool  `help:"Print JSON."`
}

func (k *webhookAttemptsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		list, err := p.core.WebhookAttempts(ctx, operator(), k.Delivery)
		if err != nil {
			return err
		}
		views := []attemptView{}
		var rows [][]string
		for _, a := range list {
			views = append(views, attemptView{Number: a.Number, At: a.At, TookMS: a.Took.Milliseconds(), Status: a.Status, Error: a.Error, Answer: a.Excerpt})
			rows = append(rows, []string{strconv.Itoa(a.Number), date(&a.At), a.Took.Round(time.Millisecond).String(), answer(a.Status, a.Error), strconv.Quote(a.Excerpt)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ATTEMPT", "AT", "TOOK", "ANSWER", "BODY"}, rows)
	})
}

type webhookReplayCmd struct {
	Event   string     `help:"This event." placeholder:"ID" xor:"what" required:""`
	From    *time.Time `help:"Events from this moment on, such as 2026-11-22T06:00:00Z, in the partner's time." placeholder:"TIME" xor:"what" required:""`
	To      *time.Time `help:"Only events before this moment; now without it." placeholder:"TIME"`
	Partner int64      `help:"Partner of the range." placeholder:"ID"`
	Webhook int64      `help:"Only to this receiver." placeholder:"ID"`
}

func (k *webhookReplayCmd) Run(ctx context.Context, c *cli, out *output) error {
	cmd := outbox.ReplayEvents{PartnerID: k.Partner, EndpointID: k.Webhook, EventID: k.Event}
	if k.From != nil {
		cmd.From = *k.From
	}
	if k.To != nil {
		cmd.To = *k.To
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		n, err := p.core.ReplayEvents(ctx, operator(), cmd)
		return said(out, err, "%d deliveries to come\n", n)
	})
}

type webhookFailNextCmd struct {
	Partner  int64 `arg:"" help:"Partner id."`
	Attempts int   `arg:"" help:"How many attempts; 0 ends it."`
	Status   int   `help:"Status that they count as answered with." default:"500"`
}

func (k *webhookFailNextCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.FailNextWebhooks(ctx, operator(), k.Partner, k.Attempts, k.Status), "the next %d attempts fail with %d\n", k.Attempts, k.Status)
	})
}

// answer shows what an attempt came to.
func answer(status int, err string) string {
	switch {
	case err != "" && status != 0:
		return fmt.Sprintf("%d, %s", status, err)
	case status != 0:
		return strconv.Itoa(status)
	}
	return orDash(err)
}

// webhookView is a receiver as scripts see it.
type webhookView struct {
	ID            int64          `json:"id"`
	Partner       int64          `json:"partnerId"`
	Format        webhook.Format `json:"format"`
	URL           string         `json:"url"`
	State         string         `json:"state"`
	Header        string         `json:"headerName"`
	Value         string         `json:"headerValue"` // what it is, not the value
	Events        []event.Type   `json:"events"`
	SuppressOwn   bool           `json:"suppressOwn"`
	FailingSince  *time.Time     `json:"failingSince"`
	WarnedAt      *time.Time     `json:"warnedAt"`
	CreatedAt     time.Time      `json:"createdAt"`
	SigningSecret string         `json:"signingSecret,omitempty"`
}

func viewWebhook(e *webhook.Endpoint) webhookView {
	v := webhookView{ID: e.ID, Partner: e.PartnerID, Format: e.Format, URL: e.URL, State: "active", Header: e.HeaderName, Value: "the partner's newest API key",
		Events: append([]event.Type{}, e.Events...), SuppressOwn: e.SuppressOwn, FailingSince: e.FailingSince, WarnedAt: e.WarnedAt, CreatedAt: e.CreatedAt}
	switch {
	case e.Paused:
		v.State = "paused"
	case e.FailingSince != nil:
		v.State = "failing"
	}
	switch {
	case e.SealedHeader != nil:
		v.Value = "set"
	case e.Format == webhook.FormatBaseKit:
		v.Value = "not sent"
	}
	return v
}

type deliveryView struct {
	ID        int64         `json:"id"`
	Partner   int64         `json:"partnerId"`
	Webhook   int64         `json:"webhookId"`
	Order     int64         `json:"orderId"`
	Customer  int64         `json:"customerId,omitempty"` // of an account holder's event
	Event     string        `json:"eventId"`
	Type      event.Type    `json:"event"`
	Replay    bool          `json:"replay"`
	State     webhook.State `json:"state"`
	Attempts  int           `json:"attempts"`
	Status    int           `json:"lastStatus,omitempty"`
	Error     string        `json:"lastError,omitempty"`
	CreatedAt time.Time     `json:"createdAt"`
	FirstAt   *time.Time    `json:"firstAttemptAt,omitempty"`
	LastAt    *time.Time    `json:"lastAttemptAt,omitempty"`
}

type attemptView struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	TookMS int64     `json:"tookMs"`
	Status int       `json:"status,omitempty"`
	Error  string    `json:"error,omitempty"`
	Answer string    `json:"answer,omitempty"`
}

// eventType reads a type in any case: Titan's are in capitals, BaseKit's are not.
func eventType(s string) event.Type {
	for _, t := range event.AllTypes() {
		if strings.EqualFold(string(t), s) {
			return t
		}
	}
	return event.Type(s)
}
