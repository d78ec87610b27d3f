package provision

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// Via says how an address leads to mailboxes.
type Via string

// The ways. Only a copy that came directly goes without Delivered-To.
const (
	ViaDirect    Via = "direct"
	ViaAlias     Via = "alias" // also a domain's postmaster who has no address of that name
	ViaForwarder Via = "forwarder"
	ViaCatchAll  Via = "catch-all"
)

// Recipient is what becomes of mail to an address.
type Recipient struct {
	OrderID   int64
	PartnerID int64
	Sandbox   bool // the partner is one
	Via       Via
	Targets   []Target // each account once; never none; one but for a forwarder
}

// Target is an account that gets a copy.
type Target struct {
	AccountID int64
	Email     string // its own address
}

// Reasons why mail from outside is refused.
const (
	ReasonNoSuchDomain     = "NO_SUCH_DOMAIN"
	ReasonNoSuchMailbox    = "NO_SUCH_MAILBOX"
	ReasonMailboxSuspended = "MAILBOX_SUSPENDED"
	ReasonNotServiceable   = "NOT_SERVICEABLE"
	ReasonOrderPending     = "ORDER_PENDING"
)

var (
	errNoSuchDomain     = fault.New(fault.OrderNotFound, "The domain is not served here").WithReason(ReasonNoSuchDomain)
	errNotServiceable   = fault.New(fault.OrderNotFound, "The domain takes no mail here").WithReason(ReasonNotServiceable)
	errOrderPending     = fault.New(fault.OrderNotFound, "The domain is not in service yet").WithReason(ReasonOrderPending)
	errDomainSuspended  = fault.New(fault.OrderNotFound, "The domain is suspended").WithReason(ReasonMailboxSuspended)
	errNoSuchMailbox    = fault.New(fault.AccountNotFound, "No such mailbox").WithReason(ReasonNoSuchMailbox)
	errMailboxSuspended = fault.New(fault.AccountNotFound, "The mailbox is suspended").WithReason(ReasonMailboxSuspended)
)

// ResolveRecipient finds the accounts that mail to local@domain goes to: the
// account itself, the one that holds the alias, the members of the forwarder, or
// the catch-all. Suspensions do not stop it, but for abuse found by the platform
// (T-16), which a forwarder's other members don't feel; whether there is room is
// for the mail store to say.
//
// A forwarder's members are accounts, never forwarders: no way leads on from
// here, so that there is nothing to go round in.
func (s *Service) ResolveRecipient(ctx context.Context, local, domain string) (*Recipient, error) {
	local, domain = strings.ToLower(local), strings.ToLower(domain)
	if !storable(local) || !storable(domain) {
		return nil, errNoSuchMailbox
	}
	var out *Recipient
	err := s.read(ctx, platform, func(u *unit) error {
		o, err := u.servingOrder(domain)
		if err != nil {
			return err
		}
		if err := u.enter(o.PartnerID); err != nil {
			return err
		}
		via, accounts, err := u.mailboxes(o, local)
		if err != nil {
			return err
		}
		out = &Recipient{OrderID: o.ID, PartnerID: o.PartnerID, Sandbox: u.clockID != 0, Via: via}
		for _, a := range accounts {
			if a.Live() && !a.Suspensions.RefusesInbound() {
				out.Targets = append(out.Targets, Target{AccountID: a.ID, Email: a.Email()})
			}
		}
		if len(out.Targets) == 0 {
			return errMailboxSuspended
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// servingOrder gives the order that takes a domain's mail, or says why none does.
func (u *unit) servingOrder(domain string) (*order.Order, error) {
	o, err := u.tx.ServiceableOrder(u.ctx, domain)
	if err != nil {
		return nil, err
	}
	switch {
	case o == nil:
		return nil, u.whyNotServed(domain)
	case o.PendingPayment:
		return nil, errOrderPending
	case !o.InService():
		return nil, errNotServiceable
	case !o.AcceptsMail():
		return nil, errDomainSuspended
	}
	return o, nil
}

func (u *unit) whyNotServed(domain string) error {
	orders, err := u.tx.OrdersOfDomain(u.ctx, domain)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.Live() && o.PendingPayment {
			return errOrderPending
		}
		if o.Live() {
			return errNotServiceable
		}
	}
	return errNoSuchDomain
}

// mailboxes finds who gets mail for a local part.
func (u *unit) mailboxes(o *order.Order, local string) (Via, []*account.Account, error) {
	held, err := u.tx.Address(u.ctx, o.ID, local)
	if err != nil {
		return "", nil, err
	}
	switch {
	case held == nil:
		return u.unknownAddress(o, local)
	case held.Kind == account.KindForwarder:
		return u.forwarded(o, local)
	}
	a, err := u.tx.Account(u.ctx, held.AccountID)
	if err != nil {
		return "", nil, err
	}
	if a == nil || !a.Live() {
		return "", nil, errNoSuchMailbox
	}
	via := ViaDirect
	if held.Kind == account.KindAlias {
		via = ViaAlias
	}
	return via, []*account.Account{a}, nil
}

func (u *unit) forwarded(o *order.Order, local string) (Via, []*account.Account, error) {
	f, err := u.tx.Forwarder(u.ctx, o.ID, local)
	if err != nil {
		return "", nil, err
	}
	if f == nil {
		return "", nil, errNoSuchMailbox
	}
	for _, m := range f.Members {
		if m.External() { // better late than lost: see forwarder.Member
			return "", nil, fault.Unavail("Forwarding to other hosts is not possible", nil)
		}
	}
	accounts, err := u.tx.Accounts(u.ctx, f.Accounts())
	if err == nil && len(accounts) == 0 {
		err = errNoSuchMailbox
	}
	return ViaForwarder, accounts, err
}

// unknownAddress: a domain without an own postmaster has one all the same
// (RFC 5321 section 4.5.1), who is no matter for a catch-all: the oldest live
// admin account, else the oldest account. Everything else is the catch-all's.
func (u *unit) unknownAddress(o *order.Order, local string) (Via, []*account.Account, error) {
	if local != "postmaster" {
		a, err := u.catchAll(o)
		if err != nil {
			return "", nil, err
		}
		if a == nil {
			return "", nil, errNoSuchMailbox
		}
		return ViaCatchAll, []*account.Account{a}, nil
	}
	accounts, err := u.tx.AccountsByOrder(u.ctx, o.ID, false)
	if err != nil {
		return "", nil, err
	}
	for _, a := range accounts {
		if a.IsAdmin {
			return ViaAlias, []*account.Account{a}, nil
		}
	}
	if len(accounts) == 0 {
		return "", nil, errNoSuchMailbox
	}
	return ViaAlias, accounts[:1], nil
}
