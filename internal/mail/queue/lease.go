package queue

import (
	"context"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/store/sqldb"
)

// batch is what one session works on: recipients of one message at one
// destination, leased under one name.
type batch struct {
	owner  string
	lane   lane
	msg    *message
	rcpts  []*recipient
	cancel context.CancelFunc // ends the attempt when the lease is lost; under Queue.mu
}

const (
	maxProbes  = 400 // index look-ups in one leasing transaction
	maxBatches = 16  // leased in one transaction
)

// lease takes up to n batches of due work. more says that there may be more
// that was not looked at.
func (q *Queue) lease(ctx context.Context, n int) (got []*batch, more bool, err error) {
	n = min(n, maxBatches)
	q.mu.Lock()
	start := q.walk.clone()
	busy := make(map[string]int, len(q.busy))
	for d, c := range q.busy {
		busy[d] = c
	}
	seq := q.seq
	q.seq += uint64(n)
	q.mu.Unlock()

	var w walk
	err = q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		got, more, w = nil, false, start.clone()
		now := q.clock.Now()
		taken := map[string]int{}
		s := &search{ctx: ctx, tx: tx, now: now, probes: maxProbes, blocked: func(domain string) bool {
			return busy[domain]+taken[domain] >= q.cfg.PerDestination
		}}
		for len(got) < n {
			l, ok, err := s.next(&w)
			if err != nil {
				return err
			}
			if !ok {
				more = s.spent()
				return nil
			}
			b := &batch{owner: q.node + "-" + strconv.FormatUint(seq+uint64(len(got)), 10), lane: l}
			if err := q.leaseBatch(ctx, tx, b, now); err != nil {
				return err
			}
			if len(b.rcpts) == 0 { // another node has them locked
				taken[l.domain] = q.cfg.PerDestination
				continue
			}
			taken[l.domain]++
			got = append(got, b)
		}
		more = true
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	q.mu.Lock()
	q.walk = w
	for _, b := range got {
		q.active[b.owner] = b
		q.busy[b.lane.domain]++
	}
	q.mu.Unlock()
	return got, more, nil
}

// leaseBatch fills b with the oldest due message of its lane.
func (q *Queue) leaseBatch(ctx context.Context, tx *sqldb.Tx, b *batch, now time.Time) error {
	var queueID int64
	err := tx.QueryRow(ctx, `SELECT queue_id FROM queue_recipient WHERE state = 'ready' AND partner_id = ? AND account_id = ? AND domain = ?
		AND next_attempt <= ? ORDER BY next_attempt, queue_id LIMIT 1`+tx.SkipLocked(),
		b.lane.partner, b.lane.account, b.lane.domain, micros(now)).Scan(&queueID)
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return sqldb.Fault(err)
	}
	b.rcpts, err = loadRecipients(ctx, tx, `queue_id = ? AND domain = ? AND state = 'ready' AND next_attempt <= ? ORDER BY id LIMIT ?`+tx.SkipLocked(),
		queueID, b.lane.domain, micros(now), q.cfg.BatchSize)
	if err != nil || len(b.rcpts) == 0 {
		return err
	}
	if b.msg, err = loadMessage(ctx, tx, `id = ?`, queueID); err != nil {
		return err
	}
	until := now.Add(q.cfg.Lease)
	ids := make([]int64, len(b.rcpts))
	for i, r := range b.rcpts {
		r.state, r.leaseOwner, r.leaseUntil = Leased, b.owner, until
		ids[i] = r.id
	}
	return eachIDs(ids, func(list string, args []any) error {
		_, err := tx.Exec(ctx, `UPDATE queue_recipient SET state = 'leased', lease_owner = ?, lease_until = ? WHERE id IN (`+list+`)`,
			append([]any{b.owner, micros(until)}, args...)...)
		return err
	})
}

// eachIDs calls fn with placeholder lists of few different lengths (1, 4, 16,
// 64), filled up by repeating the last id, so that few statements are prepared.
func eachIDs(ids []int64, fn func(list string, args []any) error) error {
	for len(ids) > 0 {
		size := 64
		for size > 1 && size/4 >= len(ids) {
			size /= 4
		}
		n := min(size, len(ids))
		args := make([]any, size)
		for i := range args {
			args[i] = ids[min(i, n-1)]
		}
		if err := fn(strings.Repeat("?, ", size-1)+"?", args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// reap makes expired leases ready again: their node has died, or has lost the
// database for longer than a lease.
func (q *Queue) reap(ctx context.Context) error {
	return q.freeLeases(ctx, `lease_until <= ?`, micros(q.clock.Now()))
}

// reclaim makes all leases ready again. SQLite has one node: at its start they
// are a former process's.
func (q *Queue) reclaim(ctx context.Context) error {
	if q.db.Engine() != sqldb.SQLite {
		return nil
	}
	return q.freeLeases(ctx, `lease_until > ?`, 0)
}

func (q *Queue) freeLeases(ctx context.Context, where string, arg int64) error {
	var n int64
	err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		var err error
		n, err = tx.Exec(ctx, `UPDATE queue_recipient SET state = 'ready', lease_owner = '', lease_until = 0 WHERE state = 'leased' AND `+where, arg)
		return err
	})
	if err == nil && n > 0 {
		q.metrics.reaped.Add(float64(n))
		q.log.WarnContext(ctx, "took up expired leases", "recipients", n)
	}
	return err
}

// renew lengthens the leases of everything that this node works on. A batch
// whose lease another has taken is cancelled.
func (q *Queue) renew(ctx context.Context) error {
	q.mu.Lock()
	owned := make([]*batch, 0, len(q.active))
	for _, b := range q.active {
		owned = append(owned, b)
	}
	q.mu.Unlock()
	if len(owned) == 0 {
		return nil
	}
	var lost []*batch
	err := q.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		lost = nil
		until := micros(q.clock.Now().Add(q.cfg.Lease))
		for _, b := range owned {
			n, err := tx.Exec(ctx, `UPDATE queue_recipient SET lease_until = ? WHERE queue_id = ? AND domain = ? AND state = 'leased' AND lease_owner = ?`,
				until, b.msg.id, b.lane.domain, b.owner)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, b)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range lost {
		q.mu.Lock()
		if q.active[b.owner] == b && b.cancel != nil {
			q.log.WarnContext(ctx, "lease lost", "message", b.msg.publicID, "destination", b.lane.domain)
			b.cancel()
		}
		q.mu.Unlock()
	}
	return nil
}
