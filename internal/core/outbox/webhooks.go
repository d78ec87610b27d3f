package outbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/webhook"
	"posthouse/internal/core/work"
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
	var f work.Fields
	url := webhookURL(&f, s, cmd.URL)
	format, err := webhook.ParseFormat(string(cmd.Format))
	if err != nil {
		return nil, err
	}
	types := eventTypes(&f, format, cmd.Events)
	name := webhookHeader(&f, cmd.HeaderName, cmd.HeaderValue)
	if f.Err != nil {
		return nil, f.Err
	}
	if work.Borrowed(actor) && cmd.HeaderValue == "" && format == webhook.FormatTitan {
		return nil, errOwnHeader
	}
	var out *webhook.Endpoint
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.OwnPartner(cmd.PartnerID)
		if err != nil {
			return err
		}
		others, err := u.Tx.Webhooks(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if len(others) >= maxWebhooks {
			return fault.Newf(fault.Conflict, "A partner can have at most %d webhooks", maxWebhooks).WithReason("WEBHOOK_LIMIT_REACHED")
		}
		e := &webhook.Endpoint{PartnerID: p.ID, Format: format, URL: url, HeaderName: name, Events: types, SuppressOwn: cmd.SuppressOwn, Paused: cmd.Paused,
			CreatedAt: u.Real, UpdatedAt: u.Real}
		if err := sealHeader(u, e, cmd.HeaderValue); err != nil {
			return err
		}
		if err := newSecret(u, e); err != nil {
			return err
		}
		if err := u.Tx.InsertWebhook(u.Ctx, e); err != nil {
			return err
		}
		out = e
		return u.Record(p.ID, "webhook.create", "webhook", e.ID, webhookDetail(e))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ModifyWebhook changes an endpoint: also pauses and resumes it.
func (s *Service) ModifyWebhook(ctx context.Context, actor audit.Actor, cmd ModifyWebhook) (*webhook.Endpoint, error) {
	var f work.Fields
	if cmd.URL != nil {
		url := webhookURL(&f, s, *cmd.URL)
		cmd.URL = &url
	}
	if f.Err != nil {
		return nil, f.Err
	}
	var out *webhook.Endpoint
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		e, err := findWebhook(u, cmd.ID)
		if err != nil {
			return err
		}
		if cmd.IfUpdatedAt != nil && !cmd.IfUpdatedAt.Equal(e.UpdatedAt) {
			return errChanged
		}
		var f work.Fields
		value := ""
		if cmd.HeaderValue != nil {
			value = *cmd.HeaderValue
		}
		if work.Borrowed(u.Actor) && value == "" && e.Format != webhook.FormatBaseKit && (cmd.URL != nil || cmd.HeaderValue != nil) {
			return errOwnHeader
		}
		if cmd.HeaderName != nil || cmd.HeaderValue != nil {
			name := e.HeaderName
			if cmd.HeaderName != nil {
				name = *cmd.HeaderName
			}
			if e.HeaderName = webhookHeader(&f, name, value); f.Err != nil {
				return f.Err
			}
		}
		if cmd.HeaderValue != nil {
			if err := sealHeader(u, e, value); err != nil {
				return err
			}
		}
		if cmd.URL != nil {
			e.URL = *cmd.URL
		}
		if cmd.Events != nil {
			if e.Events = eventTypes(&f, e.Format, *cmd.Events); f.Err != nil {
				return f.Err
			}
		}
		if cmd.SuppressOwn != nil {
			e.SuppressOwn = *cmd.SuppressOwn
		}
		if cmd.Paused != nil {
			e.Paused = *cmd.Paused
		}
		if cmd.RotateSecret {
			if err := newSecret(u, e); err != nil {
				return err
			}
		}
		// Always later: it tells versions apart.
		if seen := e.UpdatedAt; u.Real.After(seen) {
			e.UpdatedAt = u.Real
		} else {
			e.UpdatedAt = seen.Add(time.Microsecond)
		}
		if err := u.Tx.UpdateWebhook(u.Ctx, e); err != nil {
			return err
		}
		out = e
		d := webhookDetail(e)
		d["newSecret"], d["newHeader"] = cmd.RotateSecret, cmd.HeaderName != nil || cmd.HeaderValue != nil
		return u.Record(e.PartnerID, "webhook.modify", "webhook", e.ID, d)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteWebhook ends an endpoint. What waits for it is dropped; what was
// delivered stays listed for as long as deliveries are kept.
func (s *Service) DeleteWebhook(ctx context.Context, actor audit.Actor, id int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		e, err := findWebhook(u, id)
		if err != nil {
			return err
		}
		at := u.Real
		e.DeletedAt, e.UpdatedAt, e.SealedHeader, e.SealedSecret = &at, at, nil, nil
		if err := u.Tx.UpdateWebhook(u.Ctx, e); err != nil {
			return err
		}
		return u.Record(e.PartnerID, "webhook.delete", "webhook", e.ID, webhookDetail(e))
	})
}

