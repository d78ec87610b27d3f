package queue

import (
	"context"
	"time"

	"posthouse/internal/mailstore"
)

// told is a DSN that waits to be put into the queue by the transaction that
// makes what it tells of true.
type told struct {
	msg    *message
	rcpt   *recipient
	stored *mailstore.Stored
}

// report makes one DSN of all notices among the changes, its bytes on stable
// storage; nil when there is nothing to tell.
func (q *Queue) report(ctx context.Context, m *message, rcpts []*recipient, verdicts []verdict, changes []change, now time.Time) (*told, error) {
	return nil, nil
}
