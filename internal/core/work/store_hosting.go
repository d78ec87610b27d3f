package work

import (
	"context"
	"time"

	"posthouse/internal/core/order"
)

// HostingTx is about hosting accounts (cPanel, Plesk). Accounts are compared in
// the form of order.CPanel.Key.
type HostingTx interface {
	// JoinHosting notes which hosting account an order belongs to.
	JoinHosting(ctx context.Context, o *order.Order, a order.CPanel) error
	// HostingOrders gives a partner's live orders of a hosting account, by ID.
	HostingOrders(ctx context.Context, partnerID int64, a order.CPanel) ([]*order.Order, error)
	// HostingService gives the service chosen for an account, "" when none was.
	HostingService(ctx context.Context, partnerID int64, a order.CPanel) (order.MailService, error)
	PutHostingService(ctx context.Context, partnerID int64, a order.CPanel, s order.MailService, at time.Time) error

	// InsertServerSync queues a request; it reports false when one waits already.
	InsertServerSync(ctx context.Context, s *ServerSync) (bool, error)
	// ServerSyncs gives a partner's waiting requests by ID.
	ServerSyncs(ctx context.Context, partnerID int64) ([]*ServerSync, error)
}

// ServerSync asks a server connector to compare a customer's domains with the
// hosting server (operation 20).
type ServerSync struct {
	ID          int64
	PartnerID   int64
	CustomerID  int64 // customer.Customer.ID
	ServerHost  string
	RequestedAt time.Time
}
