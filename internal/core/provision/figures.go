package provision

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/price"
	"posthouse/internal/core/reseller"
	"posthouse/internal/fault"
)

var errUnpriced = fault.New(fault.Invalid, "There is no price for this").WithReason("NOT_PRICED")

// customerFigure gives what a customer's reseller charges it.
func (u *unit) customerFigure(*customer.Customer, price.Question) (price.Figure, error) {
	return price.Figure{}, errUnpriced
}

// costFigure gives what a reseller is charged from above. A root reseller without
// a price list of the platform is charged nothing.
func (u *unit) costFigure(*reseller.Reseller, price.Question) (price.Figure, error) {
	return price.Figure{}, errUnpriced
}
