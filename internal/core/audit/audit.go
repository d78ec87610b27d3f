// Package audit records who did what to which object, when, from where and
// under which request.
package audit

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/suspension"
)

// Actor is the one on whose behalf an operation runs.
type Actor struct {
	PartnerID int64           // the tenant; 0 for the operator and the platform itself
	Role      suspension.Role // decides which suspensions may be lifted
	Name      string          // "key:17", "cli", "job:expiry"; never a secret
	Address   string          // remote address; may be empty
	RequestID string
	// Limited is a caller who may do less than its partner, such as an API key with
	// scopes: nothing that it does may hand it more.
	Limited  bool
	KeyID    int64 // the API key that vouches; 0 = none
	ViaToken bool  // by a token that stands in for it
	Limit    Limit // of a session or a reseller; zero = everything of the tenant
}

// Limit keeps the holder of a session, or a reseller, to what is its own.
type Limit struct {
	CustomerID int64 // titanCustomerId: orders of this customer only
	OrderID    int64 // this order only
	AccountID  int64 // this email account only
	ResellerID int64 // customers of this reseller and of those below it, and their orders
}

// None reports whether there is no limit.
func (l Limit) None() bool { return l == Limit{} }

// String is the short form kept in logs and events.
func (a Actor) String() string { return string(a.Role) + "/" + a.Name }

// Record is one entry of the audit log.
type Record struct {
	ID        int64
	PartnerID int64
	Actor     string
	Address   string
	RequestID string
	Action    string // "mail_order.create", lower-case noun and verb
	Object    string // "order", "account", "partner", "customer", "key"
	ObjectID  int64
	Detail    json.RawMessage // what changed; never a password, key or message content
	At        time.Time
}
