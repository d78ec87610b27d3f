package order

import "time"

// Limits and reasons of domain aliases.
const (
	MaxDomainAliases     = 50
	ReasonAliasIsOrder   = "DOMAIN_HAS_AN_ORDER"
	ReasonAliasTaken     = "DOMAIN_IS_AN_ALIAS"
	ReasonAliasLimit     = "DOMAIN_ALIAS_LIMIT_REACHED"
	ReasonAliasUnknown   = "NO_SUCH_DOMAIN_ALIAS"
	ReasonAliasOfItself  = "DOMAIN_ALIAS_OF_ITSELF"
	ReasonAliasUnservice = "ORDER_NOT_SERVICEABLE"
)

// DomainAlias is another domain name of an order: each of its addresses means the
// same local part at the order's domain.
type DomainAlias struct {
	OrderID   int64
	PartnerID int64
	Domain    string
	Active    bool // it has the domain; not while its order is deleted
	CreatedAt time.Time
}
