package store

import (
	"context"
	"fmt"

	"github.com/govalues/decimal"

	"posthouse/internal/money"
	"posthouse/internal/store/sqldb"
)

// Unbalanced is a transaction of the ledger that doesn't add up.
type Unbalanced struct {
	ID   int64
	What string
}

// String is for people.
func (u Unbalanced) String() string { return fmt.Sprintf("transaction %d: %s", u.ID, u.What) }

// ledgerSums is a transaction with what its entries and matches come to.
type ledgerSums struct {
	id, amount, unutilised, accounting int64
	rate                               string
	charges, greedy                    bool
	balanced                           bool
	entries, own, foreign              int64 // the sum of all, of the party's; how many in another currency
	paying, paid                       int64 // matched
}

// VerifyLedger looks for transactions whose entries don't sum to zero, or whose
// amount, matches and what is unutilised don't fit together. It may run beside a
// working server.
func (s *Store) VerifyLedger(ctx context.Context, find func(Unbalanced)) (transactions int64, err error) {
	for after := int64(0); ; {
		var rows []*ledgerSums
		err := s.db.Read(ctx, func(sq *sqldb.Tx) (err error) {
			rows, err = all(ctx, &tx{Tx: sq, store: s}, func(r scanner, v *ledgerSums) error {
				return r.Scan(&v.id, &v.amount, &v.unutilised, &v.accounting, &v.rate, &v.charges, &v.greedy, &v.balanced, &v.entries, &v.own, &v.foreign, &v.paying, &v.paid)
			}, `SELECT t.id, t.amount, t.unutilised, t.accounting_unutilised, t.rate, t.type IN ('invoice', 'debit'), t.greedy, t.balanced_at IS NOT NULL,
				CAST(COALESCE((SELECT SUM(e.amount) FROM ledger_entry e WHERE e.transaction_id = t.id), 0) AS BIGINT),
				CAST(COALESCE((SELECT SUM(e.amount) FROM ledger_entry e WHERE e.transaction_id = t.id AND e.account = t.party_kind || ':' || t.party_id), 0) AS BIGINT),
				(SELECT COUNT(*) FROM ledger_entry e WHERE e.transaction_id = t.id AND e.currency <> t.currency),
				CAST(COALESCE((SELECT SUM(m.amount) FROM ledger_match m WHERE m.paying_id = t.id), 0) AS BIGINT),
				CAST(COALESCE((SELECT SUM(m.amount) FROM ledger_match m WHERE m.paid_id = t.id), 0) AS BIGINT)
				FROM ledger_transaction t WHERE t.id > ? ORDER BY t.id LIMIT ?`, after, verifyStep)
			return err
		})
		if err != nil {
			return transactions, err
		}
		for _, r := range rows {
			after = r.id
			transactions++
			for _, what := range r.wrong() {
				find(Unbalanced{r.id, what})
			}
		}
		if len(rows) < verifyStep {
			return transactions, nil
		}
	}
}

func (r *ledgerSums) wrong() (out []string) {
	note := func(bad bool, format string, a ...any) {
		if bad {
			out = append(out, fmt.Sprintf(format, a...))
		}
	}
	note(r.entries != 0, "its entries sum to %s", money.Value(r.entries))
	note(r.own != r.amount, "the party's entry is %s of %s", money.Value(r.own), money.Value(r.amount))
	note(r.foreign != 0, "%d entries are in another currency", r.foreign)
	note(r.amount != 0 && (r.amount < 0) != r.charges, "its amount has the wrong sign: %s", money.Value(r.amount))
	note(r.charges && r.paying != 0 || !r.charges && r.paid != 0, "it is matched on the wrong side")
	left := r.amount - r.paying + r.paid
	note(r.unutilised != left, "%s is unutilised, and should be %s", money.Value(r.unutilised), money.Value(left))
	note(r.charges && r.unutilised > 0 || !r.charges && r.unutilised < 0, "more than all of it is matched")
	note(r.balanced != (r.unutilised == 0), "what says since when it is balanced is wrong")
	note(r.greedy && (r.unutilised == 0 || !r.charges), "it is greedy without anything to be paid")
	rate, err := decimal.Parse(r.rate)
	if err != nil {
		note(true, "its rate is no number")
		return out
	}
	worth, err := money.Value(r.unutilised).Times(rate)
	note(err != nil || int64(worth) != r.accounting, "%s is unutilised in the accounting currency, and should be %s", money.Value(r.accounting), worth)
	return out
}
