package blob

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"posthouse/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, cfg LocalConfig) *Local {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	l, err := OpenLocal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func put(l *Local, b []byte) (Ref, error) {
	w, err := l.Create(context.Background())
	if err != nil {
		return Ref{}, err
	}
	defer w.Abort()
	if _, err := w.Write(b); err != nil {
		return Ref{}, err
	}
	return w.Commit(context.Background())
}

func mustPut(t testing.TB, l *Local, b []byte) Ref {
	t.Helper()
	ref, err := put(l, b)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func mustRead(t testing.TB, l *Local, ref Ref, want []byte) {
	t.Helper()
	r, err := l.Open(ref)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%+v: read %d bytes of %d, err %v", ref, len(got), len(want), err)
	}
	if err := l.Check(context.Background(), ref); err != nil {
		t.Fatal(err)
	}
}

func refs(t testing.TB, l *Local) map[Ref]bool {
	t.Helper()
	out := map[Ref]bool{}
	segments, err := l.Segments(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segments {
		if err := l.Records(context.Background(), s.ID, func(r Ref) error { out[r] = true; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var sizes = []int{0, 1, 4096, smallBlob - 1, smallBlob, smallBlob + 1, maxPayload, maxPayload + 1, 3*maxPayload + 5}

func TestBlobsOfAllSizesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	l, err := OpenLocal(LocalConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if empty, err := l.Empty(t.Context()); !empty || err != nil {
		t.Fatal("new store not empty", err)
	}
	want := map[Ref][]byte{}
	for round := range 3 {
		for _, n := range sizes {
			b := letters(n+round, true)
			want[mustPut(t, l, b)] = b
		}
	}
	check := func(l *Local) {
		t.Helper()
		for ref, b := range want {
			mustRead(t, l, ref, b)
		}
		if got := refs(t, l); len(got) != len(want) {
			t.Fatalf("%d records listed, want %d", len(got), len(want))
		}
	}
	check(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, LocalConfig{Dir: dir})
	check(l)
	b := letters(99, false)
	want[mustPut(t, l, b)] = b
	check(l)
	if empty, err := l.Empty(t.Context()); empty || err != nil {
		t.Fatal("full store empty", err)
	}
}

func TestOnlyOneProcessOwnsTheFolder(t *testing.T) {
	l := open(t, LocalConfig{})
	if _, err := OpenLocal(LocalConfig{Dir: l.cfg.Dir}); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("second open: %v", err)
	}
}

func TestSegmentsRotateAndGo(t *testing.T) {
	l := open(t, LocalConfig{SegmentSize: 10_000, OpenFiles: 2})
	want := map[Ref][]byte{}
	for i := range 40 {
		b := letters(2000+i, true)
		want[mustPut(t, l, b)] = b
	}
	segments, err := l.Segments(t.Context())
	if err != nil || len(segments) < 6 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	for ref, b := range want {
		mustRead(t, l, ref, b)
	}
	for ref, b := range want {
		if ref.Segment != segments[0].ID {
			continue
		}
		r, err := l.Open(ref)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := l.Remove(t.Context(), ref.Segment); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(b))
		if _, err := r.ReadAt(got, 0); err != nil || !bytes.Equal(got, b) {
			t.Fatal("an open reader lost its segment", err)
		}
		if _, err := l.Open(ref); !fault.Is(err, fault.NotFound) {
			t.Fatalf("removed: %v", err)
		}
		break
	}
	last := segments[len(segments)-1]
	if last.Sealed {
		t.Fatal("the segment being written counts as sealed")
	}
	if err := l.Remove(t.Context(), last.ID); !fault.Is(err, fault.Conflict) {
		t.Fatalf("removed the segment being written: %v", err)
	}
}

// A kill may leave any prefix of what was being written, or garbage behind it.
func TestTornTails(t *testing.T) {
	dir := t.TempDir()
	l, err := OpenLocal(LocalConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first, second := letters(3000, true), letters(5000, true)
	ref1, ref2 := mustPut(t, l, first), mustPut(t, l, second)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(l.path(ref1.Segment))
	if err != nil {
		t.Fatal(err)
	}
	tails := map[string][]byte{"garbage": append(bytes.Clone(whole), letters(100, true)...), "zeros": append(bytes.Clone(whole), make([]byte, 4096)...)}
	for cut := int(ref2.Offset); cut < len(whole); cut += 611 {
		tails["cut "+string(rune('a'+cut%26))+byteSize(cut)] = whole[:cut]
	}
	tails["header only"] = whole[:ref2.Offset+recordHeader]
	tails["cut in the file header"] = whole[:7]
	for name, text := range tails {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, filepath.Base(l.path(ref1.Segment)))
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			l := open(t, LocalConfig{Dir: dir})
			got := refs(t, l)
			if len(text) > int(ref2.Offset) || len(text) == int(ref2.Offset) {
				mustRead(t, l, ref1, first)
				if !got[ref1] {
					t.Fatal("the first blob is not listed")
				}
			}
			if got[ref2] != (len(text) >= len(whole)) {
				t.Fatalf("second blob listed: %v of %d/%d bytes", got[ref2], len(text), len(whole))
			}
			if err := l.Check(t.Context(), ref2); (err == nil) != (len(text) >= len(whole)) {
				t.Fatalf("second blob: %v", err)
			}
			more := letters(777, true)
			ref3 := mustPut(t, l, more)
			mustRead(t, l, ref3, more)
			if after, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(after, text) {
				t.Fatal("old bytes were changed", err)
			}
		})
	}
}

func TestManyWriters(t *testing.T) {
	l := open(t, LocalConfig{SegmentSize: 1 << 20, Streams: 2})
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		want = map[Ref][]byte{}
	)
	for g := range 16 {
		wg.Go(func() {
			for i := range 20 {
				n := 1000*g + i
				if i == 7 {
					n += smallBlob
				}
				b := letters(n, true)
				ref, err := put(l, b)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if want[ref] != nil {
					t.Errorf("%+v given twice", ref)
				}
				want[ref] = b
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for ref, b := range want {
		mustRead(t, l, ref, b)
	}
}

func TestAbortAndClose(t *testing.T) {
	l := open(t, LocalConfig{})
	for _, n := range []int{100, 2 * maxPayload} {
		w, err := l.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(letters(n, true)); err != nil {
			t.Fatal(err)
		}
		w.Abort()
		if _, err := w.Write([]byte("x")); err == nil {
			t.Fatal("written after Abort")
		}
		if _, err := w.Commit(t.Context()); err == nil {
			t.Fatal("committed after Abort")
		}
	}
	if got := refs(t, l); len(got) != 0 {
		t.Fatalf("aborted blobs are there: %v", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{100, 2 * maxPayload} {
		if _, err := put(l, letters(n, true)); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("after Close: %v", err)
		}
	}
}
