package retail

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

var errHolderInvoice = fault.New(fault.NotFound, "No such invoice").WithReason("NO_SUCH_INVOICE")

// HolderInvoices selects what an account holder was charged, by whichever dialect.
type HolderInvoices struct {
	CustomerID    int64
	Open          bool // those that are not paid, or in part only; else the paid ones
	Offset, Limit int
}

// HolderInvoices gives a page of them, oldest first.
func (s *Service) HolderInvoices(ctx context.Context, actor audit.Actor, q HolderInvoices) ([]*ledger.Transaction, error) {
	if q.Limit < 1 || q.Limit > customers.MaxPageRows || q.Offset < 0 {
		return nil, fault.Newf(fault.Invalid, "A page has 1 to %d invoices", customers.MaxPageRows)
	}
	var out []*ledger.Transaction
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(q.CustomerID)
		if err != nil {
			return err
		}
		page := u.Tx.PaidInvoices
		if q.Open {
			page = u.Tx.OpenInvoices
		}
		out, err = page(u.Ctx, c.ID, q.Offset, q.Limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// HolderInvoice gives one of those that HolderInvoices lists.
func (s *Service) HolderInvoice(ctx context.Context, actor audit.Actor, customerID, id int64, open bool) (*ledger.Transaction, error) {
	var out *ledger.Transaction
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		if out, err = u.Tx.Transaction(u.Ctx, id); err != nil {
			return err
		}
		mine := ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}
		if out == nil || out.Party != mine || out.Type != ledger.Invoice || out.Amount == 0 || out.Balanced() == open || out.CancelledAt != nil {
			return errHolderInvoice
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// BillingCycle is a subscription that is paid for, and what is still owed.
type BillingCycle struct {
	packages.AccountPackage
	Due  money.Value           // all that the holder owes, notes of debit too
	Open []*ledger.Transaction // the first of the open invoices
}

// openInCycle bounds the invoices of a billing cycle; HolderInvoices has all.
const openInCycle = 100

// BillingCycle gives the subscription that an account holder pays for; id 0 is
// the primary one, which is the only one.
func (s *Service) BillingCycle(ctx context.Context, actor audit.Actor, customerID, id int64) (*BillingCycle, error) {
	var out *BillingCycle
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		c, err := u.Customer(customerID)
		if err != nil {
			return err
		}
		sub, _, err := packages.Subscribed(u, c)
		if err != nil {
			return err
		}
		if sub == nil || id != 0 && sub.ID != id {
			return packages.ErrSubscription
		}
		a, err := packages.ShowAccountPackage(u, c, sub)
		if err != nil {
			return err
		}
		owed, err := u.Tx.OpenSum(u.Ctx, ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}, a.Package.Currency.Code, true)
		if err != nil {
			return err
		}
		out = &BillingCycle{AccountPackage: *a, Due: -owed.Selling}
		out.Open, err = u.Tx.OpenInvoices(u.Ctx, c.ID, 0, openInCycle)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
