package queue

import (
	"context"
	"errors"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// settleTime bounds how long a result is tried to be written down once the
// attempt itself was broken off.
const settleTime = 15 * time.Second

// work attempts one batch and writes down what came of it.
func (q *Queue) work(ctx context.Context, b *batch) {
	log := q.log.With("message", b.msg.publicID, "partner", b.msg.partnerID, "destination", b.lane.domain)
	begun := q.clock.Now()
	var done bool
	var verdicts []verdict
	err := fault.Contain(func() error {
		var err error
		done, verdicts, err = q.attempt(ctx, b, begun)
		return err
	})
	if done {
		return
	}
	if errors.Is(err, errLeaseLost) {
		log.WarnContext(ctx, "lease lost: left to who has it")
		return
	}
	if err != nil {
		log.ErrorContext(ctx, "attempt failed", "error", err)
		verdicts = same(len(b.rcpts), verdict{outcome: outDeferred, status: "4.3.0", reply: "an internal error", stage: "internal"})
		if ctx.Err() != nil {
			verdicts = same(len(b.rcpts), verdict{})
		}
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for {
		err = fault.Contain(func() error { return q.settle(settle, b, verdicts, nil, begun) })
		if err == nil {
			return
		}
		// A delivery that is not written down is made again: worth some patience.
		if errors.Is(err, errLeaseLost) || !q.pause(settle, troubled) {
			break
		}
	}
	// The leases expire, and then what was or wasn't done is done (again).
	log.ErrorContext(ctx, "result not written", "error", err)
}

// pause reports whether d passed before ctx ended.
func (q *Queue) pause(ctx context.Context, d time.Duration) bool {
	t := q.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C():
		return true
	}
}

// attempt gives a verdict per recipient; done says that it is written down already.
func (q *Queue) attempt(ctx context.Context, b *batch, begun time.Time) (done bool, out []verdict, err error) {
	if v := b.ordered(); v != nil {
		return false, v, nil
	}
	if b.lane.domain == operatorDomain {
		return q.readdress(ctx, b)
	}
	if v, err := q.mayStillSend(ctx, b.msg); v != nil || err != nil {
		return false, same(len(b.rcpts), deref(v)), err
	}
	pinned := true
	for _, r := range b.rcpts {
		pinned = pinned && r.localAccount != 0
	}
	w := way{local: true}
	if !pinned {
		w = q.route(ctx, b.msg, b.lane.domain)
	}
	switch {
	case ctx.Err() != nil:
		return false, same(len(b.rcpts), verdict{}), nil
	case w.verdict != nil:
		v := *w.verdict
		v.sandbox = w.sandbox
		return false, same(len(b.rcpts), v), nil
	case w.local:
		err = q.local(ctx, b, begun)
		return err == nil, nil, err
	}
	out, err = q.remote(ctx, b, w.hops)
	for i := range out {
		out[i].sandbox = w.sandbox
	}
	return false, out, err
}

// ordered gives the verdicts when the operator returns recipients of the batch;
// the others are given back. Nil: none is returned.
func (b *batch) ordered() (out []verdict) {
	for i, r := range b.rcpts {
		if r.failReason == "" {
			continue
		}
		if out == nil {
			out = make([]verdict, len(b.rcpts))
		}
		out[i] = verdict{outcome: outFailed, status: "5.7.1", reply: r.failReason, stage: "operator", ordered: true}
	}
	return out
}

// readdress sends mail to <postmaster> on to the configured address, if there is one by now.
func (q *Queue) readdress(ctx context.Context, b *batch) (done bool, out []verdict, err error) {
	to := q.cfg.Postmaster
	if to.IsZero() {
		return false, same(len(b.rcpts), verdict{outcome: outHeld, reply: forOperator, stage: "routing"}), nil
	}
	err = q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		for _, r := range b.rcpts {
			n, err := tx.Exec(ctx, `UPDATE queue_recipient SET address = ?, domain = ?, state = 'ready', lease_owner = '', lease_until = 0
				WHERE id = ? AND state = 'leased' AND lease_owner = ?`, to.String(), to.Domain, r.id, b.owner)
			if err != nil {
				return err
			}
			if n != 1 {
				return errLeaseLost
			}
		}
		tx.AfterCommit(q.Wake)
		return nil
	})
	return err == nil, nil, err
}

// mayStillSend looks at the sender again: a suspended one sends nothing (T-16),
// also not what was submitted before. Its mail waits and expires like any other.
func (q *Queue) mayStillSend(ctx context.Context, m *message) (*verdict, error) {
	if m.root != "" {
		return q.mayStillForward(ctx, m)
	}
	if m.kind != kindMail || m.accountID == 0 { // 0: from outside
		return nil, nil
	}
	s, err := q.dir.Sender(ctx, m.accountID)
	if fault.Is(err, fault.AccountNotFound) || err == nil && !s.MaySend {
		return &verdict{outcome: outDeferred, status: "4.7.1", reply: "the sender may not send mail now", stage: "sender"}, nil
	}
	return nil, err
}

func same(n int, v verdict) []verdict {
	out := make([]verdict, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func deref(v *verdict) verdict {
	if v == nil {
		return verdict{}
	}
	return *v
}
