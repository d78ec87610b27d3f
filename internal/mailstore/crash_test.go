package mailstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
)

var errCrash = errors.New("crash")

// at makes the store fail at one point, as if the process ended there.
func (b *bench) at(point string) {
	b.failpoint = func(name string) error {
		if name == point {
			return errCrash
		}
		return nil
	}
}

// A crash between the bytes' sync and the commit leaves bytes without a message,
// which a sweep takes after the grace time and not before.
func TestCrashBetweenBytesAndCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a := b.account(7, 0)
		for _, point := range []string{"put", "deliver"} {
			b.at(point)
			st, err := b.Put(ctx, strings.NewReader(letter("lost", strings.Repeat(point, 2000))))
			if err == nil {
				_, err = b.deliver(st, Target{AccountID: a})
			}
			if !errors.Is(err, errCrash) {
				t.Fatal(point, err)
			}
			b.restart()
			if v := b.view(b.folder(a, Inbox).ID); len(v.Entries) != 0 || v.Folder.UIDNext != 1 {
				t.Fatalf("%+v", v)
			}
		}
		if r := b.verify(); r.Messages != 0 || r.Unreferenced < 100 {
			t.Fatalf("%+v", r)
		}
		d := b.mail(a, letter("kept", "text"))
		b.seal()
		if r, err := b.Sweep(ctx); err != nil || r.Segments != 0 {
			t.Fatalf("swept within the grace time: %+v, %v", r, err)
		}
		b.advancePast()
		b.at("compact")
		if _, err := b.Sweep(ctx); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		b.seal()
		b.advancePast()
		if r, err := b.Sweep(ctx); err != nil || r.Segments < 1 || r.Moved < 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := b.read(a, d.MessageID); got != letter("kept", "text") {
			t.Fatalf("%q", got)
		}
		b.verify()
		b.restart()
		b.verify()
	})
}

// seal ends the segment that is being written, as a torn tail does.
func (b *bench) seal() {
	b.t.Helper()
	b.close()
	paths, err := filepath.Glob(filepath.Join(b.dir, "messages", "*.seg"))
	must(b.t, err)
	f, err := os.OpenFile(paths[len(paths)-1], os.O_APPEND|os.O_WRONLY, 0)
	must(b.t, err)
	_, err = f.WriteString("torn")
	must(b.t, errors.Join(err, f.Close()))
	b.open()
}

// advancePast moves the clock beyond the grace time of every segment.
func (b *bench) advancePast() {
	segments, err := b.blobs.Segments(context.Background())
	must(b.t, err)
	for _, s := range segments {
		if past := s.Changed.Add(2 * time.Hour).Sub(b.clock.Now()); past > 0 {
			b.clock.Advance(past)
		}
	}
}

// What a reader holds open stays readable while its segment is compacted away.
func TestReadWhileCompacting(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	a := b.account(7, 0)
	text := letter("kept", strings.Repeat("text ", 500))
	d := b.mail(a, text)
	for range 5 {
		b.mail(a, letter("gone", strings.Repeat("noise ", 2000)))
	}
	inbox := b.folder(a, Inbox).ID
	_, _, err := b.StoreFlags(ctx, inbox, []uint32{2, 3, 4, 5, 6}, AddFlags, Flags{System: Deleted}, 0)
	must(t, err)
	_, _, err = b.Expunge(ctx, inbox, nil)
	must(t, err)
	b.seal()
	c, err := b.Store.Open(ctx, a, d.MessageID)
	must(t, err)
	defer c.Close()
	b.advancePast()
	r, err := b.Sweep(ctx)
	if err != nil || r.Segments != 1 || r.Moved != 1 || r.Bytes <= 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil || out.String() != text {
		t.Fatal("open content lost", err)
	}
	if b.read(a, d.MessageID) != text {
		t.Fatal("moved content differs")
	}
	b.verify()
}

