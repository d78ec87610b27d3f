package pricing

import (
	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ErrUnpriced refuses a purchase that the price list has no figure for.
var ErrUnpriced = fault.New(fault.Invalid, "There is no price for this").WithReason("NOT_PRICED")

// CustomerFigure gives what a customer's reseller charges it: the customer's own
// figure, else the one of the reseller's list.
func CustomerFigure(u *work.Unit, c *customer.Customer, q price.Question) (price.Figure, error) {
	r, err := u.SellerOf(c)
	if err != nil {
		return price.Figure{}, err
	}
	return Figure(u, price.List{PartnerID: c.PartnerID, IssuerID: r.ID, Audience: price.Customers, PartyID: c.ID}, r.SellingCurrency, q)
}

// CostFigure gives what a reseller is charged from above, where its own figure
// goes before the list too. A root reseller without a price list of the platform
// is charged nothing.
func CostFigure(u *work.Unit, r *reseller.Reseller, q price.Question) (price.Figure, error) {
	l, currency, err := CostList(u, r)
	if err != nil {
		return price.Figure{}, err
	}
	f, err := Figure(u, l, currency, q)
	if r.Root() && fault.Is(err, fault.Invalid) {
		listed, e := u.Tx.HasPrices(u.Ctx, price.List{PartnerID: l.PartnerID, IssuerID: l.IssuerID, Audience: l.Audience})
		if e != nil {
			return price.Figure{}, e
		}
		if _, sold := q.Item(); sold && !listed {
			return price.Figure{Currency: currency, PerMonth: decimal.Zero}, nil
		}
	}
	return f, err
}

// CostList gives the list that r is charged by, and its currency.
func CostList(u *work.Unit, r *reseller.Reseller) (price.List, string, error) {
	l := price.List{PartnerID: r.PartnerID, IssuerID: r.ParentID, Audience: price.Resellers, PartyID: r.ID}
	if r.Root() {
		l.PartyID = 0 // a partner has one root, so the platform needs no figures of a single one
		return l, r.AccountingCurrency, nil
	}
	parent, err := u.Tx.Reseller(u.Ctx, r.ParentID)
	if err == nil && parent == nil {
		err = fault.Newf(fault.Internal, "The parent of reseller %d is missing", r.ID)
	}
	if err != nil {
		return price.List{}, "", err
	}
	return l, parent.SellingCurrency, nil
}

// Figure looks a figure up in a list; ErrUnpriced when it has none.
func Figure(u *work.Unit, l price.List, currency string, q price.Question) (price.Figure, error) {
	i, ok := q.Item()
	if !ok {
		return price.Figure{}, ErrUnpriced
	}
	row, err := u.Tx.Price(u.Ctx, l, i)
	if err != nil {
		return price.Figure{}, err
	}
	if row == nil {
		return price.Figure{}, ErrUnpriced
	}
	return price.Figure{Currency: currency, PerMonth: row.Figure}, nil
}
