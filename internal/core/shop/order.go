package shop

import (
	"time"

	"posthouse/internal/money"
)

// OrderState is how far an order has come (basekit.md section 7).
type OrderState string

// The states.
const (
	OrderNew         OrderState = "new"
	OrderFulfillment OrderState = "fulfillment"
	OrderComplete    OrderState = "complete"
)

// PaymentStatus is what became of the money.
type PaymentStatus string

// The payment statuses.
const (
	PaymentPending PaymentStatus = "pending"
	PaymentFailed  PaymentStatus = "failed"
	PaymentSuccess PaymentStatus = "success"
)

// Completion is what became of an order or an item.
type Completion string

// The results.
const (
	CompletionPending   Completion = "pending"
	CompletionCancelled Completion = "cancelled"
	CompletionExpired   Completion = "expired"
	CompletionFailed    Completion = "failed"
	CompletionSuccess   Completion = "success"
)

// Order is a purchase of a customer; paying it makes mail orders (B-15).
type Order struct {
	ID           int64
	PartnerID    int64
	CustomerID   int64
	State        OrderState
	Payment      PaymentStatus
	Completion   Completion
	DiscountCode string
	Items        []*Item
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DeletedAt    *time.Time
}

// Item is one thing that is bought.
type Item struct {
	ID          int64
	OrderID     int64 // of the Order
	PackageID   int64
	Months      int
	Domain      string // A-label form; "" = of a package without one
	Years       int    // registrationDuration; kept, since names are not registered here
	Free        bool
	Price       money.Value
	Status      Completion
	Failure     string // why it failed; "" unless it did
	MailOrderID int64  // accountDomainRef that came of it; 0 = none yet
	CreatedAt   time.Time
	UpdatedAt   time.Time
}
