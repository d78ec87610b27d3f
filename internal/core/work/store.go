package work

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/dkim"
)

// Store runs transactions. internal/store implements it in SQL;
// internal/store/storetest is the conformance suite that it passes on both engines.
type Store interface {
	// Read runs fn on a consistent snapshot. fn may be run again.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn serialisably against other Writes and returns after the
	// changes are on stable storage. fn may be run again after a conflict, so
	// it must not touch anything outside tx that it can't set anew. An error
	// from fn rolls everything back and is returned as it is.
	Write(ctx context.Context, fn func(Tx) error) error
}

// Tx reads and writes rows; it applies no rule. A look-up that finds nothing
// returns (nil, nil). Insert* sets the ID of its argument. Times are stored
// with microsecond precision, UTC.
type Tx interface {
	LogTx
	IdempotencyTx
	HostingTx
	NotificationTx
	RoutingTx
	MailFlowTx
	WebTx
	DNSTx
	LegalExportTx
	ResellerTx
	CustomerTx
	HolderTx
	ActionTx
	OrderSearchTx
	LedgerTx
	TransactionTx
	PriceTx
	MailUserTx
	APIUserTx
	PackageTx
	MailServiceTx
	HolderFlowTx
	ShopOrderTx

	InsertPartner(ctx context.Context, p *partner.Partner) error
	UpdatePartner(ctx context.Context, p *partner.Partner) error
	Partner(ctx context.Context, id int64) (*partner.Partner, error)
	Partners(ctx context.Context) ([]*partner.Partner, error)
	InsertKey(ctx context.Context, k *partner.Key) error
	UpdateKey(ctx context.Context, k *partner.Key) error // Sealed, ExpiresAt and RevokedAt
	Keys(ctx context.Context, partnerID int64) ([]*partner.Key, error)
	KeyByHash(ctx context.Context, lookupHash []byte) (*partner.Key, error)

	InsertCustomer(ctx context.Context, c *customer.Customer) error
	UpdateCustomer(ctx context.Context, c *customer.Customer) error
	Customer(ctx context.Context, id int64) (*customer.Customer, error)
	// CustomersByPartnerID gives every customer with that partner-side id, one per server host; not deleted ones.
	CustomersByPartnerID(ctx context.Context, partnerID int64, customerID string) ([]*customer.Customer, error)

	// InsertOrder and UpdateOrder write the suspension set too.
	InsertOrder(ctx context.Context, o *order.Order) error
	UpdateOrder(ctx context.Context, o *order.Order) error
	// Order includes purged ones: rules decide who sees them.
	Order(ctx context.Context, id int64) (*order.Order, error)
	// OrdersByDomain gives a partner's unpurged orders of a domain, by ID.
	OrdersByDomain(ctx context.Context, partnerID int64, domain string) ([]*order.Order, error)
	// OrdersByCustomer gives unpurged orders, by ID.
	OrdersByCustomer(ctx context.Context, customerID int64) ([]*order.Order, error)
	// ServiceableOrder gives the one order that serves a domain: serviceable, not deleted, not purged.
	ServiceableOrder(ctx context.Context, domain string) (*order.Order, error)
	Counters(ctx context.Context, orderID int64) (order.Counters, error)
	// CountersOf is Counters of many orders at once; an order without accounts is absent.
	CountersOf(ctx context.Context, orderIDs []int64) (map[int64]order.Counters, error)
	// FindOrders is the support staff's look-up: by domain prefix or partner order id, newest first, at most limit.
	FindOrders(ctx context.Context, f OrderFilter, limit int) ([]*order.Order, error)

	// InsertAccount and UpdateAccount write suspensions and aliases too, but not addresses.
	InsertAccount(ctx context.Context, a *account.Account) error
	UpdateAccount(ctx context.Context, a *account.Account) error
	Account(ctx context.Context, id int64) (*account.Account, error)
	// AccountsByOrder gives unpurged accounts by ID, deleted ones only if asked.
	AccountsByOrder(ctx context.Context, orderID int64, includeDeleted bool) ([]*account.Account, error)
	// AccountsByEmail gives unpurged accounts with that address as their own (not as an alias), live first, newest first.
	AccountsByEmail(ctx context.Context, local, domain string) ([]*account.Account, error)

	// Address looks a taken local part of an order up.
	Address(ctx context.Context, orderID int64, local string) (*account.Address, error)
	TakeAddress(ctx context.Context, a account.Address) error
	FreeAddress(ctx context.Context, orderID int64, local string) error

	// CreateMailbox makes the mail side of a new account: its key, counters and
	// the folders INBOX, Drafts, Sent, Junk, Trash and Archive.
	CreateMailbox(ctx context.Context, accountID, quotaBytes int64) error
	// SetMailboxQuota follows a change of plan for all unpurged accounts of the order.
	SetMailboxQuota(ctx context.Context, orderID, quotaBytes int64) error
	// StorageUsed gives bytes used per account; an unknown account is absent.
	StorageUsed(ctx context.Context, accountIDs []int64) (map[int64]int64, error)

	// InsertPayment books a payment once: with a TxnID it reports false, writing
	// nothing, when the order already has one with the same TxnID and the same
	// four amounts. Without a TxnID it always writes: the command decides.
	InsertPayment(ctx context.Context, p *Payment) (bool, error)
	// Payments gives an order's payments by ID.
	Payments(ctx context.Context, orderID int64) ([]*Payment, error)

	AppendEvent(ctx context.Context, e *event.Event) error
	// Events gives a partner's events with ID > after, oldest first, at most limit.
	Events(ctx context.Context, partnerID, after int64, limit int) ([]*event.Event, error)
	// EventsOfOrder gives an order's latest events, newest first, at most limit.
	EventsOfOrder(ctx context.Context, orderID int64, limit int) ([]*event.Event, error)
	// AppendAudit writes records in their order and gives them their ids.
	AppendAudit(ctx context.Context, records ...*audit.Record) error
	Audit(ctx context.Context, partnerID, after int64, limit int) ([]*audit.Record, error)

	// AccessChanged notes that sessions and remembered log-ins of an account
	// (accountID != 0) or of all accounts of an order must be looked at again:
	// password change, suspension, deletion, clearing of sessions. The login
	// package follows this log.
	AccessChanged(ctx context.Context, orderID, accountID int64) error
	// AccessChangesAfter gives the entries of that log with ID > after, oldest
	// first, at most limit. IDs grow in commit order: who has seen an ID has
	// seen every lower one.
	AccessChangesAfter(ctx context.Context, after int64, limit int) ([]AccessChange, error)
	// LastAccessChange is the log's greatest ID, 0 when it is empty.
	LastAccessChange(ctx context.Context) (int64, error)
	// ForgetAccessChanges removes entries older than before, but never the last one.
	ForgetAccessChanges(ctx context.Context, before time.Time) error

	// OrdersOfDomain gives every partner's unpurged orders of a domain, by ID.
	// It is for the platform's own rules, never for a tenant's answer.
	OrdersOfDomain(ctx context.Context, domain string) ([]*order.Order, error)

	// InsertLoginToken keeps an auto-login token, by hash (T-43).
	InsertLoginToken(ctx context.Context, t LoginToken) error
	// TakeLoginToken removes the token with that hash and gives it; (nil, nil)
	// when there is none. Of two that take the same one, one gets it.
	TakeLoginToken(ctx context.Context, hash []byte) (*LoginToken, error)
	// ForgetLoginTokens removes tokens that expired before that time.
	ForgetLoginTokens(ctx context.Context, before time.Time) error

	// PartnerClock gives a sandbox partner's clock, nil while it goes with the platform's.
	PartnerClock(ctx context.Context, partnerID int64) (*partner.Clock, error)
	PutPartnerClock(ctx context.Context, c *partner.Clock) error

	// SetDue puts an object into the calendar, or moves it there; what failed before is forgotten.
	SetDue(ctx context.Context, i due.Item) error
	ClearDue(ctx context.Context, k due.Kind, objectID int64) error
	Due(ctx context.Context, k due.Kind, objectID int64) (*due.Item, error)

	// Brand gives what was set for a partner (resellerID 0) or one of its resellers.
	Brand(ctx context.Context, partnerID, resellerID int64) (*brand.Brand, error)
	PutBrand(ctx context.Context, b *brand.Brand) error

	NoticeTx
	LifecycleTx

	// InsertDKIMKey keeps a signing key; (Domain, Selector) is unique.
	InsertDKIMKey(ctx context.Context, k *DKIMKey) error
	// DKIMKeys gives a domain's keys by ID.
	DKIMKeys(ctx context.Context, domain string) ([]*DKIMKey, error)

	WebhookTx
}