// Webhooks gives a partner's endpoints; 0 is the caller's own, for the operator everybody's.
func (s *Service) Webhooks(ctx context.Context, actor audit.Actor, partnerID int64) ([]*webhook.Endpoint, error) {
	var out []*webhook.Endpoint
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		if partnerID != 0 || actor.PartnerID != 0 {
			p, err := u.OwnPartner(partnerID)
			if err != nil {
				return err
			}
			partnerID = p.ID
		}
		out, err = u.Tx.Webhooks(u.Ctx, partnerID)
		return err
	})
	return out, err
}

// Webhook gives one endpoint.
func (s *Service) Webhook(ctx context.Context, actor audit.Actor, id int64) (*webhook.Endpoint, error) {
	var out *webhook.Endpoint
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = findWebhook(u, id)
		return err
	})
	return out, err
}

// WebhookDeliveries lists deliveries, the newest first. A filter that names what
// the caller doesn't have finds nothing.
func (s *Service) WebhookDeliveries(ctx context.Context, actor audit.Actor, f work.DeliveryFilter) ([]*webhook.Delivery, error) {
	switch {
	case f.Limit <= 0:
		f.Limit = someDeliveries
	case f.Limit > maxDeliveries:
		f.Limit = maxDeliveries
	}
	if f.State != "" && !f.State.Valid() {
		return nil, fault.New(fault.Invalid, "The state is not pending, delivered or failed")
	}
	if !work.Storable(f.EventID) || (actor.PartnerID != 0 && f.PartnerID != 0 && f.PartnerID != actor.PartnerID) {
		return nil, work.CheckActor(actor)
	}
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	var out []*webhook.Delivery
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.WebhookDeliveries(u.Ctx, f)
		return err
	})
	return out, err
}

// WebhookDelivery gives one delivery.
func (s *Service) WebhookDelivery(ctx context.Context, actor audit.Actor, id int64) (*webhook.Delivery, error) {
	var out *webhook.Delivery
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		d, err := u.Tx.WebhookDelivery(u.Ctx, id)
		if err != nil {
			return err
		}
		if d == nil || !u.Owns(d.PartnerID) {
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
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		d, err := u.Tx.WebhookDelivery(u.Ctx, deliveryID)
		if err != nil {
			return err
		}
		if d == nil || !u.Owns(d.PartnerID) {
			return errDelivery
		}
		out, err = u.Tx.WebhookAttempts(u.Ctx, d.ID)
		return err
	})
	return out, err
}

// findWebhook finds an endpoint that the actor has.
func findWebhook(u *work.Unit, id int64) (*webhook.Endpoint, error) {
	e, err := u.Tx.Webhook(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if e == nil || e.DeletedAt != nil || !u.Owns(e.PartnerID) {
		return nil, errWebhook
	}
	return e, nil
}

// sealHeader sets the header's value; "" is the partner's API key.
func sealHeader(u *work.Unit, e *webhook.Endpoint, value string) (err error) {
	e.SealedHeader = nil
	if value != "" {
		e.SealedHeader, err = u.Platform.Sealer.Seal([]byte(value), webhook.HeaderContext(e.PartnerID))
	}
	return err
}

func newSecret(u *work.Unit, e *webhook.Endpoint) error {
	key, text, err := e.Format.NewSecret(u.Platform.Random)
	if err != nil {
		return err
	}
	e.SigningSecret = text
	e.SealedSecret, err = u.Platform.Sealer.Seal(key, webhook.SecretContext(e.PartnerID))
	return err
}

func webhookDetail(e *webhook.Endpoint) work.Detail {
	return work.Detail{"format": e.Format, "url": e.URL, "header": e.HeaderName, "events": e.Events, "suppressOwn": e.SuppressOwn, "paused": e.Paused}
}

func webhookURL(f *work.Fields, s *Service, raw string) string {
	url, err := s.WebhookPolicy.CheckURL(raw)
	if err != nil {
		f.Fail(err)
	}
	return url
}

func webhookHeader(f *work.Fields, name, value string) string {
	if name = strings.TrimSpace(name); name == "" {
		name = webhook.DefaultHeader
	}
	if err := webhook.CheckHeader(name, value); err != nil {
		f.Fail(err)
	}
	return name
}

func eventTypes(f *work.Fields, format webhook.Format, in []event.Type) []event.Type {
	var out []event.Type
	for _, t := range in {
		if !slices.Contains(format.Types(), t) {
			f.Failf("An event type is unknown")
			return nil
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
