package provision

import (
	"context"
	"errors"
	"fmt"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

// Texts of actions that wait.
const (
	textAwaitsPayment = "Your Order is pending payment of the invoice."
	textLocked        = "Order Locked In Processing."
)

// execute carries an action out and charges the resellers. One whose reseller is
// short of funds stays locked until they arrive.
func (u *unit) execute(a *action.Action, o *order.Order, charges []charge, invoice *ledger.Transaction) error {
	short, err := u.short(charges)
	if err != nil {
		return err
	}
	now := u.now
	if a.StartedAt == nil {
		a.StartedAt = &now
	}
	if short != nil {
		if a.Status == action.InvoicePaid {
			return nil
		}
		a.Status, a.StatusText = action.InvoicePaid, textLocked
		if err := u.tx.UpdateAction(u.ctx, a); err != nil {
			return err
		}
		return u.record(a.PartnerID, "action.lock", "action", a.ID, detail{"order": a.OrderID, "reseller": short.ID})
	}
	if u.charged, err = invoiced(invoice); err != nil {
		return err
	}
	if err := u.carryOut(o, a.Change); err != nil {
		return err
	}
	for _, c := range charges {
		if c.cost == 0 {
			continue
		}
		x := &ledger.Transaction{Party: c.book.party, Type: ledger.Invoice, OrderID: o.ID, ActionID: a.ID, ProductKey: a.ProductKey, Description: a.Description, Amount: -c.cost}
		if err := u.chargeReseller(c.book, x); err != nil {
			return err
		}
	}
	a.Status, a.StatusText, a.CompletedAt, a.Change.Until = action.Success, "", &now, o.ExpiresAt
	if err := u.tx.UpdateAction(u.ctx, a); err != nil {
		return err
	}
	return u.record(a.PartnerID, "action.execute", "action", a.ID, detail{"order": a.OrderID, "type": a.Type, "invoice": a.InvoiceID})
}

// short gives the prepaid reseller whose balance doesn't cover its charge.
func (u *unit) short(charges []charge) (*reseller.Reseller, error) {
	for _, c := range charges {
		if c.reseller.Funds != reseller.Prepaid || c.cost == 0 {
			continue
		}
		have, err := u.tx.OpenSum(u.ctx, c.book.party, c.book.currency, false)
		if err != nil {
			return nil, err
		}
		owed, err := u.tx.OpenSum(u.ctx, c.book.party, c.book.currency, true)
		if err != nil {
			return nil, err
		}
		if have.Selling+owed.Selling < c.cost {
			return c.reseller, nil
		}
	}
	return nil, nil
}

// notCarriedOut rolls a unit back whose waiting action fails, so that it can be
// run again with that action given up: nothing is done by halves.
type notCarriedOut struct {
	action int64
	cause  error
}

func (e *notCarriedOut) Error() string { return fmt.Sprintf("action %d: %v", e.action, e.cause) }
func (e *notCarriedOut) Unwrap() error { return e.cause }

// writeMoney is write for commands that may carry waiting actions out.
func (s *Service) writeMoney(ctx context.Context, actor audit.Actor, fn func(*unit) error) error {
	doomed := map[int64]error{}
	for {
		err := s.write(ctx, actor, func(u *unit) error {
			u.doomed = doomed
			return fn(u)
		})
		var failed *notCarriedOut
		if !errors.As(err, &failed) || doomed[failed.action] != nil {
			return err
		}
		doomed[failed.action] = failed.cause
	}
}

// resume carries a waiting action out once nothing holds it any more.
func (u *unit) resume(id int64) error {
	a, err := u.tx.Action(u.ctx, id)
	if err != nil || a == nil || !a.Status.Pending() {
		return err
	}
	o, err := u.tx.Order(u.ctx, a.OrderID)
	if err == nil && o == nil {
		err = errOrder
	}
	if err != nil {
		return err
	}
	if cause := u.doomed[a.ID]; cause != nil {
		return u.giveUp(a, o, action.Failed, fault.Of(cause).Text)
	}
	seller, err := u.tx.Reseller(u.ctx, a.ResellerID)
	if err == nil && seller == nil {
		err = errReseller
	}
	if err != nil {
		return err
	}
	err = u.within(a.PartnerID, func() error {
		charges, err := u.chargesOf(o, a.Change, seller)
		if err != nil {
			return err
		}
		var invoice *ledger.Transaction
		if a.InvoiceID != 0 {
			if invoice, err = u.tx.Transaction(u.ctx, a.InvoiceID); err != nil {
				return err
			}
		}
		return u.execute(a, o, charges, invoice)
	})
	if f := fault.Of(err); f != nil && f.Code != fault.Internal && f.Code != fault.Unavailable {
		return &notCarriedOut{a.ID, err}
	}
	return err
}

// giveUp ends an action that is not carried out. Its invoice is taken back, and
// an order that it was to begin goes.
func (u *unit) giveUp(a *action.Action, o *order.Order, status action.Status, why string) error {
	now := u.now
	a.Status, a.StatusText, a.CompletedAt = status, why, &now
	if err := u.tx.UpdateAction(u.ctx, a); err != nil {
		return err
	}
	if err := u.record(a.PartnerID, "action.end", "action", a.ID, detail{"order": a.OrderID, "status": status, "why": why}); err != nil {
		return err
	}
	if a.Type == action.Add && o.Live() && o.PendingPayment {
		if _, err := u.deleteOrders(o, "cancelled", false); err != nil {
			return err
		}
	}
	if a.InvoiceID == 0 {
		return nil
	}
	t, err := u.tx.Transaction(u.ctx, a.InvoiceID)
	if err != nil || t == nil || t.CancelledAt != nil {
		return err
	}
	if err := u.creditBack(t); err != nil || u.settling == t.Party {
		return err
	}
	b, err := u.bookOf(t.Party)
	if err != nil {
		return err
	}
	return u.settleGreedy(b)
}

// creditBack credits an invoice or debit and matches the credit with what of it is
// open; the rest is money the party has again.
func (u *unit) creditBack(t *ledger.Transaction) error {
	b, err := u.bookOf(t.Party)
	if err != nil {
		return err
	}
	now := u.now
	t.CancelledAt, t.Greedy = &now, false
	if err := u.tx.UpdateTransaction(u.ctx, t); err != nil || t.Amount == 0 {
		return err
	}
	credit := &ledger.Transaction{Party: t.Party, Type: ledger.Credit, OrderID: t.OrderID, ProductKey: t.ProductKey, Amount: -t.Amount,
		Description: fmt.Sprintf("Cancellation of %s %d", t.Type, t.ID)}
	if err := u.keep(b, credit, t); err != nil {
		return err
	}
	if t.Unutilised < 0 {
		return u.match(credit, t, -t.Unutilised)
	}
	return nil
}

// settleGreedy pays a customer's greedy invoices, oldest first, each only if the
// funds cover it whole, and carries out what waited for them.
func (u *unit) settleGreedy(b book) error {
	outer := u.settling
	u.settling = b.party
	defer func() { u.settling = outer }()
	for after, settled := int64(0), 0; ; {
		open, err := u.tx.OpenCharges(u.ctx, b.party, b.currency, true, after, matchStep)
		if err != nil || len(open) == 0 {
			return err
		}
		for _, t := range open {
			after = t.ID
			if t, err = u.tx.Transaction(u.ctx, t.ID); err != nil { // may have changed meanwhile
				return err
			}
			if !t.Greedy || t.Unutilised == 0 {
				continue
			}
			paid, err := u.payWhole(t)
			if err != nil {
				return err
			}
			if !paid {
				continue
			}
			if err := u.resume(t.ActionID); err != nil {
				return err
			}
			if settled++; settled >= settleMost {
				return u.settleLater(b)
			}
		}
	}
}

// retryLocked carries out what waited for the funds of a reseller, oldest first.
func (u *unit) retryLocked(b book) error {
	r, err := u.tx.Reseller(u.ctx, b.party.ID)
	if err != nil || r == nil {
		return err
	}
	for after, done := int64(0), 0; ; {
		list, err := u.tx.LockedActions(u.ctx, r, after, matchStep)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			after = a.ID
			if err := u.resume(a.ID); err != nil {
				return err
			}
			if a, err = u.tx.Action(u.ctx, a.ID); err != nil {
				return err
			}
			if a.Status.Pending() {
				continue
			}
			if done++; done >= settleMost {
				return u.settleLater(b)
			}
		}
	}
}

// settleLater goes on in a transaction of its own: see due.CustomerFunds.
func (u *unit) settleLater(b book) error {
	kind := due.CustomerFunds
	if b.party.Kind == ledger.OfReseller {
		kind = due.ResellerFunds
	}
	return u.remind(kind, b.party.ID, b.partnerID, &u.now)
}

// settleFunds lets what a party has settle what it owes, and carries out what
// waited for it.
func (s *Service) settleFunds(ctx context.Context, actor audit.Actor, p ledger.Party) error {
	return s.writeMoney(ctx, actor, func(u *unit) error {
		b, err := u.bookOf(p)
		if err != nil {
			return err
		}
		if err := u.enter(b.partnerID); err != nil {
			return err
		}
		if p.Kind == ledger.OfCustomer {
			return u.settleGreedy(b)
		}
		funds, err := u.tx.OpenFunds(u.ctx, p, b.currency, 0, matchStep)
		if err != nil {
			return err
		}
		for _, f := range funds {
			if err := u.payCharges(b, f); err != nil {
				return err
			}
		}
		return u.retryLocked(b)
	})
}
