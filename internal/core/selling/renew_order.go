package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// RenewOrder is resellerclub.md 7.2.
type RenewOrder struct {
	Order      SoldOrderRef
	Months     int
	ExtraSeats int
	AutoRenew  *bool // nil = unchanged
	Option     action.InvoiceOption
	Discount   money.Value
}

// RenewOrder buys more time for an order, and seats besides. It restores one
// that was deleted because nobody renewed it.
func (s *Service) RenewOrder(ctx context.Context, actor audit.Actor, cmd RenewOrder) (*Purchased, error) {
	if cmd.ExtraSeats < 0 {
		return nil, fault.New(fault.Invalid, "The number of additional accounts is negative")
	}
	if err := tenureFits(cmd.Months); err != nil {
		return nil, err
	}
	if err := checkOption(cmd.Option); err != nil {
		return nil, err
	}
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := changing(u, cmd.Order)
		if err != nil {
			return err
		}
		if err := renewable(u, o); err != nil {
			return err
		}
		sold, _ := product.Find(product.OrDefault(o.ProductKey))
		if err := seatsFit(sold, o.Seats+cmd.ExtraSeats); err != nil {
			return err
		}
		out, err = Buy(u, Purchase{Order: o, Customer: c, Option: cmd.Option, discount: cmd.Discount,
			Change: action.Change{Type: action.Renew, Months: cmd.Months, Seats: cmd.ExtraSeats, AutoRenew: cmd.AutoRenew}})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
