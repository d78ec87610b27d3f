package provision

import (
	"strconv"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/webhook"
)

// tellWebhookFailing mails the partner's contact about an endpoint.
func (u *unit) tellWebhookFailing(e *webhook.Endpoint, contact string) error {
	data := notice.WebhooksFailingData{URL: e.URL, Since: *e.FailingSince}
	waiting, err := u.tx.WebhookDeliveries(u.ctx, DeliveryFilter{PartnerID: e.PartnerID, EndpointID: e.ID, State: webhook.Pending, Limit: 100})
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if data.LastError = d.LastError; data.LastError == "" && d.LastStatus != 0 {
			data.LastError = "HTTP " + strconv.Itoa(d.LastStatus)
		}
		if data.LastError != "" {
			break
		}
	}
	return u.notify(notice.Notice{PartnerID: e.PartnerID, Kind: notice.WebhooksFailing, To: contact}, data, "")
}
