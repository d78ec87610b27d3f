package work

import (
	"context"
	"time"
)

// IdempotencyTx keeps what became of requests that name an idempotency key.
type IdempotencyTx interface {
	// ClaimRequest keeps r unless its partner has a request with that key, and
	// reports whether it did.
	ClaimRequest(ctx context.Context, r *IdempotentRequest) (bool, error)
	// Request gives the request with a key, nil when there is none.
	Request(ctx context.Context, partnerID int64, keyHash []byte) (*IdempotentRequest, error)
	// UpdateRequest writes Owner, Outcome, Status, Answer and LeasedUntil of r if
	// its row still belongs to owner, and reports whether it did.
	UpdateRequest(ctx context.Context, r *IdempotentRequest, owner []byte) (bool, error)
	// DropRequest removes the row of a request if it belongs to owner and its outcome is the given one.
	DropRequest(ctx context.Context, partnerID int64, keyHash, owner []byte, outcome Outcome) error
	// ForgetRequests removes those made before that time.
	ForgetRequests(ctx context.Context, before time.Time) error
}

// Outcome says how far a request has come.
type Outcome int

// The outcomes.
const (
	UnderWay  Outcome = iota // nothing of it is committed
	Committed                // its changes are, but its answer is not kept
	Answered
)

// IdempotentRequest is one request with an idempotency key.
type IdempotentRequest struct {
	PartnerID   int64
	KeyHash     []byte
	RequestHash []byte
	Owner       []byte // random; who runs the request
	Outcome     Outcome
	Status      int    // of the answer
	Answer      []byte // sealed: it may hold a secret that is shown once
	CreatedAt   time.Time
	LeasedUntil time.Time // until then nobody else runs it
}
