package provision

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/webhook"
	"posthouse/internal/fault"
)

const (
	maxWebhooks    = 10 // of one partner
	maxDeliveries  = 1000
	someDeliveries = 100
)

var (
	errWebhook = fault.New(fault.NotFound, "No such webhook")
	// errOwnHeader: where the partner's key, or a value that somebody else set,
	// would go is not for a limited caller to choose.
	errOwnHeader = fault.New(fault.Forbidden, "An API key with scopes, and a token, must send the header's value too").WithReason("HEADER_VALUE_REQUIRED")
	errChanged   = fault.New(fault.Conflict, "It was changed meanwhile").WithReason("CHANGED_MEANWHILE")
	errDelivery  = fault.New(fault.NotFound, "No such delivery")
)

// borrowed reports a caller who has less than the partner's key: a key with
// scopes, or a token, which would outlive its hour if it could have the key sent
// to itself.
func borrowed(a audit.Actor) bool { return a.Limited || a.ViaToken }

// CreateWebhook registers a receiver of a partner's events.
type CreateWebhook struct {
	PartnerID   int64          // a partner's own call may leave it out
	Format      webhook.Format // "" = Titan's
	URL         string
	HeaderName  string       // "" = Authorization
	HeaderValue string       // "" = the partner's newest valid API key, in BaseKit's format no header
	Events      []event.Type // of the format's; none = all of them
	SuppressOwn bool
	Paused      bool
}

// ModifyWebhook changes what is not nil.
type ModifyWebhook struct {
	ID           int64
	URL          *string
	HeaderName   *string
	HeaderValue  *string // "" = as CreateWebhook's again
	Events       *[]event.Type
	SuppressOwn  *bool
	Paused       *bool
	RotateSecret bool // a new signing secret, shown in the answer; the old one ends at once
	// IfUpdatedAt, when not nil, is the UpdatedAt that the caller has seen.
	IfUpdatedAt *time.Time
}

