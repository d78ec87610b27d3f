package blob

import (
	"errors"
	"sync"

	"posthouse/internal/fault"
)

// group writes what many callers have ready with one write and one fdatasync.
// While one batch is being synced, the next gathers.
type group struct {
	l    *Local
	seg  *segment // only the committer touches it
	done chan struct{}

	mu      sync.Mutex
	wake    *sync.Cond
	pending []*commit
	stopped bool
}

type commit struct {
	framed []byte // the record, ready to be written
	length int64
	ref    Ref
	err    error
	done   chan struct{}
}

// maxBatch bounds the bytes of one write.
const maxBatch = 8 << 20

func (g *group) start(l *Local, seg *segment) {
	g.l, g.seg, g.done = l, seg, make(chan struct{})
	g.wake = sync.NewCond(&g.mu)
	go g.run()
}

func (g *group) stop() error {
	g.mu.Lock()
	g.stopped = true
	g.wake.Signal()
	g.mu.Unlock()
	<-g.done
	if g.seg == nil {
		return nil
	}
	return g.l.retire(g.seg)
}

var errClosed = fault.Unavail("The message storage is closed", nil)

func (g *group) submit(c *commit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		c.err = errClosed
		close(c.done)
		return
	}
	g.pending = append(g.pending, c)
	g.wake.Signal()
}

func (g *group) run() {
	defer close(g.done)
	var buf []byte
	for {
		g.mu.Lock()
		for len(g.pending) == 0 && !g.stopped {
			g.wake.Wait()
		}
		if len(g.pending) == 0 {
			g.mu.Unlock()
			return
		}
		n, size := 0, 0
		for n < len(g.pending) && (n == 0 || size+len(g.pending[n].framed) <= maxBatch) {
			size += len(g.pending[n].framed)
			n++
		}
		batch := g.pending[:n:n]
		g.pending = g.pending[n:]
		g.mu.Unlock()

		buf = buf[:0]
		for _, c := range batch {
			buf = append(buf, c.framed...)
		}
		err := g.write(batch, buf)
		for _, c := range batch {
			c.err = err
			close(c.done)
		}
		if cap(buf) > 1<<20 {
			buf = nil
		}
	}
}

func (g *group) write(batch []*commit, buf []byte) error {
	if g.seg != nil && g.seg.size >= g.l.cfg.SegmentSize {
		if err := g.drop(); err != nil {
			return storageFault(err)
		}
	}
	if g.seg == nil {
		seg, err := g.l.newSegment()
		if err != nil {
			return err
		}
		g.seg = seg
	}
	at := g.seg.size
	if err := g.seg.append(buf); err != nil {
		// The bytes before are good, but whether the cut worked is not known.
		return storageFault(errors.Join(err, g.drop()))
	}
	if err := g.seg.f.datasync(); err != nil {
		// After a failed sync the page cache may have dropped the bytes: none of
		// this batch counts, and nothing more goes into this file.
		return storageFault(errors.Join(err, g.seg.f.Truncate(at), g.drop()))
	}
	for _, c := range batch {
		c.ref = Ref{Segment: g.seg.id, Offset: at, Length: c.length}
		at += int64(len(c.framed))
	}
	return nil
}

func (g *group) drop() error {
	s := g.seg
	g.seg = nil
	return g.l.retire(s)
}
