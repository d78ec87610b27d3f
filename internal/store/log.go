package store

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
)

// EventByPublicID implements work.Tx.
func (t *tx) EventByPublicID(ctx context.Context, publicID string) (*event.Event, error) {
	return one(t.QueryRow(ctx, `SELECT `+eventColumns+`
		FROM event WHERE public_id = ?`, publicID), scanEvent)
}

// selection builds the WHERE of a log: conditions whose value is not the zero one.
type selection struct {
	where strings.Builder
	args  []any
}

func (s *selection) and(given bool, condition string, args ...any) {
	if !given {
		return
	}
	s.where.WriteString(" AND " + condition)
	s.args = append(s.args, args...)
}

// span restricts to a time and to what lies past an id, and gives the order.
func (s *selection) span(from, to time.Time, oldest bool, past int64) (order string) {
	s.and(!from.IsZero(), "created_at >= ?", micros(from))
	s.and(!to.IsZero(), "created_at < ?", micros(to))
	if oldest {
		s.and(past != 0, "id > ?", past)
		return " ORDER BY id LIMIT ?"
	}
	s.and(past != 0, "id < ?", past)
	return " ORDER BY id DESC LIMIT ?"
}

// FindEvents implements work.Tx.
func (t *tx) FindEvents(ctx context.Context, f work.EventFilter, limit int) ([]*event.Event, error) {
	s := selection{args: []any{f.PartnerID}}
	types := make([]any, 0, len(f.Types))
	for _, x := range f.Types {
		types = append(types, x)
	}
	s.and(len(types) > 0, "type IN (?"+strings.Repeat(", ?", max(0, len(types)-1))+")", types...)
	s.and(f.OrderID != 0, "order_id = ?", f.OrderID)
	order := s.span(f.From, f.To, f.Oldest, f.Past)
	return all(ctx, t, scanEvent, `SELECT `+eventColumns+`
		FROM event WHERE partner_id = ?`+s.where.String()+order, append(s.args, limit)...)
}

// FindAudit implements work.Tx.
func (t *tx) FindAudit(ctx context.Context, f work.AuditFilter, limit int) ([]*audit.Record, error) {
	s := selection{args: []any{f.PartnerID}}
	s.and(f.Action != "", "action = ?", f.Action)
	s.and(f.Object != "", "object = ?", f.Object)
	s.and(f.ObjectID != 0, "object_id = ?", f.ObjectID)
	order := s.span(f.From, f.To, f.Oldest, f.Past)
	return all(ctx, t, scanAudit, `SELECT id, partner_id, actor, address, request_id, action, object, object_id, detail, created_at
		FROM audit WHERE partner_id = ?`+s.where.String()+order, append(s.args, limit)...)
}
