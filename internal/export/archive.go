package export

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"

	"posthouse/internal/fault"
)

// archive appends to a .tar.gz that can be cut off at each checkpoint: a
// checkpoint ends a gzip member between two entries, and members one after the
// other are one file to every reader (RFC 1952 section 2.2).
type archive struct {
	file    *os.File
	size    int64 // written to file
	gz      *gzip.Writer
	open    bool // the present member has begun
	tar     *tar.Writer
	pending int64 // bytes of entries since the checkpoint
	failed  error // of the file
}

// openArchive takes a file up again that is good up to size; 0 begins a new one.
// A file that is shorter is fault.NotFound.
func openArchive(path string, size int64) (*archive, error) {
	f, err := openAt(path, size)
	if err != nil {
		return nil, err
	}
	a := &archive{file: f, size: size}
	a.gz, err = gzip.NewWriterLevel(fileWriter{a}, gzip.DefaultCompression)
	if err != nil {
		return nil, errors.Join(fault.Wrap(err), f.Close())
	}
	a.tar = tar.NewWriter(a)
	return a, nil
}

var errShort = fault.New(fault.NotFound, "The file is shorter than it was")

// openAt opens a file for appending after size bytes and drops what follows.
func openAt(path string, size int64) (*os.File, error) {
	flags := os.O_RDWR | os.O_CREATE
	if size == 0 {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	fail := func(err error) (*os.File, error) { return nil, errors.Join(err, f.Close()) }
	info, err := f.Stat()
	if err != nil {
		return fail(fault.Wrap(err))
	}
	if info.Size() < size {
		return fail(errShort)
	}
	if err := f.Truncate(size); err != nil {
		return fail(fault.Wrap(err))
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return fail(fault.Wrap(err))
	}
	return f, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fault.Wrap(err)
	}
	return fault.Wrap(errors.Join(d.Sync(), d.Close()))
}

// fileWriter is where gzip writes to.
type fileWriter struct{ a *archive }

func (w fileWriter) Write(p []byte) (int, error) {
	n, err := w.a.file.Write(p)
	w.a.size += int64(n)
	if err != nil && w.a.failed == nil {
		w.a.failed = err
	}
	return n, err
}

// Write is where tar writes to.
func (a *archive) Write(p []byte) (int, error) {
	if !a.open {
		a.gz.Reset(fileWriter{a})
		a.open = true
	}
	a.pending += int64(len(p))
	return a.gz.Write(p)
}

func (a *archive) dir(name string, at time.Time) error {
	return fault.Wrap(a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o700, ModTime: at.UTC().Truncate(time.Second), Format: tar.FormatPAX}))
}

// entry writes the header of a file; exactly size bytes into a.tar follow.
func (a *archive) entry(name string, size int64, at time.Time) error {
	return fault.Wrap(a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at.UTC().Truncate(time.Second), Format: tar.FormatPAX}))
}

// checkpoint puts everything so far on stable storage and gives the file's size.
func (a *archive) checkpoint() (int64, error) {
	if err := a.tar.Flush(); err != nil {
		return 0, fault.Wrap(err)
	}
	return a.endMember()
}

func (a *archive) endMember() (int64, error) {
	if a.open {
		if err := a.gz.Close(); err != nil {
			return 0, fault.Wrap(err)
		}
		a.open = false
	}
	a.pending = 0
	return a.size, fault.Wrap(a.file.Sync())
}

// finish writes the end of the archive.
func (a *archive) finish() (int64, error) {
	if err := a.tar.Close(); err != nil {
		return 0, fault.Wrap(err)
	}
	return a.endMember()
}

func (a *archive) close() error { return a.file.Close() }
