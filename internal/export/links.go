package export

import (
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/secret"
)

// LinkLife is how long a download link works (T-34).
const LinkLife = 24 * time.Hour

// LinkPath is where the files are, below the base address.
const LinkPath = "/exports/"

// NewLinks makes the links to files, signed with a secret key of their own.
func NewLinks(base func() string, key []byte, c clock.Clock) *secret.Links {
	return secret.NewLinks(base, LinkPath, "legal export", LinkLife, key, c)
}
