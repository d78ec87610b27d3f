package schedule

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/due"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// DueItems lists the calendar for the operator, what is tried next first.
func (s *Service) DueItems(ctx context.Context, actor audit.Actor, f work.DueFilter, limit int) ([]*due.Item, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []*due.Item
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.DueItems(u.Ctx, f, max(1, min(limit, work.MaxFound)))
		return err
	})
	return out, err
}

// RetryDue makes an item that failed be tried at once. One that is still to come
// keeps its time.
func (s *Service) RetryDue(ctx context.Context, actor audit.Actor, k due.Kind, objectID int64) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		i, err := u.Tx.Due(u.Ctx, k, objectID)
		if err != nil {
			return err
		}
		if i == nil {
			return fault.New(fault.NotFound, "There is nothing of that kind in the calendar")
		}
		if _, err := u.Tx.RetryDue(u.Ctx, k, objectID, i.At); err != nil {
			return err
		}
		return u.Record(i.PartnerID, "due.retry", string(k), objectID, work.Detail{"attempts": i.Attempts})
	})
}

// SweepDue looks at a bounded number of objects of one kind, from where it came to
// last, and puts right what the calendar does not know of them. more is false
// when it has come to the end; the next call begins anew. due.Order stands for
// all that is due of orders by their rows: they are read once.
func (s *Service) SweepDue(ctx context.Context, actor audit.Actor, k due.Kind, limit int) (repaired int, more bool, err error) {
	if err := work.CheckOperator(actor); err != nil {
		return 0, false, err
	}
	var wrong []work.Missing
	var after, last int64
	err = s.Read(ctx, actor, func(u *work.Unit) (err error) {
		wrong, last = nil, 0
		if after, _, err = u.Tx.SweepCursor(u.Ctx, k); err != nil {
			return err
		}
		wrong, last, more, err = unscheduled(u, k, after, limit)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		repaired = 0
		for _, m := range wrong {
			if err := schedule(u, m); err != nil {
				return err
			}
			repaired++
		}
		if more {
			return u.Tx.PutSweepCursor(u.Ctx, k, last, nil)
		}
		now := u.Real
		return u.Tx.PutSweepCursor(u.Ctx, k, 0, &now)
	})
	return repaired, more, err
}

// unscheduled gives those of some objects whose item is not what it must be.
func unscheduled(u *work.Unit, k due.Kind, after int64, limit int) (wrong []work.Missing, last int64, more bool, err error) {
	switch k {
	case due.Order:
		list, err := u.Tx.OrdersAfter(u.Ctx, sweptOfOrders, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, o := range list {
			last = o.ID
			for _, k := range sweptOfOrders {
				bad, err := misses(u, k, o.Order, o.Items[k])
				if err != nil {
					return nil, 0, false, err
				}
				if bad {
					wrong = append(wrong, work.Missing{Kind: k, ID: o.ID})
				}
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.Account:
		list, err := u.Tx.AccountsAfter(u.Ctx, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, a := range list {
			last = a.ID
			at := a.NextDue()
			if (a.Item == nil) != (at == nil) || at != nil && !a.Item.At.Equal(*at) {
				wrong = append(wrong, work.Missing{Kind: k, ID: a.ID})
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.MailService:
		list, err := u.Tx.OpenMailServicesAfter(u.Ctx, after, limit)
		if err != nil {
			return nil, 0, false, err
		}
		for _, m := range list {
			last = m.OrderID
			if m.Item != nil {
				continue
			}
			o, err := u.Tx.Order(u.Ctx, m.OrderID)
			if err != nil {
				return nil, 0, false, err
			}
			if o != nil && mailboxes.SetsUp(o) {
				wrong = append(wrong, work.Missing{Kind: k, ID: o.ID})
			}
		}
		return wrong, last, len(list) == limit, nil
	case due.CustomerFunds, due.ResellerFunds:
		return selling.Unsettled(u, k, after, limit)
	case due.Renewal, due.DNS, due.Export:
	}
	return nil, 0, false, fault.Newf(fault.Invalid, "Nothing is swept of what is due as %q", k)
}

// sweptOfOrders are the kinds that a sweep of orders looks at.
var sweptOfOrders = []due.Kind{due.Order, due.Renewal, due.DNS}

// misses reports whether an order's item is not what it must be. When its domain
// is looked up next nobody can tell exactly, and an item too many ends by itself:
// there it is enough that there is one.
func misses(u *work.Unit, k due.Kind, o *order.Order, item *due.Item) (bad bool, err error) {
	if k == due.Order {
		step, at := o.NextDue(u.Spans())
		return (item == nil) != (step == order.StepNone) || item != nil && !item.At.Equal(at), nil
	}
	err = u.Within(o.PartnerID, func() error {
		var next *time.Time
		switch {
		case k == due.Renewal:
			if next = o.RenewsAt(); item != nil {
				bad = next == nil || !item.At.Equal(*next)
				return nil
			}
			if next != nil && !u.Now.Before(*next) {
				done, err := selling.RenewalEnded(u, o, *next)
				bad = !done
				return err
			}
		case item == nil:
			if next, err = dnssetup.NextDNS(u, o); err != nil {
				return err
			}
		}
		bad = next != nil
		return nil
	})
	return bad, err
}

func schedule(u *work.Unit, m work.Missing) error {
	switch m.Kind {
	case due.Account:
		a, err := u.Tx.Account(u.Ctx, m.ID)
		if err != nil || a == nil {
			return err
		}
		return u.RemindAccount(a)
	case due.CustomerFunds, due.ResellerFunds:
		return selling.ScheduleFunds(u, m)
	case due.Order, due.Renewal, due.DNS, due.Export, due.MailService:
	}
	o, err := u.Tx.Order(u.Ctx, m.ID)
	if err != nil || o == nil {
		return err
	}
	switch m.Kind {
	case due.Renewal:
		return u.RemindRenewal(o)
	case due.DNS:
		return u.Within(o.PartnerID, func() error { return dnssetup.RemindDNS(u, o) })
	case due.MailService:
		return u.Within(o.PartnerID, func() error { return mailboxes.ResumeMailService(u, o) })
	}
	return u.RemindOrder(o)
}
