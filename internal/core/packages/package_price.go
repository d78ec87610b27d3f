package packages

import (
	"slices"

	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// PackagePrice is what a package costs for a whole period, without tax.
type PackagePrice struct {
	Months int
	Amount money.Value
}

// unpricedPeriods are those that a package without prices is shown with.
var unpricedPeriods = []int{1, 12}

// packagePrice is what a package costs a customer for a period, in his reseller's
// selling currency; nil is anybody of the brand's own. It is the package's own
// price, else that of the price list, else nothing.
func packagePrice(u *work.Unit, p *shop.Package, c *customer.Customer, months int) (money.Value, error) {
	v, _, err := pricedPackage(u, p, c, months)
	return v, err
}

// pricedPackage is packagePrice, and whether there is a price at all.
func pricedPackage(u *work.Unit, p *shop.Package, c *customer.Customer, months int) (money.Value, bool, error) {
	if p.Free || months == 0 {
		return 0, false, nil
	}
	root, err := u.Tx.RootReseller(u.Ctx, p.PartnerID)
	if err != nil || root == nil {
		return 0, false, err
	}
	seller := root
	if c != nil {
		if seller, err = u.SellerOf(c); err != nil {
			return 0, false, err
		}
	}
	// Own prices are in the brand's currency: they say nothing in another one.
	if own, ok := p.PriceOf(months); ok && seller.SellingCurrency == root.SellingCurrency {
		return own.Amount, true, nil
	}
	if p.Kind != shop.MailPackage || len(p.Prices) > 0 && seller.SellingCurrency == root.SellingCurrency {
		return 0, false, nil
	}
	return listPrice(u, p, seller, c, months)
}

// PeriodPrice is packagePrice of a period that is bought: what has prices is not
// sold for a period that has none, as if that were free.
func PeriodPrice(u *work.Unit, p *shop.Package, c *customer.Customer, n int) (money.Value, error) {
	v, priced, err := pricedPackage(u, p, c, n)
	if err != nil || priced || p.Free {
		return v, err
	}
	sold, err := pricedPeriods(u, p, c)
	if err == nil && len(sold) > 0 {
		err = fault.Newf(fault.Invalid, "The package is not sold for %s", work.Months(n)).WithReason(ReasonPeriod)
	}
	return 0, err
}

// SellsFor refuses a period that a mail package is not sold for: it is one of a
// price list's, or the customer has a price of it.
func SellsFor(u *work.Unit, p *shop.Package, c *customer.Customer, n int) error {
	if slices.Contains(product.Tenures, n) {
		return nil
	}
	sold, err := pricedPeriods(u, p, c)
	if err == nil && !slices.ContainsFunc(sold, func(s PackagePrice) bool { return s.Months == n }) {
		err = fault.Newf(fault.Invalid, "The package is not sold for %s", work.Months(n)).WithReason(ReasonPeriod)
	}
	return err
}

// listPrice is figure x seats x months of the seller's price list, rounded as
// invoices are.
func listPrice(u *work.Unit, p *shop.Package, seller *reseller.Reseller, c *customer.Customer, months int) (money.Value, bool, error) {
	sold, _ := product.Find(product.TitanGlobal)
	of, ok := sold.PlanOf(p.Plan)
	if !ok {
		return 0, false, nil
	}
	l := price.List{PartnerID: p.PartnerID, IssuerID: seller.ID, Audience: price.Customers}
	if c != nil {
		l.PartyID = c.ID
	}
	f, err := pricing.Figure(u, l, seller.SellingCurrency, price.Question{Product: sold.Key, PlanID: of.ID, Seats: p.Seats, Action: price.Add, Months: months})
	if fault.Is(err, fault.Invalid) { // not priced
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	sum, err := price.Total(f.PerMonth, p.Seats, months, 0, decimal.Zero)
	return sum.Total, err == nil, err
}

// packagePrices are the periods that a package is sold for, with what each costs.
func packagePrices(u *work.Unit, p *shop.Package, c *customer.Customer) ([]PackagePrice, error) {
	if p.Kind == shop.SuspensionPackage {
		return []PackagePrice{{}}, nil
	}
	out, err := pricedPeriods(u, p, c)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		for _, m := range unpricedPeriods {
			out = append(out, PackagePrice{Months: m})
		}
	}
	return out, nil
}

// pricedPeriods are those of packagePrices that have a price.
func pricedPeriods(u *work.Unit, p *shop.Package, c *customer.Customer) ([]PackagePrice, error) {
	periods := slices.Clone(product.Tenures)
	for _, own := range p.Prices {
		if !slices.Contains(periods, own.Months) {
			periods = append(periods, own.Months)
		}
	}
	slices.Sort(periods)
	var out []PackagePrice
	for _, m := range periods {
		v, priced, err := pricedPackage(u, p, c, m)
		if err != nil {
			return nil, err
		}
		if priced {
			out = append(out, PackagePrice{m, v})
		}
	}
	return out, nil
}
