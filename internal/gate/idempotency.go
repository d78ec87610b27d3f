package gate

import (
	"context"
	"net/http"
	"time"

	"posthouse/internal/fault"
)

// Header fields of requests that are to be carried out once.
const (
	IdempotencyHeader = "Idempotency-Key"
	ReplayedHeader    = "Idempotency-Replayed" // of an answer that was given before
)

// ReasonIdempotencyKey says that an idempotency key is none.
const ReasonIdempotencyKey = "INVALID_IDEMPOTENCY_KEY"

var errIdempotencyKey = fault.New(fault.Invalid, "An Idempotency-Key has 1 to 255 visible characters").WithReason(ReasonIdempotencyKey)

// IdempotencyKey gives the key of a request that has one: of visible ASCII.
func IdempotencyKey(h http.Header) (string, error) {
	keys := h.Values(IdempotencyHeader)
	if len(keys) != 1 || len(keys[0]) == 0 || len(keys[0]) > 255 {
		return "", errIdempotencyKey
	}
	for _, c := range []byte(keys[0]) {
		if c < '!' || c > '~' {
			return "", errIdempotencyKey
		}
	}
	return keys[0], nil
}

// releaseTime bounds what is done for a request whose own time may be over.
const releaseTime = 10 * time.Second

// Staying gives a context for a request that is to be carried out once: it has
// ctx's time, but goes on when the client goes away. Who repeats a request has
// mostly given up the first, and would find its key claimed by nobody or its
// answer lost.
func Staying(ctx context.Context) (context.Context, context.CancelFunc) {
	stays := context.WithoutCancel(ctx)
	if d, ok := ctx.Deadline(); ok {
		return context.WithDeadline(stays, d)
	}
	return context.WithCancel(stays)
}

// Settling gives a context for what is noted of such a request at its end.
func Settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
}
