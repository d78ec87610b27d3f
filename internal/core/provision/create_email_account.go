package provision

import (
	"context"
	"errors"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// CreateEmailAccount is titan.md operation 25.
type CreateEmailAccount struct {
	Order          OrderRef
	Email          string
	Name           string // used if FirstName and LastName are absent
	FirstName      string
	LastName       string
	AlternateEmail string
	Password       string // "" = nobody can log in until one is set
	WantLoginToken bool
	IsAdmin        bool
	Locale         string
	Country        string // two letters
	Source         string
	// SendWelcomeEmail mails AlternateEmail about the mailbox, with a link to set
	// its password when there is none (T-31).
	SendWelcomeEmail bool
}

// CreatedAccount is the result. Existing means that an equal account was there
// already (T-31).
type CreatedAccount struct {
	AccountID  int64
	OrderID    int64
	Email      string
	LoginToken string // "" unless asked for
	Existing   bool
}

// CreateEmailAccount makes a mailbox at a free address on a free seat. A repeat
// with equal content gives the account that is there; other content is refused.
func (s *Service) CreateEmailAccount(ctx context.Context, actor audit.Actor, cmd CreateEmailAccount) (*CreatedAccount, error) {
	n, err := checkNewAccount(cmd)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		out, err := s.createAccount(ctx, actor, n)
		if errors.Is(err, errOvertaken) && attempt < maxAttempts {
			continue
		}
		return out, err
	}
}

// maxAttempts bounds how often a command starts again because what it had
// prepared outside of its transaction no longer fits.
const maxAttempts = 3

// errOvertaken says that somebody was faster; the next attempt sees what they did.
var errOvertaken = &fault.Error{Code: fault.Unavailable, Text: "Somebody else is changing the same thing", Temporary: true}

func (s *Service) createAccount(ctx context.Context, actor audit.Actor, n *newAccount) (*CreatedAccount, error) {
	verified := int64(0) // the account whose password was found equal
	if n.Password != "" {
		var err error
		if verified, err = s.preparePassword(ctx, actor, n); err != nil {
			return nil, err
		}
	}
	var out *CreatedAccount
	err := s.write(ctx, actor, func(u *unit) error {
		o, found, err := u.wantAddress(n)
		if err != nil {
			return err
		}
		if found == nil {
			if n.Password != "" && n.hash == "" {
				return errOvertaken
			}
			c, err := u.customerOf(o)
			if err != nil {
				return err
			}
			out, err = u.insertAccount(o, c, n)
			return err
		}
		if !n.sameContent(found) {
			return errTaken(account.KindAccount)
		}
		if n.Password != "" && verified != found.ID {
			return errOvertaken
		}
		out = &CreatedAccount{AccountID: found.ID, OrderID: o.ID, Email: found.Email(), Existing: true}
		if n.WantLoginToken {
			out.LoginToken, err = u.issueLoginToken(found.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// preparePassword hashes the password of an account to be made, or compares it
// with that of the account that is there already. Both are slow, hence outside
// of the write transaction; requests that can't succeed cost neither.
func (s *Service) preparePassword(ctx context.Context, actor audit.Actor, n *newAccount) (verified int64, err error) {
	var found *account.Account
	err = s.read(ctx, actor, func(u *unit) error {
		o, a, err := u.wantAddress(n)
		if err != nil {
			return err
		}
		if found = a; a == nil {
			return u.checkSeat(o)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if found == nil {
		if n.hash == "" {
			n.hash, err = s.hasher.Hash(ctx, n.Password)
		}
		return 0, err
	}
	if !n.sameContent(found) || found.PasswordHash == "" {
		return 0, errTaken(account.KindAccount)
	}
	equal, err := s.hasher.Verify(ctx, n.Password, found.PasswordHash)
	if err != nil {
		return 0, err
	}
	if !equal {
		return 0, errTaken(account.KindAccount)
	}
	return found.ID, nil
}

// wantAddress finds the order, and the account that has the address if one
// does. An alias or a forwarder there is a refusal.
func (u *unit) wantAddress(n *newAccount) (*order.Order, *account.Account, error) {
	o, err := u.order(n.Order, opCreateAccount)
	if err != nil {
		return nil, nil, err
	}
	if err := n.locate(o.Domain); err != nil {
		return nil, nil, err
	}
	held, err := u.tx.Address(u.ctx, o.ID, n.local)
	if err != nil || held == nil {
		return o, nil, err
	}
	if held.Kind != account.KindAccount {
		return nil, nil, errTaken(held.Kind)
	}
	a, err := u.tx.Account(u.ctx, held.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return nil, nil, fault.Newf(fault.Internal, "Account %d is missing", held.AccountID)
	}
	return o, a, nil
}
