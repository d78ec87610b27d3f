package selling

import (
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/ledger"
	"posthouse/internal/core/notification"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// creditBooking shows a refund or credit that a partner reports in its customer's
// ledger (resellerclub.md section 12.4). A partner without resellers has no
// ledgers; what is in another currency than the ledger is booked only.
func creditBooking(u *work.Unit, b *notification.Booking) error {
	root, err := u.Tx.RootReseller(u.Ctx, b.PartnerID)
	if err != nil || root == nil {
		return err
	}
	c, err := bookedCustomer(u, b)
	if err != nil || c == nil {
		return err
	}
	x, err := billing.CustomerBook(u, c)
	if err != nil || x.Currency != b.Currency {
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
	t := &ledger.Transaction{Party: x.Party, Type: ledger.Credit, OrderID: b.OrderID, Description: text, Amount: amount}
	if b.OrderID != 0 {
		o, err := u.Tx.Order(u.Ctx, b.OrderID)
		if err != nil {
			return err
		}
		t.ProductKey = o.ProductKey
	}
	return Post(u, t)
}

// bookedCustomer finds whom a booking is for: the customer of its order, else
// the one that its number names, if that is one.
func bookedCustomer(u *work.Unit, b *notification.Booking) (*customer.Customer, error) {
	if b.OrderID != 0 {
		o, err := u.Tx.Order(u.Ctx, b.OrderID)
		if err != nil {
			return nil, err
		}
		return u.CustomerOf(o)
	}
	if b.CustomerID == "" {
		return nil, nil
	}
	found, err := u.Tx.CustomersByPartnerID(u.Ctx, b.PartnerID, b.CustomerID)
	if err != nil || len(found) != 1 || found[0].Status == customer.Deleted {
		return nil, err
	}
	return found[0], nil
}
