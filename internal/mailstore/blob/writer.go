package blob

import (
	"context"
	"errors"
	"sync"

	"posthouse/internal/fault"
)

// smallBlob is the largest blob that waits in memory for the group commit.
// Larger ones are streamed into a segment that they have to themselves meanwhile.
const smallBlob = 256 << 10

// bufferPool holds the buffers of small blobs.
var bufferPool = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

type localWriter struct {
	l      *Local
	ctx    context.Context // of Create; a Writer lives within one call
	buf    *[]byte         // recordHeader bytes of room, then the payload
	seg    *segment        // set once the blob is streamed
	start  int64           // of the blob in seg
	length int64
	ended  bool
	err    error
}

// Create implements Store.
func (l *Local) Create(ctx context.Context) (Writer, error) {
	if l.cfg.ReadOnly {
		return nil, errReadOnly()
	}
	buf := bufferPool.Get().(*[]byte)
	*buf = append((*buf)[:0], make([]byte, recordHeader)...)
	return &localWriter{l: l, ctx: ctx, buf: buf}, nil
}

// Write implements io.Writer.
func (w *localWriter) Write(p []byte) (n int, err error) {
	if w.ended || w.err != nil {
		return 0, errors.Join(w.err, errEnded(w.ended))
	}
	for len(p) > 0 {
		room := recordHeader + maxPayload - len(*w.buf)
		if w.seg == nil {
			room = recordHeader + smallBlob - len(*w.buf)
		}
		if room == 0 {
			if w.seg == nil {
				w.err = w.lease()
			} else {
				w.err = w.flush(false)
			}
			if w.err != nil {
				return n, w.err
			}
			continue
		}
		take := min(room, len(p))
		*w.buf = append(*w.buf, p[:take]...)
		w.length += int64(take)
		n += take
		p = p[take:]
	}
	return n, nil
}

func errEnded(ended bool) error {
	if ended {
		return fault.New(fault.Internal, "The blob is ended")
	}
	return nil
}

// lease takes a segment for this blob alone.
func (w *localWriter) lease() error {
	l := w.l
	select {
	case l.streams <- struct{}{}:
	case <-w.ctx.Done():
		return fault.Unavail("Too many large messages at once", w.ctx.Err())
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		<-l.streams
		return errClosed
	}
	if n := len(l.idle); n > 0 {
		w.seg = l.idle[n-1]
		l.idle = l.idle[:n-1]
	}
	l.mu.Unlock()
	if w.seg == nil {
		seg, err := l.newSegment()
		if err != nil {
			<-l.streams
			return err
		}
		w.seg = seg
	}
	w.start = w.seg.size
	return nil
}

// flush writes the buffer as one record of a streamed blob.
func (w *localWriter) flush(last bool) error {
	b := *w.buf
	var flags byte
	if w.seg.size == w.start {
		flags |= flagFirst
	}
	if last {
		flags |= flagLast
	}
	appendRecordHeader(b[:0], flags, b[recordHeader:])
	if err := w.seg.append(b); err != nil {
		return storageFault(err)
	}
	*w.buf = b[:recordHeader]
	return nil
}

// Commit implements Writer.
func (w *localWriter) Commit(ctx context.Context) (Ref, error) {
	defer w.Abort()
	if w.ended || w.err != nil {
		return Ref{}, errors.Join(w.err, errEnded(w.ended))
	}
	if w.seg == nil {
		return w.commitSmall(ctx)
	}
	if w.err = w.flush(true); w.err != nil {
		return Ref{}, w.err
	}
	if err := w.seg.f.datasync(); err != nil {
		w.err = storageFault(err)
		return Ref{}, w.err
	}
	ref := Ref{Segment: w.seg.id, Offset: w.start, Length: w.length}
	w.giveBack()
	return ref, nil
}

func (w *localWriter) commitSmall(ctx context.Context) (Ref, error) {
	b := *w.buf
	appendRecordHeader(b[:0], flagFirst|flagLast, b[recordHeader:])
	c := &commit{framed: b, length: w.length, done: make(chan struct{})}
	w.l.group.submit(c)
	// The caller may give up, but the buffer is the committer's until it is done.
	<-c.done
	if c.err == nil && ctx.Err() != nil {
		return Ref{}, fault.Unavail("The caller has gone", ctx.Err())
	}
	return c.ref, c.err
}

// giveBack ends the lease of a segment in good state.
func (w *localWriter) giveBack() {
	l, seg := w.l, w.seg
	w.seg = nil
	defer func() { <-l.streams }()
	l.mu.Lock()
	if !l.closed && seg.size < l.cfg.SegmentSize {
		l.idle = append(l.idle, seg)
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	// All in it is durable, so a failing close loses nothing.
	_ = l.retire(seg)
}

// Abort implements Writer.
func (w *localWriter) Abort() {
	if w.ended {
		return
	}
	w.ended = true
	if cap(*w.buf) <= 512<<10 {
		bufferPool.Put(w.buf)
	}
	w.buf = nil
	if w.seg == nil {
		return
	}
	if err := w.seg.f.Truncate(w.start); err == nil && w.err == nil {
		w.seg.size = w.start
		w.giveBack()
		return
	}
	// The tail is garbage without a last record; nothing refers to it.
	_ = w.l.retire(w.seg)
	w.seg = nil
	<-w.l.streams
}
