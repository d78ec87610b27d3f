package delivery

import (
	"context"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

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
	to, err := s.dir.ResolveRecipient(ctx, addr.Key(), addr.Domain)
	if err != nil {
		return nil, err
	}
	r := &Recipient{Address: addr, AccountID: to.AccountID, OrderID: to.OrderID, PartnerID: to.PartnerID}
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
		if r.Postmaster {
			continue
		}
		if err := s.room(ctx, r, size); err != nil {
			return err
		}
	}
	return nil
}

// room: a mailbox that is full to the brim takes nothing; one with room takes
// what fits.
func (s *Service) room(ctx context.Context, r *Recipient, size int64) error {
	u, err := s.mail.Usage(ctx, r.AccountID)
	if err != nil {
		return err
	}
	if u.LimitBytes > 0 && (u.UsedBytes >= u.LimitBytes || u.UsedBytes+size > u.LimitBytes) {
		return errFull
	}
	return nil
}
