package provision

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/notification"
	"posthouse/internal/money"
)

// creditBooking shows a refund or credit that a partner reports in its customer's
// ledger (resellerclub.md section 12.4). A partner without resellers has no
// ledgers; what is in another currency than the ledger is booked only.
func (u *unit) creditBooking(b *notification.Booking) error {
	root, err := u.tx.RootReseller(u.ctx, b.PartnerID)
	if err != nil || root == nil {
		return err
	}
	c, err := u.bookedCustomer(b)
	if err != nil || c == nil {
		return err
	}
	x, err := u.customerBook(c)
	if err != nil || x.currency != b.Currency {
		return err
	}
	amount, err := money.ParseValue(b.Amount)
	if err != nil || amount <= 0 {
		return err
	}
	text := "Refund issued"
	if b.Kind == notification.Credit {
		text = "Credit issued"
	}
	if b.TxnID != "" {
		text += ": " + b.TxnID
	}
	t := &ledger.Transaction{Party: x.party, Type: ledger.Credit, OrderID: b.OrderID, Description: text, Amount: amount}
	if b.OrderID != 0 {
		o, err := u.tx.Order(u.ctx, b.OrderID)
		if err != nil {
			return err
		}
		t.ProductKey = o.ProductKey
	}
	return u.post(t)
}

// bookedCustomer finds whom a booking is for: the customer of its order, else
// the one that its number names, if that is one.
func (u *unit) bookedCustomer(b *notification.Booking) (*customer.Customer, error) {
	if b.OrderID != 0 {
		o, err := u.tx.Order(u.ctx, b.OrderID)
		if err != nil {
			return nil, err
		}
		return u.customerOf(o)
	}
	if b.CustomerID == "" {
		return nil, nil
	}
	found, err := u.tx.CustomersByPartnerID(u.ctx, b.PartnerID, b.CustomerID)
	if err != nil || len(found) != 1 || found[0].Status == customer.Deleted {
		return nil, err
	}
	return found[0], nil
}
