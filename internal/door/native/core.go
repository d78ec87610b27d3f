package native

import (
	"context"
	"net/netip"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/webhook"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailstore"
)

// Core is what the door needs of provision.Service.
type Core interface {
	AuthenticateKey(ctx context.Context, raw string, remote netip.Addr) (*provision.Caller, error)

	ClaimRequest(ctx context.Context, a audit.Actor, key string, request []byte) (*provision.Claim, *provision.Answer, error)
	KeepAnswer(context.Context, audit.Actor, *provision.Claim, provision.Answer) error
	DropClaim(context.Context, audit.Actor, *provision.Claim) error

	Events(ctx context.Context, a audit.Actor, f provision.EventFilter, limit int) ([]*event.Event, error)
	Event(ctx context.Context, a audit.Actor, publicID string) (*event.Event, error)
	AuditLog(ctx context.Context, a audit.Actor, f provision.AuditFilter, limit int) ([]*audit.Record, error)

	CreateWebhook(context.Context, audit.Actor, provision.CreateWebhook) (*webhook.Endpoint, error)
	ModifyWebhook(context.Context, audit.Actor, provision.ModifyWebhook) (*webhook.Endpoint, error)
	DeleteWebhook(ctx context.Context, a audit.Actor, id int64) error
	Webhooks(ctx context.Context, a audit.Actor, partnerID int64) ([]*webhook.Endpoint, error)
	Webhook(ctx context.Context, a audit.Actor, id int64) (*webhook.Endpoint, error)
	WebhookDeliveries(context.Context, audit.Actor, provision.DeliveryFilter) ([]*webhook.Delivery, error)
	WebhookDelivery(ctx context.Context, a audit.Actor, id int64) (*webhook.Delivery, error)
	WebhookAttempts(ctx context.Context, a audit.Actor, deliveryID int64) ([]*webhook.Attempt, error)
	ReplayEvents(context.Context, audit.Actor, provision.ReplayEvents) (int, error)
	FailNextWebhooks(ctx context.Context, a audit.Actor, partnerID int64, n, status int) error

	Invoice(ctx context.Context, a audit.Actor, id int64) (*provision.InvoiceDetails, error)

	PartnerClock(ctx context.Context, a audit.Actor, partnerID int64) (*provision.ClockState, error)
	AdvanceClock(context.Context, audit.Actor, provision.AdvanceClock) (*provision.ClockState, error)

	FetchForwarder(context.Context, audit.Actor, provision.ForwarderRef) (*forwarder.Forwarder, error)
	ListForwarders(context.Context, audit.Actor, provision.OrderRef) ([]*forwarder.Forwarder, error)
	DeleteForwarder(context.Context, audit.Actor, provision.ForwarderRef) error
	StartPurchase(context.Context, audit.Actor, provision.StartPurchase) (*provision.Purchase, error)

	SandboxDNSRecords(ctx context.Context, a audit.Actor, partnerID int64) (*provision.SandboxDNS, error)
	UnsetSandboxDNS(ctx context.Context, a audit.Actor, partnerID int64) error
	SetSandboxDNS(context.Context, audit.Actor, provision.SandboxDNS) (*provision.SandboxDNS, error)

	OwnKeys(context.Context, audit.Actor) ([]*partner.Key, error)
	PartnerSettings(context.Context, audit.Actor) (*provision.PartnerSettings, error)
	ModifyPartnerSettings(context.Context, audit.Actor, provision.ModifyPartnerSettings) (*provision.PartnerSettings, error)
	PartnerTime(ctx context.Context, partnerID int64) (time.Time, error)
	Brand(ctx context.Context, a audit.Actor, partnerID, resellerID int64) (*provision.BrandDetails, error)
	SetBrand(context.Context, audit.Actor, provision.SetBrand) (*provision.BrandDetails, error)
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
