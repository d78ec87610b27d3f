package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
)

// SetCatchAll is titan.md operation 21: mail to unknown addresses of the order's
// domain goes to a live account. Setting again replaces.
func (s *Service) SetCatchAll(ctx context.Context, actor audit.Actor, ref AccountRef) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(ref, opSetCatchAll)
		if err != nil {
			return err
		}
		had, err := u.tx.CatchAll(u.ctx, o.ID)
		if err != nil || had == a.ID {
			return err
		}
		if err := u.tx.SetCatchAll(u.ctx, o.ID, a.ID); err != nil {
			return err
		}
		return u.record(o.PartnerID, "catch_all.set", "order", o.ID, detail{"account": a.ID, "email": a.Email()})
	})
}

// RemoveCatchAll is titan.md operation 22: mail to unknown addresses is refused
// again. Without a catch-all it does nothing.
func (s *Service) RemoveCatchAll(ctx context.Context, actor audit.Actor, ref OrderRef) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRemoveCatchAll)
		if err != nil {
			return err
		}
		had, err := u.tx.CatchAll(u.ctx, o.ID)
		if err != nil || had == 0 {
			return err
		}
		return u.clearCatchAll(o, had)
	})
}

func (u *unit) clearCatchAll(o *order.Order, accountID int64) error {
	if err := u.tx.ClearCatchAll(u.ctx, o.ID); err != nil {
		return err
	}
	return u.record(o.PartnerID, "catch_all.remove", "order", o.ID, detail{"account": accountID})
}

// FetchCatchAll is titan.md operation 23: the account's address, "" when the
// catch-all is off.
func (s *Service) FetchCatchAll(ctx context.Context, actor audit.Actor, ref OrderRef) (string, error) {
	var out string
	err := s.read(ctx, actor, func(u *unit) error {
		out = ""
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		a, err := u.catchAll(o)
		if a != nil {
			out = a.Email()
		}
		return err
	})
	return out, err
}

// catchAll gives the account that gets mail to unknown addresses, nil when none does.
func (u *unit) catchAll(o *order.Order) (*account.Account, error) {
	id, err := u.tx.CatchAll(u.ctx, o.ID)
	if err != nil || id == 0 {
		return nil, err
	}
	a, err := u.tx.Account(u.ctx, id)
	if err != nil {
		return nil, err
	}
	if a == nil || !a.Live() {
		return nil, nil
	}
	return a, nil
}

// leaveCatchAll turns the catch-all off if it is that account (7.5).
func (u *unit) leaveCatchAll(o *order.Order, accountID int64) error {
	had, err := u.tx.CatchAll(u.ctx, o.ID)
	if err != nil || had != accountID {
		return err
	}
	return u.clearCatchAll(o, had)
}

// SetMailUserCatchAll is SetCatchAll for the mailbox at an address.
func (s *Service) SetMailUserCatchAll(ctx context.Context, actor audit.Actor, ref AccountRef) error {
	ref, err := s.mailboxRef(ctx, actor, ref, opSetCatchAll)
	if err != nil {
		return err
	}
	return s.SetCatchAll(ctx, actor, ref)
}
