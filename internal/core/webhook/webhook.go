// Package webhook is the delivery of events to a partner's receivers (titan.md
// section 10.1, basekit.md section 11): where to, what waits, and what became of each try.
package webhook

import (
	"encoding/json"
	"slices"
	"time"

	"posthouse/internal/core/event"
)

// T-38: what the contract leaves no choice about.
const (
	RetryAfter = time.Minute      // from the start of one attempt to the next, without end
	Timeout    = 10 * time.Second // of a whole attempt
	WarnAfter  = time.Hour        // of failure: the partner's contact and the operator are told
)

// KeptAttempts is how many attempts of one delivery are kept, the latest ones.
const KeptAttempts = 50

// MaxExcerpt bounds what is kept of an answer, in bytes.
const MaxExcerpt = 1 << 10

// DefaultHeader carries the partner's key (titan.md 10.1).
const DefaultHeader = "Authorization"

// Endpoint is one receiver of a partner.
type Endpoint struct {
	ID           int64
	PartnerID    int64
	Format       Format
	URL          string
	HeaderName   string
	SealedHeader []byte // its value under HeaderContext; nil = in Titan's format the partner's newest valid API key, in BaseKit's no header
	SealedSecret []byte // the signing key's raw bytes under SecretContext
	Events       []event.Type
	SuppressOwn  bool // no events of the partner's own API calls
	Paused       bool // events gather and are not sent
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DeletedAt    *time.Time

	// FailingSince is the first failure since when some order's event has failed
	// all the time; nil = none fails. WarnedAt is set once per such period.
	FailingSince *time.Time
	WarnedAt     *time.Time

	// SigningSecret is what the owner is shown, in Titan's format as whsec_…; only
	// the command that made it gives it.
	SigningSecret string
}

// Wants reports whether an event goes to the endpoint; own tells that the
// partner's own API call caused it.
func (e *Endpoint) Wants(t event.Type, own bool) bool {
	return e.DeletedAt == nil && e.Takes(t) && !(own && e.SuppressOwn)
}

// Takes reports whether the type is one that the endpoint was set to get.
func (e *Endpoint) Takes(t event.Type) bool {
	if len(e.Events) == 0 {
		return slices.Contains(e.Format.Types(), t)
	}
	return slices.Contains(e.Events, t)
}

// State of a delivery.
type State string

// A pending delivery is repeated until it is delivered, given up (see
// Format.Pause), or its endpoint is deleted.
const (
	Pending   State = "pending"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// Valid reports whether s is one of them.
func (s State) Valid() bool { return s == Pending || s == Delivered || s == Failed }

// Delivery is one event on its way to one endpoint. Deliveries of an order, or
// of an account holder, to an endpoint go out one at a time by ID.
type Delivery struct {
	ID         int64
	PartnerID  int64
	EndpointID int64
	OrderID    int64  // 0 = of an account holder, or of no order
	CustomerID int64  // the account holder; 0 = none
	EventRow   int64  // event.Event.ID
	EventID    string // event.Event.PublicID
	Type       event.Type
	Replay     bool
	State      State
	Attempts   int
	LastStatus int    // HTTP status, 0 when there was no answer
	LastError  string // "" after an answer
	CreatedAt  time.Time
	FirstAt    *time.Time // first attempt
	LastAt     *time.Time // latest attempt
	DoneAt     *time.Time
}

// Attempt is one try of a delivery.
type Attempt struct {
	DeliveryID int64
	Number     int
	At         time.Time
	Took       time.Duration
	Status     int    // 0 when there was no answer
	Error      string // why there was none
	Excerpt    string // the answer's beginning
}

// Claim is a lane that a dispatcher has leased, with the event at its head. A
// lane is the deliveries of one order, or of one account holder, to one endpoint.
type Claim struct {
	LaneID       int64
	Owner        string // of the lease
	EndpointID   int64
	PartnerID    int64
	Format       Format
	Lane         int64 // see Lane
	DeliveryID   int64
	EventID      string
	Type         event.Type
	Data         json.RawMessage
	Attempts     int // before this one
	Replay       bool
	CreatedAt    time.Time
	FailingSince *time.Time // of the head
	// Fault, when not 0, is the status that the attempt counts as answered with;
	// nothing is sent (a sandbox partner's knob).
	Fault int
}

// Body is what is sent: the same bytes at every attempt.
func (c *Claim) Body() []byte { return c.Format.body(c.EventID, c.Type, c.Data) }

// Settled is what settling an attempt led to.
type Settled struct {
	Lost bool      // another dispatcher had taken the lane: nothing was written
	Due  time.Time // when the lane is due next; zero when nothing waits
	// FailingSince is the head's first failure, nil after a success.
	FailingSince *time.Time
}

// Waiting is what a dispatcher knows of an endpoint: its definition and when
// its first lane falls due (zero: none waits).
type Waiting struct {
	Endpoint Endpoint
	Sandbox  bool
	Due      time.Time
}

// Replay is a range of events on its way into the lanes again, in steps.
type Replay struct {
	ID         int64
	PartnerID  int64
	EndpointID int64
	From, To   time.Time // of the event, To excluded
	LastEvent  int64     // events that came later are not meant
	// Cursor: everything up to this event is done.
	CursorAt    time.Time
	CursorEvent int64
	Total       int // events found in the range at the start
	CreatedAt   time.Time
	FinishedAt  *time.Time
}

// ClaimRequest asks for lanes of one endpoint.
type ClaimRequest struct {
	EndpointID int64
	Limit      int
	// RetriesFirst gives half of the places to what has failed before. Otherwise
	// that waits until nothing fresh is due, and by turns neither starves.
	RetriesFirst bool
}

// Claimed is what a ClaimRequest gave.
type Claimed struct {
	Endpoint *Endpoint // as it is now; nil when it is gone or paused
	Claims   []Claim
	Due      time.Time // when its next lane falls due, zero when none waits; known only when fewer than Limit were given
}
