package work

import (
	"context"
	"time"

	"posthouse/internal/core/ledger"
)

// TransactionTx is the search among transactions.
type TransactionTx interface {
	// SearchTransactions gives one page of what a query selects, and how many it selects in all.
	SearchTransactions(ctx context.Context, q TransactionQuery) ([]*ledger.Transaction, int64, error)
	// TransactionsByID gives those that exist, in no order.
	TransactionsByID(ctx context.Context, ids []int64) ([]*ledger.Transaction, error)
	// MatchesOf gives the matches that a transaction has on either side, oldest first.
	MatchesOf(ctx context.Context, transactionID int64) ([]ledger.Match, error)
	// RecountTransactions makes the counters of one issuer's transactions anew.
	RecountTransactions(ctx context.Context, issuerID int64) error
}

// TransactionQuery selects transactions of one kind of party: an issuer's, or
// those of Parties whoever charges them. Nil fields select nothing out.
type TransactionQuery struct {
	IssuerID    int64
	Kind        ledger.Kind
	Parties     []int64
	IDs         []int64
	Types       []ledger.Type
	Manual      *bool
	Greedy      *bool
	Description string // a part of it, in whatever case its ASCII letters are
	// Low and High bound the absolute amount, both included, in whole units.
	Low, High *int64
	// Ranges are disjoint and in descending order of time.
	Ranges []TransactionRange
	Order  []TransactionOrder // ties are in the order of At, then of ID, as the last one goes
	Offset int64
	Limit  int
}

// TransactionRange is a time, From included and To not, and what of it is meant.
type TransactionRange struct {
	From, To *time.Time
	Open     *bool // not balanced
}

// TransactionColumn is what transactions can be sorted by.
type TransactionColumn int

// The columns.
const (
	ByTime TransactionColumn = iota
	ByTransaction
	ByParty
	ByType
	ByManual
	ByAmount
)

// TransactionOrder is one sort key.
type TransactionOrder struct {
	By   TransactionColumn
	Desc bool
}
