// Package action is the queued change of an order, known by its eaqid
// (resellerclub.md sections 1, 8, 11). An order has one pending action at most.
package action

import (
	"time"

	"posthouse/internal/core/product"
)

// Type is a wire name.
type Type string

// The types.
const (
	Add                Type = "Add"
	Renew              Type = "Renew"
	AddEmailAccount    Type = "AddEmailAccount"
	DeleteEmailAccount Type = "DeleteEmailAccount"
	Suspend            Type = "Suspend"
	Unsuspend          Type = "Unsuspend"
	Delete             Type = "Delete"
	ChangePlan         Type = "ChangePlan"
)

// Status of an action, as the archive shows it.
type Status string

// The states; the first two are pending.
const (
	PendingExecution Status = "PendingExecution" // waits for its invoice
	InvoicePaid      Status = "InvoicePaid"      // waits for the reseller's own funds
	Success          Status = "Success"
	Failed           Status = "Failed"
	Cancelled        Status = "Cancelled"
)

// Pending reports whether the action still holds its order.
func (s Status) Pending() bool { return s == PendingExecution || s == InvoicePaid }

// InvoiceOption says who is charged and when an action is carried out (section 8).
type InvoiceOption string

// The four options.
const (
	NoInvoice   InvoiceOption = "NoInvoice"
	PayInvoice  InvoiceOption = "PayInvoice"
	KeepInvoice InvoiceOption = "KeepInvoice"
	OnlyAdd     InvoiceOption = "OnlyAdd"
)

// Valid reports whether o is one of the four.
func (o InvoiceOption) Valid() bool {
	return o == NoInvoice || o == PayInvoice || o == KeepInvoice || o == OnlyAdd
}

// Basis says where the price of an action is from.
type Basis string

// The bases. An order that is added on one of the latter two has its end already.
const (
	ByList    Basis = ""        // the price list of the customer's reseller
	ByPackage Basis = "package" // a brand's package (basekit.md section 7); resellers without a cost price owe nothing
	Free      Basis = "free"    // nobody is charged
)

// Change is what an action does to its order. It is kept with an action that
// waits, so that it can be carried out later.
type Change struct {
	Type      Type   `json:"type"`
	Months    int    `json:"months,omitempty"` // Add, Renew, ChangePlan
	Seats     int    `json:"seats,omitempty"`  // Add: the total; else how many more or fewer
	PlanID    int    `json:"planId,omitempty"` // products sold by plans: Add, ChangePlan
	AutoRenew *bool  `json:"autoRenew,omitempty"`
	Note      string `json:"note,omitempty"` // Suspend, Delete: why
	Basis     Basis  `json:"basis,omitempty"`

	Until *time.Time `json:"until,omitempty"` // the order's end, once carried out
}

// Action is one change. Product and Domain are its order's at the time, for the texts.
type Action struct {
	ID          int64 // eaqid
	PartnerID   int64
	ResellerID  int64 // the customer's reseller
	CustomerID  int64
	OrderID     int64
	ProductKey  product.Key
	Type        Type
	Description string // actiontypedesc
	Status      Status
	StatusText  string // actionstatusdesc
	Change      Change
	Option      InvoiceOption
	InvoiceID   int64 // ledger.Transaction.ID; 0 = none
	Actor       string
	AddedAt     time.Time
	StartedAt   *time.Time
	CompletedAt *time.Time
}
