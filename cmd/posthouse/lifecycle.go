package main

import (
	"context"
	"crypto/rand"
	"time"

	"posthouse/internal/core/due"
	"posthouse/internal/lifecycle"
)

// newLifecycle makes the runner of what falls due; the queue must be there.
func (n *node) newLifecycle() (err error) {
	n.lifecycle, err = lifecycle.New(lifecycle.Config{Core: n.core, Calendar: n.rows, Mail: purger{n}, Handlers: n.dueHandlers(),
		Random: rand.Reader, Clock: n.clock, Log: n.log.With("part", "lifecycle"), Registerer: n.metrics})
	return err
}

// dueHandlers do what is due of the kinds that are not the core's.
func (n *node) dueHandlers() map[due.Kind]func(context.Context, due.Item) error {
	return map[due.Kind]func(context.Context, due.Item) error{
		due.DNS:    n.checkDueDNS,
		due.Export: n.exports.Expire,
	}
}

// dueChanged wakes the runner after a commit; it may come before there is one.
func (n *node) dueChanged(clockID int64, at time.Time) {
	if n.lifecycle != nil {
		n.lifecycle.Notify(clockID, at)
	}
}

// purger destroys what an account has beside its rows: what waits in the queue
// and what was exported, then the mailbox.
type purger struct{ n *node }

// Purge implements schedule.Purger.
func (p purger) Purge(ctx context.Context, accountID int64) error {
	if err := p.n.queue.Purge(ctx, accountID); err != nil {
		return err
	}
	if err := p.n.exports.Purge(ctx, accountID); err != nil {
		return err
	}
	_, err := p.n.mail.Purge(ctx, accountID)
	return err
}
