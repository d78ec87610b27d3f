package mailboxes

import (
	"context"
	"errors"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// CreateEmailAccount is titan.md operation 25.
type CreateEmailAccount struct {
	Order          work.OrderRef
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
	n, err := CheckNewAccount(cmd)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		out, err := s.createAccount(ctx, actor, n)
		if errors.Is(err, ErrOvertaken) && attempt < MaxAttempts {
			continue
		}
		return out, err
	}
}

// MaxAttempts bounds how often a command starts again because what it had
// prepared outside of its transaction no longer fits.
const MaxAttempts = 3

// ErrOvertaken says that somebody was faster; the next attempt sees what they did.
var ErrOvertaken = &fault.Error{Code: fault.Unavailable, Text: "Somebody else is changing the same thing", Temporary: true}

func (s *Service) createAccount(ctx context.Context, actor audit.Actor, n *NewAccount) (*CreatedAccount, error) {
	verified := int64(0) // the account whose password was found equal
	if n.Password != "" {
		var err error
		if verified, err = s.preparePassword(ctx, actor, n); err != nil {
			return nil, err
		}
	}
	var out *CreatedAccount
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, found, err := wantAddress(u, n)
		if err != nil {
			return err
		}
		if found == nil {
			if n.Password != "" && n.Hash == "" {
				return ErrOvertaken
			}
			c, err := u.CustomerOf(o)
			if err != nil {
				return err
			}
			out, err = InsertAccount(u, o, c, n)
			return err
		}
		if !n.sameContent(found) {
			return routing.ErrTaken(account.KindAccount)
		}
		if n.Password != "" && verified != found.ID {
			return ErrOvertaken
		}
		out = &CreatedAccount{AccountID: found.ID, OrderID: o.ID, Email: found.Email(), Existing: true}
		if n.WantLoginToken {
			out.LoginToken, err = ticket.IssueLoginToken(u, found.ID)
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
func (s *Service) preparePassword(ctx context.Context, actor audit.Actor, n *NewAccount) (verified int64, err error) {
	var found *account.Account
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		o, a, err := wantAddress(u, n)
		if err != nil {
			return err
		}
		if found = a; a == nil {
			return checkSeat(u, o)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if found == nil {
		if n.Hash == "" {
			n.Hash, err = s.Hasher.Hash(ctx, n.Password)
		}
		return 0, err
	}
	if !n.sameContent(found) || found.PasswordHash == "" {
		return 0, routing.ErrTaken(account.KindAccount)
	}
	equal, err := s.Hasher.Verify(ctx, n.Password, found.PasswordHash)
	if err != nil {
		return 0, err
	}
	if !equal {
		return 0, routing.ErrTaken(account.KindAccount)
	}
	return found.ID, nil
}

// wantAddress finds the order, and the account that has the address if one
// does. An alias or a forwarder there is a refusal.
func wantAddress(u *work.Unit, n *NewAccount) (*order.Order, *account.Account, error) {
	o, err := u.Order(n.Order, work.OpCreateAccount)
	if err != nil {
		return nil, nil, err
	}
	if err := n.Locate(o.Domain); err != nil {
		return nil, nil, err
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, n.Local)
	if err != nil || held == nil {
		return o, nil, err
	}
	if held.Kind != account.KindAccount {
		return nil, nil, routing.ErrTaken(held.Kind)
	}
	a, err := u.Tx.Account(u.Ctx, held.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return nil, nil, fault.Newf(fault.Internal, "Account %d is missing", held.AccountID)
	}
	return o, a, nil
}
