package native

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/webhook"
)

type WebhookView struct {
	ID           int64      `json:"id" example:"7"`
	Format       string     `json:"format" enum:"titan,basekit" doc:"titan: the events of orders and accounts, signed as Standard Webhooks, repeated every 60 s until HTTP 200. basekit: the events of account holders, signed by X-Delivery-Hmac-SHA256, repeated for three days until any 2xx" example:"titan"`
	URL          string     `json:"url" example:"https://hooks.partner.example/posthouse"`
	HeaderName   string     `json:"headerName" doc:"Carries headerValue; empty: none is sent" example:"Authorization"`
	HeaderSet    bool       `json:"headerValueSet" doc:"False: in titan's format it carries your newest API key, in basekit's it is not sent"`
	Events       []string   `json:"events" nullable:"false" doc:"Only these types; empty: all of the format"`
	SuppressOwn  bool       `json:"suppressOwn" doc:"Nothing that your own API calls caused"`
	Paused       bool       `json:"paused" doc:"Events gather and are not sent"`
	FailingSince *time.Time `json:"failingSince,omitempty" nullable:"false" doc:"No event of some order has come through since"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
}

type secretWebhookView struct {
	WebhookView
	SigningSecret string `json:"signingSecret" doc:"Of the signature; shown only here" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="`
}

func viewWebhook(e *webhook.Endpoint) WebhookView {
	v := WebhookView{
		ID: e.ID, Format: formatOf(e), URL: e.URL, HeaderName: e.HeaderName, HeaderSet: e.SealedHeader != nil, Events: make([]string, 0, len(e.Events)),
		SuppressOwn: e.SuppressOwn, Paused: e.Paused, FailingSince: e.FailingSince, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	for _, t := range e.Events {
		v.Events = append(v.Events, string(t))
	}
	return v
}

func formatOf(e *webhook.Endpoint) string {
	if e.Format == "" {
		return string(webhook.FormatTitan)
	}
	return string(e.Format)
}

func microVersion(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 36) }

type webhookOutput struct {
	ETag string `header:"ETag"`
	Body WebhookView
}

type secretWebhookOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     secretWebhookView
}

func webhookPath(id int64) string { return "/v1/webhooks/" + strconv.FormatInt(id, 10) }

func shownWebhook(e *webhook.Endpoint) *webhookOutput {
	return &webhookOutput{ETag: etag(microVersion(e.UpdatedAt)), Body: viewWebhook(e)}
}

func shownSecret(e *webhook.Endpoint) *secretWebhookOutput {
	return &secretWebhookOutput{ETag: etag(microVersion(e.UpdatedAt)), Location: webhookPath(e.ID),
		Body: secretWebhookView{WebhookView: viewWebhook(e), SigningSecret: e.SigningSecret}}
}

type createWebhook struct {
	Format      string   `json:"format,omitempty" enum:"titan,basekit" doc:"Absent: titan. It stays"`
	URL         string   `json:"url" minLength:"1" maxLength:"2048" doc:"An https address that can be reached from outside"`
	HeaderName  string   `json:"headerName,omitempty" maxLength:"100" doc:"Absent: Authorization"`
	HeaderValue string   `json:"headerValue,omitempty" maxLength:"4096" writeOnly:"true" doc:"Absent: in titan's format your newest API key, and a key with scopes and a token must send it; in basekit's no header"`
	Events      []string `json:"events,omitempty" maxItems:"16" nullable:"false" doc:"Only these types; absent or empty: all of the format"`
	SuppressOwn bool     `json:"suppressOwn,omitempty"`
	Paused      bool     `json:"paused,omitempty"`
}

type modifyWebhook struct {
	URL         *string   `json:"url,omitempty" minLength:"1" maxLength:"2048"`
	HeaderName  *string   `json:"headerName,omitempty" maxLength:"100"`
	HeaderValue *string   `json:"headerValue,omitempty" maxLength:"4096" writeOnly:"true" doc:"Empty: as if it was never set"`
	Events      *[]string `json:"events,omitempty" maxItems:"16" nullable:"false"`
	SuppressOwn *bool     `json:"suppressOwn,omitempty"`
	Paused      *bool     `json:"paused,omitempty" doc:"true pauses, false resumes"`
}

func eventTypes(in []string) []event.Type {
	out := make([]event.Type, 0, len(in))
	for _, t := range in {
		out = append(out, event.Type(t))
	}
	return out
}

type WebhookPath struct {
	ID int64 `path:"id" minimum:"1" doc:"The webhook's id"`
}

type createWebhookInput struct{ Body createWebhook }

type modifyWebhookInput struct {
	WebhookPath
	Condition
	Body modifyWebhook
}

type webhooksOutput struct {
	Body struct {
		Items []WebhookView `json:"items" nullable:"false"`
	}
}

var exampleWebhook = WebhookView{
	ID: 7, Format: "titan", URL: "https://hooks.partner.example/posthouse", HeaderName: "Authorization", HeaderSet: true,
	Events: []string{string(event.MailOrderCreated)}, CreatedAt: exampleTime, UpdatedAt: exampleTime,
}

