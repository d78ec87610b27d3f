package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
)

// CustomerBalance gives a customer's money: what it has, and what is reserved
// for actions that are paid and wait (resellerclub.md section 12.4).
func (s *Service) CustomerBalance(ctx context.Context, actor audit.Actor, customerID int64) (*ledger.Balance, error) {
	var out *ledger.Balance
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		b, err := u.customerBook(c)
		if err != nil {
			return err
		}
		if out, err = u.balance(b); err != nil {
			return err
		}
		locked, err := u.tx.LockedSum(u.ctx, c.ID, b.currency)
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
	err := s.read(ctx, actor, func(u *unit) error {
		r, err := u.reseller(resellerID)
		if err != nil {
			return err
		}
		b, err := u.resellerBook(r)
		if err != nil {
			return err
		}
		out, err = u.balance(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (u *unit) balance(b book) (*ledger.Balance, error) {
	have, err := u.tx.OpenSum(u.ctx, b.party, b.currency, false)
	if err != nil {
		return nil, err
	}
	owed, err := u.tx.OpenSum(u.ctx, b.party, b.currency, true)
	return &ledger.Balance{
		Currency: b.currency, Available: have.Selling, Owed: -owed.Selling,
		AccountingCurrency: b.accounting, AccountingBalance: have.Accounting,
	}, err
}
