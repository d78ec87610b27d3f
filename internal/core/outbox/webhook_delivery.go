package outbox

import (
	"context"
	"slices"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// WebhookCredentials are what an endpoint's deliveries carry. They never leave the process otherwise.
type WebhookCredentials struct {
	HeaderName  string // "" = none
	HeaderValue string
	SigningKey  []byte
}

// WebhookCredentials opens an endpoint's secrets for the dispatcher. Keys are
// judged by the platform's time.
func (s *Service) WebhookCredentials(ctx context.Context, e *webhook.Endpoint) (*WebhookCredentials, error) {
	out := &WebhookCredentials{HeaderName: e.HeaderName}
	var err error
	if out.SigningKey, err = s.Sealer.Open(e.SealedSecret, webhook.SecretContext(e.PartnerID)); err != nil {
		return nil, err
	}
	if e.SealedHeader != nil {
		value, err := s.Sealer.Open(e.SealedHeader, webhook.HeaderContext(e.PartnerID))
		out.HeaderValue = string(value)
		return out, err
	}
	if e.Format == webhook.FormatBaseKit {
		out.HeaderName = ""
		return out, nil
	}
	keys, err := tenancy.New(s.Platform).SigningKeys(ctx, e.PartnerID)
	if err != nil {
		return nil, err
	}
	out.HeaderValue = keys[0]
	return out, nil
}

// WarnWebhookFailing tells the partner's contact that an endpoint has failed for
// webhook.WarnAfter and why its latest attempt did, once in a period of failure:
// it reports whether that was now.
func (s *Service) WarnWebhookFailing(ctx context.Context, actor audit.Actor, id int64, lastError string) (bool, error) {
	if err := work.CheckOperator(actor); err != nil {
		return false, err
	}
	var warned bool
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		warned = false
		e, err := findWebhook(u, id)
		if err != nil {
			return err
		}
		if e.FailingSince == nil {
			return nil
		}
		if warned, err = u.Tx.WarnWebhook(u.Ctx, e.ID, u.Real); err != nil || !warned {
			return err
		}
		b, err := tenancy.Brand(u, e.PartnerID, 0)
		if err != nil {
			return err
		}
		if err := tellWebhookFailing(u, e, b.ContactEmail, lastError); err != nil {
			return err
		}
		return u.Record(e.PartnerID, "webhook.warn", "webhook", e.ID, work.Detail{"url": e.URL, "failingSince": e.FailingSince})
	})
	return warned, err
}

// WebhooksSettled reports that none of the partner's events is due for delivery
// or being delivered; what waits for a later attempt or a paused endpoint doesn't count.
func (s *Service) WebhooksSettled(ctx context.Context, partnerID int64) (bool, error) {
	var settled bool
	err := s.Store.Read(ctx, func(tx work.Tx) (err error) {
		settled, err = tx.WebhooksSettled(ctx, partnerID, s.Now())
		return err
	})
	return settled, err
}

const maxFailures = 1000

// FailNextWebhooks makes the next n attempts of a sandbox partner count as
// answered with a status, without being sent; 0 ends it.
func (s *Service) FailNextWebhooks(ctx context.Context, actor audit.Actor, partnerID int64, n, status int) error {
	if n < 0 || n > maxFailures {
		return fault.Newf(fault.Invalid, "The number of attempts is not between 0 and %d", maxFailures)
	}
	if status < 100 || status > 599 || status == 200 {
		return fault.New(fault.Invalid, "The status is no HTTP status of a failure")
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.OwnPartner(partnerID)
		if err != nil {
			return err
		}
		if !p.Sandbox {
			return fault.New(fault.Forbidden, "Only a sandbox partner's webhooks can be made to fail").WithReason("NO_SANDBOX")
		}
		if err := u.Tx.FailWebhooks(u.Ctx, p.ID, n, status); err != nil {
			return err
		}
		return u.Record(p.ID, "webhook.fail_next", "partner", p.ID, work.Detail{"attempts": n, "status": status})
	})
}

// replayed picks the endpoints that a replay is for.
func replayed(u *work.Unit, partnerID, endpointID int64) ([]*webhook.Endpoint, error) {
	if endpointID != 0 {
		e, err := findWebhook(u, endpointID)
		if err != nil {
			return nil, err
		}
		if partnerID != 0 && e.PartnerID != partnerID {
			return nil, errWebhook
		}
		return []*webhook.Endpoint{e}, nil
	}
	p, err := u.OwnPartner(partnerID)
	if err != nil {
		return nil, err
	}
	list, err := u.Tx.Webhooks(u.Ctx, p.ID)
	return slices.Clip(list), err
}

// tellWebhookFailing mails the partner's contact about an endpoint and why its
// latest attempt failed.
func tellWebhookFailing(u *work.Unit, e *webhook.Endpoint, contact, lastError string) error {
	return u.Notify(notice.Notice{PartnerID: e.PartnerID, Kind: notice.WebhooksFailing, To: contact},
		notice.WebhooksFailingData{URL: e.URL, Since: *e.FailingSince, LastError: lastError, GivesUp: e.Format == webhook.FormatBaseKit}, "")
}
