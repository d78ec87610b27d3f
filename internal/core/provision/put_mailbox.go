package provision

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// PutMailbox makes a mailbox or replaces the password of the one that is there
// (basekit.md 5.5, B-14).
type PutMailbox struct {
	Mailbox  MailboxRef
	Password string
}

// PutResult is the mailbox. A new one is shown as pending, whatever it is by now.
type PutResult struct {
	Mailbox

	Created bool
}

// minMailboxPassword is in characters, as B-14 has it.
const minMailboxPassword = 7

func checkMailboxPassword(password string) error {
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return fault.New(fault.Invalid, "The password holds characters that are not allowed").WithReason(ReasonPassword)
	case utf8.RuneCountInString(password) < minMailboxPassword:
		return fault.Newf(fault.Invalid, "The password is shorter than %d characters", minMailboxPassword).WithReason(ReasonPasswordShort)
	case len(password) > maxPassword:
		return fault.Newf(fault.Invalid, "The password is longer than %d bytes", maxPassword).WithReason(ReasonPassword)
	}
	return nil
}

// PutMailbox can be repeated: the password that is in force changes nothing,
// another one ends the mailbox's sessions. An order that waits for payment takes
// mailboxes, which can be used once it is in service.
func (s *Service) PutMailbox(ctx context.Context, actor audit.Actor, cmd PutMailbox) (*PutResult, error) {
	for attempt := 1; ; attempt++ {
		out, err := s.putMailbox(ctx, actor, cmd)
		if errors.Is(err, errOvertaken) && attempt < maxAttempts {
			continue
		}
		return out, err
	}
}

func (s *Service) putMailbox(ctx context.Context, actor audit.Actor, cmd PutMailbox) (*PutResult, error) {
	var found *account.Account
	err := s.read(ctx, actor, func(u *unit) error {
		p, err := u.placeOf(cmd.Mailbox)
		if err != nil {
			return err
		}
		if err := checkMailboxPassword(cmd.Password); err != nil {
			return err
		}
		if found = p.account; found == nil {
			return u.checkSeat(p.order)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	hash, was := "", "" // was: the hash that the password was found to match
	if found != nil && found.PasswordHash != "" {
		same, err := s.hasher.Verify(ctx, cmd.Password, found.PasswordHash)
		if err != nil {
			return nil, err
		}
		if same {
			was = found.PasswordHash
		}
	}
	if was == "" {
		if hash, err = s.hasher.Hash(ctx, cmd.Password); err != nil {
			return nil, err
		}
	}
	var out *PutResult
	err = s.write(ctx, actor, func(u *unit) (err error) {
		out, err = u.putMailbox(cmd, hash, was)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// place is where a mailbox is or can be made.
type place struct {
	order    *order.Order
	customer *customer.Customer
	local    string
	account  *account.Account // nil: the address is free
}

func (u *unit) placeOf(ref MailboxRef) (*place, error) {
	o, c, err := u.ofDomain(ref.OfDomain, opPutMailbox)
	if err != nil {
		return nil, err
	}
	p := &place{order: o, customer: c}
	if p.local, err = ref.local(o.Domain); err != nil {
		return nil, err
	}
	held, err := u.tx.Address(u.ctx, o.ID, p.local)
	if err != nil || held == nil {
		return p, err
	}
	if held.Kind != account.KindAccount {
		return nil, errTaken(held.Kind) // B-24
	}
	if p.account, err = u.tx.Account(u.ctx, held.AccountID); err == nil && p.account == nil {
		err = fault.Newf(fault.Internal, "Account %d is missing", held.AccountID)
	}
	return p, err
}

// putMailbox is the write transaction: everything is looked at again.
func (u *unit) putMailbox(cmd PutMailbox, hash, was string) (*PutResult, error) {
	p, err := u.placeOf(cmd.Mailbox)
	if err != nil {
		return nil, err
	}
	out := &PutResult{Mailbox: Mailbox{OrderID: p.order.ID, Local: p.local, Domain: p.order.Domain}}
	if p.account == nil {
		if hash == "" {
			return nil, errOvertaken // the mailbox that was there is gone
		}
		n := &newAccount{CreateEmailAccount: CreateEmailAccount{Password: cmd.Password}, local: p.local, hash: hash}
		made, err := u.insertAccount(p.order, p.customer, n)
		if err != nil {
			return nil, err
		}
		out.AccountID, out.Status, out.Created = made.AccountID, MailboxPending, true
		return out, nil
	}
	switch {
	case hash != "":
		if err := u.replacePassword(p.order, p.account, hash); err != nil {
			return nil, err
		}
	case p.account.PasswordHash != was:
		return nil, errOvertaken
	}
	service, err := u.mailServiceOf(p.order)
	if err != nil {
		return nil, err
	}
	out.AccountID, out.Status = p.account.ID, u.mailboxStatus(p.order, service, len(p.account.Suspensions) > 0)
	return out, nil
}

// replacePassword gives an account of o another password and ends its sessions.
func (u *unit) replacePassword(o *order.Order, a *account.Account, hash string) error {
	a.PasswordHash, a.UpdatedAt = hash, u.now
	if err := u.tx.UpdateAccount(u.ctx, a); err != nil {
		return err
	}
	if err := u.tx.DropPasswordToken(u.ctx, a.ID, 0); err != nil {
		return err
	}
	if err := u.tx.AccessChanged(u.ctx, o.ID, a.ID); err != nil {
		return err
	}
	return u.record(o.PartnerID, "email_account.change_password", "account", a.ID, nil)
}
