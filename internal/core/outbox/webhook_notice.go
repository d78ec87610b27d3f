package outbox

import (
	"posthouse/internal/core/notice"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
)

// tellWebhookFailing mails the partner's contact about an endpoint and why its
// latest attempt failed.
func tellWebhookFailing(u *work.Unit, e *webhook.Endpoint, contact, lastError string) error {
	return u.Notify(notice.Notice{PartnerID: e.PartnerID, Kind: notice.WebhooksFailing, To: contact},
		notice.WebhooksFailingData{URL: e.URL, Since: *e.FailingSince, LastError: lastError, GivesUp: e.Format == webhook.FormatBaseKit}, "")
}
