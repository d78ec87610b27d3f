package price

import (
	"time"

	"github.com/govalues/decimal"

	"posthouse/internal/core/order"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// Sum is what an invoice comes to: Total = Net - Discount + Tax, each in cents.
type Sum struct{ Net, Discount, Tax, Total money.Value }

var (
	errTotalLarge    = fault.New(fault.Invalid, "The amount is too large")
	errAccounts      = fault.New(fault.Invalid, "The number of accounts or months is not positive")
	errDiscountSign  = fault.New(fault.Invalid, "The discount is negative").WithReason("DISCOUNT")
	errDiscountCents = fault.New(fault.Invalid, "The discount has more than two decimal places").WithReason("DISCOUNT")
	errDiscountLarge = fault.New(fault.Invalid, "The discount is more than the price").WithReason("DISCOUNT")
	errTaxRate       = fault.New(fault.Invalid, "The tax rate is not between 0 and 100").WithReason("TAX_RATE")
)

// Total is figure x accounts x months - discount, plus tax of so many per cent
// . The product is rounded to cents once, half to even, and so is the tax.
func Total(figure decimal.Decimal, accounts, months int, discount money.Value, taxRate decimal.Decimal) (Sum, error) {
	switch {
	case accounts < 1 || months < 1:
		return Sum{}, errAccounts
	case discount < 0:
		return Sum{}, errDiscountSign
	case discount%10 != 0:
		return Sum{}, errDiscountCents
	case taxRate.IsNeg() || taxRate.Cmp(hundred) > 0:
		return Sum{}, errTaxRate
	}
	exact, err := times(figure, accounts, months)
	if err != nil {
		return Sum{}, err
	}
	net, err := money.RoundCents(exact)
	if err != nil {
		return Sum{}, err
	}
	if discount > net {
		return Sum{}, errDiscountLarge
	}
	tax, err := taxOf(net-discount, taxRate)
	if err != nil {
		return Sum{}, err
	}
	total, err := (net - discount).Plus(tax)
	return Sum{Net: net, Discount: discount, Tax: tax, Total: total}, err
}

var hundred = decimal.MustNew(100, 0)

func times(d decimal.Decimal, by ...int) (decimal.Decimal, error) {
	for _, n := range by {
		f, err := decimal.New(int64(n), 0)
		if err == nil {
			d, err = d.MulExact(f, d.Scale()) // every place is kept, or it is too large
		}
		if err != nil {
			return decimal.Decimal{}, errTotalLarge
		}
	}
	return d, nil
}

func taxOf(base money.Value, rate decimal.Decimal) (money.Value, error) {
	if rate.IsZero() || base == 0 {
		return 0, nil
	}
	b := base.Decimal().Trim(0)
	exact, err := b.MulExact(rate, b.Scale()+rate.Scale()) // nothing is rounded before the cents
	if err == nil {
		exact, err = exact.Quo(hundred)
	}
	if err != nil {
		return 0, errTotalLarge
	}
	return money.RoundCents(exact)
}

// RemainingMonths is how many months of a period that ends at end are left:
// started ones count whole, and there is one at least. Months are counted
// back from end, as renewals are counted on to it.
func RemainingMonths(now, end time.Time) int {
	now, end = now.UTC(), end.UTC()
	n := max(1, (end.Year()-now.Year())*12+int(end.Month())-int(now.Month())-1)
	for order.AddMonths(end, -n).After(now) {
		n++
	}
	return n
}
