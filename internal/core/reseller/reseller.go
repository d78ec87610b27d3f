// Package reseller is the tree of those who sell under a partner
// (resellerclub.md sections 1, 5, 14).
package reseller

import (
	"net/netip"
	"slices"
	"time"

	"posthouse/internal/core/product"
)

// Status of a reseller.
type Status string

// The states. The keys of one that is not active are as good as none; its
// customers' mail goes on.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Deleted   Status = "deleted"
)

// Funds says what a reseller may spend.
type Funds string

// The two ways.
const (
	Postpaid Funds = "postpaid" // the balance may go below zero
	Prepaid  Funds = "prepaid"
)

// Reseller is one node of a partner's tree. A partner has one root at most: it
// stands for the partner itself, and what belongs to no reseller is the root's.
type Reseller struct {
	ID                 int64 // auth-userid, titanResellerId
	PartnerID          int64
	ParentID           int64   // 0 = the root
	Path               []int64 // from the root to the reseller itself
	Username           string  // an e-mail address
	PasswordHash       string  // for auth-password; "" = none
	Profile            Profile
	Status             Status
	Test               bool // may change things with GET
	Funds              Funds
	SellingCurrency    string // towards its customers and sub-resellers
	AccountingCurrency string // of its own books
	ConversionRate     string // accounting per selling, a decimal number
	TaxName            string // of its invoices
	TaxRate            string // per cent, a decimal number; "" or "0" = none
	TotalReceipts      int64  // thousandths of its parent's selling currency
	AllowedNetworks    []netip.Prefix
	Products           []product.Key // signed up for
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Profile is what an account says of itself; kept as one JSON document.
type Profile struct {
	Name       string            `json:"name,omitempty"`
	Company    string            `json:"company,omitempty"`
	Email      string            `json:"email,omitempty"`
	Address1   string            `json:"address1,omitempty"`
	Address2   string            `json:"address2,omitempty"`
	Address3   string            `json:"address3,omitempty"`
	City       string            `json:"city,omitempty"`
	State      string            `json:"state,omitempty"`
	Country    string            `json:"country,omitempty"`
	Zip        string            `json:"zip,omitempty"`
	PhoneCC    string            `json:"phoneCc,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Brand      string            `json:"brand,omitempty"`
	BrandURL   string            `json:"brandUrl,omitempty"`
	Language   string            `json:"language,omitempty"`
	TaxID      string            `json:"taxId,omitempty"`
	Additional map[string]string `json:"additional,omitempty"` // by the contract's key

	AccountLimit int `json:"accountLimit,omitempty"` // customers that it may have; 0 = any number. Set by the brand (basekit.md section 7)
}

// Root reports whether r stands for the partner itself.
func (r *Reseller) Root() bool { return r.ParentID == 0 }

// Above reports whether r is other or one of those above it.
func (r *Reseller) Above(other *Reseller) bool { return slices.Contains(other.Path, r.ID) }

// Sells reports whether r has signed up for a product.
func (r *Reseller) Sells(k product.Key) bool { return slices.Contains(r.Products, k) }

// Allows reports whether r's calls may come from an address: any, when no
// network is listed.
func (r *Reseller) Allows(remote netip.Addr) bool {
	if len(r.AllowedNetworks) == 0 {
		return true
	}
	remote = remote.Unmap().WithZone("")
	return slices.ContainsFunc(r.AllowedNetworks, func(n netip.Prefix) bool { return n.Contains(remote) })
}

// Key is one API key of a reseller.
type Key struct {
	ID         int64
	ResellerID int64
	LookupHash []byte // SHA-256 of the raw key: keys are random, so no slow hash is needed
	Hint       string // last four characters, to tell keys apart
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
}

// ValidAt reports whether a key authenticates at now.
func (k *Key) ValidAt(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}
