package native

import (
	"context"
	"net/netip"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailstore"
)

// Core is what the door needs of provision.Service.
type Core interface {
	AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*tenancy.Caller, error)

	ClaimRequest(ctx context.Context, a audit.Actor, key string, request []byte) (*work.Claim, *tenancy.Answer, error)
	KeepAnswer(context.Context, audit.Actor, *work.Claim, tenancy.Answer) error
	DropClaim(context.Context, audit.Actor, *work.Claim) error

	Events(ctx context.Context, a audit.Actor, f work.EventFilter, limit int) ([]*event.Event, error)
	Event(ctx context.Context, a audit.Actor, publicID string) (*event.Event, error)
	AuditLog(ctx context.Context, a audit.Actor, f work.AuditFilter, limit int) ([]*audit.Record, error)

	CreateWebhook(context.Context, audit.Actor, outbox.CreateWebhook) (*webhook.Endpoint, error)
	ModifyWebhook(context.Context, audit.Actor, outbox.ModifyWebhook) (*webhook.Endpoint, error)
	DeleteWebhook(ctx context.Context, a audit.Actor, id int64) error
	Webhooks(ctx context.Context, a audit.Actor, partnerID int64) ([]*webhook.Endpoint, error)
	Webhook(ctx context.Context, a audit.Actor, id int64) (*webhook.Endpoint, error)
	WebhookDeliveries(context.Context, audit.Actor, work.DeliveryFilter) ([]*webhook.Delivery, error)
	WebhookDelivery(ctx context.Context, a audit.Actor, id int64) (*webhook.Delivery, error)
	WebhookAttempts(ctx context.Context, a audit.Actor, deliveryID int64) ([]*webhook.Attempt, error)
	ReplayEvents(context.Context, audit.Actor, outbox.ReplayEvents) (int, error)
	FailNextWebhooks(ctx context.Context, a audit.Actor, partnerID int64, n, status int) error

	Invoice(ctx context.Context, a audit.Actor, id int64) (*billing.InvoiceDetails, error)

	PartnerClock(ctx context.Context, a audit.Actor, partnerID int64) (*tenancy.ClockState, error)
	AdvanceClock(context.Context, audit.Actor, tenancy.AdvanceClock) (*tenancy.ClockState, error)

	FetchForwarder(context.Context, audit.Actor, work.ForwarderRef) (*forwarder.Forwarder, error)
	ListForwarders(context.Context, audit.Actor, work.OrderRef) ([]*forwarder.Forwarder, error)
	DeleteForwarder(context.Context, audit.Actor, work.ForwarderRef) error
	StartPurchase(context.Context, audit.Actor, ordering.StartPurchase) (*ordering.Purchase, error)

	SandboxDNSRecords(ctx context.Context, a audit.Actor, partnerID int64) (*work.SandboxDNS, error)
	UnsetSandboxDNS(ctx context.Context, a audit.Actor, partnerID int64) error
	SetSandboxDNS(context.Context, audit.Actor, work.SandboxDNS) (*work.SandboxDNS, error)

	OwnKeys(context.Context, audit.Actor) ([]*partner.Key, error)
	PartnerSettings(context.Context, audit.Actor) (*tenancy.PartnerSettings, error)
	ModifyPartnerSettings(context.Context, audit.Actor, tenancy.ModifyPartnerSettings) (*tenancy.PartnerSettings, error)
	PartnerTime(ctx context.Context, partnerID int64) (time.Time, error)
	Brand(ctx context.Context, a audit.Actor, partnerID, resellerID int64) (*tenancy.BrandDetails, error)
	SetBrand(context.Context, audit.Actor, tenancy.SetBrand) (*tenancy.BrandDetails, error)
}

// SandboxMail is captured mail; *queue.Queue implements it.
type SandboxMail interface {
	SandboxMessages(context.Context, audit.Actor, queue.SandboxFilter) ([]*queue.SandboxMessage, error)
	SandboxMessage(ctx context.Context, a audit.Actor, id int64) (*queue.SandboxMessage, error)
	SandboxContent(ctx context.Context, a audit.Actor, id int64) (*mailstore.Content, error)
	DeleteSandboxMessage(ctx context.Context, a audit.Actor, id int64) error
	DeleteSandboxMessages(ctx context.Context, a audit.Actor, partnerID int64) (int, error)
}

var (
	_ Core        = (*provision.Service)(nil)
	_ SandboxMail = (*queue.Queue)(nil)
)
