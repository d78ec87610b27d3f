// Package price is price lists: what a figure is for, and what an invoice comes
// to (resellerclub.md sections 8 and 13, R-10, R-11, R-27).
package price

import (
	"github.com/govalues/decimal"

	"posthouse/internal/core/product"
)

// Action is what a figure is for; a wire name.
type Action string

// The actions.
const (
	Add   Action = "add"
	Renew Action = "renew"
)

// Question asks for one figure: per account per month at a tenure.
type Question struct {
	Product product.Key
	PlanID  int // of products sold by plans
	Seats   int // total after the action: chooses the slab
	Action  Action
	Months  int // the tenure
}

// Figure is the answer, never rounded.
type Figure struct {
	Currency string
	PerMonth decimal.Decimal
}
