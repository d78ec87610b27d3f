package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
)

// OrderEvents gives an order's latest events, newest first, for support staff.
func (s *Service) OrderEvents(ctx context.Context, actor audit.Actor, orderID int64, limit int) ([]*event.Event, error) {
	var out []*event.Event
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(OrderRef{ID: orderID}, opRead)
		if err != nil {
			return err
		}
		out, err = u.tx.EventsOfOrder(u.ctx, o.ID, max(1, min(limit, maxFound)))
		return err
	})
	return out, err
}
