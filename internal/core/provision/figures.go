package provision

import (
	"github.com/govalues/decimal"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

var errUnpriced = fault.New(fault.Invalid, "There is no price for this").WithReason("NOT_PRICED")

// customerFigure gives what a customer's reseller charges it: the customer's own
// figure, else the one of the reseller's list.
func (u *unit) customerFigure(c *customer.Customer, q price.Question) (price.Figure, error) {
	r, err := u.sellerOf(c)
	if err != nil {
		return price.Figure{}, err
	}
	return u.figure(price.List{PartnerID: c.PartnerID, IssuerID: r.ID, Audience: price.Customers, PartyID: c.ID}, r.SellingCurrency, q)
}

// costFigure gives what a reseller is charged from above, where its own figure
// goes before the list too. A root reseller without a price list of the platform
// is charged nothing.
func (u *unit) costFigure(r *reseller.Reseller, q price.Question) (price.Figure, error) {
	l, currency, err := u.costList(r)
	if err != nil {
		return price.Figure{}, err
	}
	f, err := u.figure(l, currency, q)
	if r.Root() && fault.Is(err, fault.Invalid) {
		listed, e := u.tx.HasPrices(u.ctx, price.List{PartnerID: l.PartnerID, IssuerID: l.IssuerID, Audience: l.Audience})
		if e != nil {
			return price.Figure{}, e
		}
		if _, sold := q.Item(); sold && !listed {
			return price.Figure{Currency: currency, PerMonth: decimal.Zero}, nil
		}
	}
	return f, err
}

// costList gives the list that r is charged by, and its currency.
func (u *unit) costList(r *reseller.Reseller) (price.List, string, error) {
	l := price.List{PartnerID: r.PartnerID, IssuerID: r.ParentID, Audience: price.Resellers, PartyID: r.ID}
	if r.Root() {
		l.PartyID = 0 // a partner has one root, so the platform needs no figures of a single one
		return l, r.AccountingCurrency, nil
	}
	parent, err := u.tx.Reseller(u.ctx, r.ParentID)
	if err == nil && parent == nil {
		err = fault.Newf(fault.Internal, "The parent of reseller %d is missing", r.ID)
	}
	if err != nil {
		return price.List{}, "", err
	}
	return l, parent.SellingCurrency, nil
}

func (u *unit) figure(l price.List, currency string, q price.Question) (price.Figure, error) {
	i, ok := q.Item()
	if !ok {
		return price.Figure{}, errUnpriced
	}
	row, err := u.tx.Price(u.ctx, l, i)
	if err != nil {
		return price.Figure{}, err
	}
	if row == nil {
		return price.Figure{}, errUnpriced
	}
	return price.Figure{Currency: currency, PerMonth: row.Figure}, nil
}
