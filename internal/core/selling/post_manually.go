package selling

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// PostManually is a fund call, a debit note or a misc invoice (resellerclub.md
// 12.1, rows 6, 7, 13). Either party is named, by its number.
type PostManually struct {
	CustomerID         int64
	ResellerID         int64
	Type               ledger.Type
	Amount             money.Value // positive
	Description        string
	Key                string // transaction-key; "" = none
	UpdateTotalReceipt bool   // of a credit or receipt
}

// Reasons why a transaction is refused.
const (
	ReasonTransactionKey   = "TRANSACTION_KEY"
	ReasonAmount           = "AMOUNT"
	ReasonPostedText       = "POSTED_DESCRIPTION"
	ReasonUnknownInvoice   = "UNKNOWN_INVOICE"
	ReasonUnknownDebit     = "UNKNOWN_DEBIT"
	ReasonTransactionState = "TRANSACTION_STATE"
)

var (
	errTransactionKey = fault.New(fault.Invalid, "The transaction key was used for something else").WithReason(ReasonTransactionKey)
	errKeyForm        = fault.Newf(fault.Invalid, "The transaction key is longer than %d bytes or not one line", work.MaxID).WithReason(ReasonTransactionKey)
	errDescription    = fault.Newf(fault.Invalid, "The description is missing, longer than %d bytes, or not text", work.MaxReason).WithReason(ReasonPostedText)
	errAmount         = fault.Newf(fault.Invalid, "The amount is not between 0.001 and %s", maxPosted).WithReason(ReasonAmount)
	errOwnFunds       = fault.New(fault.Forbidden, "Nobody keeps its own ledger").WithReason("OWN_LEDGER")
)

// maxPosted bounds one amount that a caller may post.
const maxPosted = money.MaxValue / 1000

// PostManually gives the transaction, or the first one of its key.
func (s *Service) PostManually(ctx context.Context, actor audit.Actor, cmd PostManually) (*ledger.Transaction, error) {
	var f work.Fields
	if cmd.Description = f.Text("description", cmd.Description, work.MaxReason); cmd.Description == "" {
		return nil, errDescription
	}
	if cmd.Key = f.Line("transaction key", cmd.Key, work.MaxID); f.Err != nil {
		return nil, errKeyForm
	}
	if !cmd.Type.Valid() {
		f.Failf("The transaction type is unknown")
	}
	if cmd.Amount <= 0 || cmd.Amount > maxPosted {
		f.Fail(errAmount)
	}
	if f.Err != nil {
		return nil, f.Err
	}
	var out *ledger.Transaction
	err := WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		party, err := postsFor(u, cmd.CustomerID, cmd.ResellerID)
		if err != nil {
			return err
		}
		t := &ledger.Transaction{Party: party, Type: cmd.Type, Manual: true, Description: cmd.Description, Key: cmd.Key, Amount: cmd.Amount}
		if cmd.Type.Charges() {
			t.Amount = -cmd.Amount
		} else {
			t.TotalReceiptUpdated = cmd.UpdateTotalReceipt
		}
		if cmd.Key != "" {
			first, err := u.Tx.TransactionByKey(u.Ctx, party, cmd.Key)
			if err != nil {
				return err
			}
			if first != nil {
				if first.Type != t.Type || first.Amount != t.Amount || first.Description != t.Description || first.TotalReceiptUpdated != t.TotalReceiptUpdated {
					return errTransactionKey
				}
				out = first
				return nil
			}
		}
		out = t
		if t.TotalReceiptUpdated {
			if err := addToReceipts(u, party, t.Amount); err != nil {
				return err
			}
		}
		return Post(u, t)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// postsFor finds whose ledger the actor keeps. A reseller keeps those of the
// customers in its tree and of the resellers below, never its own.
func postsFor(u *work.Unit, customerID, resellerID int64) (ledger.Party, error) {
	if !u.Actor.Limit.None() && u.Actor.Limit.ResellerID == 0 {
		return ledger.Party{}, work.ErrNotYours
	}
	if customerID != 0 {
		c, err := u.Customer(customerID)
		if err != nil {
			return ledger.Party{}, err
		}
		return ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, nil
	}
	if resellerID == 0 {
		return ledger.Party{}, work.ErrReseller
	}
	r, err := u.Reseller(resellerID)
	if err != nil {
		return ledger.Party{}, err
	}
	if r.ID == u.Actor.Limit.ResellerID || r.Root() && u.Actor.PartnerID != 0 {
		return ledger.Party{}, errOwnFunds
	}
	return ledger.Party{Kind: ledger.OfReseller, ID: r.ID}, nil
}

func addToReceipts(u *work.Unit, p ledger.Party, amount money.Value) error {
	if p.Kind == ledger.OfCustomer {
		c, err := u.Tx.Customer(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if c.TotalReceipts, err = c.TotalReceipts.Plus(amount); err != nil {
			return err
		}
		return u.Tx.UpdateCustomer(u.Ctx, c)
	}
	r, err := u.Tx.Reseller(u.Ctx, p.ID)
	if err != nil {
		return err
	}
	total, err := money.Value(r.TotalReceipts).Plus(amount)
	if err != nil {
		return err
	}
	r.TotalReceipts = int64(total)
	return u.Tx.UpdateReseller(u.Ctx, r)
}
