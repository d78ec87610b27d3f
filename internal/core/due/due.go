// Package due is the calendar of what the platform does by itself: the expiry
// and purge of orders and accounts, DNS checks, the end of exports. An item is
// written in the transaction of the change that makes something fall due. It is
// a reminder only: the rule of the object decides what happens, so that an item
// too many does nothing and one that comes late does the same as one in time.
package due

import "time"

// Kind says which command looks at the object.
type Kind string

// The kinds. ObjectID is an order's for Order and DNS, an account's for
// Account, an export job's for Export, an order's for Renewal and MailService, a customer's or
// reseller's for the two kinds of funds.
const (
	Order   Kind = "order"   // suspension at expiry, deletion, purge (titan.md 7.1)
	Account Kind = "account" // purge (titan.md 7.5)
	DNS     Kind = "dns"     // check of the domain's records (T-26), search for the ownership token (T-15)
	Export  Kind = "export"  // a legal export's file expires (T-34)
	Renewal Kind = "renewal" // auto-renewal, one day before the end (resellerclub.md R-26)

	MailService Kind = "mail-service" // an order's mail service is set up (basekit.md section 8)
	// More waited for funds than one transaction settles.
	CustomerFunds Kind = "customer-funds"
	ResellerFunds Kind = "reseller-funds"
	HolderRequest Kind = "holder-request" // a forgotten password is to be answered (basekit.md 5.8)
)

// Item is one entry; (Kind, ObjectID) is unique.
type Item struct {
	Kind      Kind
	ObjectID  int64
	PartnerID int64
	// ClockID is the partner's ID when that has a clock of its own, 0 for the
	// platform's: At is a time of that clock.
	ClockID int64
	At      time.Time
	// Attempts that failed since At; a failed item is tried again later.
	Attempts  int
	LastError string
}
