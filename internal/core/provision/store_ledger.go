package provision

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
	// OpenTransactions gives what is not balanced, oldest first.
	OpenTransactions(ctx context.Context, p ledger.Party) ([]*ledger.Transaction, error)
	InsertMatch(ctx context.Context, m ledger.Match) error
	Entries(ctx context.Context, transactionID int64) ([]ledger.Entry, error)
	// AccountSum gives the sum of an account's entries by currency.
	AccountSum(ctx context.Context, account string) (map[string]money.Value, error)
}
