package work

import (
	"context"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
)

// OrderSearchTx is what resellers look through, page by page.
type OrderSearchTx interface {
	// SearchOrders gives one page, and how many there are in all. Purged orders are among them.
	SearchOrders(ctx context.Context, f OrderSearchFilter) (total int, page []*order.Order, err error)
	// SearchActions gives one page, by ID, and how many there are in all.
	SearchActions(ctx context.Context, f ActionSearchFilter) (total int, page []*action.Action, err error)
}

// Sellers are resellers of one partner whose customers are meant. A root's are
// also those who belong to no reseller.
type Sellers struct {
	PartnerID int64
	Of        []*reseller.Reseller // none = nobody
	Below     bool                 // and of those below them
}

// OrderColumn is what a search may be ordered by.
type OrderColumn string

// The columns.
const (
	ByOrderID    OrderColumn = "id"
	ByCustomerID OrderColumn = "customer"
	ByDomain     OrderColumn = "domain"
	ByCreation   OrderColumn = "creation"
	ByExpiry     OrderColumn = "expiry"
)

// OrderBy is one step of an ordering; the order's ID is always the last.
type OrderBy struct {
	Column OrderColumn
	Desc   bool
}

// OrderSearchFilter selects orders; empty fields do not restrict. Times are
// exclusive.
type OrderSearchFilter struct {
	Sellers       Sellers
	At            time.Time // the moment that states are of
	Products      []product.Key
	OrderIDs      []int64
	CustomerIDs   []int64
	States        []order.Shown
	Domain        string // "%" stands for any text
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	ExpiresAfter  *time.Time
	ExpiresBefore *time.Time
	OrderBy       []OrderBy
	Offset, Limit int
}

// ActionSearchFilter selects actions; empty fields do not restrict.
type ActionSearchFilter struct {
	Sellers       Sellers
	Pending       bool // those that wait, else those that are over
	IDs           []int64
	OrderIDs      []int64
	Products      []product.Key
	Statuses      []action.Status
	Types         []action.Type
	Offset, Limit int
}
