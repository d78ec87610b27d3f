package routing

import (
	"context"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
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
	Targets   []Target // each account once; one but for a forwarder, which can have none
	Forwarded []Target // accounts of the order that the target forwards to; a forwarder's are Targets
	Outside   []string // addresses elsewhere that get a copy, each once; never without Origin
	Origin    string   // the own address of the account or forwarder that was asked for, whatever name it was asked by
}

// Target is an account that gets a copy.
type Target struct {
	AccountID int64
	Email     string // its own address
	Responds  bool   // its autoresponder is in force
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

// ResolveRecipient finds who gets mail to local@domain: the account itself, the
// one that holds the alias, the members of the forwarder, or the catch-all; and
// whom these forward to. Suspensions do not stop it, but for abuse found by the
// platform (T-16), which a forwarder's other members don't feel; who is suspended
// forwards nothing. Whether there is room is for the mail store to say.
//
// Ways within the order are followed to their ends here, each address once, so
// that there is nothing to go round in. What leads elsewhere, to another order's
// domain too, is Outside: there the mail's own trace ends a loop.
func (s *Service) ResolveRecipient(ctx context.Context, local, domain string) (*Recipient, error) {
	local, domain = strings.ToLower(local), strings.ToLower(domain)
	if !work.Storable(local) || !work.Storable(domain) {
		return nil, errNoSuchMailbox
	}
	var out *Recipient
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		o, err := servingOrder(u, domain)
		if err != nil {
			return err
		}
		if err := u.Enter(o.PartnerID); err != nil {
			return err
		}
		via, a, f, err := wayOf(u, o, local)
		if err != nil {
			return err
		}
		if via == ViaDirect && domain != o.Domain {
			via = ViaAlias // the copy tells by which name
		}
		e := &expansion{u: u, o: o}
		if out, err = e.recipient(via, a, f); err != nil {
			return err
		}
		out.OrderID, out.PartnerID, out.Sandbox, out.Via = o.ID, o.PartnerID, u.ClockID != 0, via
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// servingOrder gives the order that takes a domain's mail, or says why none does.
func servingOrder(u *work.Unit, domain string) (*order.Order, error) {
	o, err := orderAt(u, domain)
	if err != nil {
		return nil, err
	}
	switch {
	case o == nil:
		return nil, whyNotServed(u, domain)
	case o.PendingPayment:
		return nil, errOrderPending
	case !o.InService():
		return nil, errNotServiceable
	case !o.AcceptsMail():
		return nil, errDomainSuspended
	}
	return o, nil
}

// orderAt gives the order that has a domain, as its own or as an alias; nil: none.
func orderAt(u *work.Unit, domain string) (*order.Order, error) {
	o, err := u.Tx.ServiceableOrder(u.Ctx, domain)
	if err != nil || o != nil {
		return o, err
	}
	a, err := u.Tx.ActiveAlias(u.Ctx, domain)
	if err != nil || a == nil {
		return nil, err
	}
	return u.Tx.Order(u.Ctx, a.OrderID)
}

func whyNotServed(u *work.Unit, domain string) error {
	orders, err := u.Tx.OrdersOfDomain(u.Ctx, domain)
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

// wayOf finds what a local part is: an account, or a forwarder.
func wayOf(u *work.Unit, o *order.Order, local string) (Via, *account.Account, *forwarder.Forwarder, error) {
	held, err := u.Tx.Address(u.Ctx, o.ID, local)
	if err != nil {
		return "", nil, nil, err
	}
	switch {
	case held == nil:
		via, a, err := unknownAddress(u, o, local)
		return via, a, nil, err
	case held.Kind == account.KindForwarder:
		f, err := u.Tx.Forwarder(u.Ctx, o.ID, local)
		if err == nil && f == nil {
			err = errNoSuchMailbox
		}
		return ViaForwarder, nil, f, err
	}
	a, err := u.Tx.Account(u.Ctx, held.AccountID)
	if err != nil {
		return "", nil, nil, err
	}
	if a == nil || !a.Live() {
		return "", nil, nil, errNoSuchMailbox
	}
	via := ViaDirect
	if held.Kind == account.KindAlias {
		via = ViaAlias
	}
	return via, a, nil, nil
}

// unknownAddress: a domain without an own postmaster has one all the same
// (RFC 5321 section 4.5.1), who is no matter for a catch-all: the oldest live
// admin account, else the oldest account. Everything else is the catch-all's.
func unknownAddress(u *work.Unit, o *order.Order, local string) (Via, *account.Account, error) {
	if local != "postmaster" {
		a, err := catchAll(u, o)
		if err != nil {
			return "", nil, err
		}
		if a == nil {
			return "", nil, errNoSuchMailbox
		}
		return ViaCatchAll, a, nil
	}
	accounts, err := u.Tx.AccountsByOrder(u.Ctx, o.ID, false)
	if err != nil {
		return "", nil, err
	}
	for _, a := range accounts {
		if a.IsAdmin {
			return ViaAlias, a, nil
		}
	}
	if len(accounts) == 0 {
		return "", nil, errNoSuchMailbox
	}
	return ViaAlias, accounts[0], nil
}
