// Package spool is where the content of a message waits between the moment a
// door receives it and the moment a store takes it: small content in memory,
// the rest in a file that has no name.
package spool

import (
	"io"
	"os"
	"sync"

	"posthouse/internal/fault"
)

const blockSize = 16 << 10

var blocks = sync.Pool{New: func() any { return new([blockSize]byte) }}

// Spool takes octets once and gives them to any number of readers. Writing and
// reading at the same time is not supported; reading by many is. It holds at most
// the memory it was given, rounded up to 16 KiB.
type Spool struct {
	dir    string
	memory int
	limit  int64 // 0 = none

	mu     sync.RWMutex // against Close
	blocks []*[blockSize]byte
	filed  int64 // octets in the file; those after it are in the blocks
	size   int64
	file   *os.File
	err    error // of an earlier Write
	closed bool
}

// New returns an empty Spool that keeps up to memory octets in memory and what
// exceeds that in an unnamed file in dir. Close gives everything back.
func New(dir string, memory int) *Spool { return &Spool{dir: dir, memory: max(memory, blockSize)} }

// Limit makes every Write fail with fault.TooLarge that would take s beyond n
// octets, and returns s.
func (s *Spool) Limit(n int64) *Spool {
	s.limit = n
	return s
}

// Write implements io.Writer. After an error, which is temporary unless the
// limit was exceeded, nothing more is taken.
func (s *Spool) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, errClosed
	case s.err != nil:
		return 0, s.err
	case s.limit > 0 && s.size+int64(len(p)) > s.limit:
		s.err = fault.Newf(fault.TooLarge, "The message is larger than %d octets", s.limit)
		return 0, s.err
	}
	for n < len(p) {
		used := int(s.size-s.filed) % blockSize
		if used == 0 {
			if len(s.blocks)*blockSize >= s.memory {
				if err := s.flush(); err != nil {
					s.err = fault.Unavail("The message can't be kept at the moment", err)
					return n, s.err
				}
			}
			s.blocks = append(s.blocks, blocks.Get().(*[blockSize]byte))
		}
		took := copy(s.blocks[len(s.blocks)-1][used:], p[n:])
		n += took
		s.size += int64(took)
	}
	return n, nil
}

// flush moves the blocks, all of them full, to the file.
func (s *Spool) flush() error {
	if s.file == nil {
		f, err := unnamedFile(s.dir)
		if err != nil {
			return err
		}
		s.file = f
	}
	for i, b := range s.blocks {
		if _, err := s.file.WriteAt(b[:], s.filed+int64(i)*blockSize); err != nil {
			return err
		}
	}
	s.filed += int64(len(s.blocks)) * blockSize
	s.release()
	return nil
}

func (s *Spool) release() {
	for i, b := range s.blocks {
		blocks.Put(b)
		s.blocks[i] = nil
	}
	s.blocks = s.blocks[:0]
}

// Size is the number of octets written.
func (s *Spool) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.size
}

// ReadAt implements io.ReaderAt.
func (s *Spool) ReadAt(p []byte, off int64) (n int, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, errClosed
	}
	if off < 0 {
		return 0, fault.New(fault.Internal, "Reading before the beginning of a message")
	}
	if off < s.filed {
		want := p[:min(int64(len(p)), s.filed-off)]
		if n, err = s.file.ReadAt(want, off); n < len(want) {
			return n, fault.Unavail("The message can't be read at the moment", err)
		}
	}
	for n < len(p) && off+int64(n) < s.size {
		at := off + int64(n) - s.filed
		block := s.blocks[at/blockSize][at%blockSize:]
		n += copy(p[n:], block[:min(int64(len(block)), s.size-s.filed-at)])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// NewReader returns a reader of all that has been written, from the beginning.
// Readers are independent of each other.
func (s *Spool) NewReader() *io.SectionReader { return io.NewSectionReader(s, 0, s.Size()) }

// Close gives memory and file back. Later calls do nothing.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.release()
	if s.file == nil {
		return nil
	}
	if err := s.file.Close(); err != nil {
		return fault.Wrap(err)
	}
	return nil
}

var errClosed = fault.New(fault.Internal, "The message has been given back")

var (
	_ io.Writer   = (*Spool)(nil)
	_ io.ReaderAt = (*Spool)(nil)
	_ io.Closer   = (*Spool)(nil)
)
