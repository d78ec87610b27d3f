// Package notification is what a partner reports to the platform (titan.md
// section 11), and the money in it.
package notification

import (
	"encoding/json"
	"slices"
	"time"
)

// Event is what a notification is about.
type Event string

// The events of titan.md section 11.
const (
	HostingPurchased       Event = "HOSTING_PURCHASED"
	RefundIssued           Event = "REFUND_ISSUED"
	RefundIssuedBulk       Event = "REFUND_ISSUED_BULK"
	MailOrderSetupComplete Event = "MAIL_ORDER_SETUP_COMPLETED"
	MailOrderPurchased     Event = "MAIL_ORDER_PURCHASED"
	PaymentDataBulk        Event = "PAYMENT_DATA_BULK"
	CreditIssued           Event = "CREDIT_ISSUED"
	PurchaseCanceled       Event = "MAIL_ORDER_PURCHASE_CANCELED"
	ModifyDetails          Event = "MODIFY_MAIL_ORDER_DETAILS"
	DomainCreated          Event = "DOMAIN_CREATED"
)

// Events are all of them.
func Events() []Event {
	return []Event{
		HostingPurchased, RefundIssued, RefundIssuedBulk, MailOrderSetupComplete, MailOrderPurchased,
		PaymentDataBulk, CreditIssued, PurchaseCanceled, ModifyDetails, DomainCreated,
	}
}

// Known reports whether e is one of them.
func (e Event) Known() bool { return slices.Contains(Events(), e) }

// MaxBatch is the most entries of a bulk event.
const MaxBatch = 100

// Notification is one report, kept as it came.
type Notification struct {
	ID         int64
	PartnerID  int64
	Event      Event
	Data       json.RawMessage
	Digest     []byte // equal for equal event and data, whatever their spelling
	RequestID  string
	ReceivedAt time.Time
}

// Kind of a booking.
type Kind string

// The two kinds.
const (
	Refund Kind = "refund"
	Credit Kind = "credit"
)

// Booking is one transaction that a partner reports to have made with a
// customer. Amounts are decimal texts with two places in Currency, "" when not
// given.
type Booking struct {
	ID             int64
	PartnerID      int64
	NotificationID int64
	Kind           Kind
	TxnID          string // paymentTxnId: unique by partner and kind, unless ""
	OrderID        int64  // 0: none of the partner's orders
	PartnerOrderID string
	Domain         string
	CustomerID     string // the partner's
	Currency       string
	Amount         string
	TaxAmount      string
	USDAmount      string
	At             time.Time
}

// Same reports whether two bookings tell the same (titan.md section 11: all
// that the partner sends with the transaction id).
func (b *Booking) Same(o *Booking) bool {
	return b.Kind == o.Kind && b.TxnID == o.TxnID && b.PartnerOrderID == o.PartnerOrderID && b.Domain == o.Domain &&
		b.CustomerID == o.CustomerID && b.Currency == o.Currency && b.Amount == o.Amount && b.TaxAmount == o.TaxAmount &&
		b.USDAmount == o.USDAmount
}
