package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
)

// RemoveSeats is resellerclub.md 7.4: seats are given back, and no money.
type RemoveSeats struct {
	Order SoldOrderRef
	Seats int // how many fewer
}

// RemoveSeats refuses to go below one, and below the accounts that exist.
func (s *Service) RemoveSeats(ctx context.Context, actor audit.Actor, cmd RemoveSeats) (*Purchased, error) {
	if err := checkSeatChange(cmd.Seats); err != nil {
		return nil, err
	}
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := changing(u, cmd.Order)
		if err != nil {
			return err
		}
		ch := action.Change{Type: action.DeleteEmailAccount, Seats: cmd.Seats}
		text := describeAction(o, ch)
		if err := carryOut(u, o, ch); err != nil {
			return err
		}
		out, err = finished(u, o, c, ch, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
