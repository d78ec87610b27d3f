package routing

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// SetAutoresponder is resellerclub.md section 9 row 10. What is nil stays as it is.
type SetAutoresponder struct {
	Account       work.AccountRef
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
	var f work.Fields
	if cmd.Subject != nil {
		v := f.Line("subject", *cmd.Subject, autoresponder.MaxSubject)
		cmd.Subject = &v
	}
	if f.Err != nil {
		return f.Err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(cmd.Account, work.OpSetAutoresponder)
		if err != nil {
			return err
		}
		had, err := u.Tx.Autoresponder(u.Ctx, a.ID)
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
		if r.On && r.EndsAt != nil && !u.Now.Before(*r.EndsAt) {
			if cmd.EndsAt != nil {
				return fault.New(fault.Invalid, "The automatic reply ends in the past").WithReason(autoresponder.ReasonEnds)
			}
			r.EndsAt = nil // turned on again after its end
		}
		if err := r.Check(); err != nil {
			return err
		}
		r.UpdatedAt = u.Now
		if had != nil && sameAutoresponder(*had, r) {
			return nil
		}
		if err := u.Tx.PutAutoresponder(u.Ctx, &r); err != nil {
			return err
		}
		return tellAccount(u, o, a, "autoresponder.set", work.Detail{"on": r.On, "endsAt": r.EndsAt})
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
func (s *Service) Autoresponder(ctx context.Context, actor audit.Actor, ref work.AccountRef) (*autoresponder.Autoresponder, error) {
	var out *autoresponder.Autoresponder
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, a, err := u.Account(ref, work.OpRead)
		if err != nil {
			return err
		}
		if out, err = u.Tx.Autoresponder(u.Ctx, a.ID); err == nil && out == nil {
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
func (s *Service) ActiveAutoresponders(ctx context.Context, actor audit.Actor, ref work.OrderRef) (map[int64]bool, error) {
	var out map[int64]bool
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		out = map[int64]bool{}
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		list, err := u.Tx.AutorespondersOfOrder(u.Ctx, o.ID)
		for _, r := range list {
			if r.Answers(u.Now) {
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
