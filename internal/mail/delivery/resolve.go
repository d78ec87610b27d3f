package delivery

import (
	"context"
	"strings"

	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

var errNoMailbox = fault.New(fault.AccountNotFound, "No such mailbox")

var errFull = &fault.Error{Code: fault.OverQuota, Reason: "MAILBOX_FULL", Text: "The mailbox is full", Temporary: true}

// Resolve says who gets mail from outside to an address. Faults carry a Reason:
// NO_SUCH_DOMAIN, NO_SUCH_MAILBOX, MAILBOX_SUSPENDED, NOT_SERVICEABLE, or
// MAILBOX_FULL, which is temporary.
func (s *Service) Resolve(ctx context.Context, addr mailaddr.Address) (*Recipient, error) {
	return s.ResolveSize(ctx, addr, 0)
}

// ResolveSize is Resolve when the size of the message is known (SIZE in MAIL):
// a mailbox in which it has no room is full.
func (s *Service) ResolveSize(ctx context.Context, addr mailaddr.Address, size int64) (*Recipient, error) {
	if addr.Domain == "" && strings.EqualFold(addr.Local, "postmaster") {
		return &Recipient{Address: addr, Postmaster: true}, nil
	}
	if addr.Domain == "" {
		return nil, fault.New(fault.NotFound, "The address has no domain").WithReason("NO_SUCH_DOMAIN")
	}
	if s.queue.IsForwardSender(addr) {
		from, err := s.queue.ForwardSender(ctx, addr)
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.AccountNotFound, "No such mailbox").WithReason("NO_SUCH_MAILBOX")
		}
		if err != nil {
			return nil, err
		}
		return &Recipient{Address: addr, Bounced: from}, nil
	}
	to, err := s.dir.ResolveRecipient(ctx, addr.Key(), addr.Domain)
	if err != nil {
		return nil, err
	}
	r := &Recipient{Address: addr, Via: to.Via, OrderID: to.OrderID, PartnerID: to.PartnerID, Sandbox: to.Sandbox, Outside: to.Outside, Origin: to.Origin}
	for _, t := range to.Targets {
		r.Accounts = append(r.Accounts, t.AccountID)
		if t.Responds {
			r.Responds = append(r.Responds, t.AccountID)
		}
	}
	for _, t := range to.Forwarded {
		r.Forwarded = append(r.Forwarded, t.AccountID)
		if t.Responds {
			r.Responds = append(r.Responds, t.AccountID)
		}
	}
	if err := s.room(ctx, r, size); err != nil {
		return nil, err
	}
	return r, nil
}

// Room judges resolved recipients again, at DATA, when the size of the message is
// known. The error is that of the first recipient without room; RFC 5321 has one
// reply for all of them.
func (s *Service) Room(ctx context.Context, recipients []*Recipient, size int64) error {
	for _, r := range recipients {
		if r.Postmaster || !r.Bounced.IsZero() {
			continue
		}
		if err := s.room(ctx, r, size); err != nil {
			return err
		}
	}
	return nil
}

// room: a forwarder has room if one of its members has, or is elsewhere; for the
// others the message will wait in the queue.
func (s *Service) room(ctx context.Context, r *Recipient, size int64) error {
	if r.Via == routing.ViaForwarder && len(r.Outside) > 0 {
		return nil
	}
	usages, err := s.mail.Usages(ctx, r.Accounts)
	if err != nil {
		return err
	}
	for _, id := range r.Accounts {
		if u, there := usages[id]; there && u.Fits(size) {
			return nil
		}
	}
	if len(usages) == 0 {
		return errNoMailbox
	}
	return errFull
}
