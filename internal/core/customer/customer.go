// Package customer is the partner's client (titan.md section 7.6).
package customer

import "time"

// Status of a customer.
type Status string

// The states.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
)

// Customer is unique by (PartnerID, CustomerID, ServerHost); ServerHost is ""
// unless the partner is server-scoped (cPanel, Plesk).
type Customer struct {
	ID             int64 // titanCustomerId
	PartnerID      int64
	CustomerID     string // the partner's own id
	ServerHost     string
	Name           string
	Email          string // panel log-in and primary admin
	AlternateEmail string
	Country        string // ISO 3166 alpha-2
	Locale         string
	PasswordHash   string // panel password; "" = none
	Status         Status
	CreatedAt      time.Time
	UpdatedAt      time.Time
}
