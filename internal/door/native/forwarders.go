package native

import (
	"context"
	"net/http"
	"time"

	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

type forwarderView struct {
	Email      string    `json:"email" example:"sales@shop.example"`
	Recipients []string  `json:"recipients" nullable:"false"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"`
}

func viewForwarder(f *forwarder.Forwarder) forwarderView {
	return forwarderView{Email: f.Email(), Recipients: f.Recipients(), CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt}
}

type OrderPath struct {
	Order int64 `path:"titanOrderId" minimum:"1"`
}

type forwarderPath struct {
	OrderPath
	Email string `path:"address" maxLength:"320" doc:"The forwarder's address"`
}

func (p forwarderPath) ref() work.ForwarderRef {
	return work.ForwarderRef{Order: work.OrderRef{ID: p.Order}, Email: p.Email}
}

type forwardersOutput struct {
	Body struct {
		Items []forwarderView `json:"items" nullable:"false"`
	}
}

type forwarderOutput struct{ Body forwarderView }

func (d *Door) serveForwarders() {
	example := forwarderView{
		Email: "sales@shop.example", Recipients: []string{"jane@shop.example", "joe@shop.example"}, CreatedAt: exampleTime, UpdatedAt: exampleTime,
	}
	const collection, one = "/v1/orders/{titanOrderId}/forwarders", "/v1/orders/{titanOrderId}/forwarders/{address}"
	serve(d, operation{
		id: "listForwarders", method: http.MethodGet, path: collection, tag: "Forwarders", scope: partner.ScopeForwardersRead,
		summary: "Internal forwarding accounts of an order", response: map[string]any{"items": []forwarderView{example}},
	}, d.forwarders)
	serve(d, operation{
		id: "getForwarder", method: http.MethodGet, path: one, tag: "Forwarders", scope: partner.ScopeForwardersRead, summary: "One forwarder",
		response: example,
	}, func(ctx context.Context, c *call, in *forwarderPath) (*forwarderOutput, error) {
		f, err := d.core.FetchForwarder(ctx, c.actor, in.ref())
		if err != nil {
			return nil, err
		}
		return &forwarderOutput{Body: viewForwarder(f)}, nil
	})
	serve(d, operation{
		id: "deleteForwarder", method: http.MethodDelete, path: one, tag: "Forwarders", scope: partner.ScopeForwardersWrite, summary: "Delete a forwarder",
		doc: "With all its recipients at once. Sends INTERNAL_FORWARDING_ACCOUNT_DELETED.", status: http.StatusNoContent,
	}, func(ctx context.Context, c *call, in *forwarderPath) (*struct{}, error) {
		return nil, d.core.DeleteForwarder(ctx, c.actor, in.ref())
	})
}

func (d *Door) forwarders(ctx context.Context, c *call, in *OrderPath) (*forwardersOutput, error) {
	all, err := d.core.ListForwarders(ctx, c.actor, work.OrderRef{ID: in.Order})
	if err != nil {
		return nil, err
	}
	out := &forwardersOutput{}
	out.Body.Items = make([]forwarderView, 0, len(all))
	for _, f := range all {
		out.Body.Items = append(out.Body.Items, viewForwarder(f))
	}
	return out, nil
}
