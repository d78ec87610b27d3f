// Package outbox holds what goes out after a change: deliveries of events to
// webhooks, their replays, and the mails that the platform writes.
//
//	NextNotice(ctx, afterPartner) (*notice.Draft, error)  // the outbox: internal/mail/notices
//	NoticeToken(*notice.Draft) (string, error)
//	NoticeFailed(ctx, noticeID, cause error) (parked bool, error)
//	Notices(ctx, actor, work.NoticeFilter) ([]*notice.Notice, error)
//	RetryNotice / DropNotice(ctx, actor, noticeID) error
//	ObserveQuotas(ctx, []QuotaObservation) (told int, error)
//
//	CreateWebhook(ctx, actor, CreateWebhook) (*webhook.Endpoint, error)
//	ModifyWebhook(ctx, actor, ModifyWebhook) (*webhook.Endpoint, error)  // also pause and resume
//	DeleteWebhook(ctx, actor, id) error
//	Webhooks(ctx, actor, partnerID) ([]*webhook.Endpoint, error)
//	Webhook(ctx, actor, id) (*webhook.Endpoint, error)
//	WebhookDeliveries(ctx, actor, work.DeliveryFilter) ([]*webhook.Delivery, error)
//	WebhookDelivery(ctx, actor, id) (*webhook.Delivery, error)
//	WebhookAttempts(ctx, actor, deliveryID) ([]*webhook.Attempt, error)
//	ReplayEvents(ctx, actor, ReplayEvents) (int, error)
//	FailNextWebhooks(ctx, actor, partnerID, n, status) error
//	WebhooksSettled(ctx, partnerID) (bool, error)
//	WebhookCredentials(ctx, *webhook.Endpoint) (*WebhookCredentials, error)  // the dispatcher's, as the next two
//	WarnWebhookFailing(ctx, actor, id, lastError) (bool, error)
//	StepReplays(ctx, actor) (bool, error)
package outbox
