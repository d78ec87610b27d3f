package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/product"
	"posthouse/internal/core/work"
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
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := changing(u, cmd.Order)
		if err != nil {
			return err
		}
		if err := takes(u, o, work.OpAddSeats); err != nil {
			return err
		}
		if !u.Platform.Catalogue[o.Plan].Paid {
			return work.ErrOrderState // a trial has what it has
		}
		sold, _ := product.Find(product.OrDefault(o.ProductKey))
		if err := seatsFit(sold, o.Seats+cmd.Seats); err != nil {
			return err
		}
		out, err = Buy(u, Purchase{Order: o, Customer: c, Option: cmd.Option, discount: cmd.Discount,
			Change: action.Change{Type: action.AddEmailAccount, Seats: cmd.Seats}})
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
