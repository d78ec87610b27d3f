package blob

import (
	"container/list"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"posthouse/internal/fault"
)

// openSegment is a segment file open for reading, shared by Readers.
type openSegment struct {
	id   int64
	f    *os.File
	refs int  // Readers
	gone bool // not in the cache: the last Reader closes it
	elem *list.Element
}

// readerCache keeps a bounded number of segments open beyond those in use.
type readerCache struct {
	l     *Local
	limit int
	mu    sync.Mutex
	files map[int64]*openSegment
	order *list.List // front: used last
}

func (c *readerCache) init(l *Local, limit int) {
	c.l, c.limit, c.files, c.order = l, limit, make(map[int64]*openSegment), list.New()
}

func (c *readerCache) get(id int64) (*openSegment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.files[id]; s != nil {
		s.refs++
		c.order.MoveToFront(s.elem)
		return s, nil
	}
	f, err := os.Open(c.l.path(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &fault.Error{Code: fault.NotFound, Text: "The segment is gone", Cause: err}
	}
	if err != nil {
		return nil, fault.Unavail("A segment can't be opened", err)
	}
	s := &openSegment{id: id, f: f, refs: 1}
	s.elem = c.order.PushFront(s)
	c.files[id] = s
	for e := c.order.Back(); e != nil && c.order.Len() > c.limit; {
		old := e.Value.(*openSegment)
		e = e.Prev()
		c.drop(old)
	}
	return s, nil
}

// drop takes a segment out of the cache; c.mu is held.
func (c *readerCache) drop(s *openSegment) {
	delete(c.files, s.id)
	c.order.Remove(s.elem)
	s.gone = true
	if s.refs == 0 {
		_ = s.f.Close() // was open for reading only
	}
}

func (c *readerCache) put(s *openSegment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.refs--
	if s.gone && s.refs == 0 {
		_ = s.f.Close()
	}
}

func (c *readerCache) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.files[id]; s != nil {
		c.drop(s)
	}
}

func (c *readerCache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.files {
		c.drop(s)
	}
}

type localReader struct {
	l   *Local
	s   *openSegment
	ref Ref
}

// Open implements Store.
func (l *Local) Open(ref Ref) (Reader, error) {
	s, err := l.readers.get(ref.Segment)
	if err != nil {
		return nil, err
	}
	return &localReader{l: l, s: s, ref: ref}, nil
}

func (r *localReader) Size() int64 { return r.ref.Length }

func (r *localReader) Close() error {
	if r.s != nil {
		r.l.readers.put(r.s)
		r.s = nil
	}
	return nil
}

// ReadAt reads across record borders, whose places follow from the offset.
func (r *localReader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fault.New(fault.Internal, "Negative offset")
	}
	for n < len(p) {
		if off >= r.ref.Length {
			return n, io.EOF
		}
		index, in := off/maxPayload, off%maxPayload
		take := min(int64(len(p)-n), maxPayload-in, r.ref.Length-off)
		pos := r.ref.Offset + (index+1)*recordHeader + index*maxPayload + in
		m, err := r.s.f.ReadAt(p[n:n+int(take)], pos)
		n += m
		off += int64(m)
		if int64(m) < take {
			return n, fault.Unavail("A segment can't be read", err)
		}
	}
	return n, nil
}

// Check implements Store.
func (l *Local) Check(ctx context.Context, ref Ref) error {
	s, err := l.readers.get(ref.Segment)
	if err != nil {
		return err
	}
	defer l.readers.put(s)
	var header [recordHeader]byte
	buf := make([]byte, min(ref.Length, maxPayload))
	for done, pos, first := int64(0), ref.Offset, true; done < ref.Length || first; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := s.f.ReadAt(header[:], pos); err != nil {
			return damaged(err)
		}
		rec, ok := parseRecordHeader(header[:])
		left := ref.Length - done
		if !ok || first != (rec.flags&flagFirst != 0) || int64(rec.length) != min(left, maxPayload) ||
			(rec.flags&flagLast != 0) != (int64(rec.length) == left) {
			return damaged(nil)
		}
		if _, err := s.f.ReadAt(buf[:rec.length], pos+recordHeader); err != nil {
			return damaged(err)
		}
		if crc32.Checksum(buf[:rec.length], castagnoli) != rec.crc {
			return damaged(nil)
		}
		done += int64(rec.length)
		pos += recordHeader + int64(rec.length)
	}
	return nil
}

func damaged(cause error) error {
	return &fault.Error{Code: fault.Internal, Text: "The stored bytes are damaged", Reason: "BLOB_DAMAGED", Cause: cause}
}
