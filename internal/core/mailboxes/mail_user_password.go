package mailboxes

import (
	"context"
	"errors"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

const (
	resetPasswordLen = 16 // 95 bits

	// maxGuesses is how often a mailbox's password may be guessed at once; then it is
	// once in guessForgiven.
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
func (s *Service) ResetMailPassword(ctx context.Context, actor audit.Actor, ref work.AccountRef) (string, error) {
	ref, err := s.mailboxRef(ctx, actor, ref, work.OpModifyAccount)
	if err != nil {
		return "", err
	}
	password, err := secret.Alphanumeric(s.Random, resetPasswordLen)
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
	Account work.AccountRef
	Old     string
	New     string
}

// ChangeMailPassword sets a new password if the old one is right, and ends the
// mailbox's sessions. Wrong ones are limited as log-ins are.
func (s *Service) ChangeMailPassword(ctx context.Context, actor audit.Actor, cmd ChangeMailPassword) error {
	if err := work.CheckNewPassword(cmd.New); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := s.changeMailPassword(ctx, actor, cmd)
		if !errors.Is(err, ErrOvertaken) || attempt == MaxAttempts {
			return err
		}
	}
}

func (s *Service) changeMailPassword(ctx context.Context, actor audit.Actor, cmd ChangeMailPassword) error {
	var id int64
	var was string
	if err := s.Read(ctx, actor, func(u *work.Unit) error {
		_, a, err := mailbox(u, cmd.Account, work.OpModifyAccount)
		if err == nil {
			id, was = a.ID, a.PasswordHash
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.guess(ctx, actor, cmd.Account, work.OpModifyAccount, cmd.Old, was); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, cmd.New)
	if err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(work.AccountRef{Order: cmd.Account.Order, AccountID: id}, work.OpModifyAccount)
		if err != nil {
			return err
		}
		if a.PasswordHash != was {
			return ErrOvertaken
		}
		return replacePassword(u, o, a, hash)
	})
}

// AuthenticateMailUser gives the user whose password it is, if it may log in
// now. An unknown address, a forward-only account, a suspended mailbox and a
// wrong password are one fault, cost the same and are limited alike.
func (s *Service) AuthenticateMailUser(ctx context.Context, actor audit.Actor, ref work.AccountRef, password string) (*MailUser, error) {
	hash := ""
	if err := s.Read(ctx, actor, func(u *work.Unit) error {
		hash = ""
		o, err := u.Order(ref.Order, work.OpResetPassword)
		if err != nil {
			return err
		}
		a, _, err := addressee(u, o, ref.Email)
		if err != nil {
			return &routing.AtAddress{Email: ref.Email, Err: err}
		}
		if a != nil && a.Status(u.Now) == account.Active {
			hash = a.PasswordHash
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := s.guess(ctx, actor, ref, work.OpResetPassword, password, hash); err != nil {
		return nil, err
	}
	return s.FindMailUser(ctx, actor, ref)
}

// guess compares a password with a hash, "" being nobody's. The attempt is
// counted before it is judged, so that many at once gain nothing.
func (s *Service) guess(ctx context.Context, actor audit.Actor, ref work.AccountRef, op work.Operation, password, hash string) error {
	if err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, local, err := guessed(u, ref, op)
		if err != nil {
			return err
		}
		until, err := u.Tx.PasswordGuesses(u.Ctx, o.ID, local)
		if err != nil {
			return err
		}
		if until.Before(u.Real) {
			until = u.Real
		}
		if until.Sub(u.Real) > (maxGuesses-1)*guessForgiven {
			return errGuesses
		}
		return u.Tx.PutPasswordGuesses(u.Ctx, o.ID, local, until.Add(guessForgiven))
	}); err != nil {
		return err
	}
	against := hash
	if against == "" {
		var err error
		if against, err = s.DecoyHash(ctx); err != nil {
			return err
		}
	}
	right, err := s.Hasher.Verify(ctx, password, against)
	if err != nil {
		return err
	}
	if !right || hash == "" {
		return errWrongPassword
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, local, err := guessed(u, ref, op)
		if err != nil {
			return err
		}
		return u.Tx.PutPasswordGuesses(u.Ctx, o.ID, local, time.Time{})
	})
}

func guessed(u *work.Unit, ref work.AccountRef, op work.Operation) (*order.Order, string, error) {
	o, err := u.Order(ref.Order, op)
	if err != nil {
		return nil, "", err
	}
	local, err := account.ParseEmail(ref.Email, o.Domain)
	return o, local, err
}
