package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/suspension"
)

// SuspendEmailAccount is titan.md operation 27.
type SuspendEmailAccount struct {
	Account AccountRef
	Type    string // "" = partner (T-08)
	Note    string
}

// UnsuspendEmailAccount is titan.md operation 28.
type UnsuspendEmailAccount struct {
	Account AccountRef
	Type    string // "" = all that the actor may lift
	Note    string
}

// SuspendEmailAccount adds a suspension to one account.
func (s *Service) SuspendEmailAccount(ctx context.Context, actor audit.Actor, cmd SuspendEmailAccount) (*AccountState, error) {
	n, err := newSuspension(actor, cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *AccountState
	err = s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opSuspendAccount)
		if err != nil {
			return err
		}
		err = u.suspendAccount(o, a, n)
		out = u.accountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UnsuspendEmailAccount lifts suspensions of one account.
func (s *Service) UnsuspendEmailAccount(ctx context.Context, actor audit.Actor, cmd UnsuspendEmailAccount) (*AccountState, error) {
	kind, note, err := checkLift(cmd.Type, cmd.Note)
	if err != nil {
		return nil, err
	}
	var out *AccountState
	err = s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opUnsuspendAccount)
		if err != nil {
			return err
		}
		err = u.unsuspendAccount(o, a, kind, note)
		out = u.accountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// suspendAccount adds a suspension, whose time is the unit's, to an account of o.
func (u *unit) suspendAccount(o *order.Order, a *account.Account, n suspension.Suspension) error {
	before := a.Status(u.now)
	n.On = u.now
	var err error
	if n.ResellerID, err = u.suspender(); err != nil {
		return err
	}
	left, changed := a.Suspensions.Add(n)
	if !changed {
		return nil
	}
	a.Suspensions = left
	if err := u.saveAccount(o, a, before); err != nil {
		return err
	}
	return u.record(o.PartnerID, "email_account.suspend", "account", a.ID, detail{"type": n.Type, "role": n.Role, "note": n.Note})
}

// unsuspendAccount lifts what the actor may lift: of one type, or with "" of all.
func (u *unit) unsuspendAccount(o *order.Order, a *account.Account, kind, note string) error {
	before := a.Status(u.now)
	left, changed, err := u.lift(a.Suspensions, kind)
	if err != nil || !changed {
		return err
	}
	a.Suspensions = left
	if err := u.saveAccount(o, a, before); err != nil {
		return err
	}
	return u.record(o.PartnerID, "email_account.unsuspend", "account", a.ID, detail{"type": kind, "note": note, "remaining": len(left)})
}
