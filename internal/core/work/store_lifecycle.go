package work

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
)

// LifecycleTx is what the platform needs to do things by itself.
type LifecycleTx interface {
	// MovingClocks gives the clocks that have a target, by partner.
	MovingClocks(ctx context.Context, limit int) ([]*partner.Clock, error)
	// NextDueOf gives the item that is tried next by a partner's own clock, and when.
	NextDueOf(ctx context.Context, clockID int64) (*due.Item, error)
	// CountDue counts items of a clock to be tried until a time, at most limit.
	CountDue(ctx context.Context, clockID int64, until time.Time, limit int) (int, error)
	// DueItems lists the calendar, next first, at most limit.
	DueItems(ctx context.Context, f DueFilter, limit int) ([]*due.Item, error)
	// RetryDue makes an item be tried at a time, if it is there.
	RetryDue(ctx context.Context, k due.Kind, objectID int64, at time.Time) (bool, error)

	// OrdersAfter and AccountsAfter give what is not purged, deleted accounts
	// only, by ID after the given one, with what the calendar has of it: an
	// order's items of some kinds, an account's of due.Account.
	OrdersAfter(ctx context.Context, kinds []due.Kind, after int64, limit int) ([]ScheduledOrder, error)
	AccountsAfter(ctx context.Context, after int64, limit int) ([]ScheduledAccount, error)
	// SweepCursor says how far the sweep of a kind has come, and when it last
	// came to the end.
	SweepCursor(ctx context.Context, k due.Kind) (after int64, finished *time.Time, err error)
	PutSweepCursor(ctx context.Context, k due.Kind, after int64, finished *time.Time) error

	// BeginMailboxPurge destroys a mailbox's key and counts what it held.
	BeginMailboxPurge(ctx context.Context, accountID int64) (PurgeTotals, error)
	// NextUnpurged gives the first account of an order with an ID after the given
	// one that is not purged, deleted or not.
	NextUnpurged(ctx context.Context, orderID, after int64) (*account.Account, error)
	// PutPurge keeps what a purge destroys until it is told; of an account that has
	// an entry the first one stays.
	PutPurge(ctx context.Context, accountID, orderID int64, begun time.Time, t PurgeTotals) error
	// Purge gives an account's entry; PurgeOfOrder the sum of an order's.
	Purge(ctx context.Context, accountID int64) (PurgeTotals, error)
	PurgeOfOrder(ctx context.Context, orderID int64) (PurgeTotals, error)
	ForgetPurge(ctx context.Context, accountID int64) error
	ForgetPurgeOfOrder(ctx context.Context, orderID int64) error
	// PurgeAccountRows removes every row that is an account's alone, and
	// PurgeOrderRows every one that is an order's, but for the logs.
	PurgeAccountRows(ctx context.Context, accountID int64) error
	PurgeOrderRows(ctx context.Context, orderID int64) error
	// DeleteDKIMKeys destroys a domain's keys and gives how many there were.
	DeleteDKIMKeys(ctx context.Context, domain string) (int64, error)
}

// PurgeTotals count what a purge destroys.
type PurgeTotals struct {
	Accounts int64
	Folders  int64
	Messages int64
	Bytes    int64
}

// DueFilter selects items of the calendar; empty fields do not restrict.
type DueFilter struct {
	PartnerID int64
	Kind      due.Kind
	Failed    bool // only those whose last attempt failed
}

// ScheduledOrder is an order with its items of the kinds asked for.
type ScheduledOrder struct {
	*order.Order

	Items map[due.Kind]*due.Item
}

// ScheduledAccount is a deleted account with its item in the calendar.
type ScheduledAccount struct {
	*account.Account

	Item *due.Item
}

// Missing is an object whose item in the calendar is not what it must be.
type Missing struct {
	Kind due.Kind
	ID   int64
}
