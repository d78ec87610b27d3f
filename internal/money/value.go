package money

import (
	"github.com/govalues/decimal"

	"posthouse/internal/fault"
)

// Value is a signed sum without a currency in thousandths: what the ledger
// holds and adds up, exactly, on every database (resellerclub.md section 8 has
// three places). Its zero value is 0.000.
type Value int64

// valueScale is the number of decimal places of a Value.
const valueScale = 3

// MaxValue bounds the size of a Value, so that a sum of many stays in range.
const MaxValue = Value(1_000_000_000_000_000) // 10^12 units

var (
	errValueForm  = fault.New(fault.Invalid, "The amount is not a decimal number")
	errValueScale = fault.New(fault.Invalid, "The amount has more than three decimal places")
	errValueLarge = fault.New(fault.Invalid, "The amount is too large")
)

// ParseValue reads a decimal number such as "-12.5". One that three places
// can't hold is refused, never rounded.
func ParseValue(s string) (Value, error) {
	if len(s) > maxText {
		return 0, errValueLarge
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return 0, errValueForm
	}
	v, err := valueOf(d)
	if err != nil {
		return 0, err
	}
	if v.decimal().Cmp(d) != 0 {
		return 0, errValueScale
	}
	return v, nil
}

// Whole gives n units.
func Whole(n int64) (Value, error) {
	if n > int64(MaxValue)/1000 || n < -int64(MaxValue)/1000 {
		return 0, errValueLarge
	}
	return Value(n * 1000), nil
}

// RoundCents gives d rounded half to even to two places: what an invoice is made out for.
func RoundCents(d decimal.Decimal) (Value, error) { return valueOf(d.Round(scale)) }

// RoundValue gives d rounded half to even to three places.
func RoundValue(d decimal.Decimal) (Value, error) { return valueOf(d) }

func valueOf(d decimal.Decimal) (Value, error) {
	r := d.Rescale(valueScale)
	if r.Scale() != valueScale {
		return 0, errValueLarge
	}
	whole, frac, ok := r.Int64(valueScale)
	if !ok || whole > int64(MaxValue)/1000 || whole < -int64(MaxValue)/1000 {
		return 0, errValueLarge
	}
	return Value(whole*1000 + frac), nil
}

// Plus gives the sum of two values.
func (v Value) Plus(w Value) (Value, error) {
	sum := v + w // both are far from the ends of int64
	if sum > MaxValue || sum < -MaxValue {
		return 0, errValueLarge
	}
	return sum, nil
}

// Times gives v times a rate, rounded half to even to three places.
func (v Value) Times(rate decimal.Decimal) (Value, error) {
	d, err := v.decimal().Mul(rate)
	if err != nil {
		return 0, errValueLarge
	}
	return valueOf(d)
}

// Abs is v without its sign.
func (v Value) Abs() Value { return max(v, -v) }

// Decimal is v as an exact decimal number.
func (v Value) Decimal() decimal.Decimal { return v.decimal() }

func (v Value) decimal() decimal.Decimal {
	d, err := decimal.New(int64(v), valueScale)
	if err != nil { // can't be: every int64 has 19 digits at most
		return decimal.Decimal{}
	}
	return d
}

// String gives v with exactly three places: "-48.600".
func (v Value) String() string { return v.decimal().String() }

// Cents gives v with two places, as prices and customercost are shown. What has
// a third place keeps it.
func (v Value) Cents() string {
	if v%10 != 0 {
		return v.String()
	}
	return v.decimal().Rescale(scale).String()
}
