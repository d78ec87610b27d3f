package provision

import (
	"posthouse/internal/core/order"
	"posthouse/internal/money"
)

// PaymentDetails are the money fields that come with an order's creation or
// change; nil amounts were not given.
type PaymentDetails struct {
	TxnID      string
	Currency   string // ISO 4217; "" = the order's or the partner's
	Charged    *money.Amount
	ChargedUSD *money.Amount
	Discount   *money.Amount
	Tax        *money.Amount
}

// present reports whether any sum was given that is not nothing.
func (p PaymentDetails) present() bool {
	for _, a := range []*money.Amount{p.Charged, p.ChargedUSD, p.Discount, p.Tax} {
		if a != nil && !a.IsZero() {
			return true
		}
	}
	return false
}

// book writes a payment. One with a transaction id is booked once, however often
// it is told; one without is booked only with the change that it pays for.
func (u *unit) book(o *order.Order, action order.Action, d PaymentDetails, changes bool) error {
	if d.TxnID == "" && (!changes || !d.present()) {
		return nil
	}
	p := &Payment{
		PartnerID: o.PartnerID, OrderID: o.ID, TxnID: d.TxnID, Action: string(action), Currency: o.Currency,
		ChargedAmount: amountText(d.Charged), ChargedUSDAmount: amountText(d.ChargedUSD), DiscountAmount: amountText(d.Discount), TaxAmount: amountText(d.Tax),
		At: u.now,
	}
	booked, err := u.tx.InsertPayment(u.ctx, p)
	if err != nil || !booked {
		return err
	}
	return u.record(o.PartnerID, "payment.book", "order", o.ID, detail{
		"payment": p.ID, "txn": p.TxnID, "action": p.Action, "currency": p.Currency, "charged": p.ChargedAmount,
	})
}

// amountText is how an amount is kept, "" when it was not given.
func amountText(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return a.String()
}
