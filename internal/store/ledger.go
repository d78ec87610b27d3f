package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

const transactionColumns = `id, partner_id, issuer_id, party_kind, party_id, type, manual, order_id, action_id, product_key, description, greedy, currency,
	amount, unutilised, net, discount, tax, tax_name, accounting_currency, rate, accounting_amount, accounting_unutilised, forex_diff, transaction_key,
	total_receipt_updated, at, balanced_at, cancelled_at`

func scanTransaction(row scanner, t *ledger.Transaction) error {
	return row.Scan(&t.ID, &t.PartnerID, &t.IssuerID, &t.Party.Kind, &t.Party.ID, &t.Type, &t.Manual, &t.OrderID, &t.ActionID, &t.ProductKey, &t.Description, &t.Greedy,
		&t.Currency, &t.Amount, &t.Unutilised, &t.Net, &t.Discount, &t.Tax, &t.TaxName, &t.AccountingCurrency, &t.Rate, &t.AccountingAmount, &t.AccountingUnutilised,
		&t.ForexDiff, &t.Key, &t.TotalReceiptUpdated, instant{&t.At}, maybe{&t.BalancedAt}, maybe{&t.CancelledAt})
}

// InsertTransaction implements work.Tx.
func (t *tx) InsertTransaction(ctx context.Context, x *ledger.Transaction, entries []ledger.Entry) error {
	shapeID, termID := int64(0), int64(0)
	if x.IssuerID != 0 {
		var err error
		if shapeID, termID, err = t.indexText(ctx, x.IssuerID, x.Description); err != nil {
			return err
		}
	}
	err := t.insert(ctx, &x.ID, `INSERT INTO ledger_transaction (partner_id, issuer_id, party_kind, party_id, type, manual, order_id, action_id, product_key,
		description, greedy, currency, amount, unutilised, net, discount, tax, tax_name, accounting_currency, rate, accounting_amount, accounting_unutilised,
		forex_diff, transaction_key, total_receipt_updated, at, balanced_at, cancelled_at, open, shape_id, term_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		x.PartnerID, x.IssuerID, x.Party.Kind, x.Party.ID, x.Type, x.Manual, x.OrderID, x.ActionID, x.ProductKey, x.Description, x.Greedy, x.Currency,
		int64(x.Amount), int64(x.Unutilised), int64(x.Net), int64(x.Discount), int64(x.Tax), x.TaxName, x.AccountingCurrency, x.Rate,
		int64(x.AccountingAmount), int64(x.AccountingUnutilised), int64(x.ForexDiff), x.Key, x.TotalReceiptUpdated, micros(x.At), microsOrNull(x.BalancedAt), microsOrNull(x.CancelledAt),
		!x.Balanced(), shapeID, termID)
	if err != nil {
		return err
	}
	if err := t.countTransaction(ctx, x, shapeID, !x.Balanced(), false); err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	args := make([]any, 0, 4*len(entries))
	for i := range entries {
		e := &entries[i]
		e.TransactionID = x.ID
		args = append(args, e.TransactionID, e.Account, e.Currency, int64(e.Amount))
	}
	_, err = t.Exec(ctx, "INSERT INTO ledger_entry (transaction_id, account, currency, amount) VALUES (?, ?, ?, ?)"+
		strings.Repeat(", (?, ?, ?, ?)", len(entries)-1), args...)
	return err
}

// UpdateTransaction implements work.Tx.
func (t *tx) UpdateTransaction(ctx context.Context, x *ledger.Transaction) error {
	// What is counted is the row's own: only Unutilised is taken from x.
	var was bool
	var shapeID int64
	row := ledger.Transaction{}
	err := t.ScanRow(ctx, []any{&row.IssuerID, &row.Party.Kind, &row.Type, &row.Manual, &row.Amount, instant{&row.At}, &was, &shapeID},
		"SELECT issuer_id, party_kind, type, manual, amount, at, open, shape_id FROM ledger_transaction WHERE id = ?"+t.ForUpdate(), x.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no such row")
	}
	if err != nil {
		return err
	}
	if err := t.update(ctx, `UPDATE ledger_transaction SET greedy = ?, unutilised = ?, accounting_unutilised = ?, forex_diff = ?, balanced_at = ?, cancelled_at = ?, open = ?
		WHERE id = ?`, x.Greedy, int64(x.Unutilised), int64(x.AccountingUnutilised), int64(x.ForexDiff), microsOrNull(x.BalancedAt), microsOrNull(x.CancelledAt),
		!x.Balanced(), x.ID); err != nil {
		return err
	}
	if was == !x.Balanced() {
		return nil
	}
	return t.countTransaction(ctx, &row, shapeID, !was, true)
}

// Transaction implements work.Tx.
func (t *tx) Transaction(ctx context.Context, id int64) (*ledger.Transaction, error) {
	return one(t.QueryRow(ctx, "SELECT "+transactionColumns+" FROM ledger_transaction WHERE id = ?", id), scanTransaction)
}

// TransactionByKey implements work.Tx.
func (t *tx) TransactionByKey(ctx context.Context, p ledger.Party, key string) (*ledger.Transaction, error) {
	return one(t.QueryRow(ctx, "SELECT "+transactionColumns+" FROM ledger_transaction WHERE party_kind = ? AND party_id = ? AND transaction_key = ? AND transaction_key <> ''",
		p.Kind, p.ID, key), scanTransaction)
}

// OpenFunds implements work.Tx.
func (t *tx) OpenFunds(ctx context.Context, p ledger.Party, currency string, after int64, limit int) ([]*ledger.Transaction, error) {
	return all(ctx, t, scanTransaction, "SELECT "+transactionColumns+` FROM ledger_transaction
		WHERE party_kind = ? AND party_id = ? AND unutilised > 0 AND currency = ? AND id > ? ORDER BY id LIMIT ?`, p.Kind, p.ID, currency, after, limit)
}

// OpenCharges implements work.Tx.
func (t *tx) OpenCharges(ctx context.Context, p ledger.Party, currency string, greedy bool, after int64, limit int) ([]*ledger.Transaction, error) {
	open := "unutilised < 0"
	if greedy {
		open = "greedy AND unutilised <> 0"
	}
	return all(ctx, t, scanTransaction, "SELECT "+transactionColumns+" FROM ledger_transaction WHERE party_kind = ? AND party_id = ? AND "+open+
		" AND currency = ? AND id > ? ORDER BY id LIMIT ?", p.Kind, p.ID, currency, after, limit)
}

// GreedyParties implements work.Tx. It goes from one party to the next: one
// may have very many.
func (t *tx) GreedyParties(ctx context.Context, k ledger.Kind, after int64, limit int) ([]int64, error) {
	return t.leaps(ctx, limit, after, "SELECT MIN(party_id) FROM ledger_transaction WHERE party_kind = ? AND party_id > ? AND greedy AND unutilised <> 0", k)
}

// leaps gives ids one by one: each is the least above the one before.
func (t *tx) leaps(ctx context.Context, limit int, after int64, query string, args ...any) (ids []int64, err error) {
	for len(ids) < limit {
		var id sql.NullInt64
		if err := t.ScanRow(ctx, []any{&id}, query, append(slices.Clone(args), after)...); err != nil {
			return nil, err
		}
		if !id.Valid {
			return ids, nil
		}
		after = id.Int64
		ids = append(ids, after)
	}
	return ids, nil
}

// OpenSum implements work.Tx.
func (t *tx) OpenSum(ctx context.Context, p ledger.Party, currency string, charges bool) (s work.LedgerSum, err error) {
	open := "unutilised > 0"
	if charges {
		open = "unutilised < 0"
	}
	err = t.ScanRow(ctx, []any{&s.Selling, &s.Accounting}, `SELECT CAST(COALESCE(SUM(unutilised), 0) AS BIGINT), CAST(COALESCE(SUM(accounting_unutilised), 0) AS BIGINT)
		FROM ledger_transaction WHERE party_kind = ? AND party_id = ? AND `+open+" AND currency = ?", p.Kind, p.ID, currency)
	return s, err
}

// LockedSum implements work.Tx.
func (t *tx) LockedSum(ctx context.Context, customerID int64, currency string) (s work.LedgerSum, err error) {
	err = t.ScanRow(ctx, []any{&s.Selling, &s.Accounting}, `SELECT CAST(COALESCE(SUM(l.unutilised - l.amount), 0) AS BIGINT),
		CAST(COALESCE(SUM(l.accounting_unutilised - l.accounting_amount), 0) AS BIGINT)
		FROM order_action a JOIN ledger_transaction l ON l.id = a.invoice_id
		WHERE a.customer_id = ? AND a.pending AND l.currency = ? AND l.cancelled_at IS NULL`, customerID, currency)
	return s, err
}

// InsertMatch implements work.Tx.
func (t *tx) InsertMatch(ctx context.Context, m ledger.Match) error {
	var id int64
	return t.insert(ctx, &id, "INSERT INTO ledger_match (paying_id, paid_id, amount, at) VALUES (?, ?, ?, ?) RETURNING id", m.PayingID, m.PaidID, int64(m.Amount), micros(m.At))
}

// Entries implements work.Tx.
func (t *tx) Entries(ctx context.Context, transactionID int64) ([]ledger.Entry, error) {
	list, err := all(ctx, t, func(r scanner, e *ledger.Entry) error {
		return r.Scan(&e.TransactionID, &e.Account, &e.Currency, &e.Amount)
	}, "SELECT transaction_id, account, currency, amount FROM ledger_entry WHERE transaction_id = ? ORDER BY account", transactionID)
	out := make([]ledger.Entry, len(list))
	for i, e := range list {
		out[i] = *e
	}
	return out, err
}

// AccountSum implements work.Tx.
func (t *tx) AccountSum(ctx context.Context, account string) (map[string]money.Value, error) {
	type row struct {
		currency string
		sum      int64
	}
	list, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.currency, &v.sum) },
		"SELECT currency, CAST(SUM(amount) AS BIGINT) FROM ledger_entry WHERE account = ? GROUP BY currency", account)
	out := make(map[string]money.Value, len(list))
	for _, r := range list {
		out[r.currency] = money.Value(r.sum)
	}
	return out, err
}

// MatchesOf implements work.Tx.
func (t *tx) MatchesOf(ctx context.Context, transactionID int64) ([]ledger.Match, error) {
	list, err := all(ctx, t, func(r scanner, m *ledger.Match) error {
		return r.Scan(&m.PayingID, &m.PaidID, &m.Amount, instant{&m.At})
	},
		"SELECT paying_id, paid_id, amount, at FROM ledger_match WHERE paying_id = ? OR paid_id = ? ORDER BY id", transactionID, transactionID)
	out := make([]ledger.Match, len(list))
	for i, m := range list {
		out[i] = *m
	}
	return out, err
}
