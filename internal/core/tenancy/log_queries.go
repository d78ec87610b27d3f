package tenancy

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// maxPage bounds a page of a log, one more included to see whether there are further ones.
const maxPage = 201

// Events gives a partner's events.
func (s *Service) Events(ctx context.Context, actor audit.Actor, f work.EventFilter, limit int) ([]*event.Event, error) {
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	for _, t := range f.Types {
		if !slices.Contains(event.AllTypes(), t) {
			return nil, fault.New(fault.Invalid, "An event type is unknown").WithReason("UNKNOWN_EVENT_TYPE")
		}
	}
	var out []*event.Event
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		if _, err := u.Partner(f.PartnerID); err != nil {
			return err
		}
		out, err = u.Tx.FindEvents(u.Ctx, f, max(1, min(limit, maxPage)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Event gives one event by its public id.
func (s *Service) Event(ctx context.Context, actor audit.Actor, publicID string) (*event.Event, error) {
	id, err := uuid.Parse(publicID)
	if err != nil || id.String() != publicID {
		return nil, work.ErrEvent
	}
	var out *event.Event
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		e, err := u.Tx.EventByPublicID(u.Ctx, publicID)
		if err != nil {
			return err
		}
		if e == nil || !u.Owns(e.PartnerID) {
			return work.ErrEvent
		}
		out = e
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AuditLog gives what was done to a partner's objects. A partner sees from where
// its own callers called, but not the addresses of the operator's staff.
func (s *Service) AuditLog(ctx context.Context, actor audit.Actor, f work.AuditFilter, limit int) ([]*audit.Record, error) {
	if actor.PartnerID != 0 {
		f.PartnerID = actor.PartnerID
	}
	if !work.Storable(f.Action) || !work.Storable(f.Object) {
		return nil, nil
	}
	var out []*audit.Record
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		if _, err := u.Partner(f.PartnerID); err != nil {
			return err
		}
		if out, err = u.Tx.FindAudit(u.Ctx, f, max(1, min(limit, maxPage))); err != nil {
			return err
		}
		for _, r := range out {
			if actor.PartnerID != 0 && !byPartner(r.Actor) {
				r.Address = ""
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// byPartner reports whether an actor in its short form is none of the platform's.
func byPartner(who string) bool {
	role, _, _ := strings.Cut(who, "/")
	return !work.IsPlatform(suspension.Role(role))
}

// OrderEvents gives an order's latest events, newest first, for support staff.
func (s *Service) OrderEvents(ctx context.Context, actor audit.Actor, orderID int64, limit int) ([]*event.Event, error) {
	var out []*event.Event
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(work.OrderRef{ID: orderID}, work.OpRead)
		if err != nil {
			return err
		}
		out, err = u.Tx.EventsOfOrder(u.Ctx, o.ID, max(1, min(limit, work.MaxFound)))
		return err
	})
	return out, err
}
