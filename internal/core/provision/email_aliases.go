package provision

import (
	"context"
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// maxAliases bounds what one account can hold.
const maxAliases = 500

// AddEmailAlias is titan.md operation 33.
type AddEmailAlias struct {
	Account     AccountRef
	Alias       string // a full address of the order's domain
	DisplayName *string
}

// RemoveEmailAliases is titan.md operation 34.
type RemoveEmailAliases struct {
	Account AccountRef
	Aliases []string
}

// AddEmailAlias gives an account a further address. The same alias again only
// updates its display name.
func (s *Service) AddEmailAlias(ctx context.Context, actor audit.Actor, cmd AddEmailAlias) error {
	var f fields
	if cmd.DisplayName != nil {
		v := f.line("display name", *cmd.DisplayName, maxName)
		cmd.DisplayName = &v
	}
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opAddAlias)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(cmd.Alias, o.Domain)
		if err != nil {
			return err
		}
		held, err := u.tx.Address(u.ctx, o.ID, local)
		if err != nil {
			return err
		}
		switch {
		case held != nil && (held.Kind != account.KindAlias || held.AccountID != a.ID):
			return errTaken(held.Kind)
		case held != nil:
			l := a.Alias(local)
			if l == nil || cmd.DisplayName == nil || l.DisplayName == *cmd.DisplayName {
				return nil
			}
			l.DisplayName = *cmd.DisplayName
		default:
			if len(a.Aliases) >= maxAliases {
				return fault.Newf(fault.Conflict, "An account has at most %d aliases", maxAliases).WithReason("ALIAS_LIMIT_REACHED")
			}
			if err := u.tx.TakeAddress(u.ctx, account.Address{OrderID: o.ID, Local: local, Kind: account.KindAlias, AccountID: a.ID}); err != nil {
				return err
			}
			n := account.Alias{Local: local, Held: true}
			if cmd.DisplayName != nil {
				n.DisplayName = *cmd.DisplayName
			}
			a.Aliases = append(slices.Clone(a.Aliases), n)
		}
		return u.saveAliases(o, a, "email_alias.add", []string{local})
	})
}

// RemoveEmailAliases takes aliases away; those that are not there are skipped.
func (s *Service) RemoveEmailAliases(ctx context.Context, actor audit.Actor, cmd RemoveEmailAliases) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opRemoveAlias)
		if err != nil {
			return err
		}
		var gone []string
		for _, email := range cmd.Aliases {
			local, err := account.ParseEmail(email, o.Domain)
			if err != nil {
				continue // no alias is spelled like that
			}
			if l := a.Alias(local); l == nil || !l.Held {
				continue
			}
			a.Aliases = slices.DeleteFunc(slices.Clone(a.Aliases), func(l account.Alias) bool { return l.Local == local })
			if err := u.tx.FreeAddress(u.ctx, o.ID, local); err != nil {
				return err
			}
			gone = append(gone, local)
		}
		if len(gone) == 0 {
			return nil
		}
		if err := u.saveAliases(o, a, "email_alias.remove", gone); err != nil {
			return err
		}
		if err := u.leaveForwarders(o, a.ID, gone...); err != nil {
			return err
		}
		return u.leaveForwards(o, gone...)
	})
}

func (u *unit) saveAliases(o *order.Order, a *account.Account, action string, locals []string) error {
	a.UpdatedAt = u.now
	if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
		return err
	}
	// An alias is an address to send from: sessions are looked at again.
	if err := u.tx.AccessChanged(u.ctx, o.ID, a.ID); err != nil {
		return err
	}
	c, err := u.customerOf(o)
	if err != nil {
		return err
	}
	if err := u.emit(o, event.EmailAccountModified, event.AccountOf(o, c, a)); err != nil {
		return err
	}
	return u.record(o.PartnerID, action, "account", a.ID, detail{"aliases": locals})
}
