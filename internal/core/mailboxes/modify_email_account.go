package mailboxes

import (
	"context"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// ModifyEmailAccount is titan.md operation 26; nil pointers are absent fields.
type ModifyEmailAccount struct {
	Account        work.AccountRef
	Name           *string
	FirstName      *string
	LastName       *string
	AlternateEmail *string
	Password       *string
	IsAdmin        *bool
	PurgeAt        *time.Time // 00:00 UTC of purgeAt
}

func (cmd *ModifyEmailAccount) operation() work.Operation {
	if cmd.PurgeAt != nil {
		return work.OpSetPurgeDate
	}
	return work.OpModifyAccount
}

func (cmd *ModifyEmailAccount) check() error {
	var f work.Fields
	line := func(what string, p **string) {
		if *p != nil {
			v := f.Line(what, **p, work.MaxName)
			*p = &v
		}
	}
	line("name", &cmd.Name)
	line("first name", &cmd.FirstName)
	line("last name", &cmd.LastName)
	if cmd.AlternateEmail != nil {
		v := f.Contact("alternate email address", *cmd.AlternateEmail)
		cmd.AlternateEmail = &v
	}
	if cmd.Password != nil && *cmd.Password == "" {
		f.Failf("The new password is empty")
	}
	if cmd.PurgeAt != nil {
		if cmd.Account.AccountID == 0 {
			f.Failf("A purge date needs the account's id")
		}
		d := cmd.PurgeAt.UTC().Truncate(24 * time.Hour)
		cmd.PurgeAt = &d
	}
	return f.Err
}

// ModifyEmailAccount changes what is present in cmd. A new password ends all
// sessions; one that is the old one changes nothing.
func (s *Service) ModifyEmailAccount(ctx context.Context, actor audit.Actor, cmd ModifyEmailAccount) (*work.AccountState, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	hash, err := s.newPassword(ctx, actor, &cmd)
	if err != nil {
		return nil, err
	}
	var out *work.AccountState
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, cmd.operation())
		if err != nil {
			return err
		}
		shown := cmd.apply(a)
		changes := work.Detail{}
		if cmd.PurgeAt != nil {
			moved, err := movePurgeDate(u, a, *cmd.PurgeAt)
			if err != nil {
				return err
			}
			if moved {
				changes["purgeAt"] = event.Date(a.PurgeAt)
			}
		}
		if hash != "" {
			a.PasswordHash = hash
			changes["password"] = true
			if err := u.Tx.DropPasswordToken(u.Ctx, a.ID, 0); err != nil {
				return err
			}
			if err := u.Tx.AccessChanged(u.Ctx, o.ID, a.ID); err != nil {
				return err
			}
		}
		if shown {
			changes["profile"] = true
		}
		out = u.AccountState(a)
		if len(changes) == 0 {
			return nil
		}
		a.UpdatedAt = u.Now
		if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
			return err
		}
		if shown {
			c, err := u.CustomerOf(o)
			if err != nil {
				return err
			}
			if err := u.Emit(o, event.EmailAccountModified, event.AccountOf(o, c, a)); err != nil {
				return err
			}
		}
		return u.Record(o.PartnerID, "email_account.modify", "account", a.ID, changes)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// newPassword hashes the password given, outside of the write transaction and
// only for an account that can have it. It gives "" when there is none, or when
// it is the one in force.
func (s *Service) newPassword(ctx context.Context, actor audit.Actor, cmd *ModifyEmailAccount) (string, error) {
	if cmd.Password == nil {
		return "", nil
	}
	var old string
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, err := u.Account(cmd.Account, cmd.operation())
		if err == nil {
			old = a.PasswordHash
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if old != "" {
		same, err := s.Hasher.Verify(ctx, *cmd.Password, old)
		if same || err != nil {
			return "", err
		}
	}
	return s.Hasher.Hash(ctx, *cmd.Password)
}

// apply puts the profile fields into a and reports whether one changed.
func (cmd *ModifyEmailAccount) apply(a *account.Account) (changed bool) {
	before := *a
	if cmd.FirstName != nil {
		a.FirstName = *cmd.FirstName
	}
	if cmd.LastName != nil {
		a.LastName = *cmd.LastName
	}
	name := a.Name
	if cmd.Name != nil {
		name = *cmd.Name
	}
	if cmd.FirstName != nil || cmd.LastName != nil {
		name = fullName(name, a.FirstName, a.LastName)
	}
	a.Name = name
	if cmd.AlternateEmail != nil {
		a.AlternateEmail = *cmd.AlternateEmail
	}
	if cmd.IsAdmin != nil {
		a.IsAdmin = *cmd.IsAdmin
	}
	return before.Name != a.Name || before.FirstName != a.FirstName || before.LastName != a.LastName ||
		before.AlternateEmail != a.AlternateEmail || before.IsAdmin != a.IsAdmin
}

// movePurgeDate sets the day on which a deleted account's data goes: from today
// to the end of the retention, never earlier than it was.
func movePurgeDate(u *work.Unit, a *account.Account, day time.Time) (moved bool, err error) {
	if a.Live() || a.PurgeAt == nil {
		return false, fault.New(fault.Invalid, "Only a deleted account has a purge date")
	}
	const oneDay = 24 * time.Hour
	today, present := u.Now.Truncate(oneDay), a.PurgeAt.Truncate(oneDay)
	switch {
	case day.Equal(present):
		return false, nil
	case day.Before(present):
		return false, fault.New(fault.Invalid, "A purge date can only move to a later day")
	case day.Before(today), day.After(today.Add(u.Platform.Settings.Retention)):
		return false, fault.New(fault.Invalid, "The purge date is too far away")
	}
	a.PurgeAt = &day
	return true, nil
}
