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

// Completion is what became of it.
type Completion string

// The results.
const (
	Pending Completion = "pending"
	Success Completion = "success"
	Failed  Completion = "failed"
)

// Service is one order's; its ref is the order's id. An order without a row, as
// other dialects make it, is ready at once.
type Service struct {
	OrderID        int64
	PartnerID      int64
	State          State
	Completion     Completion
	FailureState   string
	FailureMessage string
	UpdatedAt      time.Time
}

// Ready reports whether the order's mailboxes can be used; nil is an order
// without a row.
func (s *Service) Ready() bool { return s == nil || s.State == Complete && s.Completion == Success }

// Broken reports whether setting it up has failed.
func (s *Service) Broken() bool { return s != nil && s.Completion == Failed }
