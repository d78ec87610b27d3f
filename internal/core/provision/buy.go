package provision

import (
	"strconv"
	"time"

	"posthouse/internal/core/action"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/order"
	"posthouse/internal/core/price"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// purchase is one action that may cost something (resellerclub.md section 8).
type purchase struct {
	order    *order.Order
	customer *customer.Customer
	change   action.Change
	option   action.InvoiceOption
	discount money.Value
	given    *price.Sum // what the customer has paid outside, with change.Basis; nil = by the price list
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

// buy prices a change, raises what is to be raised and carries it out, or leaves
// it pending. An order has one pending action at most.
func (u *unit) buy(p purchase) (*Purchased, error) {
	if !p.option.Valid() {
		return nil, errOption
	}
	seller, err := u.sellerOf(p.customer)
	if err != nil {
		return nil, err
	}
	key := product.OrDefault(p.order.ProductKey)
	if !seller.Sells(key) {
		return nil, errNotSignedUp
	}
	if err := u.checkRepeat(p.order, p.change); err != nil {
		return nil, err
	}
	sum, err := u.sumOf(p, seller)
	if err != nil {
		return nil, err
	}
	charges, err := u.chargesOf(p.order, p.change, seller) // what has no cost price can't be sold, paid or not
	if err != nil {
		return nil, err
	}
	a := &action.Action{
		PartnerID: p.order.PartnerID, ResellerID: seller.ID, CustomerID: p.customer.ID, OrderID: p.order.ID, ProductKey: key,
		Type: p.change.Type, Description: describeAction(p.order, p.change), Status: action.PendingExecution, StatusText: textAwaitsPayment,
		Change: p.change, Option: p.option, Actor: u.actor.String(), AddedAt: u.now,
	}
	if err := u.tx.InsertAction(u.ctx, a); err != nil {
		if fault.Is(err, fault.Conflict) { // another came first, after this one has looked
			err = errActionPending
		}
		return nil, err
	}
	out := &Purchased{Action: a, Order: p.order, Customer: p.customer}
	if p.option != action.NoInvoice {
		if out.Invoice, err = u.raise(a, seller, sum, p.option == action.PayInvoice && p.given == nil); err != nil {
			return nil, err
		}
		if p.given != nil {
			if err := u.paidOutside(out.Invoice); err != nil {
				return nil, err
			}
		}
		out.Cost = -out.Invoice.Amount
	}
	if p.option == action.OnlyAdd || p.option == action.PayInvoice && out.Invoice.Unutilised != 0 {
		if err := u.tx.UpdateAction(u.ctx, a); err != nil { // it has its invoice now
			return nil, err
		}
		return out, nil
	}
	return out, u.execute(a, p.order, charges, out.Invoice)
}

// sumOf is what the customer is charged.
func (u *unit) sumOf(p purchase, seller *reseller.Reseller) (price.Sum, error) {
	switch {
	case p.given != nil:
		return *p.given, nil
	case p.change.Basis == action.Free:
		return price.Sum{}, nil
	}
	t, err := u.termsOf(p.order, p.change)
	if err != nil {
		return price.Sum{}, err
	}
	return u.customerSum(p.customer, seller, t, p.discount)
}

// paidOutside books a receipt of an invoice that was paid elsewhere, and settles
// just that with it, whatever else the customer owes.
func (u *unit) paidOutside(invoice *ledger.Transaction) error {
	b, err := u.bookOf(invoice.Party)
	if err != nil {
		return err
	}
	receipt := &ledger.Transaction{Type: ledger.Receipt, OrderID: invoice.OrderID, ProductKey: invoice.ProductKey,
		Description: "Payment of invoice " + strconv.FormatInt(invoice.ID, 10), Amount: -invoice.Amount}
	if err := u.keep(b, receipt, nil); err != nil {
		return err
	}
	return u.match(receipt, invoice, receipt.Amount)
}

// checkRepeat refuses what has to wait, and what looks like a call whose answer
// was lost.
func (u *unit) checkRepeat(o *order.Order, c action.Change) error {
	if err := u.noPendingAction(o); err != nil {
		return err
	}
	if c.Type != action.Renew {
		return nil
	}
	last, err := u.tx.LastAction(u.ctx, o.ID, action.Renew, true)
	if err != nil || last == nil {
		return err
	}
	if last.Change.Months == c.Months && sameTime(last.Change.Until, o.ExpiresAt) && u.now.Before(last.AddedAt.Add(renewedWithin)) {
		return errRenewed
	}
	return nil
}

// raise posts the invoice of an action, which the caller keeps. One that is to be
// paid at once and isn't covered whole stays open, and takes the funds as soon as
// they arrive.
func (u *unit) raise(a *action.Action, seller *reseller.Reseller, sum price.Sum, pay bool) (*ledger.Transaction, error) {
	t := &ledger.Transaction{
		Party: ledger.Party{Kind: ledger.OfCustomer, ID: a.CustomerID}, Type: ledger.Invoice, OrderID: a.OrderID, ActionID: a.ID, ProductKey: a.ProductKey,
		Description: a.Description, Amount: -sum.Total, Net: sum.Net, Discount: sum.Discount, Tax: sum.Tax, TaxName: seller.TaxName,
	}
	if err := u.post(t); err != nil {
		return nil, err
	}
	a.InvoiceID = t.ID
	if !pay || t.Unutilised == 0 {
		return t, nil
	}
	paid, err := u.payWhole(t)
	if err != nil || paid {
		return t, err
	}
	t.Greedy = true
	return t, u.tx.UpdateTransaction(u.ctx, t)
}
