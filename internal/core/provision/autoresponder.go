package provision

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/autoresponder"
	"posthouse/internal/fault"
)

// SetAutoresponder is resellerclub.md section 9 row 10. What is nil stays as it is.
type SetAutoresponder struct {
	Account       AccountRef
	On            bool
	Subject       *string
	Message       *string
	Format        *string // "text/plain" or "text/html"
	QuoteOriginal *bool
	Ends          *bool      // false: it has no end any more
	EndsAt        *time.Time // the first moment without it; with Ends nil or true
}

// SetAutoresponder turns a mailbox's automatic reply on or off. The end is in
// the partner's time.
func (s *Service) SetAutoresponder(ctx context.Context, actor audit.Actor, cmd SetAutoresponder) error {
	var f fields
	if cmd.Subject != nil {
		v := f.line("subject", *cmd.Subject, autoresponder.MaxSubject)
		cmd.Subject = &v
	}
	if f.err != nil {
		return f.err
	}
	return s.write(ctx, actor, func(u *unit) error {
		o, a, err := u.account(cmd.Account, opSetAutoresponder)
		if err != nil {
			return err
		}
		had, err := u.tx.Autoresponder(u.ctx, a.ID)
		if err != nil {
			return err
		}
		r := autoresponder.Autoresponder{AccountID: a.ID, OrderID: o.ID, Format: autoresponder.Plain}
		if had != nil {
			r = *had
		}
		r.On = cmd.On
		set(&r.Subject, cmd.Subject)
		set(&r.Message, cmd.Message)
		set(&r.Format, cmd.Format)
		set(&r.QuoteOriginal, cmd.QuoteOriginal)
		switch {
		case cmd.Ends != nil && !*cmd.Ends:
			r.EndsAt = nil
		case cmd.EndsAt != nil:
			at := cmd.EndsAt.UTC().Truncate(time.Microsecond)
			r.EndsAt = &at
		}
		if r.On && r.EndsAt != nil && !u.now.Before(*r.EndsAt) {
			if cmd.EndsAt != nil {
				return fault.New(fault.Invalid, "The automatic reply ends in the past").WithReason(autoresponder.ReasonEnds)
			}
			r.EndsAt = nil // turned on again after its end
		}
		if err := r.Check(); err != nil {
			return err
		}
		r.UpdatedAt = u.now
		if had != nil && sameAutoresponder(*had, r) {
			return nil
		}
		if err := u.tx.PutAutoresponder(u.ctx, &r); err != nil {
			return err
		}
		return u.tellAccount(o, a, "autoresponder.set", detail{"on": r.On, "endsAt": r.EndsAt})
	})
}

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func sameAutoresponder(a, b autoresponder.Autoresponder) bool {
	ends := a.EndsAt == nil && b.EndsAt == nil || a.EndsAt != nil && b.EndsAt != nil && a.EndsAt.Equal(*b.EndsAt)
	a.EndsAt, b.EndsAt, a.UpdatedAt, b.UpdatedAt = nil, nil, time.Time{}, time.Time{}
	return ends && a == b
}

// Autoresponder gives a mailbox's automatic reply; one that was never set is off.
func (s *Service) Autoresponder(ctx context.Context, actor audit.Actor, ref AccountRef) (*autoresponder.Autoresponder, error) {
	var out *autoresponder.Autoresponder
	err := s.read(ctx, actor, func(u *unit) error {
		o, a, err := u.account(ref, opRead)
		if err != nil {
			return err
		}
		if out, err = u.tx.Autoresponder(u.ctx, a.ID); err == nil && out == nil {
			out = &autoresponder.Autoresponder{AccountID: a.ID, OrderID: o.ID, Format: autoresponder.Plain}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ActiveAutoresponders gives the accounts of an order whose autoresponder is in
// force now.
func (s *Service) ActiveAutoresponders(ctx context.Context, actor audit.Actor, ref OrderRef) (map[int64]bool, error) {
	var out map[int64]bool
	err := s.read(ctx, actor, func(u *unit) error {
		out = map[int64]bool{}
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		list, err := u.tx.AutorespondersOfOrder(u.ctx, o.ID)
		for _, r := range list {
			if r.Answers(u.now) {
				out[r.AccountID] = true
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetMailUserAutoresponder is SetAutoresponder for the mailbox at an address.
func (s *Service) SetMailUserAutoresponder(ctx context.Context, actor audit.Actor, cmd SetAutoresponder) error {
	ref, err := s.mailboxRef(ctx, actor, cmd.Account, opSetAutoresponder)
	if err != nil {
		return err
	}
	cmd.Account = ref
	return s.SetAutoresponder(ctx, actor, cmd)
}
