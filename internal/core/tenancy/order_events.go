package tenancy

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
)

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
