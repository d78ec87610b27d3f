// Package ledger is the double-entry book of what customers and resellers owe
// and have paid (resellerclub.md section 12). It only grows: a transaction's
// amount never changes, and what is taken back is a transaction of its own.
package ledger

import (
	"time"

	"posthouse/internal/core/product"
	"posthouse/internal/money"
)

// Type of a transaction; a wire name.
type Type string

// The types. Invoices and debits are negative, credits and receipts positive.
const (
	Invoice Type = "invoice"
	Debit   Type = "debit"
	Credit  Type = "credit"
	Receipt Type = "receipt"
)

// Valid reports whether t is one of the four.
func (t Type) Valid() bool { return t == Invoice || t == Debit || t == Credit || t == Receipt }

// Charges reports whether a transaction of the type takes from a balance.
func (t Type) Charges() bool { return t == Invoice || t == Debit }

// Kind says whose balance an account is.
type Kind string

// The kinds of those who owe.
const (
	OfCustomer Kind = "customer"
	OfReseller Kind = "reseller"
)

// Party is one who owes or has paid: a customer towards its reseller, or a
// reseller towards its parent.
type Party struct {
	Kind Kind
	ID   int64
}

// ArchiveAfter is how old a balanced transaction is when it is archived.
const ArchiveAfter = 180 * 24 * time.Hour

// Transaction is one line of a party's ledger, in the selling currency of who
// charges it. Amounts are signed as their type says.
type Transaction struct {
	ID        int64
	PartnerID int64
	IssuerID  int64 // the reseller who charges or is paid; 0 = the platform, towards root resellers
	Party     Party
	Type      Type
	Manual    bool // "manually", else "systemgenerated"

	OrderID     int64 // 0 = none
	ActionID    int64 // of an invoice for an action; 0 = none
	ProductKey  product.Key
	Description string
	Greedy      bool // settled and carried out by itself when funds arrive

	Currency   string
	Amount     money.Value // Net less Discount plus Tax
	Unutilised money.Value // the part not yet matched against the other side
	Net        money.Value // the three are zero unless it is an invoice
	Discount   money.Value
	Tax        money.Value
	TaxName    string

	AccountingCurrency   string
	Rate                 string // accounting per selling at the time, a decimal number
	AccountingAmount     money.Value
	AccountingUnutilised money.Value
	ForexDiff            money.Value

	Key                 string // transaction-key of the call, unique within a party; "" = none
	TotalReceiptUpdated bool
	At                  time.Time
	BalancedAt          *time.Time // since when Unutilised is zero
	CancelledAt         *time.Time
}

// Balanced reports whether everything of it is matched.
func (t *Transaction) Balanced() bool { return t.Unutilised == 0 }

// Entry is one side of a transaction on an account. The entries of one
// transaction sum to zero; nothing changes or removes one.
type Entry struct {
	TransactionID int64
	Account       string // "customer:10004821", "reseller:100002", "sales:100001", "cash:100001", "adjustment:100001"
	Currency      string
	Amount        money.Value
}

// Match says that part of a credit or receipt has paid part of an invoice or debit.
type Match struct {
	PayingID int64 // the credit or receipt
	PaidID   int64 // the invoice or debit
	Amount   money.Value
	At       time.Time
}

// Balance is a party's money in one currency (section 12.4).
type Balance struct {
	Currency           string
	Available          money.Value // unmatched credits and receipts
	Locked             money.Value // reserved for pending actions
	Owed               money.Value // unmatched invoices and debits, as a positive value
	AccountingCurrency string
	AccountingBalance  money.Value
	AccountingLocked   money.Value
}
