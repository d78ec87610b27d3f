package provision

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// AddSeats is resellerclub.md 7.3.
type AddSeats struct {
	Order    SoldOrderRef
	Seats    int // how many more
	Option   action.InvoiceOption
	Discount money.Value
}

// AddSeats buys seats for the rest of the running time.
func (s *Service) AddSeats(ctx context.Context, actor audit.Actor, cmd AddSeats) (*Purchased, error) {
	if err := checkSeatChange(cmd.Seats); err != nil {
		return nil, err
	}
	if err := checkOption(cmd.Option); err != nil {
		return nil, err
	}
	var out *Purchased
	err := s.write(ctx, actor, func(u *unit) error {
		o, c, err := u.changing(cmd.Order)
		if err != nil {
			return err
		}
		if err := u.takes(o, opAddSeats); err != nil {
			return err
		}
		if !u.s.catalogue[o.Plan].Paid {
			return errOrderState // a trial has what it has
		}
		sold, _ := product.Find(product.OrDefault(o.ProductKey))
		if err := seatsFit(sold, o.Seats+cmd.Seats); err != nil {
			return err
		}
		out, err = u.buy(purchase{order: o, customer: c, option: cmd.Option, discount: cmd.Discount,
			change: action.Change{Type: action.AddEmailAccount, Seats: cmd.Seats}})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkSeatChange refuses a number of seats that is no number of seats.
func checkSeatChange(n int) error {
	if n < 1 || n > order.MaxSeats {
		return fault.New(fault.Invalid, "The number of accounts is out of range").WithReason("SEAT_CHANGE")
	}
	return nil
}
