package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ledger"
	"posthouse/internal/fault"
)

var errPaidInvoice = fault.New(fault.NotFound, "No such invoice").WithReason("NO_SUCH_INVOICE")

// PaidInvoices gives a page of what an account holder was charged and has paid,
// by whichever dialect, oldest first.
func (s *Service) PaidInvoices(ctx context.Context, actor audit.Actor, customerID int64, offset, limit int) ([]*ledger.Transaction, error) {
	if limit < 1 || limit > maxPageRows || offset < 0 {
		return nil, fault.Newf(fault.Invalid, "A page has 1 to %d invoices", maxPageRows)
	}
	var out []*ledger.Transaction
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		out, err = u.tx.PaidInvoices(u.ctx, c.ID, offset, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PaidInvoice gives one of them.
func (s *Service) PaidInvoice(ctx context.Context, actor audit.Actor, customerID, id int64) (*ledger.Transaction, error) {
	var out *ledger.Transaction
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		if out, err = u.tx.Transaction(u.ctx, id); err != nil {
			return err
		}
		mine := ledger.Party{Kind: ledger.OfCustomer, ID: c.ID}
		if out == nil || out.Party != mine || out.Type != ledger.Invoice || out.Amount == 0 || !out.Balanced() || out.CancelledAt != nil {
			return errPaidInvoice
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// BillingCycle gives the subscription that an account holder pays for; id 0 is
// the primary one, which is the only one.
func (s *Service) BillingCycle(ctx context.Context, actor audit.Actor, customerID, id int64) (*AccountPackage, error) {
	var out *AccountPackage
	err := s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		sub, _, err := u.subscribed(c)
		if err != nil {
			return err
		}
		if sub == nil || id != 0 && sub.ID != id {
			return errSubscription
		}
		out, err = u.accountPackage(c, sub)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
