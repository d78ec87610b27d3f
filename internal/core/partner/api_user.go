package partner

import (
	"net/netip"
	"time"
)

// Rights are what an API user may do besides what every brand's may
// (basekit.md sections 7, 8). Each includes those before it.
type Rights string

// The rights.
const (
	RightsBrand         Rights = "brand"
	RightsAdministrator Rights = "administrator" // changes packages and the brand
	RightsOperator      Rights = "operator"      // a worker of the platform: reports what became of mail services
)

var rank = map[Rights]int{RightsBrand: 1, RightsAdministrator: 2, RightsOperator: 3}

// Valid reports whether r is one of them.
func (r Rights) Valid() bool { return rank[r] > 0 }

// Include reports whether r is as much as other or more.
func (r Rights) Include(other Rights) bool { return rank[r] >= rank[other] }

// APIUser calls the BaseKit dialect for one partner, which there is a brand
// (basekit.md 2.1). It has a password, OAuth 1.0a credentials, or both.
type APIUser struct {
	ID              int64
	PartnerID       int64
	Username        string // unique on the platform, lower case
	PasswordHash    []byte // SHA-256: passwords are made by us and random, so no slow hash is needed; nil = none
	Sealed          []byte // of a sandbox partner's: the password under the master key, since development shows it at each start
	Rights          Rights
	AllowedNetworks []netip.Prefix // empty = any address
	CreatedAt       time.Time
	RevokedAt       *time.Time
}

// OAuthCredentials sign requests of an API user (RFC 5849).
type OAuthCredentials struct {
	ID          int64
	APIUserID   int64
	ConsumerKey string // unique on the platform
	Token       string // unique on the platform
	Sealed      []byte // consumer secret and token secret, joined by "&", under the master key
	CreatedAt   time.Time
	RevokedAt   *time.Time
}
