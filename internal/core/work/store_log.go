package work

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
)

// LogTx reads the event and audit logs for the partner that they belong to.
type LogTx interface {
	EventByPublicID(ctx context.Context, publicID string) (*event.Event, error)
	// FindEvents gives at most limit events in the filter's order.
	FindEvents(ctx context.Context, f EventFilter, limit int) ([]*event.Event, error)
	// FindAudit gives at most limit records in the filter's order.
	FindAudit(ctx context.Context, f AuditFilter, limit int) ([]*audit.Record, error)
}

// EventFilter selects events of one partner; empty fields do not restrict.
type EventFilter struct {
	PartnerID int64 // set by the query from its actor
	Types     []event.Type
	OrderID   int64
	From, To  time.Time // From <= At < To
	Oldest    bool      // oldest first; newest first otherwise
	Past      int64     // only what comes after the event with this ID in that order
}

// AuditFilter selects audit records of one partner; empty fields do not restrict.
type AuditFilter struct {
	PartnerID int64
	Action    string
	Object    string
	ObjectID  int64
	From, To  time.Time
	Oldest    bool
	Past      int64
}
