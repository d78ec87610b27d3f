package selling

import (
	"errors"

	"github.com/govalues/decimal"

	"posthouse/internal/core/action"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// terms are what a change is charged by: a figure for so many accounts and
// months. Whoever is charged, customer or reseller, has figures of its own.
type terms struct {
	question price.Question
	less     *price.Question // what is paid for already: of an upgrade the old plan's
	accounts int
	months   int
}

var (
	errNoEnd        = fault.New(fault.Forbidden, "The order has no end to count months to").WithReason("ORDER_WITHOUT_END")
	errNothingToBuy = fault.New(fault.Internal, "This action is not bought")
)

// termsOf applies the rules of units, slabs and proration.
func termsOf(u *work.Unit, o *order.Order, c action.Change) (terms, error) {
	sold, ok := product.Find(product.OrDefault(o.ProductKey))
	if !ok {
		return terms{}, pricing.ErrUnpriced
	}
	q := price.Question{Product: sold.Key, Action: price.Add, Months: c.Months}
	if len(sold.Plans) > 0 {
		p, ok := sold.PlanOf(o.Plan)
		if c.PlanID != 0 {
			p, ok = sold.PlanByID(c.PlanID)
		}
		if !ok {
			return terms{}, pricing.ErrUnpriced
		}
		q.PlanID = p.ID
	}
	switch c.Type {
	case action.Add:
		q.Seats = c.Seats
		return terms{question: q, accounts: c.Seats, months: c.Months}, nil
	case action.Renew:
		q.Seats, q.Action = o.Seats+c.Seats, price.Renew
		return terms{question: q, accounts: q.Seats, months: c.Months}, nil
	case action.AddEmailAccount:
		q.Seats, q.Months = o.Seats+c.Seats, tenureOf(o)
		return forTheRest(u, o, terms{question: q, accounts: c.Seats})
	case action.ChangePlan:
		q.Seats = o.Seats
		if !u.Platform.Catalogue[o.Plan].Paid { // what a trial becomes begins now
			return terms{question: q, accounts: o.Seats, months: c.Months}, nil
		}
		old, ok := sold.PlanOf(o.Plan)
		if !ok {
			return terms{}, pricing.ErrUnpriced
		}
		q.Months = tenureOf(o)
		less := q
		less.PlanID = old.ID
		return forTheRest(u, o, terms{question: q, less: &less, accounts: o.Seats})
	case action.DeleteEmailAccount, action.Suspend, action.Unsuspend, action.Delete:
	}
	return terms{}, errNothingToBuy
}

// forTheRest counts the months of the running period.
func forTheRest(u *work.Unit, o *order.Order, t terms) (terms, error) {
	if o.ExpiresAt == nil {
		return terms{}, errNoEnd
	}
	t.months = price.RemainingMonths(u.Now, *o.ExpiresAt)
	return t, nil
}

// tenureOf is what an order was bought for last, as far as price lists go: a brand
// may have sold it for longer. One made elsewhere has a billing cycle at most, and
// else is taken for monthly.
func tenureOf(o *order.Order) int {
	n := o.Tenure
	if n <= 0 {
		n = order.Cycle(o.BillingCycle).Months()
	}
	out := product.Tenures[0]
	for _, t := range product.Tenures {
		if t <= n {
			out = t
		}
	}
	return out
}

// sum is what terms come to by somebody's figures.
func (t terms) sum(figure func(price.Question) (price.Figure, error), currency string, discount money.Value, tax decimal.Decimal) (price.Sum, error) {
	f, err := figure(t.question)
	if err != nil {
		return price.Sum{}, err
	}
	if f.Currency != currency {
		return price.Sum{}, pricing.ErrUnpriced
	}
	perMonth := f.PerMonth
	if t.less != nil {
		old, err := figure(*t.less)
		if err != nil {
			return price.Sum{}, err
		}
		if perMonth, err = perMonth.Sub(old.PerMonth); err != nil {
			return price.Sum{}, fault.Wrap(err)
		}
		if perMonth.IsNeg() {
			perMonth = decimal.Zero
		}
	}
	return price.Total(perMonth, t.accounts, t.months, discount, tax)
}

// customerSum is what a customer's invoice comes to, tax and discount kept apart.
func customerSum(u *work.Unit, c *customer.Customer, seller *reseller.Reseller, t terms, discount money.Value) (price.Sum, error) {
	tax, err := TaxRate(seller)
	if err != nil {
		return price.Sum{}, err
	}
	return t.sum(func(q price.Question) (price.Figure, error) { return pricing.CustomerFigure(u, c, q) }, seller.SellingCurrency, discount, tax)
}

// TaxRate is what a reseller adds to its invoices, in per cent.
func TaxRate(r *reseller.Reseller) (decimal.Decimal, error) {
	if r.TaxRate == "" {
		return decimal.Zero, nil
	}
	d, err := decimal.Parse(r.TaxRate)
	if err != nil {
		return decimal.Zero, fault.Newf(fault.Internal, "The tax rate of reseller %d is not a number", r.ID)
	}
	return d, nil
}

// charge is what one reseller owes for a change.
type charge struct {
	reseller *reseller.Reseller
	book     billing.Book
	cost     money.Value
}

// chargesOf gives what each reseller owes for a change of an order.
func chargesOf(u *work.Unit, o *order.Order, c action.Change, seller *reseller.Reseller) ([]charge, error) {
	if c.Basis == action.Free {
		return nil, nil
	}
	t, err := termsOf(u, o, c)
	if err != nil {
		return nil, err
	}
	return costs(u, seller, t, c.Basis == action.ByPackage)
}

// costs gives what each reseller from the customer's up to the root is charged:
// its cost price, without tax or discount. What has no cost price can't be sold,
// unless what is not priced is free.
func costs(u *work.Unit, seller *reseller.Reseller, t terms, unpricedFree bool) ([]charge, error) {
	var out []charge
	for i := len(seller.Path) - 1; i >= 0; i-- {
		r := seller
		if id := seller.Path[i]; id != seller.ID {
			var err error
			if r, err = u.Tx.Reseller(u.Ctx, id); err != nil {
				return nil, err
			}
			if r == nil {
				return nil, fault.Newf(fault.Internal, "Reseller %d is missing", id)
			}
		}
		if !r.Sells(t.question.Product) {
			return nil, work.ErrNotSignedUp
		}
		b, err := billing.ResellerBook(u, r)
		if err != nil {
			return nil, err
		}
		sum, err := t.sum(func(q price.Question) (price.Figure, error) { return pricing.CostFigure(u, r, q) }, b.Currency, 0, decimal.Zero)
		if unpricedFree && errors.Is(err, pricing.ErrUnpriced) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, charge{r, b, sum.Total})
	}
	return out, nil
}
