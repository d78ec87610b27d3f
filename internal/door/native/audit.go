package native

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

type auditView struct {
	ID        int64     `json:"id"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"Who: role and name" example:"partner/key:3"`
	Address   string    `json:"address,omitempty" doc:"From where, of your own callers"`
	RequestID string    `json:"requestId,omitempty"`
	Action    string    `json:"action" example:"mail_order.suspend"`
	Object    string    `json:"object" example:"order"`
	ObjectID  int64     `json:"objectId"`
	Detail    *object   `json:"detail,omitempty" doc:"What changed; never a password, key or content"`
}

func viewAudit(r *audit.Record) auditView {
	v := auditView{
		ID: r.ID, At: r.At, Actor: r.Actor, Address: r.Address, RequestID: r.RequestID, Action: r.Action, Object: r.Object, ObjectID: r.ObjectID,
	}
	if len(r.Detail) > 0 {
		v.Detail = &object{r.Detail}
	}
	return v
}

type auditInput struct {
	Page
	Span
	Action   string `query:"action" maxLength:"100" doc:"Only this action"`
	Object   string `query:"object" maxLength:"100" doc:"Only objects of this kind: order, account, customer, key, partner, ..."`
	ObjectID int64  `query:"objectId" minimum:"0" doc:"Only of the object with this id"`
}

func (d *Door) serveAudit() {
	serve(d, operation{
		id: "listAudit", method: http.MethodGet, path: "/v1/audit", tag: "Audit", scope: partner.ScopeAuditRead, summary: "Who did what",
		doc: "Every change of your objects, by you, by the operator and by the platform itself.",
		response: listView[auditView]{Items: []auditView{{
			ID: 900, At: exampleTime, Actor: "partner/key:3", Address: "192.0.2.10", RequestID: exampleID, Action: "mail_order.suspend",
			Object: "order", ObjectID: 1001, Detail: &object{json.RawMessage(`{"type":"partner"}`)},
		}}},
	}, d.audit)
}

func (d *Door) audit(ctx context.Context, c *call, in *auditInput) (*listOutput[auditView], error) {
	past, err := d.cursors.decode(in.Cursor, c.scope())
	if err != nil {
		return nil, err
	}
	all, err := d.core.AuditLog(ctx, c.actor, work.AuditFilter{
		Action: in.Action, Object: in.Object, ObjectID: in.ObjectID, From: in.From, To: in.To, Oldest: in.Sort == "oldest", Past: past,
	}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return list(d, c, in.Page, all, func(r *audit.Record) int64 { return r.ID }, viewAudit), nil
}
