package provision

import (
	"posthouse/internal/core/notice"
	"posthouse/internal/core/webhook"
)

// tellWebhookFailing mails the partner's contact about an endpoint and why its
// latest attempt failed.
func (u *unit) tellWebhookFailing(e *webhook.Endpoint, contact, lastError string) error {
	return u.notify(notice.Notice{PartnerID: e.PartnerID, Kind: notice.WebhooksFailing, To: contact},
		notice.WebhooksFailingData{URL: e.URL, Since: *e.FailingSince, LastError: lastError, GivesUp: e.Format == webhook.FormatBaseKit}, "")
}
