package work

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/money"
)

// CustomerTx is the rows of customers as resellers look for them, and of what
// lets them log in.
type CustomerTx interface {
	// CustomerByUsername gives the one that has that name now.
	CustomerByUsername(ctx context.Context, partnerID int64, username string) (*customer.Customer, error)
	CountCustomers(ctx context.Context, f CustomerFilter) (int, error)
	// FindCustomers gives a page of them, by ID.
	FindCustomers(ctx context.Context, f CustomerFilter, offset int64, limit int) ([]*customer.Customer, error)
	// LiveOrdersOf counts orders that are not deleted; a customer without is absent.
	LiveOrdersOf(ctx context.Context, customerIDs []int64) (map[int64]int, error)

	InsertLoginTicket(ctx context.Context, t *LoginTicket) error
	LoginTicket(ctx context.Context, hash []byte) (*LoginTicket, error)
	// TakeLoginTicket removes the ticket with that hash and gives it. Of two that
	// take the same one, one gets it.
	TakeLoginTicket(ctx context.Context, hash []byte) (*LoginTicket, error)
	// LoginTicketsOf gives a customer's, oldest first.
	LoginTicketsOf(ctx context.Context, customerID int64) ([]*LoginTicket, error)
	// DropLoginTickets removes a customer's.
	DropLoginTickets(ctx context.Context, customerID int64) error
	// DropResellerTickets removes those that are a reseller's own.
	DropResellerTickets(ctx context.Context, resellerID int64) error
	// ForgetLoginTickets removes those that expired before that time.
	ForgetLoginTickets(ctx context.Context, before time.Time) error

	// CountLoginAttempt counts one and gives how many there were; those of which
	// the last one was before since count no more.
	CountLoginAttempt(ctx context.Context, subject string, at, since time.Time) (int, error)
	LoginAttempts(ctx context.Context, subject string, since time.Time) (int, error)
	DropLoginAttempts(ctx context.Context, subject string) error
	ForgetLoginAttempts(ctx context.Context, before time.Time) error
}

// CustomerFilter selects customers of one partner. Empty fields do not restrict,
// lists that are not nil do. In texts, % stands for any text, and letters are
// compared without regard to case.
type CustomerFilter struct {
	PartnerID     int64
	IDs           []int64
	Resellers     []int64 // 0: those of no reseller
	Username      string
	Name          string
	Company       string
	City          string
	State         string
	Statuses      []customer.Status // none: all but deleted ones
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	ReceiptsFrom  *money.Value // inclusive, as the next
	ReceiptsTo    *money.Value
}

// TicketKind says what a ticket is good for.
type TicketKind string

// The kinds.
const (
	LoginOnce    TicketKind = "login"    // opens one session
	TempPassword TicketKind = "password" // stands in for the password while it lives
)

// LoginTicket is a secret by which a customer, or a reseller, logs in. Its times
// are the platform's.
type LoginTicket struct {
	Hash       []byte // SHA-256 of the whole
	Kind       TicketKind
	PartnerID  int64
	IssuerID   int64 // the reseller that asked for it, and vouches; 0 = an API user did
	APIUserID  int64 // which one
	CustomerID int64 // whose it is; 0 = a reseller's
	ResellerID int64 // whose it is; 0 = a customer's
	CreatedAt  time.Time
	ExpiresAt  time.Time
}
