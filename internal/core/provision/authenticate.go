package provision

import (
	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
)

// Caller is an authenticated API key's partner. Actor is ready for commands but
// for the request id.
type Caller struct {
	Partner *partner.Partner
	KeyID   int64
	Actor   audit.Actor
}
