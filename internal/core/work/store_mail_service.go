package work

import (
	"context"

	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
)

// MailServiceTx is about how far orders' mail services are set up. An order may
// have no row.
type MailServiceTx interface {
	MailService(ctx context.Context, orderID int64) (*mailservice.Service, error)
	// MailServicesOf is MailService of many orders at once; one without a row is absent.
	MailServicesOf(ctx context.Context, orderIDs []int64) (map[int64]*mailservice.Service, error)
	// PutMailService inserts or updates.
	PutMailService(ctx context.Context, s *mailservice.Service) error
	// FindMailServices gives those of a partner's live orders, also of orders
	// without a row.
	FindMailServices(ctx context.Context, f MailServiceFilter) ([]*DomainMailService, error)
	// OpenMailServicesAfter gives those that the platform has to go on with, by
	// order after the given one, with their items in the calendar.
	OpenMailServicesAfter(ctx context.Context, after int64, limit int) ([]ScheduledService, error)

	// MailboxesOf gives the live accounts of orders, oldest first.
	MailboxesOf(ctx context.Context, orderIDs []int64) ([]*MailboxRow, error)
}

// MailServiceFilter selects and sorts; empty fields do not restrict.
type MailServiceFilter struct {
	PartnerID  int64
	State      mailservice.State
	Completion mailservice.Completion
	Domain     string
	SortBy     MailServiceSort
	Descending bool
	Limit      int
	Offset     int
}

// MailServiceSort is what a list is sorted by; the ref decides between equals.
type MailServiceSort string

// The ways to sort.
const (
	SortByRef        MailServiceSort = "ref" // the default
	SortByDomain     MailServiceSort = "domain"
	SortByState      MailServiceSort = "state"
	SortByCompletion MailServiceSort = "completionStatus"
)

// DomainMailService is a service and its order's domain.
type DomainMailService struct {
	mailservice.Service

	Domain string
}

// ScheduledService is a service with its item in the calendar, nil when it has none.
type ScheduledService struct {
	*mailservice.Service

	Item *due.Item
}

// MailboxRow is an account in a long list.
type MailboxRow struct {
	AccountID int64
	OrderID   int64
	Local     string
	Suspended bool
}
