package native

import (
	"context"
	"net/http"
	"time"

	"posthouse/internal/core/partner"
)

type meView struct {
	PartnerID int64     `json:"partnerId" example:"17"`
	Name      string    `json:"name" example:"Example Hosting"`
	Sandbox   bool      `json:"sandbox" doc:"Has a clock of its own; its mail never leaves the machine"`
	KeyID     int64     `json:"keyId" doc:"The key that you use"`
	Scopes    []string  `json:"scopes" nullable:"false" doc:"What it may be used for; empty: everything"`
	Time      time.Time `json:"time" doc:"What time it is for you"`
}

type keyView struct {
	ID        int64      `json:"id"`
	Hint      string     `json:"endsIn" doc:"The last four characters"`
	Scopes    []string   `json:"scopes" nullable:"false" doc:"Empty: everything"`
	Signs     bool       `json:"signs" doc:"Its secret signs JWTs"`
	State     string     `json:"state" enum:"valid,expiring,expired,revoked"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" nullable:"false"`
	RevokedAt *time.Time `json:"revokedAt,omitempty" nullable:"false"`
}

type meOutput struct{ Body meView }

type keysOutput struct {
	Body struct {
		Items []keyView `json:"items" nullable:"false"`
	}
}

var exampleTime = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func (d *Door) serveMe() {
	serve(d, operation{
		id: "getMe", method: http.MethodGet, path: "/v1/me", tag: "Account", summary: "Who the key belongs to",
		response: meView{PartnerID: 17, Name: "Example Hosting", Sandbox: true, KeyID: 3, Scopes: []string{"events:read"}, Time: exampleTime},
	}, d.me)
	serve(d, operation{
		id: "listKeys", method: http.MethodGet, path: "/v1/keys", tag: "Account", scope: partner.ScopeKeysRead, summary: "API keys, without their secrets",
		doc: "The newest first. Keys are made, rotated and revoked by the operator: a key that can make keys could not be taken back.",
		response: map[string]any{"items": []keyView{{
			ID: 3, Hint: "x4Qz", Scopes: []string{"events:read"}, State: "valid", CreatedAt: exampleTime}}},
	}, d.keys)
}

func (d *Door) me(ctx context.Context, c *call, _ *struct{}) (*meOutput, error) {
	now, err := d.core.PartnerTime(ctx, c.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	return &meOutput{Body: meView{
		PartnerID: c.own().ID, Name: c.own().Name, Sandbox: c.own().Sandbox, KeyID: c.caller.KeyID,
		Scopes: scopeNames(c.caller.Key.Scopes), Time: now,
	}}, nil
}

func scopeNames(in []partner.Scope) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func (d *Door) keys(ctx context.Context, c *call, _ *struct{}) (*keysOutput, error) {
	keys, err := d.core.OwnKeys(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	out := &keysOutput{}
	out.Body.Items = make([]keyView, 0, len(keys))
	for _, k := range keys {
		state := "valid"
		switch {
		case k.RevokedAt != nil:
			state = "revoked"
		case !k.ValidAt(d.serving.Clock.Now()):
			state = "expired"
		case k.ExpiresAt != nil:
			state = "expiring"
		}
		out.Body.Items = append(out.Body.Items, keyView{
			ID: k.ID, Hint: k.Hint, Scopes: scopeNames(k.Scopes), Signs: k.Signs(), State: state,
			CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt,
		})
	}
	return out, nil
}
