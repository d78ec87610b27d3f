package provision

import "posthouse/internal/money"

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
