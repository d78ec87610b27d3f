// Package suspension holds the typed set of suspensions that an order or an
// account carries (titan.md section 7.3).
package suspension

import "time"

// Role says who suspended.
type Role string

// The roles, by falling precedence.
const (
	RoleTitan          Role = "titan"          // the platform's automation
	RoleTitanSupport   Role = "titanSupport"   // the operator's staff
	RolePartner        Role = "partner"        // an API key
	RolePartnerSupport Role = "partnerSupport" // the partner's staff
	RoleDomainAdmin    Role = "domainAdmin"
	RoleAccountAdmin   Role = "accountAdmin"
	RoleAccount        Role = "account"
)

// Types with a meaning of their own; any other text is allowed.
const (
	TypeExpiry  = "expiry" // lifted by renewal
	TypeAbuse   = "abuse"  // by titan or titanSupport: inbound mail is refused too (T-16)
	TypePartner = "partner"
)

// Suspension is one member of a set. Its identity is (Type, Role, ResellerID).
type Suspension struct {
	Type string
	Role Role
	On   time.Time
	// ResellerID is the one who made it: 0 is the platform, the partner itself or
	// its root reseller.
	ResellerID int64
	Note       string // seen by the partner's support staff only
}

// Set is ordered by On, then Type, then Role.
type Set []Suspension
