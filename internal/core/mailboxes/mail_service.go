package mailboxes

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// BeginMailService makes an order that is born one whose mail service is set up
// step by step, from the commit on or, when it waits for payment, from when it
// comes into service.
func BeginMailService(u *work.Unit, o *order.Order) error {
	if err := u.Tx.PutMailService(u.Ctx, mailservice.Started(o.ID, o.PartnerID, u.Now)); err != nil || o.PendingPayment {
		return err
	}
	now := u.Now
	return u.Remind(due.MailService, o.ID, o.PartnerID, &now)
}

// mailServiceOf gives an order's service; nil, which is ready, for one that was
// made in another dialect.
func mailServiceOf(u *work.Unit, o *order.Order) (*mailservice.Service, error) {
	return u.Tx.MailService(u.Ctx, o.ID)
}

// ResumeMailService goes on with what waited while o was not in service.
func ResumeMailService(u *work.Unit, o *order.Order) error {
	s, err := mailServiceOf(u, o)
	if err != nil || !s.Open() || !SetsUp(o) {
		return err
	}
	now := u.Now
	return u.Remind(due.MailService, o.ID, o.PartnerID, &now)
}

// SetsUp reports whether an order's service may be set up now.
func SetsUp(o *order.Order) bool { return o.Live() && !o.PendingPayment }

// SetUpMailService goes through the steps that are left. Each is durable before
// the next begins and can be done again; a worker's report in between ends it.
func SetUpMailService(ctx context.Context, p *work.Platform, actor audit.Actor, orderID int64) error {
	s := New(p)
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
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		o, m = nil, nil
		found, err := u.Tx.Order(u.Ctx, orderID)
		if err != nil || found == nil || !SetsUp(found) {
			return err
		}
		service, err := mailServiceOf(u, found)
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
		_, err := dnssetup.New(s.Platform).DNSRecords(ctx, actor, work.OrderRef{ID: o.ID})
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
	return s.Write(ctx, actor, func(u *work.Unit) error {
		rows, err := u.Tx.MailboxesOf(u.Ctx, []int64{o.ID})
		if err != nil {
			return err
		}
		ids := make([]int64, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.AccountID)
		}
		used, err := u.Tx.StorageUsed(u.Ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, made := used[id]; made {
				continue
			}
			if err := u.Tx.CreateMailbox(u.Ctx, id, u.Platform.Catalogue.QuotaBytes(o.Plan)); err != nil {
				return err
			}
		}
		return nil
	})
}

// endMailServiceStep keeps what came of a step, unless the service is no longer
// what it was when the step began.
func (s *Service) endMailServiceStep(ctx context.Context, actor audit.Actor, orderID int64, was mailservice.Service, failed error) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		m, err := u.Tx.MailService(u.Ctx, orderID)
		if err != nil || m == nil || *m != was {
			return err
		}
		if err := u.Enter(m.PartnerID); err != nil {
			return err
		}
		if failed != nil {
			m.Fail(fault.Of(failed).Text, u.Now)
		} else {
			m.Advance(u.Now)
		}
		if err := u.Tx.PutMailService(u.Ctx, m); err != nil {
			return err
		}
		if failed == nil && m.Completion != mailservice.Success {
			return nil
		}
		return recordMailService(u, m, "mail_service.set_up")
	})
}

func recordMailService(u *work.Unit, m *mailservice.Service, action string) error {
	return u.Record(m.PartnerID, action, "order", m.OrderID, work.Detail{
		"state": m.State, "completion": m.Completion, "failureState": m.FailureState, "failureMessage": m.FailureMessage, "active": m.Active,
	})
}
