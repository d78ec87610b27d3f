package billing

import (
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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

// BookPayment writes a payment. One with a transaction id is booked once, however often
// it is told; one without is booked only with the change that it pays for.
func BookPayment(u *work.Unit, o *order.Order, action order.Action, d PaymentDetails, changes bool) error {
	if d.TxnID == "" && (!changes || !d.present()) {
		return nil
	}
	p := &work.Payment{
		PartnerID: o.PartnerID, OrderID: o.ID, TxnID: d.TxnID, Action: string(action), Currency: o.Currency,
		ChargedAmount: AmountText(d.Charged), ChargedUSDAmount: AmountText(d.ChargedUSD), DiscountAmount: AmountText(d.Discount), TaxAmount: AmountText(d.Tax),
		At: u.Now,
	}
	booked, err := u.Tx.InsertPayment(u.Ctx, p)
	if err != nil || !booked {
		return err
	}
	return u.Record(o.PartnerID, "payment.book", "order", o.ID, work.Detail{
		"payment": p.ID, "txn": p.TxnID, "action": p.Action, "currency": p.Currency, "charged": p.ChargedAmount,
	})
}

// AmountText is how an amount is kept, "" when it was not given.
func AmountText(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return a.String()
}
