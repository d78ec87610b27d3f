// Package cart is what a customer wants to buy in the control panel and the
// partner takes the money for (titan.md operations 12 and 16, section 9.4).
package cart

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Action is what the partner's payment page is told.
type Action string

// The payment actions of titan.md section 6.
const (
	UpgradePlan     Action = "upgradePlan"
	BuyMoreAccounts Action = "buyMoreAccounts"
	RenewOrder      Action = "renewOrder"
	Billing         Action = "billing"
)

// Valid reports whether a is one of them.
func (a Action) Valid() bool {
	return a == UpgradePlan || a == BuyMoreAccounts || a == RenewOrder || a == Billing
}

// Item is one purchase: exactly one of its parts is set.
type Item struct {
	Accounts int         `json:"accounts,omitempty"` // this many more
	Plan     plan.Plan   `json:"plan,omitempty"`
	Renew    order.Cycle `json:"renew,omitempty"` // for one more cycle
	Addon    string      `json:"addon,omitempty"` // addonType
	Quantity int         `json:"quantity,omitempty"`
}

// Limits of a cart.
const (
	MaxItems    = 20
	MaxQuantity = 10_000
)

// Check refuses an item that can't be.
func (i Item) Check(catalogue plan.Catalogue) error {
	parts := 0
	for _, set := range []bool{i.Accounts != 0, i.Plan != "", i.Renew != "", i.Addon != ""} {
		if set {
			parts++
		}
	}
	switch {
	case parts != 1:
		return fault.New(fault.Invalid, "An item of a cart is one thing")
	case i.Accounts < 0 || i.Accounts > MaxQuantity:
		return fault.Newf(fault.Invalid, "From 1 to %d accounts can be bought", MaxQuantity)
	case i.Plan != "" && !catalogue[i.Plan].Paid:
		return fault.New(fault.Invalid, "Only a paid plan can be bought")
	case i.Renew != "" && !i.Renew.Valid():
		return fault.New(fault.Invalid, "The billing cycle is unknown")
	case i.Addon != "" && (i.Quantity < 1 || i.Quantity > MaxQuantity):
		return fault.Newf(fault.Invalid, "From 1 to %d of an add-on can be bought", MaxQuantity)
	case i.Addon == "" && i.Quantity != 0:
		return fault.New(fault.Invalid, "Only add-ons have a quantity")
	}
	return nil
}

// Cart belongs to one order; it is executed at most once.
type Cart struct {
	TrackingID string     `json:"-"`
	PartnerID  int64      `json:"-"`
	OrderID    int64      `json:"-"`
	Action     Action     `json:"action"`
	Items      []Item     `json:"items"`
	Currency   string     `json:"currency,omitempty"`
	Price      string     `json:"price,omitempty"` // where all prices are known
	CreatedAt  time.Time  `json:"-"`
	ExpiresAt  time.Time  `json:"-"`
	ExecutedAt *time.Time `json:"-"`
}

// Product is an add-on that a partner sells (T-22).
type Product struct {
	Type         string      `json:"addonType"`
	Name         string      `json:"name"`
	Description  string      `json:"description"`
	Currency     string      `json:"currency"`
	BillingCycle order.Cycle `json:"billingCycle"`
	Price        Price       `json:"price"`
}

// MaxProducts bounds a partner's catalogue.
const MaxProducts = 500

// Price is an amount that is read from a JSON number or from a text.
type Price struct{ money.Amount }

// UnmarshalJSON implements json.Unmarshaler.
func (p *Price) UnmarshalJSON(b []byte) (err error) {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	p.Amount, err = money.Parse(s)
	return err
}
