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

// missing is an object whose item in the calendar is not what it must be.
type missing struct {
	kind due.Kind
	id   int64
}

// SweepDue looks at a bounded number of objects of one kind, from where it came to
// last, and puts right what the calendar does not know of them. more is false
// when it has come to the end; the next call begins anew. due.Order stands for
// all that is due of orders by their rows: they are read once.
func (s *Service) SweepDue(ctx context.Context, actor audit.Actor, k due.Kind, limit int) (repaired int, more bool, err error) {
	if err := checkOperator(actor); err != nil {
		return 0, false, err
	}
	var wrong []missing
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
		for _, m := range wrong {
			if err := u.schedule(m); err != nil {
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
func (u *unit) unscheduled(k due.Kind, after int64, limit int) (wrong []missing, last int64, more bool, err error) {
	switch k {
	case due.Order:
		list, err := u.tx.OrdersAfter(u.ctx, SweptOfOrders, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, o := range list {
			last = o.ID
			for _, k := range SweptOfOrders {
				bad, err := u.misses(k, o.Order, o.Items[k])
				if err != nil {
					return nil, 0, false, err
				}
				if bad {
					wrong = append(wrong, missing{k, o.ID})
				}
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
				wrong = append(wrong, missing{k, a.ID})
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
				wrong = append(wrong, missing{k, o.ID})
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.CustomerFunds, due.ResellerFunds:
		return u.unsettled(k, after, limit)
	case due.Renewal, due.DNS, due.Export:
	}
	return nil, 0, false, fault.Newf(fault.Invalid, "Nothing is swept of what is due as %q", k)
}

// SweptOfOrders are the kinds that a sweep of orders looks at.
var SweptOfOrders = []due.Kind{due.Order, due.Renewal, due.DNS}

// misses reports whether an order's item is not what it must be. When its domain
// is looked up next nobody can tell exactly, and an item too many ends by itself:
// there it is enough that there is one.
func (u *unit) misses(k due.Kind, o *order.Order, item *due.Item) (bad bool, err error) {
	if k == due.Order {
		step, at := o.NextDue(u.spans())
		return (item == nil) != (step == order.StepNone) || item != nil && !item.At.Equal(at), nil
	}
	err = u.within(o.PartnerID, func() error {
		var next *time.Time
		switch {
		case k == due.Renewal:
			if next = o.RenewsAt(); item != nil {
				bad = next == nil || !item.At.Equal(*next)
				return nil
			}
			if next != nil && !u.now.Before(*next) {
				done, err := u.renewalEnded(o, *next)
				bad = !done
				return err
			}
		case item == nil:
			if next, err = u.nextDNS(o); err != nil {
				return err
			}
		}
		bad = next != nil
		return nil
	})
	return bad, err
}

func (u *unit) schedule(m missing) error {
	switch m.kind {
	case due.Account:
		a, err := u.tx.Account(u.ctx, m.id)
		if err != nil || a == nil {
			return err
		}
		return u.remindAccount(a)
	case due.CustomerFunds, due.ResellerFunds:
		return u.scheduleFunds(m)
	case due.Order, due.Renewal, due.DNS, due.Export, due.MailService:
	}
	o, err := u.tx.Order(u.ctx, m.id)
	if err != nil || o == nil {
		return err
	}
	switch m.kind {
	case due.Renewal:
		return u.remindRenewal(o)
	case due.DNS:
		return u.within(o.PartnerID, func() error { return u.remindDNS(o) })
	case due.MailService:
		return u.within(o.PartnerID, func() error { return u.resumeMailService(o) })
	}
	return u.remindOrder(o)
}
