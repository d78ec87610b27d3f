package work

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
)

// HolderTx is the rows of customers as a brand looks for its account holders
// (basekit.md section 6), and of what it notes about them.
type HolderTx interface {
	CountHolders(ctx context.Context, f HolderFilter) (int, error)
	// FindHolders gives a page of them, by ID. It reads few rows, however large the offset is.
	FindHolders(ctx context.Context, f HolderFilter, offset int64, limit int) ([]*customer.Customer, error)
	// SearchHolders gives customers that are not deleted and of whom the user name,
	// the address, the name, the last name or the company begins with text, which
	// is in lower case; by ID, at most limit.
	SearchHolders(ctx context.Context, partnerID int64, text string, limit int) ([]*customer.Customer, error)
	// HolderByEmail gives the oldest customer that is not deleted and has that
	// address, without regard to case; except is not looked at.
	HolderByEmail(ctx context.Context, partnerID int64, email string, except int64) (*customer.Customer, error)
	// HolderFigures gives those of customers with orders that are not purged.
	HolderFigures(ctx context.Context, customerIDs []int64) (map[int64]HolderFigures, error)
	// FirstOrdersOf gives of each customer the oldest orders that are not deleted, at most each.
	FirstOrdersOf(ctx context.Context, customerIDs []int64, each int) (map[int64][]*order.Order, error)

	InsertHolderNote(ctx context.Context, n *HolderNote) error
	// HolderNotes gives a customer's, oldest first.
	HolderNotes(ctx context.Context, customerID int64, limit int) ([]*HolderNote, error)
	DropHolderNotes(ctx context.Context, customerID int64) error
}

// HolderFilter selects customers of one partner. Empty fields do not restrict,
// a list that is not nil does.
type HolderFilter struct {
	PartnerID int64
	Resellers []int64    // 0: those of no reseller
	Deleted   bool       // those too that were deleted and have a DeletedAt
	Username  string     // what Customer.Login gives, in lower case
	From, To  *time.Time // CreatedAt, inclusive
}

// HolderFigures are counts over a customer's orders.
type HolderFigures struct {
	Live      int         // orders that are not deleted
	Suspended int         // of these
	Seats     int         // the most that one of them has
	Plans     []plan.Plan // of them, each once
	Bytes     int64
}

// HolderNote is what somebody noted about a customer.
type HolderNote struct {
	ID         int64
	PartnerID  int64
	CustomerID int64
	Note       string
	Author     string // audit.Actor.Name
	CreatedAt  time.Time
}