// AccessChange is one entry of the log that Tx.AccessChanged writes.
type AccessChange struct {
	ID        int64
	OrderID   int64
	AccountID int64 // 0: all accounts of the order
	At        time.Time
}

// LoginToken is an auto-login token of one account: usable once, until ExpiresAt.
type LoginToken struct {
	Hash      []byte // SHA-256 of the whole token
	AccountID int64
	ExpiresAt time.Time
}

// DKIMKey is one signing key of a domain.
type DKIMKey struct {
	ID          int64
	Domain      string
	Selector    string
	Algorithm   dkim.Algorithm
	Sealed      []byte // PKCS #8 private key, sealed with dnssetup.DKIMKeyContext(Domain, Selector)
	TXTRecord   string // what belongs at <selector>._domainkey.<domain>
	CreatedAt   time.Time
	ActiveAt    *time.Time // signs since then; nil = waits for its record to be published
	RetiredAt   *time.Time // no longer signs, but its record is still needed for what it has signed
	DestroyedAt *time.Time // Sealed is empty, the record may go
}

// OrderFilter selects orders for support staff; empty fields do not restrict.
type OrderFilter struct {
	PartnerID      int64
	DomainPrefix   string
	PartnerOrderID string
}

// Payment is one record of money that a partner says was paid (titan.md 2, 3).
// Amounts are decimal strings with two places, "" when not given.
type Payment struct {
	ID               int64
	PartnerID        int64
	OrderID          int64
	TxnID            string // paymentTxnId; may be empty
	Action           string
	Currency         string
	ChargedAmount    string
	ChargedUSDAmount string
	DiscountAmount   string
	TaxAmount        string
	At               time.Time
}
