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

// Valid reports whether s is one that a caller may set.
func (s OrderState) Valid() bool { return s == OrderFulfillment || s == OrderComplete }

// Valid reports whether p is one that a caller may set.
func (p PaymentStatus) Valid() bool { return p == PaymentFailed || p == PaymentSuccess }

// Valid reports whether c is one of an item.
func (c Completion) Valid() bool { return c == CompletionPending || c.Final() }

// Final reports whether c is one that an order may come to.
func (c Completion) Final() bool {
	return c == CompletionCancelled || c == CompletionExpired || c == CompletionFailed || c == CompletionSuccess
}

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

// Bounds of an order.
const (
	MaxItems  = 50
	MaxMonths = 120
	MaxYears  = 10
)

// Open reports whether nothing has become of the order yet, so that its items
// may change. One whose payment failed is still open: it may be paid again.
func (o *Order) Open() bool { return o.DeletedAt == nil && o.Completion == CompletionPending }

// Paid reports whether the order was paid, and so made what could be made.
func (o *Order) Paid() bool { return o.Payment == PaymentSuccess }

// Item gives one of the order's items, nil for another's.
func (o *Order) Item(id int64) *Item {
	for _, i := range o.Items {
		if i.ID == id {
			return i
		}
	}
	return nil
}

// Summed is what became of a paid order by its items. What was cancelled was not wanted.
func (o *Order) Summed() Completion {
	out := CompletionCancelled
	for _, i := range o.Items {
		switch i.Status {
		case CompletionPending, CompletionFailed:
			return CompletionFailed
		case CompletionSuccess:
			out = CompletionSuccess
		case CompletionCancelled, CompletionExpired:
		}
	}
	return out
}

// Becomes puts an item into a state; why is told of failures only.
func (i *Item) Becomes(s Completion, why string, now time.Time) {
	if s != CompletionFailed {
		why = ""
	}
	i.Status, i.Failure, i.UpdatedAt = s, why, now
}
