package native

import (
	"context"
	"net/http"
	"time"

	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

type deliveryView struct {
	ID         int64      `json:"id"`
	WebhookID  int64      `json:"webhookId"`
	EventID    string     `json:"eventId" format:"uuid"`
	Type       string     `json:"type"`
	OrderID    int64      `json:"titanOrderId,omitempty"`
	CustomerID int64      `json:"titanCustomerId,omitempty" doc:"Of an account holder's event"`
	Replay     bool       `json:"replay"`
	State      string     `json:"state" enum:"pending,delivered,failed" doc:"A pending one is repeated; one in basekit's format is given up after three days"`
	Attempts   int        `json:"attempts"`
	LastStatus int        `json:"lastStatus,omitempty" doc:"The HTTP status of the latest attempt; absent when there was no answer"`
	LastError  string     `json:"lastError,omitempty" doc:"Why there was no answer"`
	CreatedAt  time.Time  `json:"createdAt"`
	FirstAt    *time.Time `json:"firstAttemptAt,omitempty" nullable:"false"`
	LastAt     *time.Time `json:"lastAttemptAt,omitempty" nullable:"false"`
	DoneAt     *time.Time `json:"deliveredAt,omitempty" nullable:"false"`
}

func viewDelivery(v *webhook.Delivery) deliveryView {
	done := v.DoneAt // or when it was given up
	if v.State != webhook.Delivered {
		done = nil
	}
	return deliveryView{
		ID: v.ID, WebhookID: v.EndpointID, EventID: v.EventID, Type: string(v.Type), OrderID: v.OrderID, CustomerID: v.CustomerID, Replay: v.Replay, State: string(v.State),
		Attempts: v.Attempts, LastStatus: v.LastStatus, LastError: v.LastError, CreatedAt: v.CreatedAt, FirstAt: v.FirstAt, LastAt: v.LastAt, DoneAt: done,
	}
}

type attemptView struct {
	Number  int       `json:"number"`
	At      time.Time `json:"at"`
	TookMS  int64     `json:"tookMs"`
	Status  int       `json:"status,omitempty" doc:"Absent when there was no answer"`
	Error   string    `json:"error,omitempty"`
	Excerpt string    `json:"excerpt,omitempty" doc:"The beginning of the answer"`
}

type deliveriesInput struct {
	WebhookPath
	Page
	State string `query:"state" enum:"pending,delivered,failed" doc:"Only in this state"`
	Event string `query:"eventId" maxLength:"64" doc:"Only of this event"`
	Order int64  `query:"titanOrderId" minimum:"0" doc:"Only of this order"`
}

type deliveryInput struct {
	ID int64 `path:"id" minimum:"1" doc:"The delivery's id"`
}

type deliveryOutput struct{ Body deliveryView }

type attemptsOutput struct {
	Body struct {
		Items []attemptView `json:"items" nullable:"false"`
	}
}

type replayEventInput struct {
	EventPath
	Body *struct {
		WebhookID int64 `json:"webhookId,omitempty" minimum:"0" doc:"Only to this receiver; absent: to all of yours"`
	} `required:"false"`
}

type replayRangeInput struct {
	WebhookPath
	Body struct {
		From time.Time  `json:"from" doc:"Events that occurred at this time or later"`
		To   *time.Time `json:"to,omitempty" doc:"And before this one; absent: until now"`
	}
}

type replayedOutput struct {
	Body struct {
		Events int `json:"events" doc:"How many were found, counted once per receiver"`
	}
}

func replayed(n int) *replayedOutput {
	out := &replayedOutput{}
	out.Body.Events = n
	return out
}

func (d *Door) serveDeliveries() {
	later := exampleTime.Add(time.Second)
	example := deliveryView{
		ID: 31, WebhookID: 7, EventID: exampleEvent.ID, Type: exampleEvent.Type, OrderID: 1001, State: "delivered", Attempts: 1, LastStatus: 200,
		CreatedAt: exampleTime, FirstAt: &later, LastAt: &later, DoneAt: &later,
	}
	serve(d, operation{
		id: "listDeliveries", method: http.MethodGet, path: "/v1/webhooks/{id}/deliveries", tag: "Webhooks", scope: partner.ScopeWebhooksRead,
		summary: "What was sent to a receiver, and what waits", doc: "The newest first.", response: listView[deliveryView]{Items: []deliveryView{example}},
	}, d.deliveries)
	serve(d, operation{
		id: "getDelivery", method: http.MethodGet, path: "/v1/deliveries/{id}", tag: "Webhooks", scope: partner.ScopeWebhooksRead, summary: "One delivery",
		response: example,
	}, func(ctx context.Context, c *call, in *deliveryInput) (*deliveryOutput, error) {
		v, err := d.core.WebhookDelivery(ctx, c.actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &deliveryOutput{Body: viewDelivery(v)}, nil
	})
	serve(d, operation{
		id: "listAttempts", method: http.MethodGet, path: "/v1/deliveries/{id}/attempts", tag: "Webhooks", scope: partner.ScopeWebhooksRead,
		summary: "The attempts of a delivery", doc: "The newest first; the last 50 are kept.",
		response: map[string]any{"items": []attemptView{{Number: 1, At: later, TookMS: 41, Status: 200, Excerpt: "ok"}}},
	}, d.attempts)
	serve(d, operation{
		id: "replayEvent", method: http.MethodPost, path: "/v1/events/{id}/replay", tag: "Events", scope: partner.ScopeWebhooksWrite,
		summary: "Send an event again", doc: "Under its old id, whatever types the receiver takes. What waits anyway is not sent twice.",
		status: http.StatusAccepted, request: map[string]any{"webhookId": 7}, response: map[string]any{"events": 1},
	}, func(ctx context.Context, c *call, in *replayEventInput) (*replayedOutput, error) {
		if _, err := d.core.Event(ctx, c.actor, in.ID); err != nil {
			return nil, err
		}
		cmd := outbox.ReplayEvents{PartnerID: c.actor.PartnerID, EventID: in.ID}
		if in.Body != nil {
			cmd.EndpointID = in.Body.WebhookID
		}
		n, err := d.core.ReplayEvents(ctx, c.actor, cmd)
		if err != nil {
			return nil, err
		}
		return replayed(n), nil
	})
	serve(d, operation{
		id: "replayRange", method: http.MethodPost, path: "/v1/webhooks/{id}/replay", tag: "Webhooks", scope: partner.ScopeWebhooksWrite,
		summary: "Send the events of a range of time again", doc: "Of the types that the receiver takes, under their old ids, in the background.",
		status: http.StatusAccepted, request: map[string]any{"from": exampleTime.Format(time.RFC3339)}, response: map[string]any{"events": 120},
	}, func(ctx context.Context, c *call, in *replayRangeInput) (*replayedOutput, error) {
		cmd := outbox.ReplayEvents{PartnerID: c.actor.PartnerID, EndpointID: in.ID, From: in.Body.From}
		if in.Body.To != nil {
			cmd.To = *in.Body.To
		}
		n, err := d.core.ReplayEvents(ctx, c.actor, cmd)
		if err != nil {
			return nil, err
		}
		return replayed(n), nil
	})
}

func (d *Door) deliveries(ctx context.Context, c *call, in *deliveriesInput) (*listOutput[deliveryView], error) {
	past, err := d.cursors.decode(in.Cursor, c.scope())
	if err != nil {
		return nil, err
	}
	if _, err := d.core.Webhook(ctx, c.actor, in.WebhookPath.ID); err != nil {
		return nil, err
	}
	all, err := d.core.WebhookDeliveries(ctx, c.actor, work.DeliveryFilter{
		PartnerID: c.actor.PartnerID, EndpointID: in.WebhookPath.ID, OrderID: in.Order, EventID: in.Event, State: webhook.State(in.State),
		Before: past, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	return list(d, c, in.Page, all, func(v *webhook.Delivery) int64 { return v.ID }, viewDelivery), nil
}

func (d *Door) attempts(ctx context.Context, c *call, in *deliveryInput) (*attemptsOutput, error) {
	all, err := d.core.WebhookAttempts(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &attemptsOutput{}
	out.Body.Items = make([]attemptView, 0, len(all))
	for _, a := range all {
		out.Body.Items = append(out.Body.Items, attemptView{
			Number: a.Number, At: a.At, TookMS: a.Took.Milliseconds(), Status: a.Status, Error: a.Error, Excerpt: a.Excerpt,
		})
	}
	return out, nil
}
