package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"posthouse/internal/fault"
)

// LocalConfig sets a local store up. Zero values take the defaults.
type LocalConfig struct {
	Dir         string
	SegmentSize int64 // a segment is sealed when it has grown past this; default 256 MiB
	Streams     int   // blobs larger than 256 KiB that may be written at once; default 16
	OpenFiles   int   // segments kept open for reading; default 128

	// ReadOnly is for a process beside the one that owns the folder: nothing is
	// locked, resumed or written.
	ReadOnly bool

	// wrap stands between the store and its files, for tests that make them fail.
	wrap func(file) file
}

// file is what the store needs of an *os.File.
type file interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Close() error
	datasync() error
}

type osFile struct{ *os.File }

func (f osFile) datasync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Local keeps segments as files in one folder, which one process owns.
type Local struct {
	cfg     LocalConfig
	lock    *os.File
	readers readerCache
	group   group

	mu      sync.Mutex
	next    int64              // number of the next segment
	writing map[int64]struct{} // segments that may still grow
	idle    []*segment         // for large blobs
	closed  bool
	streams chan struct{}
}

// resumeLimit is the largest segment that a start reads through to append to it
// again; larger ones are left as they are.
const resumeLimit = 8 << 20

// OpenLocal opens or makes the folder and takes its lock.
func OpenLocal(cfg LocalConfig) (*Local, error) {
	if cfg.SegmentSize <= 0 {
		cfg.SegmentSize = 256 << 20
	}
	if cfg.Streams <= 0 {
		cfg.Streams = 16
	}
	if cfg.OpenFiles <= 0 {
		cfg.OpenFiles = 128
	}
	if cfg.wrap == nil {
		cfg.wrap = func(f file) file { return f }
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fault.Unavail("The message folder can't be made", err)
	}
	if cfg.ReadOnly {
		l := &Local{cfg: cfg}
		l.readers.init(l, cfg.OpenFiles)
		return l, nil
	}
	lock, err := os.OpenFile(filepath.Join(cfg.Dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Unavail("The message folder can't be locked", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, fault.Unavail("Another process has the message folder "+cfg.Dir+" open", err)
	}
	l := &Local{cfg: cfg, lock: lock, writing: make(map[int64]struct{}), streams: make(chan struct{}, cfg.Streams)}
	l.readers.init(l, cfg.OpenFiles)
	ids, err := l.list()
	if err != nil {
		lock.Close()
		return nil, err
	}
	l.next = 1
	var last *segment
	if n := len(ids); n > 0 {
		l.next = ids[n-1] + 1
		if last, err = l.resume(ids[n-1]); err != nil {
			lock.Close()
			return nil, err
		}
	}
	l.group.start(l, last)
	return l, nil
}

// Close waits for commits that are under way. Readers must be closed before.
func (l *Local) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	if l.cfg.ReadOnly {
		l.mu.Unlock()
		l.readers.close()
		return nil
	}
	idle := l.idle
	l.idle = nil
	l.mu.Unlock()
	err := l.group.stop()
	for _, s := range idle {
		err = errors.Join(err, s.f.Close())
	}
	l.readers.close()
	return errors.Join(err, l.lock.Close())
}

func (l *Local) path(id int64) string {
	return filepath.Join(l.cfg.Dir, fmt.Sprintf("%010d.seg", id))
}

// list gives the numbers of the segment files, ascending.
func (l *Local) list() ([]int64, error) {
	names, err := os.ReadDir(l.cfg.Dir)
	if err != nil {
		return nil, fault.Unavail("The message folder can't be read", err)
	}
	var ids []int64
	for _, e := range names {
		base, ok := strings.CutSuffix(e.Name(), ".seg")
		if !ok {
			continue
		}
		if id, err := strconv.ParseInt(base, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids, nil
}

// Segments implements Store.
func (l *Local) Segments(ctx context.Context) ([]Segment, error) {
	ids, err := l.list()
	if err != nil {
		return nil, err
	}
	out := make([]Segment, 0, len(ids))
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		info, err := os.Stat(l.path(id))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fault.Unavail("A segment can't be read", err)
		}
		l.mu.Lock()
		_, writing := l.writing[id]
		l.mu.Unlock()
		out = append(out, Segment{ID: id, Bytes: info.Size(), Sealed: !writing, Changed: info.ModTime().UTC()})
	}
	return out, nil
}

// Empty implements Store.
func (l *Local) Empty(ctx context.Context) (bool, error) {
	segments, err := l.Segments(ctx)
	for _, s := range segments {
		if s.Bytes > segmentHeader {
			return false, err
		}
	}
	return true, err
}

// Remove implements Store.
func (l *Local) Remove(_ context.Context, id int64) error {
	if l.cfg.ReadOnly {
		return errReadOnly()
	}
	l.mu.Lock()
	_, writing := l.writing[id]
	l.mu.Unlock()
	if writing {
		return fault.New(fault.Conflict, "The segment is being written")
	}
	l.readers.forget(id)
	if err := os.Remove(l.path(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.Unavail("A segment can't be removed", err)
	}
	return nil
}

var _ Store = (*Local)(nil)

// errReadOnly answers writes to a store opened with ReadOnly.
func errReadOnly() error {
	return fault.New(fault.Conflict, "The message folder was opened for reading")
}
