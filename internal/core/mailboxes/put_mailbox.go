package mailboxes

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
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
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
	case len(password) > work.MaxPassword:
		return fault.Newf(fault.Invalid, "The password is longer than %d bytes", work.MaxPassword).WithReason(ReasonPassword)
	}
	return nil
}

// PutMailbox can be repeated: the password that is in force changes nothing,
// another one ends the mailbox's sessions. An order that waits for payment takes
// mailboxes, which can be used once it is in service.
func (s *Service) PutMailbox(ctx context.Context, actor audit.Actor, cmd PutMailbox) (*PutResult, error) {
	for attempt := 1; ; attempt++ {
		out, err := s.putMailbox(ctx, actor, cmd)
		if errors.Is(err, ErrOvertaken) && attempt < MaxAttempts {
			continue
		}
		return out, err
	}
}

func (s *Service) putMailbox(ctx context.Context, actor audit.Actor, cmd PutMailbox) (*PutResult, error) {
	var found *account.Account
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := placeOf(u, cmd.Mailbox)
		if err != nil {
			return err
		}
		if err := checkMailboxPassword(cmd.Password); err != nil {
			return err
		}
		if found = p.account; found == nil {
			return checkSeat(u, p.order)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	hash, was := "", "" // was: the hash that the password was found to match
	if found != nil && found.PasswordHash != "" {
		same, err := s.Hasher.Verify(ctx, cmd.Password, found.PasswordHash)
		if err != nil {
			return nil, err
		}
		if same {
			was = found.PasswordHash
		}
	}
	if was == "" {
		if hash, err = s.Hasher.Hash(ctx, cmd.Password); err != nil {
			return nil, err
		}
	}
	var out *PutResult
	err = s.Write(ctx, actor, func(u *work.Unit) (err error) {
		out, err = putMailbox(u, cmd, hash, was)
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

func placeOf(u *work.Unit, ref MailboxRef) (*place, error) {
	o, c, err := ofDomain(u, ref.OfDomain, work.OpPutMailbox)
	if err != nil {
		return nil, err
	}
	p := &place{order: o, customer: c}
	if p.local, err = ref.local(o.Domain); err != nil {
		return nil, err
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, p.local)
	if err != nil || held == nil {
		return p, err
	}
	if held.Kind != account.KindAccount {
		return nil, routing.ErrTaken(held.Kind) // B-24
	}
	if p.account, err = u.Tx.Account(u.Ctx, held.AccountID); err == nil && p.account == nil {
		err = fault.Newf(fault.Internal, "Account %d is missing", held.AccountID)
	}
	return p, err
}

// putMailbox is the write transaction: everything is looked at again.
func putMailbox(u *work.Unit, cmd PutMailbox, hash, was string) (*PutResult, error) {
	p, err := placeOf(u, cmd.Mailbox)
	if err != nil {
		return nil, err
	}
	out := &PutResult{Mailbox: Mailbox{OrderID: p.order.ID, Local: p.local, Domain: p.order.Domain}}
	if p.account == nil {
		if hash == "" {
			return nil, ErrOvertaken // the mailbox that was there is gone
		}
		n := &NewAccount{CreateEmailAccount: CreateEmailAccount{Password: cmd.Password}, Local: p.local, Hash: hash}
		made, err := InsertAccount(u, p.order, p.customer, n)
		if err != nil {
			return nil, err
		}
		out.AccountID, out.Status, out.Created = made.AccountID, MailboxPending, true
		return out, nil
	}
	switch {
	case hash != "":
		if err := replacePassword(u, p.order, p.account, hash); err != nil {
			return nil, err
		}
	case p.account.PasswordHash != was:
		return nil, ErrOvertaken
	}
	service, err := mailServiceOf(u, p.order)
	if err != nil {
		return nil, err
	}
	out.AccountID, out.Status = p.account.ID, mailboxStatus(u, p.order, service, len(p.account.Suspensions) > 0)
	return out, nil
}

// replacePassword gives an account of o another password and ends its sessions.
func replacePassword(u *work.Unit, o *order.Order, a *account.Account, hash string) error {
	a.PasswordHash, a.UpdatedAt = hash, u.Now
	if err := u.Tx.UpdateAccount(u.Ctx, a); err != nil {
		return err
	}
	if err := u.Tx.DropPasswordToken(u.Ctx, a.ID, 0); err != nil {
		return err
	}
	if err := u.Tx.AccessChanged(u.Ctx, o.ID, a.ID); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "email_account.change_password", "account", a.ID, nil)
}
