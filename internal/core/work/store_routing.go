package work

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/forwarder"
)

// RoutingTx reads and writes forwarders and catch-alls.
type RoutingTx interface {
	// InsertForwarder and UpdateForwarder write the members too, in their order,
	// but not the address.
	InsertForwarder(ctx context.Context, f *forwarder.Forwarder) error
	UpdateForwarder(ctx context.Context, f *forwarder.Forwarder) error
	DeleteForwarder(ctx context.Context, id int64) error
	Forwarder(ctx context.Context, orderID int64, local string) (*forwarder.Forwarder, error)
	// ForwardersOfOrder gives an order's forwarders by ID.
	ForwardersOfOrder(ctx context.Context, orderID int64) ([]*forwarder.Forwarder, error)
	// ForwardersWith gives the forwarders that have a member of that account, by ID.
	ForwardersWith(ctx context.Context, accountID int64) ([]*forwarder.Forwarder, error)
	// ForwarderCounts gives how many forwarders an order has, and how many members these have together.
	ForwarderCounts(ctx context.Context, orderID int64) (forwarders, members int, err error)

	// CatchAll gives the account that gets mail to an order's unknown addresses, 0 = none.
	CatchAll(ctx context.Context, orderID int64) (accountID int64, err error)
	// SetCatchAll replaces it.
	SetCatchAll(ctx context.Context, orderID, accountID int64) error
	ClearCatchAll(ctx context.Context, orderID int64) error

	// Accounts gives the accounts with those IDs, by ID; an unknown one is absent.
	Accounts(ctx context.Context, ids []int64) ([]*account.Account, error)
}
