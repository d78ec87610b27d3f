package event

import (
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/money"
)

// The structs below are the `data` of titan.md section 10.2, as sent. Absent
// optional keys are left out, never null; metadata, aliases and suspensions are
// always there (T-39).

// Subject is what every order event begins with.
type Subject struct {
	OrderID    int64  `json:"titanOrderId"`
	Domain     string `json:"domainName"`
	CustomerID string `json:"customerId"`
}

// SubjectOf names an order and its customer.
func SubjectOf(o *order.Order, c *customer.Customer) Subject {
	return Subject{OrderID: o.ID, Domain: o.Domain, CustomerID: c.CustomerID}
}

// OrderCreated is MAIL_ORDER_CREATED.
type OrderCreated struct {
	Subject
	CustomerName    string       `json:"customerName,omitempty"`
	CustomerEmail   string       `json:"customerEmailAddress,omitempty"`
	CustomerCountry string       `json:"customerCountry,omitempty"`
	Plan            plan.Plan    `json:"planType,omitempty"`
	ExpiryDate      string       `json:"expiryDate,omitempty"`
	StorageLimit    int64        `json:"storageLimit,omitempty"` // MB; here without "InMB"
	Seats           int          `json:"noOfAccounts,omitempty"`
	BillingCycle    string       `json:"billingCycle,omitempty"`
	Status          order.Status `json:"status"`
	Metadata        order.CPanel `json:"metadata"`
}

// NewOrderCreated tells of a new order.
func NewOrderCreated(o *order.Order, c *customer.Customer, terms plan.Terms, now time.Time) OrderCreated {
	return OrderCreated{
		Subject: SubjectOf(o, c), CustomerName: c.Name, CustomerEmail: c.Email, CustomerCountry: c.Country,
		Plan: o.Plan, ExpiryDate: Date(o.ExpiresAt), StorageLimit: terms.StorageMB, Seats: o.Seats,
		BillingCycle: o.BillingCycle, Status: o.Status(now), Metadata: o.CPanel(),
	}
}

// Suspension is one item of a list of suspensions; the note is not for webhooks.
type Suspension struct {
	Type        string          `json:"type"`
	Role        suspension.Role `json:"suspenderRole"`
	SuspendedOn string          `json:"suspendedOn"`
}

// Suspensions is never nil, so that an empty list shows as [].
func Suspensions(s suspension.Set) []Suspension {
	out := make([]Suspension, 0, len(s))
	for _, m := range s.Distinct() {
		out = append(out, Suspension{Type: m.Type, Role: m.Role, SuspendedOn: Date(&m.On)})
	}
	return out
}

// OrderStatusUpdated is MAIL_ORDER_STATUS_UPDATED; the list is that after the change.
type OrderStatusUpdated struct {
	Subject
	OldStatus   order.Status `json:"oldStatus"`
	NewStatus   order.Status `json:"newStatus"`
	Suspensions []Suspension `json:"suspensions"`
}

// OrderPurged is MAIL_ORDER_PURGED.
type OrderPurged struct{ Subject }

// PlanConfig is one side of a plan event.
type PlanConfig struct {
	Plan         plan.Plan `json:"planType,omitempty"`
	ExpiryDate   string    `json:"expiryDate,omitempty"`
	StorageLimit int64     `json:"storageLimitInMB,omitempty"`
	Seats        int       `json:"noOfAccounts,omitempty"`
	BillingCycle string    `json:"billingCycle,omitempty"`
}

// PlanConfigOf reads an order's side.
func PlanConfigOf(o *order.Order, terms plan.Terms) PlanConfig {
	return PlanConfig{
		Plan: o.Plan, ExpiryDate: Date(o.ExpiresAt), StorageLimit: terms.StorageMB, Seats: o.Seats, BillingCycle: o.BillingCycle,
	}
}

// PaymentDetails is what was charged.
type PaymentDetails struct {
	Amount   money.Amount `json:"amount"`
	Currency string       `json:"currency"`
}

// PlanChanged is PLAN_UPGRADED, ACCOUNTS_PURCHASED and PLAN_RENEWED.
type PlanChanged struct {
	Subject
	Before  PlanConfig     `json:"configBeforeUpdate"`
	After   PlanConfig     `json:"configAfterUpdate"`
	Payment PaymentDetails `json:"paymentDetails"`
}

