// Package order is one domain's mail service (titan.md sections 7.1 to 7.4).
package order

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/suspension"
)

// Status is derived, never stored: see Order.Status.
type Status string

// The states an API shows, and Purged, which it does not.
const (
	Pending   Status = "pending"
	Active    Status = "active"
	Suspended Status = "suspended"
	Deleted   Status = "deleted"
	Purged    Status = "purged"
)

// MailService says where the domain's mail lives (operation 10).
type MailService string

// The two services.
const (
	ServiceTitan MailService = "titan"
	ServiceLocal MailService = "local" // active, but no mail is accepted here
)

// Order is one purchase of mail service for one domain name.
type Order struct {
	ID             int64 // titanOrderId, in every dialect
	PartnerID      int64
	CustomerID     int64  // customer.Customer.ID
	PartnerOrderID string // the partner's own orderId
	Domain         string // lower-case A-label form, no trailing dot
	Plan           plan.Plan
	Seats          int // purchased total, the hard limit
	ResellerID     *int64
	ExpiresAt      *time.Time // the end of what is paid for, to the second; a dialect that knows days sets 00:00:00 UTC (T-13)
	BillingOwner   partner.BillingOwner
	BillingCycle   string
	Currency       string
	Source         string
	SourceContext  string
	Locale         string
	Metadata       json.RawMessage // whole object as the partner sent it; nil = {}
	MailService    MailService
	PendingPayment bool // bought but not in service (T-12)
	DeletedAt      *time.Time
	DeletionReason string
	PurgeAt        *time.Time // set while deleted
	PurgeBegunAt   *time.Time // nothing brings it back any more
	PurgedAt       *time.Time
	ReactivatedAt  *time.Time
	Expired        bool        // deleted because it was not renewed: a renewal restores it
	ProductKey     product.Key // "" = made in a dialect without products
	Tenure         int         // months that were bought last; 0 = unknown
	AutoRenew      bool        // renewed by itself one day before it ends
	Cancelled      bool        // deleted at its end, whoever bills; a renewal takes it back (basekit.md section 6)
	Serviceable    bool        // at most one order of a domain is (7.2)
	OwnershipToken string      // value of the TXT record that proves ownership (T-15)
	ProvenAt       *time.Time  // ownership proven
	Suspensions    suspension.Set
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Counters of an order's accounts (T-45).
type Counters struct {
	Active      int // accounts with status active
	Provisioned int // accounts not deleted
}
