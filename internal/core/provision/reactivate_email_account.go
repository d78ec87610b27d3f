package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// ReactivateEmailAccount is titan.md operation 38.
type ReactivateEmailAccount struct {
	Account AccountRef
	Reason  string
}

// EmailAccountReactivation is titan.md operation 37. It knows the partner's own
// purged accounts, to say that they are (T-33).
func (s *Service) EmailAccountReactivation(ctx context.Context, actor audit.Actor, ref AccountRef) (*Reactivation, error) {
	var out *Reactivation
	err := s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(ref.Order, opRead)
		if err != nil {
			return err
		}
		a, err := u.findAccount(o, ref)
		if err != nil {
			return err
		}
		reason, err := u.refusesAccount(o, a)
		if err != nil {
			return err
		}
		out = &Reactivation{Allowed: reason == "", Reason: reason}
		if a.Status(u.now) == account.Deleted {
			out.PurgeAt = a.PurgeAt
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// refusesAccount gives the reason why a can't come back, "" when it can.
func (u *unit) refusesAccount(o *order.Order, a *account.Account) (string, error) {
	switch a.Status(u.now) {
	case account.Purged:
		return account.ReasonAlreadyPurged, nil
	case account.Active, account.Suspended:
		return account.ReasonNotDeleted, nil
	case account.Deleted:
	}
	held, err := u.tx.Address(u.ctx, o.ID, a.Local)
	if err != nil {
		return "", err
	}
	if held != nil {
		return account.ReasonAnotherAccount, nil
	}
	n, err := u.tx.Counters(u.ctx, o.ID)
	if err != nil {
		return "", err
	}
	if o.TakesSeat(n) != nil {
		return order.ReasonAccountLimit, nil
	}
	return "", nil
}

// ReactivateEmailAccount brings a deleted account back as it was, suspensions
// included, with those of its aliases that are still free. A live one stays as it is.
func (s *Service) ReactivateEmailAccount(ctx context.Context, actor audit.Actor, cmd ReactivateEmailAccount) (*AccountState, error) {
	var f fields
	why := f.text("reason", cmd.Reason, maxReason)
	if f.err != nil {
		return nil, f.err
	}
	var out *AccountState
	err := s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(cmd.Account.Order, opReactivateAccount)
		if err != nil {
			return err
		}
		a, err := u.findAccount(o, cmd.Account)
		if err != nil {
			return err
		}
		if a.Live() {
			out = u.accountState(a)
			return nil
		}
		reason, err := u.refusesAccount(o, a)
		if err != nil {
			return err
		}
		if reason != "" {
			return fault.New(fault.Conflict, "The email account can't be reactivated").WithReason(reason)
		}
		before := a.Status(u.now)
		a.Reactivate()
		if err := u.takeBack(o, a); err != nil {
			return err
		}
		if err := u.saveAccount(o, a, before); err != nil {
			return err
		}
		out = u.accountState(a)
		return u.record(o.PartnerID, "email_account.reactivate", "account", a.ID, detail{"reason": why})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// takeBack takes the address, and the aliases that nobody took meanwhile; the
// others are forgotten.
func (u *unit) takeBack(o *order.Order, a *account.Account) error {
	if err := u.tx.TakeAddress(u.ctx, account.Address{OrderID: o.ID, Local: a.Local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
		return err
	}
	var back []account.Alias
	for _, l := range a.Aliases {
		held, err := u.tx.Address(u.ctx, o.ID, l.Local)
		if err != nil {
			return err
		}
		if held != nil {
			continue
		}
		if err := u.tx.TakeAddress(u.ctx, account.Address{OrderID: o.ID, Local: l.Local, Kind: account.KindAlias, AccountID: a.ID}); err != nil {
			return err
		}
		l.Held = true
		back = append(back, l)
	}
	a.Aliases = back
	return nil
}