// Customer is one side of a transfer.
type Customer struct {
	CustomerID string `json:"customerId"`
	Name       string `json:"customerName,omitempty"`
	Email      string `json:"customerEmailAddress,omitempty"`
	Country    string `json:"customerCountry,omitempty"`
}

// CustomerOf reads a customer's side.
func CustomerOf(c *customer.Customer) Customer {
	return Customer{CustomerID: c.CustomerID, Name: c.Name, Email: c.Email, Country: c.Country}
}

// OrderTransferred is MAIL_ORDER_TRANSFERRED; the subject's customer is the new owner.
type OrderTransferred struct {
	Subject
	Before Customer `json:"customerBeforeTransfer"`
	After  Customer `json:"customerAfterTransfer"`
}

// SetupCompleted is MAIL_ORDER_SETUP_COMPLETED (T-40).
type SetupCompleted struct {
	Subject
	CustomerName  string            `json:"customerName,omitempty"`
	CustomerEmail string            `json:"customerEmailAddress,omitempty"`
	MailService   order.MailService `json:"mailService"`
	Metadata      order.CPanel      `json:"metadata"`
}

// NewSetupCompleted tells that an order is ready for use.
func NewSetupCompleted(o *order.Order, c *customer.Customer) SetupCompleted {
	return SetupCompleted{
		Subject: SubjectOf(o, c), CustomerName: c.Name, CustomerEmail: c.Email, MailService: o.MailService, Metadata: o.CPanel(),
	}
}

// CustomerSide is one side of a customer's change; the id only after a rename.
type CustomerSide struct {
	CustomerID string `json:"customerId,omitempty"`
	Name       string `json:"customerName,omitempty"`
	Email      string `json:"customerEmailAddress,omitempty"`
	Country    string `json:"customerCountry,omitempty"`
}

// CustomerUpdated is MAIL_CUSTOMER_UPDATED.
type CustomerUpdated struct {
	CustomerID string       `json:"customerId"`
	Before     CustomerSide `json:"customerBeforeUpdate"`
	After      CustomerSide `json:"customerAfterUpdate"`
}

// NewCustomerUpdated compares a customer before and after a change.
func NewCustomerUpdated(before, after *customer.Customer) CustomerUpdated {
	e := CustomerUpdated{
		CustomerID: after.CustomerID,
		Before:     CustomerSide{Name: before.Name, Email: before.Email, Country: before.Country},
		After:      CustomerSide{Name: after.Name, Email: after.Email, Country: after.Country},
	}
	if before.CustomerID != after.CustomerID {
		e.Before.CustomerID, e.After.CustomerID = before.CustomerID, after.CustomerID
	}
	return e
}

// Account is EMAIL_ACCOUNT_CREATED and EMAIL_ACCOUNT_MODIFIED; it holds no
// account id, and its name is "name", not "customerName".
type Account struct {
	Subject
	Email          string   `json:"email"`
	Name           string   `json:"name,omitempty"`
	AlternateEmail string   `json:"alternateEmailAddress,omitempty"`
	IsAdmin        bool     `json:"isAdmin"`
	Aliases        []string `json:"aliases"`
}

// AccountOf tells of an account as it is now.
func AccountOf(o *order.Order, c *customer.Customer, a *account.Account) Account {
	return Account{
		Subject: SubjectOf(o, c), Email: a.Email(), Name: a.Name, AlternateEmail: a.AlternateEmail,
		IsAdmin: a.IsAdmin, Aliases: a.HeldAliases(),
	}
}

// AccountStatusUpdated is EMAIL_ACCOUNT_STATUS_UPDATED; the list is that after the change.
type AccountStatusUpdated struct {
	Subject
	Email       string         `json:"email"`
	OldStatus   account.Status `json:"oldStatus"`
	NewStatus   account.Status `json:"newStatus"`
	Suspensions []Suspension   `json:"suspensions"`
}

// Address is EMAIL_ACCOUNT_PURGED and INTERNAL_FORWARDING_ACCOUNT_DELETED.
type Address struct {
	Subject
	Email string `json:"email"`
}

// Forwarding is INTERNAL_FORWARDING_ACCOUNT_CREATED and _MODIFIED, with the full
// list of recipients.
type Forwarding struct {
	Subject
	Email      string   `json:"email"`
	Recipients []string `json:"recipients,omitempty"`
}

// Date is the wire form of a day, "" for none.
func Date(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
