package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// NamedTransactions are a customer's invoices and debits. All are one customer's.
type NamedTransactions struct {
	Invoices []int64
	Debits   []int64
}

// Settled is one of them as it is afterwards.
type Settled struct {
	Transaction *ledger.Transaction
	Action      *action.Action // nil = the transaction is for none
	Domain      string         // of the order; "" = none
}

// maxNamed bounds how many a call may name.
const maxNamed = 500

var (
	errInvoice          = fault.New(fault.Invalid, "No such invoice").WithReason(ReasonUnknownInvoice)
	errDebit            = fault.New(fault.Invalid, "No such debit").WithReason(ReasonUnknownDebit)
	errTransactionState = fault.New(fault.Forbidden, "The transaction is settled or cancelled").WithReason(ReasonTransactionState)
	errNoTransactions   = fault.New(fault.Invalid, "No transaction is named").WithReason(ReasonUnknownInvoice)
	errManyTransactions = fault.Newf(fault.Invalid, "A call names at most %d transactions", maxNamed).WithReason(ReasonUnknownInvoice)
)

// PayTransactions is billing/customer-pay: each is paid from the customer's
// funds, in the given order, if they cover it whole; what waited for it is
// carried out (resellerclub.md R-25).
func (s *Service) PayTransactions(ctx context.Context, actor audit.Actor, names NamedTransactions) ([]*Settled, error) {
	return s.settleNamed(ctx, actor, names, func(u *work.Unit, t *ledger.Transaction) error {
		if t.CancelledAt != nil {
			return errTransactionState
		}
		if t.Unutilised != 0 {
			if paid, err := payWhole(u, t); err != nil || !paid {
				return err
			}
		}
		return resume(u, t.ActionID)
	})
}

// ExecuteUnpaid is billing/execute-order-without-payment: what waits for the
// invoices is carried out; they stay open or are cancelled.
func (s *Service) ExecuteUnpaid(ctx context.Context, actor audit.Actor, invoices []int64, cancel bool) ([]*Settled, error) {
	return s.settleNamed(ctx, actor, NamedTransactions{Invoices: invoices}, func(u *work.Unit, t *ledger.Transaction) error {
		a, err := u.Tx.ActionOfInvoice(u.Ctx, t.ID)
		if err != nil {
			return err
		}
		switch {
		case a == nil, a.Status == action.Cancelled, a.Status == action.Failed:
			return errTransactionState
		case !a.Status.Pending(): // carried out: a repeat
			return nil
		}
		if cancel && t.CancelledAt == nil {
			if err := creditBack(u, t); err != nil {
				return err
			}
		}
		return resume(u, a.ID)
	})
}

// CancelTransactions is billing/customer-transactions/cancel: what is open is
// credited, and an action that waits is dropped. What is paid and carried out
// stays; what is cancelled already is done.
func (s *Service) CancelTransactions(ctx context.Context, actor audit.Actor, names NamedTransactions) ([]*Settled, error) {
	return s.settleNamed(ctx, actor, names, func(u *work.Unit, t *ledger.Transaction) error {
		if t.ActionID != 0 { // which may wait still for its reseller's funds, executed without payment
			a, err := u.Tx.Action(u.Ctx, t.ActionID)
			if err != nil {
				return err
			}
			if a != nil && a.Status.Pending() {
				o, err := u.Tx.Order(u.Ctx, a.OrderID)
				if err != nil || o == nil {
					return err
				}
				return GiveUp(u, a, o, action.Cancelled, "The invoice was cancelled.")
			}
		}
		switch {
		case t.CancelledAt != nil:
			return nil
		case t.Unutilised == 0:
			return errTransactionState
		}
		return creditBack(u, t)
	})
}

// settleNamed finds all of the named first: one that is not there, or not that
// customer's, refuses the whole call. What is credited then pays greedy invoices.
func (s *Service) settleNamed(ctx context.Context, actor audit.Actor, names NamedTransactions, fn func(*work.Unit, *ledger.Transaction) error) ([]*Settled, error) {
	switch n := len(names.Invoices) + len(names.Debits); {
	case n == 0:
		return nil, errNoTransactions
	case n > maxNamed:
		return nil, errManyTransactions
	}
	var out []*Settled
	err := WriteMoney(ctx, s.Platform, actor, func(u *work.Unit) error {
		out = nil
		c, ids, err := named(u, names)
		if err != nil {
			return err
		}
		for _, id := range ids {
			t, err := u.Tx.Transaction(u.Ctx, id)
			if err != nil {
				return err
			}
			if err := fn(u, t); err != nil {
				return err
			}
		}
		b, err := billing.CustomerBook(u, c)
		if err != nil {
			return err
		}
		if err := settleGreedy(u, b); err != nil {
			return err
		}
		for _, id := range ids {
			x, err := settled(u, id)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// named checks what is named and gives it once each.
func named(u *work.Unit, names NamedTransactions) (c *customer.Customer, ids []int64, err error) {
	if !u.Actor.Limit.None() && u.Actor.Limit.ResellerID == 0 {
		return nil, nil, work.ErrNotYours
	}
	seen := map[int64]bool{}
	for _, list := range []struct {
		ids []int64
		is  ledger.Type
		err error
	}{{names.Invoices, ledger.Invoice, errInvoice}, {names.Debits, ledger.Debit, errDebit}} {
		for _, id := range list.ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			t, err := u.Tx.Transaction(u.Ctx, id)
			if err != nil {
				return nil, nil, err
			}
			if t == nil || t.Type != list.is || t.Party.Kind != ledger.OfCustomer || c != nil && t.Party.ID != c.ID {
				return nil, nil, list.err
			}
			if c == nil {
				if c, err = u.Customer(t.Party.ID); err != nil {
					if fault.Is(err, fault.CustomerNotFound) {
						err = list.err
					}
					return nil, nil, err
				}
			}
			ids = append(ids, id)
		}
	}
	return c, ids, nil
}

func settled(u *work.Unit, id int64) (*Settled, error) {
	t, err := u.Tx.Transaction(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Settled{Transaction: t}
	if t.ActionID != 0 {
		if out.Action, err = u.Tx.Action(u.Ctx, t.ActionID); err != nil {
			return nil, err
		}
	}
	if t.OrderID != 0 {
		var o *order.Order
		if o, err = u.Tx.Order(u.Ctx, t.OrderID); err != nil {
			return nil, err
		}
		if o != nil {
			out.Domain = o.Domain
		}
	}
	return out, nil
}
