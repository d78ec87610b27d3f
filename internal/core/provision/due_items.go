package provision

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// DueItems lists the calendar for the operator, what is tried next first.
func (s *Service) DueItems(ctx context.Context, actor audit.Actor, f DueFilter, limit int) ([]*due.Item, error) {
	if err := checkOperator(actor); err != nil {
		return nil, err
	}
	var out []*due.Item
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.tx.DueItems(u.ctx, f, max(1, min(limit, maxFound)))
		return err
	})
	return out, err
}

// RetryDue makes an item that failed be tried at once. One that is still to come
// keeps its time.
func (s *Service) RetryDue(ctx context.Context, actor audit.Actor, k due.Kind, objectID int64) error {
	if err := checkOperator(actor); err != nil {
		return err
	}
	return s.write(ctx, actor, func(u *unit) error {
		i, err := u.tx.Due(u.ctx, k, objectID)
		if err != nil {
			return err
		}
		if i == nil {
			return fault.New(fault.NotFound, "There is nothing of that kind in the calendar")
		}
		if _, err := u.tx.RetryDue(u.ctx, k, objectID, i.At); err != nil {
			return err
		}
		return u.record(i.PartnerID, "due.retry", string(k), objectID, detail{"attempts": i.Attempts})
	})
}

// SweepDue looks at a bounded number of objects of one kind, from where it came to
// last, and puts right what the calendar does not know of them. more is false
// when it has come to the end; the next call begins anew.
func (s *Service) SweepDue(ctx context.Context, actor audit.Actor, k due.Kind, limit int) (repaired int, more bool, err error) {
	if err := checkOperator(actor); err != nil {
		return 0, false, err
	}
	var wrong []int64
	var after, last int64
	err = s.read(ctx, actor, func(u *unit) (err error) {
		wrong, last = nil, 0
		if after, _, err = u.tx.SweepCursor(u.ctx, k); err != nil {
			return err
		}
		wrong, last, more, err = u.unscheduled(k, after, limit)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	err = s.write(ctx, actor, func(u *unit) error {
		repaired = 0
		for _, id := range wrong {
			if err := u.schedule(k, id); err != nil {
				return err
			}
			repaired++
		}
		if more {
			return u.tx.PutSweepCursor(u.ctx, k, last, nil)
		}
		now := u.real
		return u.tx.PutSweepCursor(u.ctx, k, 0, &now)
	})
	return repaired, more, err
}

// unscheduled gives those of some objects whose item is not what it must be.
func (u *unit) unscheduled(k due.Kind, after int64, limit int) (wrong []int64, last int64, more bool, err error) {
	switch k {
	case due.Order, due.Renewal, due.DNS:
		list, err := u.tx.OrdersAfter(u.ctx, k, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, o := range list {
			last = o.ID
			bad, err := u.misses(k, o)
			if err != nil {
				return nil, 0, false, err
			}
			if bad {
				wrong = append(wrong, o.ID)
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.Account:
		list, err := u.tx.AccountsAfter(u.ctx, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, a := range list {
			last = a.ID
			at := a.NextDue()
			if (a.Item == nil) != (at == nil) || at != nil && !a.Item.At.Equal(*at) {
				wrong = append(wrong, a.ID)
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.MailService:
		list, err := u.tx.OpenMailServicesAfter(u.ctx, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, m := range list {
			last = m.OrderID
			if m.Item != nil {
				continue
			}
			o, err := u.tx.Order(u.ctx, m.OrderID)
			if err != nil {
				return nil, 0, false, err
			}
			if o != nil && setsUp(o) {
				wrong = append(wrong, o.ID)
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.Export, due.CustomerFunds, due.ResellerFunds:
	}
	return nil, 0, false, fault.Newf(fault.Invalid, "Nothing is known of what is due as %q", k)
}

// misses reports whether an order's item is not what it must be. When its domain
// is looked up next nobody can tell exactly, and an item too many ends by itself:
// there it is enough that there is one.
func (u *unit) misses(k due.Kind, o ScheduledOrder) (bad bool, err error) {
	if k == due.Order {
		step, at := o.NextDue(u.spans())
		return (o.Item == nil) != (step == order.StepNone) || o.Item != nil && !o.Item.At.Equal(at), nil
	}
	err = u.within(o.PartnerID, func() error {
		var next *time.Time
		switch {
		case k == due.Renewal:
			if next = o.RenewsAt(); o.Item != nil {
				bad = next == nil || !o.Item.At.Equal(*next)
				return nil
			}
			if next != nil && !u.now.Before(*next) {
				done, err := u.renewalEnded(o.Order, *next)
				bad = !done
				return err
			}
		case o.Item == nil:
			if next, err = u.nextDNS(o.Order); err != nil {
				return err
			}
		}
		bad = next != nil
		return nil
	})
	return bad, err
}

func (u *unit) schedule(k due.Kind, id int64) error {
	if k != due.Account {
		o, err := u.tx.Order(u.ctx, id)
		if err != nil || o == nil {
			return err
		}
		switch k {
		case due.Renewal:
			return u.remindRenewal(o)
		case due.DNS:
			return u.within(o.PartnerID, func() error { return u.remindDNS(o) })
		case due.MailService:
			return u.within(o.PartnerID, func() error { return u.resumeMailService(o) })
		}
		return u.remindOrder(o)
	}
	a, err := u.tx.Account(u.ctx, id)
	if err != nil || a == nil {
		return err
	}
	return u.remindAccount(a)
}
