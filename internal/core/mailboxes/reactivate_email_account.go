package mailboxes

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ReactivateEmailAccount is titan.md operation 38.
type ReactivateEmailAccount struct {
	Account work.AccountRef
	Reason  string
}

// EmailAccountReactivation is titan.md operation 37. It knows the partner's own
// purged accounts, to say that they are (T-33).
func (s *Service) EmailAccountReactivation(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*work.Reactivation, error) {
	var out *work.Reactivation
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref.Order, work.OpRead)
		if err != nil {
			return err
		}
		a, err := u.FindAccount(o, ref)
		if err != nil {
			return err
		}
		reason, err := refusesAccount(u, o, a)
		if err != nil {
			return err
		}
		out = &work.Reactivation{Allowed: reason == "", Reason: reason}
		if a.Status(u.Now) == account.Deleted {
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
func refusesAccount(u *work.Unit, o *order.Order, a *account.Account) (string, error) {
	switch a.Status(u.Now) {
	case account.Purged:
		return account.ReasonAlreadyPurged, nil
	case account.Active, account.Suspended:
		return account.ReasonNotDeleted, nil
	case account.Deleted:
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, a.Local)
	if err != nil {
		return "", err
	}
	if held != nil {
		return account.ReasonAnotherAccount, nil
	}
	n, err := u.Tx.Counters(u.Ctx, o.ID)
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
func (s *Service) ReactivateEmailAccount(ctx context.Context, actor audit.Actor, cmd ReactivateEmailAccount) (*work.AccountState, error) {
	var f work.Fields
	why := f.Text("reason", cmd.Reason, work.MaxReason)
	if f.Err != nil {
		return nil, f.Err
	}
	var out *work.AccountState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Account.Order, work.OpReactivateAccount)
		if err != nil {
			return err
		}
		a, err := u.FindAccount(o, cmd.Account)
		if err != nil {
			return err
		}
		if a.Live() {
			out = u.AccountState(a)
			return nil
		}
		reason, err := refusesAccount(u, o, a)
		if err != nil {
			return err
		}
		if reason != "" {
			return fault.New(fault.Conflict, "The email account can't be reactivated").WithReason(reason)
		}
		before := a.Status(u.Now)
		a.Reactivate()
		if err := takeBack(u, o, a); err != nil {
			return err
		}
		if err := u.SaveAccount(o, a, before); err != nil {
			return err
		}
		out = u.AccountState(a)
		return u.Record(o.PartnerID, "email_account.reactivate", "account", a.ID, work.Detail{"reason": why})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// takeBack takes the address, and the aliases that nobody took meanwhile; the
// others are forgotten.
func takeBack(u *work.Unit, o *order.Order, a *account.Account) error {
	if err := u.Tx.TakeAddress(u.Ctx, account.Address{OrderID: o.ID, Local: a.Local, Kind: account.KindAccount, AccountID: a.ID}); err != nil {
		return err
	}
	var back []account.Alias
	for _, l := range a.Aliases {
		held, err := u.Tx.Address(u.Ctx, o.ID, l.Local)
		if err != nil {
			return err
		}
		if held != nil {
			continue
		}
		if err := u.Tx.TakeAddress(u.Ctx, account.Address{OrderID: o.ID, Local: l.Local, Kind: account.KindAlias, AccountID: a.ID}); err != nil {
			return err
		}
		l.Held = true
		back = append(back, l)
	}
	a.Aliases = back
	return nil
}
