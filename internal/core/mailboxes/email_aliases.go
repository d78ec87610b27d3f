package mailboxes

import (
	"context"
	"slices"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// maxAliases bounds what one account can hold.
const maxAliases = 500

// AddEmailAlias is titan.md operation 33.
type AddEmailAlias struct {
	Account     work.AccountRef
	Alias       string // a full address of the order's domain
	DisplayName *string
}

// RemoveEmailAliases is titan.md operation 34.
type RemoveEmailAliases struct {
	Account work.AccountRef
	Aliases []string
}

// AddEmailAlias gives an account a further address. The same alias again only
// updates its display name.
func (s *Service) AddEmailAlias(ctx context.Context, actor audit.Actor, cmd AddEmailAlias) error {
	var f work.Fields
	if cmd.DisplayName != nil {
		v := f.Line("display name", *cmd.DisplayName, work.MaxName)
		cmd.DisplayName = &v
	}
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpAddAlias)
		if err != nil {
			return err
		}
		local, err := account.ParseEmail(cmd.Alias, o.Domain)
		if err != nil {
			return err
		}
		held, err := u.Tx.Address(u.Ctx, o.ID, local)
		if err != nil {
			return err
		}
		switch {
		case held != nil && (held.Kind != account.KindAlias || held.AccountID != a.ID):
			return routing.ErrTaken(held.Kind)
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
			if err := u.Tx.TakeAddress(u.Ctx, account.Address{OrderID: o.ID, Local: local, Kind: account.KindAlias, AccountID: a.ID}); err != nil {
				return err
			}
			n := account.Alias{Local: local, Held: true}
			if cmd.DisplayName != nil {
				n.DisplayName = *cmd.DisplayName
			}
			a.Aliases = append(slices.Clone(a.Aliases), n)
		}
		return saveAliases(u, o, a, "email_alias.add", []string{local})
	})
}

// RemoveEmailAliases takes aliases away; those that are not there are skipped.
func (s *Service) RemoveEmailAliases(ctx context.Context, actor audit.Actor, cmd RemoveEmailAliases) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpRemoveAlias)
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
			if err := u.Tx.FreeAddress(u.Ctx, o.ID, local); err != nil {
				return err
			}
			gone = append(gone, local)
		}
		if len(gone) == 0 {
			return nil
		}
		if err := saveAliases(u, o, a, "email_alias.remove", gone); err != nil {
			return err
		}
		if err := routing.LeaveForwarders(u, o, a.ID, gone...); err != nil {
			return err
		}
		return routing.LeaveForwards(u, o, gone...)
	})
}

func saveAliases(u *work.Unit, o *order.Order, a *account.Account, action string, locals []string) error {
	a.UpdatedAt = u.Now
	if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
		return err
	}
	// An alias is an address to send from: sessions are looked at again.
	if err := u.Tx.AccessChanged(u.Ctx, o.ID, a.ID); err != nil {
		return err
	}
	c, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if err := u.Emit(o, event.EmailAccountModified, event.AccountOf(o, c, a)); err != nil {
		return err
	}
	return u.Record(o.PartnerID, action, "account", a.ID, work.Detail{"aliases": locals})
}