func (d *Door) serveWebhooks() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
	paused := true
	serve(d, operation{
		id: "listWebhooks", method: http.MethodGet, path: "/v1/webhooks", tag: "Webhooks", scope: partner.ScopeWebhooksRead, summary: "Your receivers of events",
		response: map[string]any{"items": []WebhookView{exampleWebhook}},
	}, d.webhooks)
	serve(d, operation{
		id: "createWebhook", method: http.MethodPost, path: "/v1/webhooks", tag: "Webhooks", scope: partner.ScopeWebhooksWrite, summary: "Register a receiver",
		doc:    "Events that happened before are not sent: replay them. The answer alone holds the signing secret.",
		status: http.StatusCreated, request: createWebhook{URL: exampleWebhook.URL, HeaderValue: "Bearer of-your-choice", Events: exampleWebhook.Events},
		response: secretWebhookView{WebhookView: exampleWebhook, SigningSecret: secret},
	}, d.createWebhook)
	serve(d, operation{
		id: "getWebhook", method: http.MethodGet, path: "/v1/webhooks/{id}", tag: "Webhooks", scope: partner.ScopeWebhooksRead, summary: "One receiver",
		response: exampleWebhook,
	}, func(ctx context.Context, c *call, in *WebhookPath) (*webhookOutput, error) {
		e, err := d.core.Webhook(ctx, c.actor, in.ID)
		if err != nil {
			return nil, err
		}
		return shownWebhook(e), nil
	})
	serve(d, operation{
		id: "modifyWebhook", method: http.MethodPatch, path: "/v1/webhooks/{id}", tag: "Webhooks", scope: partner.ScopeWebhooksWrite,
		summary: "Change, pause or resume a receiver", doc: "What is absent or null stays.", ifMatch: true,
		request: modifyWebhook{Paused: &paused}, response: exampleWebhook,
	}, d.modifyWebhook)
	serve(d, operation{
		id: "deleteWebhook", method: http.MethodDelete, path: "/v1/webhooks/{id}", tag: "Webhooks", scope: partner.ScopeWebhooksWrite,
		summary: "End a receiver", doc: "What waits for it is dropped.", status: http.StatusNoContent,
	}, func(ctx context.Context, c *call, in *WebhookPath) (*struct{}, error) {
		return nil, d.core.DeleteWebhook(ctx, c.actor, in.ID)
	})
	serve(d, operation{
		id: "rotateWebhookSecret", method: http.MethodPost, path: "/v1/webhooks/{id}/rotate-secret", tag: "Webhooks", scope: partner.ScopeWebhooksWrite,
		summary: "Make a new signing secret", doc: "The old one ends at once. The answer alone holds the new one.",
		response: secretWebhookView{WebhookView: exampleWebhook, SigningSecret: secret},
	}, func(ctx context.Context, c *call, in *WebhookPath) (*secretWebhookOutput, error) {
		e, err := d.core.ModifyWebhook(ctx, c.actor, outbox.ModifyWebhook{ID: in.ID, RotateSecret: true})
		if err != nil {
			return nil, err
		}
		return shownSecret(e), nil
	})
}

func (d *Door) webhooks(ctx context.Context, c *call, _ *struct{}) (*webhooksOutput, error) {
	all, err := d.core.Webhooks(ctx, c.actor, c.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	out := &webhooksOutput{}
	out.Body.Items = make([]WebhookView, 0, len(all))
	for _, e := range all {
		out.Body.Items = append(out.Body.Items, viewWebhook(e))
	}
	return out, nil
}

func (d *Door) createWebhook(ctx context.Context, c *call, in *createWebhookInput) (*secretWebhookOutput, error) {
	b := in.Body
	e, err := d.core.CreateWebhook(ctx, c.actor, outbox.CreateWebhook{
		PartnerID: c.actor.PartnerID, Format: webhook.Format(b.Format), URL: b.URL, HeaderName: b.HeaderName, HeaderValue: b.HeaderValue, Events: eventTypes(b.Events),
		SuppressOwn: b.SuppressOwn, Paused: b.Paused,
	})
	if err != nil {
		return nil, err
	}
	return shownSecret(e), nil
}

func (d *Door) modifyWebhook(ctx context.Context, c *call, in *modifyWebhookInput) (*webhookOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	cmd := outbox.ModifyWebhook{ID: in.ID, URL: b.URL, HeaderName: b.HeaderName, HeaderValue: b.HeaderValue, SuppressOwn: b.SuppressOwn, Paused: b.Paused}
	if b.Events != nil {
		types := eventTypes(*b.Events)
		cmd.Events = &types
	}
	if version != "" {
		us, err := strconv.ParseInt(version, 36, 64)
		if err != nil {
			us = -1 // matches nothing, but what does not exist still answers so
		}
		seen := time.UnixMicro(us)
		cmd.IfUpdatedAt = &seen
	}
	e, err := d.core.ModifyWebhook(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return shownWebhook(e), nil
}
