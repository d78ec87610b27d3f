package blob

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"posthouse/internal/fault"
)

// full is a disk that has room for a while.
type full struct {
	file
	room     *atomic.Int64
	failSync *atomic.Bool
}

func (f full) WriteAt(p []byte, off int64) (int, error) {
	if left := f.room.Add(-int64(len(p))); left < 0 {
		n := max(0, len(p)+int(left))
		n, err := f.file.WriteAt(p[:n], off)
		if err == nil {
			err = &os.PathError{Op: "write", Path: "segment", Err: unix.ENOSPC}
		}
		return n, err
	}
	return f.file.WriteAt(p, off)
}

func (f full) datasync() error {
	if f.failSync.Load() {
		return unix.EIO
	}
	return f.file.datasync()
}

func TestDiskFull(t *testing.T) {
	var room atomic.Int64
	var failSync atomic.Bool
	room.Store(4 << 20)
	l := open(t, LocalConfig{wrap: func(f file) file { return full{f, &room, &failSync} }})
	small, large := letters(6000, true), letters(2*maxPayload, true)
	want := map[Ref][]byte{mustPut(t, l, small): small, mustPut(t, l, large): large}
	check := func() {
		t.Helper()
		for ref, b := range want {
			mustRead(t, l, ref, b)
		}
		if got := refs(t, l); len(got) != len(want) {
			t.Fatalf("%d blobs visible, want %d", len(got), len(want))
		}
	}
	for _, b := range [][]byte{small, large} {
		room.Store(int64(len(b) / 2))
		for range 3 {
			_, err := put(l, b)
			f := fault.Of(err)
			if err == nil || f.Code != fault.Unavailable || !f.Temporary || f.Reason != "STORAGE_FULL" {
				t.Fatalf("on a full disk: %v", err)
			}
			check()
		}
		room.Store(1 << 30)
		want[mustPut(t, l, b)] = b
		check()
	}
	failSync.Store(true)
	for _, b := range [][]byte{small, large} {
		if _, err := put(l, b); !fault.Is(err, fault.Unavailable) || !errors.Is(err, unix.EIO) {
			t.Fatalf("with a failing sync: %v", err)
		}
	}
	failSync.Store(false)
	for _, b := range [][]byte{small, large} {
		want[mustPut(t, l, b)] = b
	}
	for ref, b := range want {
		mustRead(t, l, ref, b)
	}
}
