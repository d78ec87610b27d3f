package mailboxes

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// SuspendEmailAccount is titan.md operation 27.
type SuspendEmailAccount struct {
	Account work.AccountRef
	Type    string // "" = partner (T-08)
	Note    string
}

// UnsuspendEmailAccount is titan.md operation 28.
type UnsuspendEmailAccount struct {
	Account work.AccountRef
	Type    string // "" = all that the actor may lift
	Note    string
}

// SuspendEmailAccount adds a suspension to one account.
func (s *Service) SuspendEmailAccount(ctx context.Context, actor audit.Actor, cmd SuspendEmailAccount) (*work.AccountState, error) {
	n, err := work.NewSuspension(actor, cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *work.AccountState
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpSuspendAccount)
		if err != nil {
			return err
		}
		err = suspendAccount(u, o, a, n)
		out = u.AccountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UnsuspendEmailAccount lifts suspensions of one account.
func (s *Service) UnsuspendEmailAccount(ctx context.Context, actor audit.Actor, cmd UnsuspendEmailAccount) (*work.AccountState, error) {
	kind, note, err := work.CheckLift(cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *work.AccountState
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpUnsuspendAccount)
		if err != nil {
			return err
		}
		err = unsuspendAccount(u, o, a, kind, note)
		out = u.AccountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// suspendAccount adds a suspension, whose time is the unit's, to an account of o.
func suspendAccount(u *work.Unit, o *order.Order, a *account.Account, n suspension.Suspension) error {
	before := a.Status(u.Now)
	n.On = u.Now
	var err error
	if n.ResellerID, err = u.Suspender(); err != nil {
		return err
	}
	left, changed := a.Suspensions.Add(n)
	if !changed {
		return nil
	}
	a.Suspensions = left
	if err := u.SaveAccount(o, a, before); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "email_account.suspend", "account", a.ID, work.Detail{"type": n.Type, "role": n.Role, "note": n.Note})
}

// unsuspendAccount lifts what the actor may lift: of one type, or with "" of all.
func unsuspendAccount(u *work.Unit, o *order.Order, a *account.Account, kind, note string) error {
	before := a.Status(u.Now)
	left, changed, err := u.Lift(a.Suspensions, kind)
	if err != nil || !changed {
		return err
	}
	a.Suspensions = left
	if err := u.SaveAccount(o, a, before); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "email_account.unsuspend", "account", a.ID, work.Detail{"type": kind, "note": note, "remaining": len(left)})
}
