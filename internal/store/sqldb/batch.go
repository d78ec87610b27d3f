package sqldb

import (
	"context"
	"errors"
	"time"

	"posthouse/internal/fault"
)

var errGoexit = errors.New("sqldb: the closure ended its goroutine")

// batch is the transaction in the making.
type batch struct {
	jobs  []*job // those that were run, in order
	open  bool   // BEGIN was done
	since time.Time
	lost  error // the whole transaction is lost, and why
}

// runBatch runs waiting closures until there are none or the batch is full,
// commits and answers.
func (g *group) runBatch() {
	b := &g.batch
	for b.lost == nil && len(b.jobs) < g.maxCount {
		j := g.take()
		if j == nil {
			break
		}
		if !j.state.CompareAndSwap(waiting, taken) {
			continue // its caller has gone
		}
		b.jobs = append(b.jobs, j)
		if b.since.IsZero() {
			b.since = g.clock.Now()
		}
		g.runJob(j)
		if g.clock.Now().Sub(b.since) >= g.maxTime {
			break
		}
	}
	g.commit()
}

// runJob runs one closure. The first of a transaction needs no savepoint: if it
// fails, the transaction has nothing else to lose.
func (g *group) runJob(j *job) {
	if err := j.ctx.Err(); err != nil {
		j.err = Fault(err)
		return
	}
	b := &g.batch
	first := !b.open
	if first {
		if err := g.conn.do("BEGIN IMMEDIATE"); err != nil {
			j.err, b.lost = Fault(err), err
			return
		}
		b.open = true
	} else if err := g.conn.do("SAVEPOINT w"); err != nil {
		j.err, b.lost = Fault(err), err
		return
	}
	j.tx = &Tx{engine: SQLite, run: g.conn}
	returned := false
	defer func() {
		if !returned { // Goexit: contain has no say in it
			j.err = fault.Wrap(errGoexit)
			_ = j.tx.finish(j.err)
			g.undo(first)
		}
	}()
	j.err = j.tx.finish(contain(j.fn, j.tx))
	returned = true
	switch {
	case j.err != nil:
		g.undo(first)
	case !first:
		if err := g.conn.do("RELEASE w"); err != nil {
			b.lost = err
		}
	}
}

// undo takes back what the latest closure did. SQLite rolls the whole
// transaction back by itself after some errors (disk full, I/O): then there is
// no savepoint any more and the batch is lost.
func (g *group) undo(first bool) {
	b := &g.batch
	if first {
		b.open = false
		_ = g.conn.do("ROLLBACK") // fails only when SQLite has done it
		return
	}
	if err := errors.Join(g.conn.do("ROLLBACK TO w"), g.conn.do("RELEASE w")); err != nil {
		b.lost = err
	}
}

// commit makes the batch durable, then runs the hooks and answers.
func (g *group) commit() {
	b := &g.batch
	if b.open && b.lost == nil {
		b.lost = g.conn.do("COMMIT")
		if b.lost == nil {
			g.commits.Add(1)
		}
	}
	if b.open && b.lost != nil {
		_ = g.conn.do("ROLLBACK") // fails only when SQLite has done it
		g.db.log.Error("a commit failed", "closures", len(b.jobs), "error", b.lost)
	}
	for i, j := range b.jobs {
		switch {
		case j.err == nil && b.lost == nil:
			g.writes.Add(1)
			g.db.runHooks(j.tx.hooks)
		case b.lost != nil && (j.err == nil || !temporary(j.err)):
			// What a failed closure saw may have been a neighbour's lost change.
			j.err = lostFault(b.lost)
		}
		close(j.done)
		b.jobs[i] = nil
	}
	*b = batch{jobs: b.jobs[:0]}
}

func temporary(err error) bool {
	return fault.Of(err).Temporary || errors.Is(err, context.Canceled)
}

func lostFault(cause error) error {
	text := "The database can't be written"
	if f := fault.Of(known(cause)); f != nil && f.Temporary {
		text = f.Text
	}
	return fault.Unavail(text, cause)
}
