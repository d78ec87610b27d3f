package work

import (
	"context"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
)

// WebhookTx are the rows of webhooks. Times are the platform's.
type WebhookTx interface {
	InsertWebhook(ctx context.Context, e *webhook.Endpoint) error
	// UpdateWebhook writes everything but FailingSince and WarnedAt, which are the dispatcher's.
	UpdateWebhook(ctx context.Context, e *webhook.Endpoint) error
	// Webhook includes deleted ones.
	Webhook(ctx context.Context, id int64) (*webhook.Endpoint, error)
	// Webhooks gives a partner's endpoints (0: everybody's) that are not deleted, by ID.
	Webhooks(ctx context.Context, partnerID int64) ([]*webhook.Endpoint, error)
	// WarnWebhook notes that the partner was warned; false when that was done before in this period of failure.
	WarnWebhook(ctx context.Context, id int64, at time.Time) (bool, error)

	// EnqueueWebhook appends a delivery to its lane, which is due at once if nothing else waits in it.
	EnqueueWebhook(ctx context.Context, d *webhook.Delivery) error
	// WebhookWaits reports whether the event waits for the endpoint already, in its lane (webhook.Lane).
	WebhookWaits(ctx context.Context, endpointID, lane, eventRow int64) (bool, error)
	WebhookDelivery(ctx context.Context, id int64) (*webhook.Delivery, error)
	// WebhookDeliveries gives the newest first.
	WebhookDeliveries(ctx context.Context, f DeliveryFilter) ([]*webhook.Delivery, error)
	// WebhookAttempts gives the newest first.
	WebhookAttempts(ctx context.Context, deliveryID int64) ([]*webhook.Attempt, error)

	// ShiftWebhookLanes makes what waits for a later attempt due sooner: the
	// partner's clock has moved by that much. Call it in the transaction that moves it.
	ShiftWebhookLanes(ctx context.Context, partnerID int64, by time.Duration) error
	// WebhooksSettled reports that none of the partner's lanes is due or being
	// delivered; those of paused endpoints don't count.
	WebhooksSettled(ctx context.Context, partnerID int64, now time.Time) (bool, error)
	// FailWebhooks makes the partner's next n attempts count as answered with status.
	FailWebhooks(ctx context.Context, partnerID int64, n, status int) error

	// CountEvents counts a partner's events with from <= At < to, and gives the greatest ID among them.
	CountEvents(ctx context.Context, partnerID int64, from, to time.Time) (n int, last int64, err error)
	// ReplayedEvents gives what is next of a replay, by time and ID, at most limit.
	ReplayedEvents(ctx context.Context, r *webhook.Replay, limit int) ([]*event.Event, error)
	InsertWebhookReplay(ctx context.Context, r *webhook.Replay) error
	// UpdateWebhookReplay writes the cursor and FinishedAt.
	UpdateWebhookReplay(ctx context.Context, r *webhook.Replay) error
	// OpenWebhookReplays gives a partner's unfinished ones by ID, at most limit.
	OpenWebhookReplays(ctx context.Context, partnerID int64, limit int) ([]*webhook.Replay, error)
	// NextWebhookReplay gives the oldest unfinished one of the partner whose turn is after afterPartner's; nil when there is none.
	NextWebhookReplay(ctx context.Context, afterPartner int64) (*webhook.Replay, error)
}

// DeliveryFilter selects deliveries; zero fields do not restrict.
type DeliveryFilter struct {
	PartnerID  int64
	EndpointID int64
	OrderID    int64
	EventID    string // event.Event.PublicID
	State      webhook.State
	Before     int64 // cursor: deliveries with a smaller ID
	Limit      int   // 1 to 1000; 0 = 100
}
