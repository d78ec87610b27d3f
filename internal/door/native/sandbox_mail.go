package native

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"posthouse/internal/core/partner"
	"posthouse/internal/mail/queue"
)

type messageView struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	From       string    `json:"from" doc:"The envelope's sender; empty for what takes no answer"`
	To         string    `json:"to" doc:"The envelope's recipient: one message each"`
	Subject    string    `json:"subject"`
	Size       int64     `json:"size"`
	Notice     bool      `json:"notice" doc:"Written by the platform: password set-up, welcome, ..."`
	OrderID    int64     `json:"titanOrderId,omitempty"`
	AccountID  int64     `json:"titanAccountId,omitempty" doc:"Who sent it"`
	ContentURL string    `json:"content" doc:"The message itself" example:"/v1/sandbox/messages/12/content"`
}

func viewMessage(m *queue.SandboxMessage) messageView {
	return messageView{
		ID: m.ID, At: m.At, From: m.ReversePath, To: m.Recipient, Subject: m.Subject, Size: m.Size, Notice: m.Notice,
		OrderID: m.OrderID, AccountID: m.AccountID, ContentURL: "/v1/sandbox/messages/" + strconv.FormatInt(m.ID, 10) + "/content",
	}
}

type messagesInput struct {
	Page
	To      string `query:"to" maxLength:"320" doc:"Only to this address"`
	Account int64  `query:"titanAccountId" minimum:"0" doc:"Only sent by this account"`
	Notices bool   `query:"notices" doc:"Only what the platform wrote"`
}

type messagePath struct {
	ID int64 `path:"id" minimum:"1"`
}

type messageOutput struct{ Body messageView }

type contentOutput struct {
	Body func(huma.Context)
}

type deletedOutput struct {
	Body struct {
		Deleted int `json:"deleted" doc:"How many there were"`
	}
}

func (d *Door) serveSandboxMail() {
	example := messageView{
		ID: 12, At: exampleTime, From: "jane@shop.example", To: "bob@elsewhere.example", Subject: "Hello", Size: 612, OrderID: 1001, AccountID: 5001,
		ContentURL: "/v1/sandbox/messages/12/content",
	}
	serve(d, operation{
		id: "listSandboxMessages", method: http.MethodGet, path: "/v1/sandbox/messages", tag: "Sandbox", scope: partner.ScopeSandboxRead, sandbox: true,
		summary: "Mail that would have left the machine", doc: "The newest first; the last 1,000 of 30 days.",
		response: listView[messageView]{Items: []messageView{example}},
	}, d.messages)
	serve(d, operation{
		id: "getSandboxMessage", method: http.MethodGet, path: "/v1/sandbox/messages/{id}", tag: "Sandbox", scope: partner.ScopeSandboxRead, sandbox: true,
		summary: "One message", response: example,
	}, func(ctx context.Context, c *call, in *messagePath) (*messageOutput, error) {
		m, err := d.sandbox.SandboxMessage(ctx, c.actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &messageOutput{Body: viewMessage(m)}, nil
	})
	serve(d, operation{
		id: "getSandboxMessageContent", method: http.MethodGet, path: "/v1/sandbox/messages/{id}/content", tag: "Sandbox", scope: partner.ScopeSandboxRead,
		sandbox: true, summary: "The message itself, as .eml", media: "message/rfc822", response: "From: jane@shop.example\r\nSubject: Hello\r\n\r\nHi.\r\n",
	}, d.messageContent)
	serve(d, operation{
		id: "deleteSandboxMessage", method: http.MethodDelete, path: "/v1/sandbox/messages/{id}", tag: "Sandbox", scope: partner.ScopeSandboxWrite,
		sandbox: true, summary: "Delete a message", status: http.StatusNoContent,
	}, func(ctx context.Context, c *call, in *messagePath) (*struct{}, error) {
		return nil, d.sandbox.DeleteSandboxMessage(ctx, c.actor, in.ID)
	})
	serve(d, operation{
		id: "deleteSandboxMessages", method: http.MethodDelete, path: "/v1/sandbox/messages", tag: "Sandbox", scope: partner.ScopeSandboxWrite,
		sandbox: true, summary: "Delete all messages", response: map[string]any{"deleted": 3},
	}, func(ctx context.Context, c *call, _ *struct{}) (*deletedOutput, error) {
		n, err := d.sandbox.DeleteSandboxMessages(ctx, c.actor, c.actor.PartnerID)
		if err != nil {
			return nil, err
		}
		out := &deletedOutput{}
		out.Body.Deleted = n
		return out, nil
	})
}

func (d *Door) messages(ctx context.Context, c *call, in *messagesInput) (*listOutput[messageView], error) {
	past, err := d.cursors.decode(in.Cursor, c.scope())
	if err != nil {
		return nil, err
	}
	all, err := d.sandbox.SandboxMessages(ctx, c.actor, queue.SandboxFilter{
		PartnerID: c.actor.PartnerID, Recipient: in.To, AccountID: in.Account, Notices: in.Notices, Before: past, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	return list(d, c, in.Page, all, func(m *queue.SandboxMessage) int64 { return m.ID }, viewMessage), nil
}

func (d *Door) messageContent(ctx context.Context, c *call, in *messagePath) (*contentOutput, error) {
	content, err := d.sandbox.SandboxContent(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &contentOutput{Body: func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		out := w.(*recorder)
		defer func() {
			if err := content.Close(); err != nil {
				c.err = err
			}
		}()
		out.header.Set("Content-Type", "message/rfc822")
		out.header.Set("Content-Disposition", `attachment; filename="`+strconv.FormatInt(in.ID, 10)+`.eml"`)
		out.stream(http.StatusOK)
		if _, err := content.WriteTo(out); err != nil {
			c.err, out.aborted = err, true
		}
	}}, nil
}
