package routing

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
)

// SetCatchAll is titan.md operation 21: mail to unknown addresses of the order's
// domain goes to a live account. Setting again replaces.
func (s *Service) SetCatchAll(ctx context.Context, actor audit.Actor, ref work.AccountRef) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(ref, work.OpSetCatchAll)
		if err != nil {
			return err
		}
		had, err := u.Tx.CatchAll(u.Ctx, o.ID)
		if err != nil || had == a.ID {
			return err
		}
		if err := u.Tx.SetCatchAll(u.Ctx, o.ID, a.ID); err != nil {
			return err
		}
		return u.Record(o.PartnerID, "catch_all.set", "order", o.ID, work.Detail{"account": a.ID, "email": a.Email()})
	})
}

// RemoveCatchAll is titan.md operation 22: mail to unknown addresses is refused
// again. Without a catch-all it does nothing.
func (s *Service) RemoveCatchAll(ctx context.Context, actor audit.Actor, ref work.OrderRef) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRemoveCatchAll)
		if err != nil {
			return err
		}
		had, err := u.Tx.CatchAll(u.Ctx, o.ID)
		if err != nil || had == 0 {
			return err
		}
		return clearCatchAll(u, o, had)
	})
}

func clearCatchAll(u *work.Unit, o *order.Order, accountID int64) error {
	if err := u.Tx.ClearCatchAll(u.Ctx, o.ID); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "catch_all.remove", "order", o.ID, work.Detail{"account": accountID})
}

// FetchCatchAll is titan.md operation 23: the account's address, "" when the
// catch-all is off.
func (s *Service) FetchCatchAll(ctx context.Context, actor audit.Actor, ref work.OrderRef) (string, error) {
	var out string
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = ""
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		a, err := catchAll(u, o)
		if a != nil {
			out = a.Email()
		}
		return err
	})
	return out, err
}

// catchAll gives the account that gets mail to unknown addresses, nil when none does.
func catchAll(u *work.Unit, o *order.Order) (*account.Account, error) {
	id, err := u.Tx.CatchAll(u.Ctx, o.ID)
	if err != nil || id == 0 {
		return nil, err
	}
	a, err := u.Tx.Account(u.Ctx, id)
	if err != nil {
		return nil, err
	}
	if a == nil || !a.Live() {
		return nil, nil
	}
	return a, nil
}

// LeaveCatchAll turns the catch-all off if it is that account (7.5).
func LeaveCatchAll(u *work.Unit, o *order.Order, accountID int64) error {
	had, err := u.Tx.CatchAll(u.Ctx, o.ID)
	if err != nil || had != accountID {
		return err
	}
	return clearCatchAll(u, o, had)
}
