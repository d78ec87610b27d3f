package sqldb

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"posthouse/internal/clock"
)

// group is the group commit: one goroutine owns the writing connection, runs
// the closures of all that wait, each in a savepoint of its own, inside one
// transaction, commits once and answers all. So one fsync serves many writers,
// and closures are serial by construction.
type group struct {
	db       *DB
	conn     *sqliteConn
	copier   *checkpointer
	clock    clock.Clock
	maxCount int
	maxTime  time.Duration

	mu     sync.Mutex
	queue  []*job
	closed bool
	wake   chan struct{} // one token: the queue has grown or the group is closed
	done   chan struct{} // closed when the goroutine has ended

	// of the goroutine
	batch    batch
	again    []*job // taken, and to be run once more
	closeErr error

	writes, commits atomic.Uint64
}

// job is one closure that waits for its turn.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	state atomic.Int32 // waiting, then either taken or abandoned
	runs  int
	tx    *Tx
	err   error
	done  chan struct{}
}

const (
	waiting = iota
	taken
	abandoned
)

var errGroupClosed = errors.New("sqldb: already closed")

func newGroup(cfg Config, db *DB, conn *sqliteConn, copier *checkpointer) *group {
	g := &group{
		db: db, conn: conn, copier: copier, clock: clock.System(),
		maxCount: cfg.BatchCount, maxTime: cfg.BatchTime,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if g.maxCount <= 0 {
		g.maxCount = 1024
	}
	if g.maxTime <= 0 {
		g.maxTime = 20 * time.Millisecond
	}
	go g.serve()
	return g
}

func (g *group) stats() Stats {
	return Stats{Writes: g.writes.Load(), Commits: g.commits.Load()}
}

// write hands fn to the goroutine and waits for the commit. A context that ends
// before fn's turn means that fn is not run; later it no longer matters, apart
// from fn's own statements.
func (g *group) write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return Fault(err)
	}
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return errClosed()
	}
	g.queue = append(g.queue, j)
	g.mu.Unlock()
	g.signal()
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, abandoned) {
			return Fault(ctx.Err())
		}
		<-j.done
	}
	return j.err
}

func (g *group) signal() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// close refuses further writes, lets the accepted ones end and closes the connection.
func (g *group) close() error {
	g.mu.Lock()
	was := g.closed
	g.closed = true
	g.mu.Unlock()
	g.signal()
	<-g.done
	if was {
		return errGroupClosed
	}
	return g.closeErr
}

// take gives the longest waiting job, or nil.
func (g *group) take() *job {
	if len(g.again) > 0 {
		j := g.again[0]
		g.again = g.again[1:]
		return j
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.queue) == 0 {
		return nil
	}
	j := g.queue[0]
	g.queue[0] = nil
	g.queue = g.queue[1:]
	if len(g.queue) == 0 {
		g.queue = g.queue[:0:0]
	}
	return j
}

// pending reports whether jobs wait; open is false when none can come any more.
func (g *group) pending() (waiting, open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.again)+len(g.queue) > 0, !g.closed
}

// serve is the goroutine. A closure that ends its goroutine (runtime.Goexit, as
// testing's FailNow does) ends this one: a new one goes on where it stood.
func (g *group) serve() {
	finished := false
	defer func() {
		if !finished {
			go g.serve()
		}
	}()
	if len(g.batch.jobs) > 0 {
		g.runBatch()
	}
	for {
		waiting, open := g.pending()
		switch {
		case waiting:
			g.runBatch()
		case open:
			<-g.wake
		default:
			g.closeErr = g.conn.close()
			finished = true
			close(g.done)
			return
		}
	}
}
