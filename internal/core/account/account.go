// Package account is the email account (mailbox) of an order, its aliases and
// its addresses (titan.md section 7.5).
package account

import (
	"time"

	"posthouse/internal/core/suspension"
)

// Status is derived, never stored: see Account.Status.
type Status string

// The states an API shows, and Purged, which it does not.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Deleted   Status = "deleted"
	Purged    Status = "purged"
)

// Account is a mailbox.
type Account struct {
	ID             int64 // titanAccountId
	OrderID        int64
	PartnerID      int64
	Local          string // lower-case local part
	Domain         string // the order's domain
	Name           string
	FirstName      string
	LastName       string
	AlternateEmail string
	PasswordHash   string // "" = nobody can log in by password
	SessionEpoch   int64  // grows when sessions are to end that nothing else ends (operation 39)
	IsAdmin        bool
	Locale         string
	Country        string // two letters; "" = unknown
	Source         string
	DeletedAt      *time.Time
	DeletionReason string
	PurgeAt        *time.Time // set while deleted; can only grow
	PurgeBegunAt   *time.Time // nothing brings it back any more
	PurgedAt       *time.Time
	Suspensions    suspension.Set
	Aliases        []Alias
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Email is the account's address.
func (a *Account) Email() string { return a.Local + "@" + a.Domain }

// Alias is a further address of one account. Held is false while its account
// is deleted: the address is free for others then (7.5).
type Alias struct {
	Local       string
	DisplayName string
	Held        bool
}

// AddressKind says what an address of an order is.
type AddressKind string

// An address is exactly one of these (7.5).
const (
	KindAccount   AddressKind = "account"
	KindAlias     AddressKind = "alias"
	KindForwarder AddressKind = "forwarder"
)

// Address is a taken local part of an order.
type Address struct {
	OrderID   int64
	Local     string
	Kind      AddressKind
	AccountID int64 // the account, or the alias's account; 0 for a forwarder
}
