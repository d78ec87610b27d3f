package mailboxes

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/due"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// MailServices lists how far the mail services of the partner's domains are set up.
func (s *Service) MailServices(ctx context.Context, actor audit.Actor, f work.MailServiceFilter) ([]*work.DomainMailService, error) {
	if actor.PartnerID == 0 {
		return nil, fault.New(fault.Invalid, "Mail services are a partner's")
	}
	f.PartnerID = actor.PartnerID
	if f.Domain != "" {
		name, err := order.ParseDomain(f.Domain)
		if err != nil {
			return nil, nil // what can't be a domain is nobody's
		}
		f.Domain = name
	}
	var out []*work.DomainMailService
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = u.Tx.FindMailServices(u.Ctx, f)
		return err
	})
	return out, err
}

// MailServiceOf gives one order's.
func (s *Service) MailServiceOf(ctx context.Context, actor audit.Actor, orderID int64) (*work.DomainMailService, error) {
	var out *work.DomainMailService
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, m, err := shownMailService(u, orderID)
		if err == nil {
			out = &work.DomainMailService{Service: *m, Domain: o.Domain}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func shownMailService(u *work.Unit, orderID int64) (*order.Order, *mailservice.Service, error) {
	o, err := u.Order(work.OrderRef{ID: max(orderID, -1)}, work.OpRead)
	if err != nil {
		return nil, nil, err
	}
	m, err := mailServiceOf(u, o)
	if m == nil && err == nil {
		m = mailservice.Implied(o.ID, o.PartnerID, o.CreatedAt)
	}
	return o, m, err
}

// ReportMailService is what a worker says about an order's mail service
// (basekit.md section 8, B-29); nil keeps what there is.
type ReportMailService struct {
	OrderID        int64
	State          *mailservice.State
	Completion     *mailservice.Completion
	FailureState   *mailservice.State // "" = none
	FailureMessage *string
	Active         *bool
}

// Reasons of reports that are refused.
const (
	ReasonServiceState      = "MAIL_SERVICE_STATE"
	ReasonServiceCompletion = "MAIL_SERVICE_COMPLETION"
	ReasonFailureState      = "MAIL_SERVICE_FAILURE_STATE"
	ReasonFailureMessage    = "MAIL_SERVICE_FAILURE_MESSAGE"
	ReasonServiceActive     = "MAIL_SERVICE_ACTIVE"
)

func (r *ReportMailService) check() error {
	if r.State != nil && !r.State.Valid() {
		return fault.New(fault.Invalid, "The state is unknown").WithReason(ReasonServiceState)
	}
	if r.Completion != nil && !r.Completion.Valid() {
		return fault.New(fault.Invalid, "The completion status is unknown").WithReason(ReasonServiceCompletion)
	}
	if r.FailureState != nil && *r.FailureState != "" && !r.FailureState.Valid() {
		return fault.New(fault.Invalid, "The failure state is unknown").WithReason(ReasonFailureState)
	}
	if r.FailureMessage != nil {
		var f work.Fields
		if *r.FailureMessage = f.Text("failure message", *r.FailureMessage, work.MaxReason); f.Err != nil {
			return fault.Of(f.Err).WithReason(ReasonFailureMessage)
		}
	}
	return nil
}

// apply puts a report into m. Success is of a complete service, and only that
// one can be in use; what failed is over once something else is said.
func (r *ReportMailService) apply(m *mailservice.Service) error {
	switch {
	case r.State != nil:
		m.State = *r.State
	case r.Completion != nil && *r.Completion == mailservice.Success:
		m.State = mailservice.Complete
	}
	switch {
	case r.Completion != nil:
		m.Completion = *r.Completion
	case r.State != nil && m.State == mailservice.Complete:
		m.Completion = mailservice.Success
	case r.State != nil:
		m.Completion = mailservice.Pending
	}
	if m.Completion == mailservice.Success && m.State != mailservice.Complete {
		return fault.New(fault.Invalid, "Only a complete mail service is a success").WithReason(ReasonServiceCompletion)
	}
	if m.Completion != mailservice.Failed {
		m.FailureState, m.FailureMessage = "", ""
	} else if m.FailureState == "" {
		m.FailureState = m.State
	}
	if r.FailureState != nil {
		m.FailureState = *r.FailureState
	}
	if r.FailureMessage != nil {
		m.FailureMessage = *r.FailureMessage
	}
	usable := m.Completion == mailservice.Success
	switch {
	case r.Active == nil && (r.State != nil || r.Completion != nil):
		m.Active = usable
	case r.Active == nil:
	case *r.Active && !usable:
		return fault.New(fault.Invalid, "Only a complete mail service can be active").WithReason(ReasonServiceActive)
	default:
		m.Active = *r.Active
	}
	return nil
}

// ReportMailService keeps a worker's report, after which the platform does not go
// on by itself: but for a new and pending one, which is set up from the start.
func (s *Service) ReportMailService(ctx context.Context, actor audit.Actor, cmd ReportMailService) (*work.DomainMailService, error) {
	if err := cmd.check(); err != nil {
		return nil, err
	}
	var out *work.DomainMailService
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, m, err := shownMailService(u, cmd.OrderID)
		if err != nil {
			return err
		}
		if cmd == (ReportMailService{OrderID: cmd.OrderID}) { // says nothing
			out = &work.DomainMailService{Service: *m, Domain: o.Domain}
			return nil
		}
		if err := cmd.apply(m); err != nil {
			return err
		}
		m.Reported = m.State != mailservice.New || m.Completion != mailservice.Pending
		m.UpdatedAt = u.Now
		if err := u.Tx.PutMailService(u.Ctx, m); err != nil {
			return err
		}
		if m.Reported {
			err = u.Tx.ClearDue(u.Ctx, due.MailService, o.ID)
		} else {
			err = ResumeMailService(u, o)
		}
		if err != nil {
			return err
		}
		out = &work.DomainMailService{Service: *m, Domain: o.Domain}
		return recordMailService(u, m, "mail_service.report")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
