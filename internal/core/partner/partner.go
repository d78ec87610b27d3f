// Package partner is the tenant: a company that holds API keys.
package partner

import (
	"net/netip"
	"time"
)

// Status of a partner.
type Status string

// A suspended partner's keys answer PartnerNotFound (titan.md section 3).
const (
	Active    Status = "active"
	Suspended Status = "suspended"
)

// BillingOwner says who charges the customer, hence who acts on expiry (T-14).
type BillingOwner string

// The two owners.
const (
	BilledByPartner  BillingOwner = "partner"
	BilledByPlatform BillingOwner = "platform"
)

// Partner is a tenant.
type Partner struct {
	ID              int64
	Name            string
	Status          Status
	Sandbox         bool           // its mail never leaves the machine
	AllowedNetworks []netip.Prefix // empty = any address (T-05)
	Settings        Settings
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Settings are stored as one JSON document; the zero value is the contract's default.
type Settings struct {
	BillingOwner          BillingOwner `json:"billingOwner,omitempty"`          // "" = partner
	Currency              string       `json:"currency,omitempty"`              // "" = USD
	ChargedAmountOptional bool         `json:"chargedAmountOptional,omitempty"` // T-47
	ServerScoped          bool         `json:"serverScoped,omitempty"`          // cPanel/Plesk partner: customers are unique per server host (7.6)
	CollateHosts          bool         `json:"collateHosts,omitempty"`          // operation 11
	Carts                 bool         `json:"carts,omitempty"`                 // purchases in the panel become carts (titan.md 9.4, operation 16)
	NoSetupMail           bool         `json:"noSetupMail,omitempty"`           // switches off the password set-up mail
	RatePerSecond         *int         `json:"ratePerSecond,omitempty"`         // T-49; nil = 100, 0 = none
	RateBurst             *int         `json:"rateBurst,omitempty"`             // nil = 500
}

// Key is one API key. The raw key is `p_<partnerId>:<secret>` (T-06).
type Key struct {
	ID         int64
	PartnerID  int64
	LookupHash []byte  // SHA-256 of the whole raw key: keys are random, so no slow hash is needed
	Sealed     []byte  // the raw key encrypted under the master key: it also signs JWTs and webhooks
	Scopes     []Scope // what it may be used for; empty = everything
	Hint       string  // last four characters, to tell keys apart
	CreatedAt  time.Time
	ExpiresAt  *time.Time // set by a rotation: the end of the overlap
	RevokedAt  *time.Time
}
