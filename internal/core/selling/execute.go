package selling

import (
	"context"
	"errors"
	"fmt"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/due"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// Texts of actions that wait.
const (
	textAwaitsPayment = "Your Order is pending payment of the invoice."
	textLocked        = "Order Locked In Processing."
)

// execute carries an action out and charges the resellers. One whose reseller is
// short of funds stays locked until they arrive.
func execute(u *work.Unit, a *action.Action, o *order.Order, charges []charge, invoice *ledger.Transaction) error {
	short, err := short(u, charges)
	if err != nil {
		return err
	}
	now := u.Now
	if a.StartedAt == nil {
		a.StartedAt = &now
	}
	if short != nil {
		if a.Status == action.InvoicePaid {
			return nil
		}
		a.Status, a.StatusText = action.InvoicePaid, textLocked
		if err := u.Tx.UpdateAction(u.Ctx, a); err != nil {
			return err
		}
		return u.Record(a.PartnerID, "action.lock", "action", a.ID, work.Detail{"order": a.OrderID, "reseller": short.ID})
	}
	if u.Charged, err = invoiced(invoice); err != nil {
		return err
	}
	if err := carryOut(u, o, a.Change); err != nil {
		return err
	}
	for _, c := range charges {
		if c.cost == 0 {
			continue
		}
		x := &ledger.Transaction{Party: c.book.Party, Type: ledger.Invoice, OrderID: o.ID, ActionID: a.ID, ProductKey: a.ProductKey, Description: a.Description, Amount: -c.cost}
		if err := chargeReseller(u, c.book, x); err != nil {
			return err
		}
	}
	a.Status, a.StatusText, a.CompletedAt, a.Change.Until = action.Success, "", &now, o.ExpiresAt
	if err := u.Tx.UpdateAction(u.Ctx, a); err != nil {
		return err
	}
	return u.Record(a.PartnerID, "action.execute", "action", a.ID, work.Detail{"order": a.OrderID, "type": a.Type, "invoice": a.InvoiceID})
}

// short gives the prepaid reseller whose balance doesn't cover its charge.
func short(u *work.Unit, charges []charge) (*reseller.Reseller, error) {
	for _, c := range charges {
		if c.reseller.Funds != reseller.Prepaid || c.cost == 0 {
			continue
		}
		have, err := u.Tx.OpenSum(u.Ctx, c.book.Party, c.book.Currency, false)
		if err != nil {
			return nil, err
		}
		owed, err := u.Tx.OpenSum(u.Ctx, c.book.Party, c.book.Currency, true)
		if err != nil {
			return nil, err
		}
		if have.Selling+owed.Selling < c.cost {
			return c.reseller, nil
		}
	}
	return nil, nil
}

// NotCarriedOut rolls a unit back whose waiting action fails, so that it can be
// run again with that action given up: nothing is done by halves.
type NotCarriedOut struct {
	action int64
	cause  error
}

// Error names the action.
func (e *NotCarriedOut) Error() string { return fmt.Sprintf("action %d: %v", e.action, e.cause) }

// Unwrap gives why the action failed.
func (e *NotCarriedOut) Unwrap() error { return e.cause }

// WriteMoney is Write for commands that may carry waiting actions out.
func WriteMoney(ctx context.Context, p *work.Platform, actor audit.Actor, fn func(*work.Unit) error) error {
	doomed := map[int64]error{}
	for {
		err := p.Write(ctx, actor, func(u *work.Unit) error {
			u.Doomed = doomed
			return fn(u)
		})
		var failed *NotCarriedOut
		if !errors.As(err, &failed) || doomed[failed.action] != nil {
			return err
		}
		doomed[failed.action] = failed.cause
	}
}

// resume carries a waiting action out once nothing holds it any more.
func resume(u *work.Unit, id int64) error {
	a, err := u.Tx.Action(u.Ctx, id)
	if err != nil || a == nil || !a.Status.Pending() {
		return err
	}
	o, err := u.Tx.Order(u.Ctx, a.OrderID)
	if err == nil && o == nil {
		err = work.ErrOrder
	}
	if err != nil {
		return err
	}
	if cause := u.Doomed[a.ID]; cause != nil {
		return GiveUp(u, a, o, action.Failed, fault.Of(cause).Text)
	}
	seller, err := u.Tx.Reseller(u.Ctx, a.ResellerID)
	if err == nil && seller == nil {
		err = work.ErrReseller
	}
	if err != nil {
		return err
	}
	err = u.Within(a.PartnerID, func() error {
		charges, err := chargesOf(u, o, a.Change, seller)
		if err != nil {
			return err
		}
		var invoice *ledger.Transaction
		if a.InvoiceID != 0 {
			if invoice, err = u.Tx.Transaction(u.Ctx, a.InvoiceID); err != nil {
				return err
			}
		}
		return execute(u, a, o, charges, invoice)
	})
	if f := fault.Of(err); f != nil && f.Code != fault.Internal && f.Code != fault.Unavailable {
		return &NotCarriedOut{a.ID, err}
	}
	return err
}

// GiveUp ends an action that is not carried out. Its invoice is taken back, and
// an order that it was to begin goes.
func GiveUp(u *work.Unit, a *action.Action, o *order.Order, status action.Status, why string) error {
	now := u.Now
	a.Status, a.StatusText, a.CompletedAt = status, why, &now
	if err := u.Tx.UpdateAction(u.Ctx, a); err != nil {
		return err
	}
	if err := u.Record(a.PartnerID, "action.end", "action", a.ID, work.Detail{"order": a.OrderID, "status": status, "why": why}); err != nil {
		return err
	}
	if a.Type == action.Add && o.Live() && o.PendingPayment {
		if _, err := ordering.DeleteOrders(u, o, "cancelled", false); err != nil {
			return err
		}
	}
	if a.InvoiceID == 0 {
		return nil
	}
	t, err := u.Tx.Transaction(u.Ctx, a.InvoiceID)
	if err != nil || t == nil || t.CancelledAt != nil {
		return err
	}
	if err := creditBack(u, t); err != nil || u.Settling == t.Party {
		return err
	}
	b, err := billing.BookOf(u, t.Party)
	if err != nil {
		return err
	}
	return settleGreedy(u, b)
}

// creditBack credits an invoice or debit and matches the credit with what of it is
// open; the rest is money the party has again.
func creditBack(u *work.Unit, t *ledger.Transaction) error {
	b, err := billing.BookOf(u, t.Party)
	if err != nil {
		return err
	}
	now := u.Now
	t.CancelledAt, t.Greedy = &now, false
	if err := u.Tx.UpdateTransaction(u.Ctx, t); err != nil || t.Amount == 0 {
		return err
	}
	credit := &ledger.Transaction{Party: t.Party, Type: ledger.Credit, OrderID: t.OrderID, ProductKey: t.ProductKey, Amount: -t.Amount,
		Description: fmt.Sprintf("Cancellation of %s %d", t.Type, t.ID)}
	if err := billing.Keep(u, b, credit, t); err != nil {
		return err
	}
	if t.Unutilised < 0 {
		return match(u, credit, t, -t.Unutilised)
	}
	return nil
}

// settleGreedy pays a customer's greedy invoices, oldest first, each only if the
// funds cover it whole, and carries out what waited for them.
func settleGreedy(u *work.Unit, b billing.Book) error {
	outer := u.Settling
	u.Settling = b.Party
	defer func() { u.Settling = outer }()
	for after, settled := int64(0), 0; ; {
		open, err := u.Tx.OpenCharges(u.Ctx, b.Party, b.Currency, true, after, matchStep)
		if err != nil || len(open) == 0 {
			return err
		}
		for _, t := range open {
			after = t.ID
			if t, err = u.Tx.Transaction(u.Ctx, t.ID); err != nil { // may have changed meanwhile
				return err
			}
			if !t.Greedy || t.Unutilised == 0 {
				continue
			}
			paid, err := payWhole(u, t)
			if err != nil {
				return err
			}
			if !paid {
				continue
			}
			if err := resume(u, t.ActionID); err != nil {
				return err
			}
			if settled++; settled >= settleMost {
				return settleLater(u, b)
			}
		}
	}
}

// retryLocked carries out what waited for the funds of a reseller, oldest first.
func retryLocked(u *work.Unit, b billing.Book) error {
	r, err := u.Tx.Reseller(u.Ctx, b.Party.ID)
	if err != nil || r == nil {
		return err
	}
	for after, done := int64(0), 0; ; {
		list, err := u.Tx.LockedActions(u.Ctx, r, after, matchStep)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			after = a.ID
			if err := resume(u, a.ID); err != nil {
				return err
			}
			if a, err = u.Tx.Action(u.Ctx, a.ID); err != nil {
				return err
			}
			if a.Status.Pending() {
				continue
			}
			if done++; done >= settleMost {
				return settleLater(u, b)
			}
		}
	}
}

// settleLater goes on in a transaction of its own: see due.CustomerFunds.
func settleLater(u *work.Unit, b billing.Book) error {
	kind := due.CustomerFunds
	if b.Party.Kind == ledger.OfReseller {
		kind = due.ResellerFunds
	}
	return u.Remind(kind, b.Party.ID, b.PartnerID, &u.Now)
}

// SettleFunds lets what a party has settle what it owes, and carries out what
// waited for it.
func SettleFunds(ctx context.Context, p *work.Platform, actor audit.Actor, party ledger.Party) error {
	return WriteMoney(ctx, p, actor, func(u *work.Unit) error {
		b, err := billing.BookOf(u, party)
		if err != nil {
			return err
		}
		if err := u.Enter(b.PartnerID); err != nil {
			return err
		}
		if party.Kind == ledger.OfCustomer {
			return settleGreedy(u, b)
		}
		funds, err := u.Tx.OpenFunds(u.Ctx, party, b.Currency, 0, matchStep)
		if err != nil {
			return err
		}
		for _, f := range funds {
			if err := payCharges(u, b, f); err != nil {
				return err
			}
		}
		return retryLocked(u, b)
	})
}
