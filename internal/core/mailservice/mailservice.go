// Package mailservice is how far the mail service of an order has been set up
// (basekit.md section 8, B-29).
package mailservice

import "time"

// State is the step that it has come to.
type State string

// The states.
const (
	New       State = "new"
	DNS       State = "dns"       // its keys and records are made
	Provision State = "provision" // its mailboxes are made
	Complete  State = "complete"
)

// Valid reports whether s is one of them.
func (s State) Valid() bool { return s == New || s == DNS || s == Provision || s == Complete }

// Completion is what became of it.
type Completion string

// The results.
const (
	Pending Completion = "pending"
	Success Completion = "success"
	Failed  Completion = "failed"
)

// Valid reports whether c is one of them.
func (c Completion) Valid() bool { return c == Pending || c == Success || c == Failed }

// Service is one order's; its ref is the order's id. An order without a row, as
// other dialects make it, is ready at once.
type Service struct {
	OrderID        int64
	PartnerID      int64
	State          State
	Completion     Completion
	FailureState   State // where it failed; "" = it has not, or has got over it
	FailureMessage string
	Active         bool // in use; only of a complete one
	Reported       bool // by a worker: the platform does not go on with it by itself
	UpdatedAt      time.Time
}

// Started is the service of a new order.
func Started(orderID, partnerID int64, now time.Time) *Service {
	return &Service{OrderID: orderID, PartnerID: partnerID, State: New, Completion: Pending, UpdatedAt: now}
}

// Implied is what an order without a row shows.
func Implied(orderID, partnerID int64, now time.Time) *Service {
	return &Service{OrderID: orderID, PartnerID: partnerID, State: Complete, Completion: Success, Active: true, UpdatedAt: now}
}

// Ready reports whether the order's mailboxes can be used; nil is an order
// without a row.
func (s *Service) Ready() bool {
	return s == nil || s.State == Complete && s.Completion == Success && s.Active
}

// Broken reports whether setting it up has failed.
func (s *Service) Broken() bool { return s != nil && s.Completion == Failed }

// Open reports whether the platform has to go on with it.
func (s *Service) Open() bool { return s != nil && !s.Reported && s.Completion != Success }

// Advance goes on to the next state; from the last step to success.
func (s *Service) Advance(now time.Time) {
	s.Completion, s.FailureState, s.FailureMessage, s.UpdatedAt = Pending, "", "", now
	switch s.State {
	case New:
		s.State = DNS
	case DNS:
		s.State = Provision
	case Provision, Complete:
		s.State, s.Completion, s.Active = Complete, Success, true
	}
}

// Fail notes that the present step failed; the next try begins with it.
func (s *Service) Fail(message string, now time.Time) {
	s.Completion, s.Active = Failed, false
	s.FailureState, s.FailureMessage, s.UpdatedAt = s.State, message, now
}
