package provision

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
)

// DeleteEmailAccount is titan.md operation 29.
type DeleteEmailAccount struct {
	Account AccountRef
	Reason  string
}

// DeleteEmailAccount frees the seat, the address and the aliases at once, leaves
// the forwarders and the catch-all for good, and starts the time until the purge
// (7.5). A repeat does nothing.
func (s *Service) DeleteEmailAccount(ctx context.Context, actor audit.Actor, cmd DeleteEmailAccount) (*AccountState, error) {
	var f fields
	reason := f.text("reason", cmd.Reason, maxReason)
	if f.err != nil {
		return nil, f.err
	}
	var out *AccountState
	err := s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opDeleteAccount)
		if err != nil {
			return err
		}
		err = u.deleteAccount(o, a, reason)
		out = u.accountState(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// deleteAccount is DeleteEmailAccount for an account of o.
func (u *unit) deleteAccount(o *order.Order, a *account.Account, reason string) error {
	if !a.Live() {
		return nil
	}
	freed := []string{a.Local}
	for _, l := range a.Aliases {
		if l.Held {
			freed = append(freed, l.Local)
		}
	}
	before := a.Status(u.now)
	a.Delete(u.now, u.s.settings.Retention, reason)
	for _, local := range freed {
		if err := u.tx.FreeAddress(u.ctx, o.ID, local); err != nil {
			return err
		}
	}
	if err := u.saveAccount(o, a, before); err != nil {
		return err
	}
	if err := u.tx.DropPasswordToken(u.ctx, a.ID, 0); err != nil {
		return err
	}
	if err := u.leaveForwarders(o, a.ID); err != nil {
		return err
	}
	if err := u.leaveForwards(o, freed...); err != nil {
		return err
	}
	if err := u.leaveCatchAll(o, a.ID); err != nil {
		return err
	}
	return u.record(o.PartnerID, "email_account.delete", "account", a.ID, detail{"reason": reason, "purgeAt": event.Date(a.PurgeAt)})
}
