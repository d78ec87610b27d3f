// Package billing holds the books: balances, invoices and the search among
// transactions. What is bought and how it is paid is in package selling.
//
//	CustomerBalance / ResellerBalance(ctx, actor, id) (*ledger.Balance, error)
//	Transactions(ctx, actor, TransactionFilter) (*TransactionPage, error)
//	TransactionDetails(ctx, actor, ledger.Kind, ids) ([]*TransactionDetails, error)
//	OpenGreedyTransactions(ctx, actor, ledger.Party, page, perPage) (*TransactionPage, error)
//	Invoice(ctx, actor, id) (*InvoiceDetails, error)
package billing
