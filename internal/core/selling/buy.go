package selling

import (
	"strconv"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Purchase is one action that may cost something (resellerclub.md section 8).
type Purchase struct {
	Order    *order.Order
	Customer *customer.Customer
	Change   action.Change
	Option   action.InvoiceOption
	discount money.Value
	Given    *price.Sum // what the customer has paid outside, with change.Basis; nil = by the price list
}

// Purchased is what became of it.
type Purchased struct {
	Action   *action.Action
	Order    *order.Order
	Customer *customer.Customer
	Invoice  *ledger.Transaction // nil with NoInvoice
	Cost     money.Value         // what the customer is charged, positive
}

// renewedWithin is how soon an identical renewal is taken for a retry.
const renewedWithin = 10 * time.Minute

var (
	errRenewed = fault.New(fault.Conflict, "The order has been renewed already").WithReason("ALREADY_RENEWED")
	errOption  = fault.New(fault.Invalid, "The invoice option is unknown").WithReason("INVOICE_OPTION")
)

// Buy prices a change, raises what is to be raised and carries it out, or leaves
// it pending. An order has one pending action at most.
func Buy(u *work.Unit, p Purchase) (*Purchased, error) {
	if !p.Option.Valid() {
		return nil, errOption
	}
	seller, err := u.SellerOf(p.Customer)
	if err != nil {
		return nil, err
	}
	key := product.OrDefault(p.Order.ProductKey)
	if !seller.Sells(key) {
		return nil, work.ErrNotSignedUp
	}
	if err := checkRepeat(u, p.Order, p.Change); err != nil {
		return nil, err
	}
	sum, err := sumOf(u, p, seller)
	if err != nil {
		return nil, err
	}
	charges, err := chargesOf(u, p.Order, p.Change, seller) // what has no cost price can't be sold, paid or not
	if err != nil {
		return nil, err
	}
	a := &action.Action{
		PartnerID: p.Order.PartnerID, ResellerID: seller.ID, CustomerID: p.Customer.ID, OrderID: p.Order.ID, ProductKey: key,
		Type: p.Change.Type, Description: describeAction(p.Order, p.Change), Status: action.PendingExecution, StatusText: textAwaitsPayment,
		Change: p.Change, Option: p.Option, Actor: u.Actor.String(), AddedAt: u.Now,
	}
	if err := u.Tx.InsertAction(u.Ctx, a); err != nil {
		if fault.Is(err, fault.Conflict) { // another came first, after this one has looked
			err = work.ErrActionPending
		}
		return nil, err
	}
	out := &Purchased{Action: a, Order: p.Order, Customer: p.Customer}
	if p.Option != action.NoInvoice {
		if out.Invoice, err = raise(u, a, seller, sum, p.Option == action.PayInvoice && p.Given == nil); err != nil {
			return nil, err
		}
		if p.Given != nil {
			if err := PaidOutside(u, out.Invoice); err != nil {
				return nil, err
			}
		}
		out.Cost = -out.Invoice.Amount
	}
	if p.Option == action.OnlyAdd || p.Option == action.PayInvoice && out.Invoice.Unutilised != 0 {
		if err := u.Tx.UpdateAction(u.Ctx, a); err != nil { // it has its invoice now
			return nil, err
		}
		return out, nil
	}
	return out, execute(u, a, p.Order, charges, out.Invoice)
}

// sumOf is what the customer is charged.
func sumOf(u *work.Unit, p Purchase, seller *reseller.Reseller) (price.Sum, error) {
	switch {
	case p.Given != nil:
		return *p.Given, nil
	case p.Change.Basis == action.Free:
		return price.Sum{}, nil
	}
	t, err := termsOf(u, p.Order, p.Change)
	if err != nil {
		return price.Sum{}, err
	}
	return customerSum(u, p.Customer, seller, t, p.discount)
}

// PaidOutside books a receipt of an invoice that was paid elsewhere, and settles
// just that with it, whatever else the customer owes.
func PaidOutside(u *work.Unit, invoice *ledger.Transaction) error {
	b, err := billing.BookOf(u, invoice.Party)
	if err != nil {
		return err
	}
	receipt := &ledger.Transaction{Type: ledger.Receipt, OrderID: invoice.OrderID, ProductKey: invoice.ProductKey,
		Description: "Payment of invoice " + strconv.FormatInt(invoice.ID, 10), Amount: -invoice.Amount}
	if err := billing.Keep(u, b, receipt, nil); err != nil {
		return err
	}
	return match(u, receipt, invoice, receipt.Amount)
}

// checkRepeat refuses what has to wait, and what looks like a call whose answer
// was lost.
func checkRepeat(u *work.Unit, o *order.Order, c action.Change) error {
	if err := u.NoPendingAction(o); err != nil {
		return err
	}
	if c.Type != action.Renew {
		return nil
	}
	last, err := u.Tx.LastAction(u.Ctx, o.ID, action.Renew, true)
	if err != nil || last == nil {
		return err
	}
	if last.Change.Months == c.Months && ordering.SameTime(last.Change.Until, o.ExpiresAt) && u.Now.Before(last.AddedAt.Add(renewedWithin)) {
		return errRenewed
	}
	return nil
}

// raise posts the invoice of an action, which the caller keeps. One that is to be
// paid at once and isn't covered whole stays open, and takes the funds as soon as
// they arrive.
func raise(u *work.Unit, a *action.Action, seller *reseller.Reseller, sum price.Sum, pay bool) (*ledger.Transaction, error) {
	t := &ledger.Transaction{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: a.CustomerID}, Type: ledger.Invoice, OrderID: a.OrderID, ActionID: a.ID, ProductKey: a.ProductKey,
		Description: a.Description, Amount: -sum.Total, Net: sum.Net, Discount: sum.Discount, Tax: sum.Tax, TaxName: seller.TaxName,
	}
	if err := Post(u, t); err != nil {
		return nil, err
	}
	a.InvoiceID = t.ID
	if !pay || t.Unutilised == 0 {
		return t, nil
	}
	paid, err := payWhole(u, t)
	if err != nil || paid {
		return t, err
	}
	t.Greedy = true
	return t, u.Tx.UpdateTransaction(u.Ctx, t)
}
