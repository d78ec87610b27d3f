package spool

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func TestSizes(t *testing.T) {
	for _, size := range []int{0, 1, blockSize - 1, blockSize, blockSize + 1, 4 * blockSize, 4*blockSize + 1, 9*blockSize + 5, 1 << 20} {
		dir := t.TempDir()
		s := New(dir, 4*blockSize)
		want := pattern(size)
		if n, err := io.Copy(s, iotest.HalfReader(bytes.NewReader(want))); err != nil || int(n) != size {
			t.Fatalf("size %d: wrote %d, %v", size, n, err)
		}
		if s.Size() != int64(size) {
			t.Errorf("Size %d, want %d", s.Size(), size)
		}
		if inFile := s.file != nil; inFile != (size > 4*blockSize) {
			t.Errorf("size %d: in a file: %v", size, inFile)
		}
		if len(s.blocks) > 4 {
			t.Errorf("size %d: %d blocks in memory", size, len(s.blocks))
		}
		if err := iotest.TestReader(s.NewReader(), want); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
		if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
			t.Errorf("the file has a name: %v %v", names, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyReaders(t *testing.T) {
	s := New(t.TempDir(), 2*blockSize)
	defer s.Close()
	want := pattern(5*blockSize + 7)
	if _, err := s.Write(want); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := io.ReadAll(s.NewReader()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d octets, %v", len(got), err)
			}
		})
	}
	wg.Wait()
}

func TestReadAt(t *testing.T) {
	s := New(t.TempDir(), blockSize)
	defer s.Close()
	want := pattern(3*blockSize + 100)
	if _, err := s.Write(want); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.IntRange(0, len(want)+10).Draw(t, "offset")
		p := make([]byte, rapid.IntRange(0, len(want)).Draw(t, "length"))
		n, err := s.ReadAt(p, int64(off))
		rest := want[min(off, len(want)):]
		if wantN := min(len(rest), len(p)); n != wantN || !bytes.Equal(p[:n], rest[:n]) || (err == io.EOF) != (n < len(p)) {
			t.Fatalf("ReadAt(%d, %d) = %d, %v", len(p), off, n, err)
		}
	})
	if _, err := s.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a negative offset is read")
	}
}

func TestLimit(t *testing.T) {
	s := New(t.TempDir(), blockSize).Limit(10)
	defer s.Close()
	if _, err := s.Write(pattern(10)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Write([]byte{1})
	if f := fault.Of(err); f.Code != fault.TooLarge || f.Temporary {
		t.Errorf("%v", err)
	}
	if _, err := s.Write(nil); !fault.Is(err, fault.TooLarge) {
		t.Errorf("the error does not stay: %v", err)
	}
	if s.Size() != 10 {
		t.Errorf("Size %d", s.Size())
	}
}

func TestNoDirectory(t *testing.T) {
	s := New(filepath.Join(t.TempDir(), "missing"), blockSize)
	defer s.Close()
	n, err := s.Write(pattern(2 * blockSize))
	if f := fault.Of(err); f.Code != fault.Unavailable || !f.Temporary || !errors.Is(err, fs.ErrNotExist) || n != blockSize {
		t.Errorf("%d, %v", n, err)
	}
}

// TestDiskFull writes to a device that is always full: the fault is temporary and
// its cause stays visible.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := New(t.TempDir(), blockSize)
	s.file = full
	defer s.Close()
	if _, err = s.Write(pattern(blockSize)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Write([]byte{1})
	if f := fault.Of(err); f.Code != fault.Unavailable || !f.Temporary || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%v", err)
	}
}

func TestClosed(t *testing.T) {
	s := New(t.TempDir(), blockSize)
	if _, err := s.Write(pattern(3 * blockSize)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Write([]byte{1}); err == nil {
		t.Error("written after Close")
	}
	if _, err := s.ReadAt(make([]byte, 1), 0); err == nil || err == io.EOF {
		t.Errorf("read after Close: %v", err)
	}
}

func TestNamedFile(t *testing.T) {
	dir := t.TempDir()
	f, err := namedFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("%v %v", names, err)
	}
}

func BenchmarkSpool(b *testing.B) {
	for name, size := range map[string]int{"4k": 4 << 10, "100k": 100 << 10, "1M": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			data := pattern(size)
			dir := b.TempDir()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				s := New(dir, 256<<10)
				for p := data; len(p) > 0; p = p[min(4096, len(p)):] {
					if _, err := s.Write(p[:min(4096, len(p))]); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := io.Copy(io.Discard, s.NewReader()); err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
