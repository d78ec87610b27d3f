package provision

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
)

// CustomerProfile names a customer and says what is known about it.
type CustomerProfile struct {
	CustomerID     string // the partner's own id; required
	Name           string
	Email          string
	AlternateEmail string
	Country        string // two letters
	Locale         string
	ServerHost     string // counts for server-scoped partners only (7.6)
}

// CreateMailOrder is titan.md operation 2. Empty strings and nil pointers are
// absent fields.
type CreateMailOrder struct {
	Domain           string
	PartnerOrderID   string
	Customer         CustomerProfile
	CustomerPassword string // panel password
	Plan             plan.Plan
	Seats            *int
	ResellerID       *int64
	Expiry           *time.Time // 00:00 UTC of expiryDate
	Payment          PaymentDetails
	BillingCycle     order.Cycle
	Locale           string
	Source           order.Source
	SourceContext    string
	Metadata         json.RawMessage
	FirstAccount     *FirstAccount
	MailService      order.MailService     // "" = titan
	BillingOwner     *partner.BillingOwner // nil = the partner's setting (T-14)
	AwaitingPayment  bool                  // makes a pending order (T-12); never for this dialect
}

// FirstAccount is the mailbox made with an order; Email and Password are required.
type FirstAccount struct {
	Email          string
	Password       string
	Name           string
	FirstName      string
	LastName       string
	AlternateEmail string
	IsAdmin        *bool // nil = true
	WantLoginToken bool
}

// CreatedOrder is the result. Existing means that nothing was made: the order
// was there already (T-11).
type CreatedOrder struct {
	OrderID    int64
	CustomerID int64 // customer.Customer.ID
	Status     order.Status
	Existing   bool
	Account    *CreatedAccount // nil without FirstAccount, or when an existing order has no such live account
}