// Files as a kill -9 leaves them: whatever was answered is there.
func TestKilledWhileDelivering(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	a := b.account(7, 0)
	inbox := b.folder(a, Inbox).ID
	for round := range 5 {
		answered := 0
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := b.deliver(b.put(letter("x", fmt.Sprint(round, i))), Target{AccountID: a}); err != nil {
					t.Error(err)
					return
				}
				answered++
				if answered == 20 {
					close(stop)
				}
			}
		}()
		<-stop
		want := len(b.view(inbox).Entries)
		copied := filepath.Join(b.dir, fmt.Sprint("copy", round))
		must(t, os.CopyFS(copied, onlyData{os.DirFS(b.dir)}))
		must(t, os.Chmod(filepath.Join(copied, "master.key"), 0o600))
		<-done
		// Nobody holds this copy open: it is what a kill would have left, with the
		// last message segment cut somewhere behind what was answered.
		killed := &bench{t: t, dir: copied, dbCfg: b.dbCfg, cfg: b.cfg, clock: b.clock}
		killed.dbCfg.Path = filepath.Join(copied, "posthouse.db")
		killed.open()
		if got := len(killed.view(inbox).Entries); got < want {
			t.Errorf("%d messages after the kill, %d were answered", got, want)
		}
		killed.verify()
		killed.mail(a, letter("after", "the kill"))
		killed.verify()
		killed.close()
	}
}

// onlyData hides copies of copies. The database is copied before the messages,
// so that the copy never knows a message whose bytes it lacks.
type onlyData struct{ fs.FS }

func (o onlyData) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	var out []fs.DirEntry
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "copy") && !strings.HasSuffix(e.Name(), "-shm") {
			out = append(out, e)
		}
	}
	// posthouse.db and its log come after "messages" and "master.key" by name.
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, err
}

func TestMasterKeyWrongOrMissing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		a := b.account(7, 0)
		b.mail(a, letter("secret", "text"))
		db, blobs, path := b.db, b.blobs, filepath.Join(b.dir, "master.key")
		good, err := os.ReadFile(path)
		must(t, err)
		try := func(want string) {
			t.Helper()
			keys, err := keyring.Open(path, bytes.NewReader(bytes.Repeat([]byte{1}, 4096)))
			if err == nil {
				_, err = Open(context.Background(), Config{DB: db, Blobs: blobs, Keys: keys, Background: -1, IndexDelay: -1})
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("%v, want %q", err, want)
			}
		}
		must(t, os.Remove(path))
		try("missing")
		if _, err := os.Stat(path); err == nil {
			t.Fatal("a new key over old data")
		}
		other := filepath.Join(t.TempDir(), "other.key")
		k, err := keyring.Open(other, bytes.NewReader(bytes.Repeat([]byte{2}, 4096)))
		must(t, err)
		_, err = k.Establish(nil, false)
		must(t, err)
		text, err := os.ReadFile(other)
		must(t, err)
		must(t, os.WriteFile(path, text, 0o600))
		try("not the one")
		must(t, os.WriteFile(path, good, 0o600))
		b.restart()
		b.verify()
	})
}

// A lost database beside message segments is no reason for a new key either.
func TestMissingKeyWithBlobsOnly(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.mail(b.account(7, 0), letter("x", "y"))
	b.close()
	must(t, os.Remove(filepath.Join(b.dir, "master.key")))
	must(t, os.Remove(b.dbCfg.Path))
	ctx := context.Background()
	db, err := sqldb.Open(ctx, b.dbCfg)
	must(t, err)
	defer db.Close()
	must(t, db.Migrate(ctx))
	blobs, err := blob.OpenLocal(blob.LocalConfig{Dir: filepath.Join(b.dir, "messages")})
	must(t, err)
	defer blobs.Close()
	keys, err := keyring.Open(filepath.Join(b.dir, "master.key"), bytes.NewReader(make([]byte, 4096)))
	must(t, err)
	if _, err := Open(ctx, Config{DB: db, Blobs: blobs, Keys: keys}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Fatal(err)
	}
}

// fullBlobs is a blob store on a full disk.
type fullBlobs struct {
	blob.Store
	full bool
}

func (f *fullBlobs) Create(ctx context.Context) (blob.Writer, error) {
	w, err := f.Store.Create(ctx)
	return &fullWriter{w, f}, err
}

type fullWriter struct {
	blob.Writer
	f *fullBlobs
}

func (w *fullWriter) Commit(ctx context.Context) (blob.Ref, error) {
	if w.f.full {
		w.Abort()
		return blob.Ref{}, fault.Unavail("The message storage is full", unix.ENOSPC).WithReason("STORAGE_FULL")
	}
	return w.Writer.Commit(ctx)
}

func TestDiskFull(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	a := b.account(7, 0)
	full := &fullBlobs{Store: b.blobs, full: true}
	b.Store.blobs = full
	for range 3 {
		_, err := b.Put(context.Background(), strings.NewReader(letter("x", "y")))
		if f := fault.Of(err); f == nil || f.Code != fault.Unavailable || !f.Temporary || !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
	full.full = false
	b.mail(a, letter("x", "y"))
	b.verify()
}
