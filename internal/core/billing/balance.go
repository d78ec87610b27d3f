package billing

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/work"
)

// CustomerBalance gives a customer's money: what it has, and what is reserved
// for actions that are paid and wait (resellerclub.md section 12.4).
func (s *Service) CustomerBalance(ctx context.Context, actor audit.Actor, customerID int64) (*ledger.Balance, error) {
	var out *ledger.Balance
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		b, err := CustomerBook(u, c)
		if err != nil {
			return err
		}
		if out, err = balance(u, b); err != nil {
			return err
		}
		locked, err := u.Tx.LockedSum(u.Ctx, c.ID, b.Currency)
		out.Locked, out.AccountingLocked = locked.Selling, locked.Accounting
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ResellerBalance gives what a reseller has with who is above it. Its ledger
// settles by itself, so it either has something or owes something.
func (s *Service) ResellerBalance(ctx context.Context, actor audit.Actor, resellerID int64) (*ledger.Balance, error) {
	var out *ledger.Balance
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		r, err := u.Reseller(resellerID)
		if err != nil {
			return err
		}
		b, err := ResellerBook(u, r)
		if err != nil {
			return err
		}
		out, err = balance(u, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func balance(u *work.Unit, b Book) (*ledger.Balance, error) {
	have, err := u.Tx.OpenSum(u.Ctx, b.Party, b.Currency, false)
	if err != nil {
		return nil, err
	}
	owed, err := u.Tx.OpenSum(u.Ctx, b.Party, b.Currency, true)
	return &ledger.Balance{
		Currency: b.Currency, Available: have.Selling, Owed: -owed.Selling,
		AccountingCurrency: b.accounting, AccountingBalance: have.Accounting,
	}, err
}
