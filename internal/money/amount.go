// Package money is exact sums, never floats: amounts with two decimal places, as
// the provisioning contracts exchange them (titan.md section 5), and the
// ledger's signed values with three (resellerclub.md section 8).
package money

import (
	"github.com/govalues/decimal"

	"posthouse/internal/fault"
)

// scale is the number of decimal places of every amount.
const scale = 2

// maxText bounds what Parse looks at: no amount of money needs more.
const maxText = 32

// Amount is a non-negative sum without a currency. The zero value is 0.00.
type Amount struct{ d decimal.Decimal }

// Parse reads a decimal number such as "12.5" or "1e2" and rounds it half to
// even to two places. Negative, malformed and absurdly large texts are refused.
func Parse(s string) (Amount, error) {
	if len(s) > maxText {
		return Amount{}, fault.New(fault.Invalid, "The amount is too long")
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return Amount{}, fault.New(fault.Invalid, "The amount is not a decimal number")
	}
	if d.IsNeg() {
		return Amount{}, fault.New(fault.Invalid, "The amount is negative")
	}
	d = d.Rescale(scale)
	if d.Scale() != scale {
		return Amount{}, fault.New(fault.Invalid, "The amount is too large")
	}
	return Amount{d}, nil
}

// String gives the amount with exactly two places.
func (a Amount) String() string { return a.d.Rescale(scale).String() }

// IsZero reports whether nothing is to be paid.
func (a Amount) IsZero() bool { return a.d.IsZero() }

// MarshalJSON writes the amount as a JSON number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// Plus gives the sum of two amounts.
func (a Amount) Plus(b Amount) (Amount, error) {
	d, err := a.d.Add(b.d)
	if err != nil || d.Rescale(scale).Scale() != scale {
		return Amount{}, fault.New(fault.Invalid, "The amount is too large")
	}
	return Amount{d.Rescale(scale)}, nil
}

// Times gives n times the amount; n must not be negative.
func (a Amount) Times(n int) (Amount, error) {
	by, err := decimal.New(int64(n), 0)
	if err == nil {
		by, err = a.d.Mul(by)
	}
	if err != nil || n < 0 || by.Rescale(scale).Scale() != scale {
		return Amount{}, fault.New(fault.Invalid, "The amount is too large")
	}
	return Amount{by.Rescale(scale)}, nil
}
