package blob

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"posthouse/internal/fault"
)

// segment is a segment file that is being appended to, by one goroutine at a time.
type segment struct {
	id   int64
	f    file
	size int64 // end of the last good record; what lies behind is garbage
}

// newSegment makes the next segment; file and folder entry are durable on return.
func (l *Local) newSegment() (*segment, error) {
	l.mu.Lock()
	id := l.next
	l.next++
	l.mu.Unlock()
	osf, err := os.OpenFile(l.path(id), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, storageFault(err)
	}
	f := l.cfg.wrap(osFile{osf})
	s := &segment{id: id, f: f, size: segmentHeader}
	_, err = f.WriteAt(appendSegmentHeader(nil, id), 0)
	if err == nil {
		err = f.datasync()
	}
	if err == nil {
		err = syncDir(l.cfg.Dir)
	}
	if err != nil {
		// A file that stays behind is an empty segment, which the sweep removes.
		return nil, storageFault(errors.Join(err, f.Close(), os.Remove(l.path(id))))
	}
	l.mu.Lock()
	l.writing[id] = struct{}{}
	l.mu.Unlock()
	return s, nil
}

// append writes whole records behind the last good one. After an error the
// segment is as before, or, when even cutting it fails, not to be used again.
func (s *segment) append(b []byte) error {
	if _, err := s.f.WriteAt(b, s.size); err != nil {
		return errors.Join(err, s.f.Truncate(s.size))
	}
	s.size += int64(len(b))
	return nil
}

// retire stops the writing of a segment.
func (l *Local) retire(s *segment) error {
	l.mu.Lock()
	delete(l.writing, s.id)
	l.mu.Unlock()
	return s.f.Close()
}

// resume opens the newest segment for more, if it is small and ends clean. A
// segment with a torn tail stays as it is: bytes are never cut away behind the
// back of someone who may refer to them.
func (l *Local) resume(id int64) (*segment, error) {
	osf, err := os.OpenFile(l.path(id), os.O_RDWR, 0)
	if err != nil {
		return nil, fault.Unavail("A segment can't be opened", err)
	}
	info, err := osf.Stat()
	if err != nil {
		osf.Close()
		return nil, fault.Unavail("A segment can't be opened", err)
	}
	if info.Size() > min(resumeLimit, l.cfg.SegmentSize) {
		return nil, osf.Close()
	}
	end, err := scan(context.Background(), osf, id, nil)
	if err != nil || end != info.Size() {
		return nil, errors.Join(err, osf.Close())
	}
	l.writing[id] = struct{}{}
	return &segment{id: id, f: l.cfg.wrap(osFile{osf}), size: end}, nil
}

// Records implements Store.
func (l *Local) Records(ctx context.Context, id int64, fn func(Ref) error) error {
	f, err := l.readers.get(id)
	if err != nil {
		return err
	}
	defer l.readers.put(f)
	_, err = scan(ctx, f.f, id, fn)
	return err
}

// scan walks the whole blobs of a segment and returns where the last one ends.
func scan(ctx context.Context, r io.ReaderAt, id int64, fn func(Ref) error) (end int64, err error) {
	header := make([]byte, segmentHeader)
	if _, err := r.ReadAt(header, 0); err != nil {
		return 0, eofIsEnd(err)
	}
	if string(header) != string(appendSegmentHeader(nil, id)) {
		return 0, nil
	}
	var (
		buf  = make([]byte, recordHeader, 64<<10)
		ref  Ref
		open bool
		pos  = int64(segmentHeader)
	)
	end = pos
	for {
		if err := ctx.Err(); err != nil {
			return end, err
		}
		if _, err := r.ReadAt(buf[:recordHeader], pos); err != nil {
			return end, eofIsEnd(err)
		}
		rec, ok := parseRecordHeader(buf[:recordHeader])
		if !ok || open == (rec.flags&flagFirst != 0) {
			return end, nil
		}
		if cap(buf) < rec.length {
			buf = make([]byte, maxPayload)
		}
		payload := buf[:rec.length]
		if _, err := r.ReadAt(payload, pos+recordHeader); err != nil {
			return end, eofIsEnd(err)
		}
		if crc32.Checksum(payload, castagnoli) != rec.crc {
			return end, nil
		}
		if rec.flags&flagFirst != 0 {
			ref = Ref{Segment: id, Offset: pos}
		}
		ref.Length += int64(rec.length)
		pos += recordHeader + int64(rec.length)
		open = rec.flags&flagLast == 0
		if open {
			continue
		}
		end = pos
		if fn != nil {
			if err := fn(ref); err != nil {
				return end, err
			}
		}
	}
}

func eofIsEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fault.Unavail("A segment can't be read", err)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// storageFault tells a full disk from a broken one; both are worth trying again.
func storageFault(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fault.Unavail("The message storage is full", err).WithReason("STORAGE_FULL")
	}
	return fault.Unavail("The message storage fails", err)
}
