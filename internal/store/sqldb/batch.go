package sqldb

import (
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

	latest *job // the one that was run last
}

// maxRuns is how often a closure is run because of the failures of others.
const maxRuns = 3

// runBatch runs waiting closures until there are none or the batch is full,
// commits and answers.
func (g *group) runBatch() {
	b := &g.batch
	// Those that are run again are not mixed with others that may fail.
	again := len(g.again) > 0
	for b.lost == nil && len(b.jobs) < g.maxCount && again == (len(g.again) > 0) {
		j := g.take()
		if j == nil {
			break
		}
		if j.runs == 0 && !j.state.CompareAndSwap(waiting, taken) {
			continue // its caller has gone
		}
		j.runs++
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
	g.checkpoint()
}

// checkpoint runs between two batches.
func (g *group) checkpoint() {
	if g.conn.runs >= checkpointAfter {
		g.conn.runs = 0
		g.copier.start()
	}
	if g.copier.tail.Swap(false) {
		if err := g.conn.do(checkpointNow); err != nil {
			g.db.log.Error("a checkpoint failed", "error", err)
		}
	}
}

// runJob runs one closure. The first of a transaction needs no savepoint: if it
// fails, the transaction has nothing else to lose.
func (g *group) runJob(j *job) {
	if err := j.ctx.Err(); err != nil {
		j.err = Fault(err)
		return
	}
	b := &g.batch
	b.latest = j
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
// no savepoint any more, and the others are run again in another transaction.
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
	tried := b.open && b.lost == nil
	if tried {
		if b.lost = g.conn.do("COMMIT"); b.lost == nil {
			g.commits.Add(1)
		}
	}
	if b.open && b.lost != nil {
		_ = g.conn.do("ROLLBACK") // fails only when SQLite has done it
		g.db.log.Error("a transaction was lost", "closures", len(b.jobs), "error", b.lost)
	}
	for i, j := range b.jobs {
		b.jobs[i] = nil
		if b.lost == nil {
			if j.err == nil {
				g.writes.Add(1)
				g.db.runHooks(j.tx.hooks)
			}
			close(j.done)
			continue
		}
		if !tried && j != b.latest && j.runs < maxRuns {
			j.err, j.tx = nil, nil
			g.again = append(g.again, j)
			continue
		}
		// Also for closures that failed by themselves: what they saw may have been
		// a neighbour's lost change.
		if f, ok := errors.AsType[*fault.Error](j.err); !ok || !f.Temporary {
			j.err = lostFault(b.lost)
		}
		close(j.done)
	}
	*b = batch{jobs: b.jobs[:0]}
}

func lostFault(cause error) error {
	return fault.Unavail("The database can't be written", cause)
}
