package native

import (
	"context"
	"net/http"

	"posthouse/internal/core/partner"
)

type failures struct {
	Attempts int `json:"attempts" minimum:"0" maximum:"1000" doc:"How many; 0 ends it"`
	Status   int `json:"status,omitempty" minimum:"100" maximum:"599" default:"500" doc:"What they count as answered with"`
}

type failuresInput struct{ Body failures }

type failuresOutput struct{ Body failures }

func (d *Door) serveSandboxWebhooks() {
	example := failures{Attempts: 3, Status: 500}
	serve(d, operation{
		id: "failWebhooks", method: http.MethodPost, path: "/v1/sandbox/webhook-failures", tag: "Sandbox", scope: partner.ScopeSandboxWrite, sandbox: true,
		summary: "Make the next webhook attempts fail", doc: "They count as answered with the status, without being sent.",
		request: example, response: example,
	}, func(ctx context.Context, c *call, in *failuresInput) (*failuresOutput, error) {
		if err := d.core.FailNextWebhooks(ctx, c.actor, c.actor.PartnerID, in.Body.Attempts, in.Body.Status); err != nil {
			return nil, err
		}
		return &failuresOutput{Body: in.Body}, nil
	})
}
