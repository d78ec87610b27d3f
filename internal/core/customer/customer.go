// Package customer is the partner's client (titan.md section 7.6).
package customer

import (
	"strconv"
	"strings"
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
	ResellerID    int64  // 0 = the partner's root reseller's
	Username      string // lower case: an e-mail address, unique within the partner; "" = made in another dialect
	Company       string
	City          string
	State         string
	Contact       Contact
	PIN           string
	TotalReceipts money.Value
	SuspendedBy   int64 // the reseller that did it; 0 = nobody, or the partner itself

	Holder    Holder     // basekit.md 4.1
	DeletedAt *time.Time // while Status is Deleted; nil = by a dialect that never brings one back

	CreatedAt time.Time
	UpdatedAt time.Time
}

// Login is the user name that dialects show: the e-mail address of one made
// without, or an invalid one that names it.
func (c *Customer) Login() string {
	switch {
	case c.Username != "":
		return c.Username
	case c.Email != "":
		return c.Email
	}
	return unsetPrefix + strconv.FormatInt(c.ID, 10) + unsetDomain
}

const (
	unsetPrefix = "customer-"
	unsetDomain = "@unset.invalid"
)

// NumberOf reads Login of a customer that has neither name nor address; 0 when
// it is another one.
func NumberOf(login string) int64 {
	s, ok := strings.CutSuffix(login, unsetDomain)
	if !ok {
		return 0
	}
	if s, ok = strings.CutPrefix(s, unsetPrefix); !ok {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0
	}
	return n
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
