package provision

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/order"
	"posthouse/internal/fault"
)

// beginMailService makes an order that is born one whose mail service is set up
// step by step, from the commit on or, when it waits for payment, from when it
// comes into service.
func (u *unit) beginMailService(o *order.Order) error {
	if err := u.tx.PutMailService(u.ctx, mailservice.Started(o.ID, o.PartnerID, u.now)); err != nil || o.PendingPayment {
		return err
	}
	now := u.now
	return u.remind(due.MailService, o.ID, o.PartnerID, &now)
}

// mailServiceOf gives an order's service; nil, which is ready, for one that was
// made in another dialect.
func (u *unit) mailServiceOf(o *order.Order) (*mailservice.Service, error) {
	return u.tx.MailService(u.ctx, o.ID)
}

// resumeMailService goes on with what waited while o was not in service.
func (u *unit) resumeMailService(o *order.Order) error {
	s, err := u.mailServiceOf(o)
	if err != nil || !s.Open() || !setsUp(o) {
		return err
	}
	now := u.now
	return u.remind(due.MailService, o.ID, o.PartnerID, &now)
}

// setsUp reports whether an order's service may be set up now.
func setsUp(o *order.Order) bool { return o.Live() && !o.PendingPayment }

// setUpMailService goes through the steps that are left. Each is durable before
// the next begins and can be done again; a worker's report in between ends it.
func (s *Service) setUpMailService(ctx context.Context, actor audit.Actor, orderID int64) error {
	for {
		o, was, err := s.openMailService(ctx, actor, orderID)
		if err != nil || was == nil {
			return err
		}
		failed := s.doMailServiceStep(ctx, actor, o, was.State)
		if err := s.endMailServiceStep(ctx, actor, o.ID, *was, failed); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
	}
}

// openMailService gives a service that is to be set up now, nil when there is nothing to do.
func (s *Service) openMailService(ctx context.Context, actor audit.Actor, orderID int64) (o *order.Order, m *mailservice.Service, err error) {
	err = s.read(ctx, actor, func(u *unit) error {
		o, m = nil, nil
		found, err := u.tx.Order(u.ctx, orderID)
		if err != nil || found == nil || !setsUp(found) {
			return err
		}
		service, err := u.mailServiceOf(found)
		if err == nil && service.Open() {
			o, m = found, service
		}
		return err
	})
	return o, m, err
}

// doMailServiceStep does what a state stands for.
func (s *Service) doMailServiceStep(ctx context.Context, actor audit.Actor, o *order.Order, state mailservice.State) error {
	switch state {
	case mailservice.DNS: // makes the keys
		_, err := s.DNSRecords(ctx, actor, OrderRef{ID: o.ID})
		return err
	case mailservice.Provision:
		return s.provisionMailboxes(ctx, actor, o)
	case mailservice.New, mailservice.Complete:
	}
	return nil
}

// provisionMailboxes makes the mail side of accounts that have none. That of an
// account is made with it, so this finds nothing unless something was lost.
func (s *Service) provisionMailboxes(ctx context.Context, actor audit.Actor, o *order.Order) error {
	return s.write(ctx, actor, func(u *unit) error {
		rows, err := u.tx.MailboxesOf(u.ctx, []int64{o.ID})
		if err != nil {
			return err
		}
		ids := make([]int64, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.AccountID)
		}
		used, err := u.tx.StorageUsed(u.ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, made := used[id]; made {
				continue
			}
			if err := u.tx.CreateMailbox(u.ctx, id, u.s.catalogue.QuotaBytes(o.Plan)); err != nil {
				return err
			}
		}
		return nil
	})
}

// endMailServiceStep keeps what came of a step, unless the service is no longer
// what it was when the step began.
func (s *Service) endMailServiceStep(ctx context.Context, actor audit.Actor, orderID int64, was mailservice.Service, failed error) error {
	return s.write(ctx, actor, func(u *unit) error {
		m, err := u.tx.MailService(u.ctx, orderID)
		if err != nil || m == nil || *m != was {
			return err
		}
		if err := u.enter(m.PartnerID); err != nil {
			return err
		}
		if failed != nil {
			m.Fail(fault.Of(failed).Text, u.now)
		} else {
			m.Advance(u.now)
		}
		if err := u.tx.PutMailService(u.ctx, m); err != nil {
			return err
		}
		if failed == nil && m.Completion != mailservice.Success {
			return nil
		}
		return u.recordMailService(m, "mail_service.set_up")
	})
}

func (u *unit) recordMailService(m *mailservice.Service, action string) error {
	return u.record(m.PartnerID, action, "order", m.OrderID, detail{
		"state": m.State, "completion": m.Completion, "failureState": m.FailureState, "failureMessage": m.FailureMessage, "active": m.Active,
	})
}
