package provision

import (
	"context"
	"errors"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

const (
	resetPasswordLen = 16 // 95 bits

	// A mailbox's password may be guessed at so often at once, then once in
	// guessForgiven.
	maxGuesses    = 10
	guessForgiven = 30 * time.Second
)

// ReasonWrongPassword is the Reason of a password that is not the one in force.
const ReasonWrongPassword = "WRONG_PASSWORD"

var (
	errWrongPassword = fault.New(fault.Unauthenticated, "The password is wrong").WithReason(ReasonWrongPassword)
	errGuesses       = &fault.Error{Code: fault.TooMany, Text: "Too many wrong passwords; try again later", Temporary: true}
)

// ResetMailPassword gives a mailbox a random password and ends its sessions.
func (s *Service) ResetMailPassword(ctx context.Context, actor audit.Actor, ref AccountRef) (string, error) {
	ref, err := s.mailboxRef(ctx, actor, ref, opModifyAccount)
	if err != nil {
		return "", err
	}
	password, err := secret.Alphanumeric(s.random, resetPasswordLen)
	if err != nil {
		return "", err
	}
	_, err = s.ModifyEmailAccount(ctx, actor, ModifyEmailAccount{Account: ref, Password: &password})
	if err != nil {
		return "", err
	}
	return password, nil
}

// ChangeMailPassword is the user's own change of a password: the old one is checked.
type ChangeMailPassword struct {
	Account AccountRef
	Old     string
	New     string
}

// ChangeMailPassword sets a new password if the old one is right, and ends the
// mailbox's sessions. Wrong ones are limited as log-ins are.
func (s *Service) ChangeMailPassword(ctx context.Context, actor audit.Actor, cmd ChangeMailPassword) error {
	if err := CheckNewPassword(cmd.New); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := s.changeMailPassword(ctx, actor, cmd)
		if !errors.Is(err, errOvertaken) || attempt == maxAttempts {
			return err
		}
	}
}

func (s *Service) changeMailPassword(ctx context.Context, actor audit.Actor, cmd ChangeMailPassword) error {
	var id int64
	var was string
	if err := s.read(ctx, actor, func(u *unit) error {
		_, a, err := u.mailbox(cmd.Account, opModifyAccount)
		if err == nil {
			id, was = a.ID, a.PasswordHash
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.guess(ctx, actor, cmd.Account, opModifyAccount, cmd.Old, was); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, cmd.New)
	if err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(AccountRef{Order: cmd.Account.Order, AccountID: id}, opModifyAccount)
		if err != nil {
			return err
		}
		if a.PasswordHash != was {
			return errOvertaken
		}
		return u.replacePassword(o, a, hash)
	})
}

// AuthenticateMailUser gives the user whose password it is, if it may log in
// now. An unknown address, a forward-only account, a suspended mailbox and a
// wrong password are one fault, cost the same and are limited alike.
func (s *Service) AuthenticateMailUser(ctx context.Context, actor audit.Actor, ref AccountRef, password string) (*MailUser, error) {
	hash := ""
	if err := s.read(ctx, actor, func(u *unit) error {
		hash = ""
		o, err := u.order(ref.Order, opResetPassword)
		if err != nil {
			return err
		}
		a, _, err := u.addressee(o, ref.Email)
		if err != nil {
			return &AtAddress{Email: ref.Email, Err: err}
		}
		if a != nil && a.Status(u.now) == account.Active {
			hash = a.PasswordHash
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := s.guess(ctx, actor, ref, opResetPassword, password, hash); err != nil {
		return nil, err
	}
	return s.FindMailUser(ctx, actor, ref)
}

// guess compares a password with a hash, "" being nobody's. The attempt is
// counted before it is judged, so that many at once gain nothing.
func (s *Service) guess(ctx context.Context, actor audit.Actor, ref AccountRef, op operation, password, hash string) error {
	if err := s.write(ctx, actor, func(u *unit) error {
		o, local, err := u.guessed(ref, op)
		if err != nil {
			return err
		}
		until, err := u.tx.PasswordGuesses(u.ctx, o.ID, local)
		if err != nil {
			return err
		}
		if until.Before(u.real) {
			until = u.real
		}
		if until.Sub(u.real) > (maxGuesses-1)*guessForgiven {
			return errGuesses
		}
		return u.tx.PutPasswordGuesses(u.ctx, o.ID, local, until.Add(guessForgiven))
	}); err != nil {
		return err
	}
	against := hash
	if against == "" {
		var err error
		if against, err = s.decoyHash(ctx); err != nil {
			return err
		}
	}
	right, err := s.hasher.Verify(ctx, password, against)
	if err != nil {
		return err
	}
	if !right || hash == "" {
		return errWrongPassword
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, local, err := u.guessed(ref, op)
		if err != nil {
			return err
		}
		return u.tx.PutPasswordGuesses(u.ctx, o.ID, local, time.Time{})
	})
}

func (u *unit) guessed(ref AccountRef, op operation) (*order.Order, string, error) {
	o, err := u.order(ref.Order, op)
	if err != nil {
		return nil, "", err
	}
	local, err := account.ParseEmail(ref.Email, o.Domain)
	return o, local, err
}
