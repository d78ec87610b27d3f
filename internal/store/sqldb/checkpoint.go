package sqldb

import (
	"sync/atomic"
)

const (
	// checkpointAfter is how many writing statements may pass between two
	// checkpoints. Each dirties one or two pages.
	checkpointAfter = 2000
	// maxLogPages is when the writer itself stops to empty the log (128 MiB):
	// only if the checkpointer can't keep up or fails.
	maxLogPages = 32768
)

// checkpointer copies the write-ahead log into the database file on a
// connection of its own, so that commits don't stall for it. The log starts
// again from its beginning only after a checkpoint that has reached its end, and
// while others write there is always something left: so each one here is
// followed by a second, short one by the writer between two batches.
type checkpointer struct {
	db   *DB
	conn *sqliteConn
	wake chan struct{}
	done chan struct{}

	tail atomic.Bool // the writer should do its short part
}

const checkpointNow = "PRAGMA wal_checkpoint(PASSIVE)"

func newCheckpointer(db *DB, conn *sqliteConn) *checkpointer {
	c := &checkpointer{db: db, conn: conn, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go c.serve()
	return c
}

// start asks for a checkpoint, unless one is asked for already.
func (c *checkpointer) start() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) serve() {
	defer close(c.done)
	for range c.wake {
		if err := c.conn.do(checkpointNow); err != nil {
			// The log is kept: nothing is lost, and the writer's own limit remains.
			c.db.log.Error("a checkpoint failed", "error", err)
			continue
		}
		c.tail.Store(true)
	}
}

// close waits for a running checkpoint. Nobody may call start any more.
func (c *checkpointer) close() error {
	close(c.wake)
	<-c.done
	return c.conn.close()
}
