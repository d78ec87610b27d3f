// Package customer is the partner's client (titan.md section 7.6).
package customer

import (
	"time"

	"posthouse/internal/money"
)

// Status of a customer.
type Status string

// The states.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Deleted   Status = "deleted"
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

	// What customers of a reseller have besides (resellerclub.md section 10).
	ResellerID      int64  // 0 = the partner's root reseller's
	Username        string // an e-mail address, unique within the partner; "" = made in another dialect
	Company         string
	City            string
	State           string
	Contact         Contact
	PIN             string
	TotalReceipts   money.Value
	FailedLogins    int // one after the other
	LastFailedLogin *time.Time

	CreatedAt time.Time
	UpdatedAt time.Time
}

// Contact is what nobody searches by; kept as one JSON document.
type Contact struct {
	Address1     string            `json:"address1,omitempty"`
	Address2     string            `json:"address2,omitempty"`
	Address3     string            `json:"address3,omitempty"`
	OtherState   string            `json:"otherState,omitempty"`
	Zip          string            `json:"zip,omitempty"`
	PhoneCC      string            `json:"phoneCc,omitempty"`
	Phone        string            `json:"phone,omitempty"`
	Language     string            `json:"language,omitempty"`
	SalesContact string            `json:"salesContact,omitempty"`
	VATID        string            `json:"vatId,omitempty"`
	Additional   map[string]string `json:"additional,omitempty"` // by the contract's parameter
}
