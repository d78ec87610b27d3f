package provision

import (
	"context"

	"posthouse/internal/core/audit"
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
	Type    string // "" = all that the actor's role may lift
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
		before := a.Status(u.now)
		m := n
		m.On = u.now
		left, changed := a.Suspensions.Add(m)
		a.Suspensions = left
		out = u.accountState(a)
		if !changed {
			return nil
		}
		if err := u.saveAccount(o, a, before); err != nil {
			return err
		}
		return u.record(o.PartnerID, "email_account.suspend", "account", a.ID, detail{"type": m.Type, "role": m.Role, "note": m.Note})
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
		before := a.Status(u.now)
		left, changed, err := lift(a.Suspensions, u.actor, kind)
		if err != nil {
			return err
		}
		a.Suspensions = left
		out = u.accountState(a)
		if !changed {
			return nil
		}
		if err := u.saveAccount(o, a, before); err != nil {
			return err
		}
		return u.record(o.PartnerID, "email_account.unsuspend", "account", a.ID, detail{"type": kind, "note": note, "remaining": len(left)})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