// CreateWebhook makes an endpoint. Its answer alone holds the signing secret.
// Events that happened before are not sent: see ReplayEvents.
func (s *Service) CreateWebhook(ctx context.Context, actor audit.Actor, cmd CreateWebhook) (*webhook.Endpoint, error) {
	var f fields
	url := f.webhookURL(s, cmd.URL)
	format, err := webhook.ParseFormat(string(cmd.Format))
	if err != nil {
		return nil, err
	}
	types := f.eventTypes(format, cmd.Events)
	name := f.webhookHeader(cmd.HeaderName, cmd.HeaderValue)
	if f.err != nil {
		return nil, f.err
	}
	if borrowed(actor) && cmd.HeaderValue == "" && format == webhook.FormatTitan {
		return nil, errOwnHeader
	}
	var out *webhook.Endpoint
	err = s.write(ctx, actor, func(u *unit) error {
		p, err := u.ownPartner(cmd.PartnerID)
		if err != nil {
			return err
		}
		others, err := u.tx.Webhooks(u.ctx, p.ID)
		if err != nil {
			return err
		}
		if len(others) >= maxWebhooks {
			return fault.Newf(fault.Conflict, "A partner can have at most %d webhooks", maxWebhooks).WithReason("WEBHOOK_LIMIT_REACHED")
		}
		e := &webhook.Endpoint{PartnerID: p.ID, Format: format, URL: url, HeaderName: name, Events: types, SuppressOwn: cmd.SuppressOwn, Paused: cmd.Paused,
			CreatedAt: u.real, UpdatedAt: u.real}
		if err := u.sealHeader(e, cmd.HeaderValue); err != nil {
			return err
		}
		if err := u.newSecret(e); err != nil {
			return err
		}
		if err := u.tx.InsertWebhook(u.ctx, e); err != nil {
			return err
		}
		out = e
		return u.record(p.ID, "webhook.create", "webhook", e.ID, webhookDetail(e))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ModifyWebhook changes an endpoint: also pauses and resumes it.
func (s *Service) ModifyWebhook(ctx context.Context, actor audit.Actor, cmd ModifyWebhook) (*webhook.Endpoint, error) {
	var f fields
	if cmd.URL != nil {
		url := f.webhookURL(s, *cmd.URL)
		cmd.URL = &url
	}
	if f.err != nil {
		return nil, f.err
	}
	var out *webhook.Endpoint
	err := s.write(ctx, actor, func(u *unit) error {
		e, err := u.webhook(cmd.ID)
		if err != nil {
			return err
		}
		if cmd.IfUpdatedAt != nil && !cmd.IfUpdatedAt.Equal(e.UpdatedAt) {
			return errChanged
		}
		var f fields
		value := ""
		if cmd.HeaderValue != nil {
			value = *cmd.HeaderValue
		}
		if borrowed(u.actor) && value == "" && e.Format != webhook.FormatBaseKit && (cmd.URL != nil || cmd.HeaderValue != nil) {
			return errOwnHeader
		}
		if cmd.HeaderName != nil || cmd.HeaderValue != nil {
			name := e.HeaderName
			if cmd.HeaderName != nil {
				name = *cmd.HeaderName
			}
			if e.HeaderName = f.webhookHeader(name, value); f.err != nil {
				return f.err
			}
		}
		if cmd.HeaderValue != nil {
			if err := u.sealHeader(e, value); err != nil {
				return err
			}
		}
		if cmd.URL != nil {
			e.URL = *cmd.URL
		}
		if cmd.Events != nil {
			if e.Events = f.eventTypes(e.Format, *cmd.Events); f.err != nil {
				return f.err
			}
		}
		if cmd.SuppressOwn != nil {
			e.SuppressOwn = *cmd.SuppressOwn
		}
		if cmd.Paused != nil {
			e.Paused = *cmd.Paused
		}
		if cmd.RotateSecret {
			if err := u.newSecret(e); err != nil {
				return err
			}
		}
		// Always later: it tells versions apart.
		if seen := e.UpdatedAt; u.real.After(seen) {
			e.UpdatedAt = u.real
		} else {
			e.UpdatedAt = seen.Add(time.Microsecond)
		}
		if err := u.tx.UpdateWebhook(u.ctx, e); err != nil {
			return err
		}
		out = e
		d := webhookDetail(e)
		d["newSecret"], d["newHeader"] = cmd.RotateSecret, cmd.HeaderName != nil || cmd.HeaderValue != nil
		return u.record(e.PartnerID, "webhook.modify", "webhook", e.ID, d)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteWebhook ends an endpoint. What waits for it is dropped; what was
// delivered stays listed for as long as deliveries are kept.
func (s *Service) DeleteWebhook(ctx context.Context, actor audit.Actor, id int64) error {
	return s.write(ctx, actor, func(u *unit) error {
		e, err := u.webhook(id)
		if err != nil {
			return err
		}
		at := u.real
		e.DeletedAt, e.UpdatedAt, e.SealedHeader, e.SealedSecret = &at, at, nil, nil
		if err := u.tx.UpdateWebhook(u.ctx, e); err != nil {
			return err
		}
		return u.record(e.PartnerID, "webhook.delete", "webhook", e.ID, webhookDetail(e))
	})
}

// Webhooks gives a partner's endpoints; 0 is the caller's own, for the operator everybody's.
func (s *Service) Webhooks(ctx context.Context, actor audit.Actor, partnerID int64) ([]*webhook.Endpoint, error) {
	var out []*webhook.Endpoint
	err := s.read(ctx, actor, func(u *unit) (err error) {
		if partnerID != 0 || actor.PartnerID != 0 {
			p, err := u.ownPartner(partnerID)
			if err != nil {
				return err
			}
			partnerID = p.ID
		}
		out, err = u.tx.Webhooks(u.ctx, partnerID)
		return err
	})
	return out, err
}

// Webhook gives one endpoint.
func (s *Service) Webhook(ctx context.Context, actor audit.Actor, id int64) (*webhook.Endpoint, error) {
	var out *webhook.Endpoint
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.webhook(id)
		return err
	})
	return out, err
}

// WebhookDeliveries lists deliveries, the newest first. A filter that names what
// the caller doesn't have finds nothing.
func (s *Service) WebhookDeliveries(ctx context.Context, actor audit.Actor, f DeliveryFilter) ([]*webhook.Delivery, error) {
	switch {
	case f.Limit <= 0:
		f.Limit = someDeliveries
	case f.Limit > maxDeliveries:
		f.Limit = maxDeliveries
	}
	if f.State != "" && !f.State.Valid() {
		return nil, fault.New(fault.Invalid, "The state is not pending, delivered or failed")
	}
	if !storable(f.EventID) || (actor.PartnerID != 0 && f.PartnerID != 0 && f.PartnerID != actor.PartnerID) {
		return nil, checkActor(actor)
	}
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	var out []*webhook.Delivery
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.tx.WebhookDeliveries(u.ctx, f)
		return err
	})
	return out, err
}

// WebhookDelivery gives one delivery.
func (s *Service) WebhookDelivery(ctx context.Context, actor audit.Actor, id int64) (*webhook.Delivery, error) {
	var out *webhook.Delivery
	err := s.read(ctx, actor, func(u *unit) error {
		d, err := u.tx.WebhookDelivery(u.ctx, id)
		if err != nil {
			return err
		}
		if d == nil || !u.owns(d.PartnerID) {
			return errDelivery
		}
		out = d
		return nil
	})
	return out, err
}

// WebhookAttempts gives what became of a delivery's latest attempts, the newest first.
func (s *Service) WebhookAttempts(ctx context.Context, actor audit.Actor, deliveryID int64) ([]*webhook.Attempt, error) {
	var out []*webhook.Attempt
	err := s.read(ctx, actor, func(u *unit) error {
		d, err := u.tx.WebhookDelivery(u.ctx, deliveryID)
		if err != nil {
			return err
		}
		if d == nil || !u.owns(d.PartnerID) {
			return errDelivery
		}
		out, err = u.tx.WebhookAttempts(u.ctx, d.ID)
		return err
	})
	return out, err
}

// webhook finds an endpoint that the actor has.
func (u *unit) webhook(id int64) (*webhook.Endpoint, error) {
	e, err := u.tx.Webhook(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if e == nil || e.DeletedAt != nil || !u.owns(e.PartnerID) {
		return nil, errWebhook
	}
	return e, nil
}

// sealHeader sets the header's value; "" is the partner's API key.
func (u *unit) sealHeader(e *webhook.Endpoint, value string) (err error) {
	e.SealedHeader = nil
	if value != "" {
		e.SealedHeader, err = u.s.sealer.Seal([]byte(value), webhook.HeaderContext(e.PartnerID))
	}
	return err
}

func (u *unit) newSecret(e *webhook.Endpoint) error {
	key, text, err := e.Format.NewSecret(u.s.random)
	if err != nil {
		return err
	}
	e.SigningSecret = text
	e.SealedSecret, err = u.s.sealer.Seal(key, webhook.SecretContext(e.PartnerID))
	return err
}

// enqueue puts an event on its way to the partner's endpoints, in the
// transaction of the change.
func (u *unit) enqueue(e *event.Event) error {
	endpoints, err := u.tx.Webhooks(u.ctx, e.PartnerID)
	if err != nil {
		return err
	}
	own := u.actor.PartnerID == e.PartnerID && u.actor.Role == suspension.RolePartner
	for _, w := range endpoints {
		if !w.Wants(e.Type, own) {
			continue
		}
		if err := u.tx.EnqueueWebhook(u.ctx, &webhook.Delivery{
			PartnerID: e.PartnerID, EndpointID: w.ID, OrderID: e.OrderID, CustomerID: e.CustomerID, EventRow: e.ID, CreatedAt: u.real,
		}); err != nil {
			return err
		}
	}
	return nil
}

func webhookDetail(e *webhook.Endpoint) detail {
	return detail{"format": e.Format, "url": e.URL, "header": e.HeaderName, "events": e.Events, "suppressOwn": e.SuppressOwn, "paused": e.Paused}
}

func (f *fields) webhookURL(s *Service, raw string) string {
	url, err := s.webhooks.CheckURL(raw)
	if err != nil {
		f.fail(err)
	}
	return url
}

func (f *fields) webhookHeader(name, value string) string {
	if name = strings.TrimSpace(name); name == "" {
		name = webhook.DefaultHeader
	}
	if err := webhook.CheckHeader(name, value); err != nil {
		f.fail(err)
	}
	return name
}

func (f *fields) eventTypes(format webhook.Format, in []event.Type) []event.Type {
	var out []event.Type
	for _, t := range in {
		if !slices.Contains(format.Types(), t) {
			f.failf("An event type is unknown")
			return nil
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
