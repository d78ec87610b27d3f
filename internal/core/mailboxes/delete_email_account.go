package mailboxes

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// DeleteEmailAccount is titan.md operation 29.
type DeleteEmailAccount struct {
	Account work.AccountRef
	Reason  string
}

// DeleteEmailAccount frees the seat, the address and the aliases at once, leaves
// the forwarders and the catch-all for good, and starts the time until the purge
// (7.5). A repeat does nothing.
func (s *Service) DeleteEmailAccount(ctx context.Context, actor audit.Actor, cmd DeleteEmailAccount) (*work.AccountState, error) {
	var f work.Fields
	reason := f.Text("reason", cmd.Reason, work.MaxReason)
	if f.Err != nil {
		return nil, f.Err
	}
	var out *work.AccountState
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpDeleteAccount)
		if err != nil {
			return err
		}
		err = deleteAccount(u, o, a, reason)
		out = u.AccountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// deleteAccount is DeleteEmailAccount for an account of o.
func deleteAccount(u *work.Unit, o *order.Order, a *account.Account, reason string) error {
	if !a.Live() {
		return nil
	}
	freed := []string{a.Local}
	for _, l := range a.Aliases {
		if l.Held {
			freed = append(freed, l.Local)
		}
	}
	before := a.Status(u.Now)
	a.Delete(u.Now, u.Platform.Settings.Retention, reason)
	for _, local := range freed {
		if err := u.Tx.FreeAddress(u.Ctx, o.ID, local); err != nil {
			return err
		}
	}
	if err := u.SaveAccount(o, a, before); err != nil {
		return err
	}
	if err := u.Tx.DropPasswordToken(u.Ctx, a.ID, 0); err != nil {
		return err
	}
	if err := routing.LeaveForwarders(u, o, a.ID); err != nil {
		return err
	}
	if err := routing.LeaveForwards(u, o, freed...); err != nil {
		return err
	}
	if err := routing.LeaveCatchAll(u, o, a.ID); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "email_account.delete", "account", a.ID, work.Detail{"reason": reason, "purgeAt": event.Date(a.PurgeAt)})
}
