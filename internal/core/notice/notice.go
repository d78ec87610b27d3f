// Package notice is the outbox of mails that the platform writes itself:
// welcome, password links, warnings. A notice is written in the transaction of
// the change that it tells of and composed and submitted afterwards, once.
package notice

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/brand"
)

// Kind names the template.
type Kind string

// The kinds.
const (
	OrderWelcome       Kind = "order_welcome"       // a new order, to customerEmailAddress; with a link to set the panel password when there is none
	AccountWelcome     Kind = "account_welcome"     // a new mailbox; with a link to set its password when it has none
	PasswordReset      Kind = "password_reset"      // operation 30
	PanelPassword      Kind = "panel_password"      // a customer forgot the control panel's password; data as PasswordReset
	QuotaWarning       Kind = "quota_warning"       // a mailbox is nearly full or full
	DNSProblem         Kind = "dns_problem"         // MX or SPF are not right a day after the order
	HolderPassword     Kind = "holder_password"     // a forgotten password, with a link of the caller's (basekit.md 5.8)
	HolderVerification Kind = "holder_verification" // a link of the caller's that proves an address (basekit.md 5.10)
	WebhooksFailing    Kind = "webhooks_failing"    // an endpoint has failed for an hour, to the partner's contact
)

// Notice is one mail to be written.
type Notice struct {
	ID         int64
	PartnerID  int64
	ResellerID int64 // whose brand it shows; 0 = the partner's own
	OrderID    int64 // 0 when it is about none
	AccountID  int64 // 0 when it is about none
	CustomerID int64 // whom it is about; 0 = the order's, or none
	Kind       Kind
	To         string
	FallbackTo string // tried when delivery to To fails (alternateEmailAddress); may be empty
	Locale     string
	// Data is what the template shows besides brand and locale; never a secret.
	Data json.RawMessage
	// SealedToken is the token of the link in it, sealed under TokenContext; nil = no link.
	SealedToken []byte
	CreatedAt   time.Time // the partner's time

	// What submitting it has come to so far.
	Attempts  int
	TryAt     time.Time // the platform's time
	Parked    bool      // failed too often: waits for the operator
	LastError string
}

// Draft is a notice with all that composing it needs.
type Draft struct {
	Notice
	Brand       brand.Brand
	Sandbox     bool      // the partner is a sandbox
	LinkExpires time.Time // of the link, when there is one
	Link        string    // where that leads, when not to our page; the token becomes its parameter LinkName
	LinkName    string
	Signature   Signature
	MailboxID   int64 // the account that To is, 0 when it is none of this platform
}

// Signature is what a customer wants below our mails to him and about him; each
// part may be empty.
type Signature struct {
	Business string
	Email    string
}

// TokenContext binds SealedToken to its use.
const TokenContext = "notice-token"
