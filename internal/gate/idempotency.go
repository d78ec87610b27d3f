package gate

import (
	"net/http"

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
