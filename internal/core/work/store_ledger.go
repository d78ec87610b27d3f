package work

import (
	"context"

	"posthouse/internal/core/ledger"
	"posthouse/internal/money"
)

// LedgerTx is the rows of the ledger. Transactions and entries are never
// removed; of a transaction only what has been matched changes.
type LedgerTx interface {
	InsertTransaction(ctx context.Context, t *ledger.Transaction, entries []ledger.Entry) error
	UpdateTransaction(ctx context.Context, t *ledger.Transaction) error // Greedy, what is unutilised, ForexDiff, BalancedAt, CancelledAt
	Transaction(ctx context.Context, id int64) (*ledger.Transaction, error)
	TransactionByKey(ctx context.Context, p ledger.Party, key string) (*ledger.Transaction, error)
	// OpenFunds gives credits and receipts that are not used up, by ID.
	OpenFunds(ctx context.Context, p ledger.Party, currency string, after int64, limit int) ([]*ledger.Transaction, error)
	// OpenCharges gives invoices and debits that are not paid, by ID; greedy ones only if asked.
	OpenCharges(ctx context.Context, p ledger.Party, currency string, greedy bool, after int64, limit int) ([]*ledger.Transaction, error)
	// OpenSum adds up what is unutilised of a party's credits and receipts, or of its invoices and debits.
	OpenSum(ctx context.Context, p ledger.Party, currency string, charges bool) (LedgerSum, error)
	// LockedSum adds up what a customer has paid for actions that are still to be carried out.
	LockedSum(ctx context.Context, customerID int64, currency string) (LedgerSum, error)
	// GreedyParties gives those of a kind who have open greedy transactions, by ID after the given one.
	GreedyParties(ctx context.Context, k ledger.Kind, after int64, limit int) ([]int64, error)
	InsertMatch(ctx context.Context, m ledger.Match) error
	Entries(ctx context.Context, transactionID int64) ([]ledger.Entry, error)
	// AccountSum gives the sum of an account's entries by currency.
	AccountSum(ctx context.Context, account string) (map[string]money.Value, error)
}

// LedgerSum is a sum in the currency asked for, and the same in the accounting currency.
type LedgerSum struct{ Selling, Accounting money.Value }
