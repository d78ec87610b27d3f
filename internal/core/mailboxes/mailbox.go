package mailboxes

import (
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailboxStatus is what the BaseKit dialect shows of a mailbox (basekit.md 4.4, B-05).
type MailboxStatus string

// The statuses.
const (
	MailboxPending   MailboxStatus = "pending"
	MailboxActive    MailboxStatus = "active"
	MailboxFailed    MailboxStatus = "failed"
	MailboxSuspended MailboxStatus = "suspended"
)

// Mailbox is an email account in that dialect.
type Mailbox struct {
	AccountID int64
	OrderID   int64
	Local     string
	Domain    string
	Status    MailboxStatus
}

// Email is the mailbox's address.
func (m *Mailbox) Email() string { return m.Local + "@" + m.Domain }

// OfDomain names an order by its account holder: another holder's does not exist.
type OfDomain struct {
	CustomerID int64
	OrderID    int64
}

// MailboxRef names a mailbox by its local part, or by its address in the
// order's domain.
type MailboxRef struct {
	OfDomain

	User string
}

// Reasons of what is wrong with a mailbox.
const (
	ReasonPasswordShort  = "PASSWORD_TOO_SHORT"
	ReasonPassword       = "INVALID_PASSWORD"
	ReasonLoginSuspended = "LOGIN_SUSPENDED"
)

var errLoginSuspended = fault.New(fault.Forbidden, "The mailbox is suspended").WithReason(ReasonLoginSuspended)

// ofDomain finds the order and its holder.
func ofDomain(u *work.Unit, ref OfDomain, op work.Operation) (*order.Order, *customer.Customer, error) {
	c, err := u.Customer(ref.CustomerID)
	if err != nil {
		return nil, nil, err
	}
	o, err := u.FindOrder(work.OrderRef{ID: max(ref.OrderID, -1)})
	if fault.Is(err, fault.Invalid) || err == nil && o.CustomerID != c.ID {
		err = work.ErrOrder
	}
	if err != nil {
		return nil, nil, err
	}
	return o, c, u.CheckOrder(o, op)
}

// local reads which mailbox of a domain is meant. Nothing is trimmed: an address
// in a path is written as it is.
func (r MailboxRef) local(domain string) (string, error) {
	email := r.User
	if strings.TrimSpace(email) != email {
		return "", fault.New(fault.Invalid, "The email address is not valid").WithReason(account.ReasonInvalidEmail)
	}
	if !strings.Contains(email, "@") {
		email += "@" + domain
	}
	return account.ParseEmail(email, domain)
}

// liveMailbox finds a mailbox that is not deleted. A deleted order has none, and
// what can't be an address is nobody's.
func liveMailbox(u *work.Unit, ref MailboxRef, op work.Operation) (*order.Order, *account.Account, error) {
	o, _, err := ofDomain(u, ref.OfDomain, op)
	if err != nil {
		return nil, nil, err
	}
	local, err := ref.local(o.Domain)
	if err != nil || !o.Live() {
		return nil, nil, work.ErrAccount
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, local)
	if err != nil {
		return nil, nil, err
	}
	if held == nil || held.Kind != account.KindAccount {
		return nil, nil, work.ErrAccount
	}
	a, err := u.Tx.Account(u.Ctx, held.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if a == nil || !a.Live() {
		return nil, nil, work.ErrAccount
	}
	return o, a, u.AdmitAccount(a)
}

// mailboxStatus is B-05: s is the order's mail service.
func mailboxStatus(u *work.Unit, o *order.Order, s *mailservice.Service, suspended bool) MailboxStatus {
	status := o.Status(u.Now)
	switch {
	case s.Broken():
		return MailboxFailed
	case suspended, status == order.Suspended:
		return MailboxSuspended
	case status != order.Active, !s.Ready():
		return MailboxPending
	}
	return MailboxActive
}
