package native

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

type eventView struct {
	ID         string    `json:"id" format:"uuid" doc:"The same in every delivery"`
	Type       string    `json:"type" example:"MAIL_ORDER_CREATED"`
	OrderID    int64     `json:"titanOrderId,omitempty" doc:"Absent for events of no single order"`
	CustomerID int64     `json:"titanCustomerId,omitempty" doc:"Of an account holder's event"`
	OccurredAt time.Time `json:"occurredAt"`
	Actor      string    `json:"actor" doc:"Who made the change: role and name" example:"partner/key:3"`
	RequestID  string    `json:"requestId,omitempty" doc:"The request that made the change"`
	Data       object    `json:"data" doc:"As the webhook sends it; of an account holder's event the accountHolder"`
}

func viewEvent(e *event.Event) eventView {
	data := e.Data
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	return eventView{
		ID: e.PublicID, Type: string(e.Type), OrderID: e.OrderID, CustomerID: e.CustomerID, OccurredAt: e.At, Actor: e.Actor, RequestID: e.RequestID,
		Data: object{data},
	}
}

type eventsInput struct {
	Page
	Span
	Types []string `query:"type" maxItems:"16" doc:"Only these types, comma-separated"`
	Order int64    `query:"titanOrderId" minimum:"0" doc:"Only of this order"`
}

// Span is the time and order of a log's list.
type Span struct {
	From time.Time `query:"from" doc:"Not before this time"`
	To   time.Time `query:"to" doc:"Before this time"`
	Sort string    `query:"sort" enum:"newest,oldest" default:"newest" doc:"Which comes first"`
}

type eventOutput struct{ Body eventView }

type EventPath struct {
	ID string `path:"id" maxLength:"64" doc:"The event's id"`
}

var exampleEvent = eventView{
	ID: "6f1c1f0a-3f0e-4a55-8a53-6f5f6a0d7d10", Type: string(event.MailOrderPurged), OrderID: 1001, OccurredAt: exampleTime,
	Actor: "titan/job:lifecycle", RequestID: exampleID,
	Data: object{json.RawMessage(`{"titanOrderId":1001,"domainName":"shop.example","customerId":"c-1"}`)},
}

func (d *Door) serveEvents() {
	serve(d, operation{
		id: "listEvents", method: http.MethodGet, path: "/v1/events", tag: "Events", scope: partner.ScopeEventsRead, summary: "What happened",
		doc: "The events of one order come in the order of its changes. Two events of different orders that were made at the same moment " +
			"may become visible the other way round: to follow the log register a webhook, or read from some seconds before the last event " +
			"and drop the ids that you have.",
		response: listView[eventView]{Items: []eventView{exampleEvent}, Next: "/v1/events?cursor=AAAAAAAAAGQ4&limit=1"},
	}, d.events)
	serve(d, operation{
		id: "getEvent", method: http.MethodGet, path: "/v1/events/{id}", tag: "Events", scope: partner.ScopeEventsRead, summary: "One event",
		response: exampleEvent,
	}, d.event)
}

func (d *Door) events(ctx context.Context, c *call, in *eventsInput) (*listOutput[eventView], error) {
	past, err := d.cursors.decode(in.Cursor, c.scope())
	if err != nil {
		return nil, err
	}
	f := work.EventFilter{OrderID: in.Order, From: in.From, To: in.To, Oldest: in.Sort == "oldest", Past: past}
	for _, t := range in.Types {
		f.Types = append(f.Types, event.Type(t))
	}
	all, err := d.core.Events(ctx, c.actor, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return list(d, c, in.Page, all, func(e *event.Event) int64 { return e.ID }, viewEvent), nil
}

func (d *Door) event(ctx context.Context, c *call, in *EventPath) (*eventOutput, error) {
	e, err := d.core.Event(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &eventOutput{Body: viewEvent(e)}, nil
}
