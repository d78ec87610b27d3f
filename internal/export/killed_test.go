package export

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/store/sqldb"
)

// TestKilled kills the exporting process without warning, several times, and
// compares what comes out with an export that nothing has disturbed.
func TestKilled(t *testing.T) {
	reference := newWorld(t)
	ref := reference.account(reference.us, "d.example", "ann")
	j := reference.create(reference.us, ref)
	reference.step(reference.exporter(slowMailbox(nil), nil))
	want := inflate(t, filepath.Join(reference.dir, j.FileName()))

	db, dir := filepath.Join(t.TempDir(), "test.db"), t.TempDir()
	open := func() *sqldb.DB {
		d, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: db})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := open()
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := worldOn(t, first, dir)
	ref = w.account(w.us, "d.example", "ann")
	killed := w.create(w.us, ref)
	if killed.FileName() != j.FileName() {
		t.Fatal("the two are not comparable")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"40", "41", "350", "799"} {
		child := exec.Command(os.Args[0], "-test.run=TestKilledChild$", "-test.v")
		child.Env = append(os.Environ(), "EXPORT_TEST_DB="+db, "EXPORT_TEST_DIR="+dir, "EXPORT_TEST_AT="+at)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(io.LimitReader(&until{r: out, stop: "AT\n"}, 1<<20))
		if err != nil || !bytes.Contains(b, []byte("AT\n")) {
			t.Fatalf("the child did not get to message %s: %v\n%s", at, err, b)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
	}
	// What the crash left behind the checkpoint does not matter.
	f, err := os.OpenFile(filepath.Join(dir, j.FileName()), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(bytes.Repeat([]byte("half a block"), 1<<16)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	last := open()
	defer last.Close()
	if w.core, err = coreOn(last, w.clock); err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	mail := slowMailbox(func(int64) { read.Add(1) })
	e := w.exporter(mail, nil)
	if err := w.core.ReleaseLegalExports(w.ctx, job); err != nil {
		t.Fatal(err)
	}
	if !w.step(e) {
		t.Fatal("nothing to take up")
	}
	if got := w.job(w.us, ref, killed.PublicID()); got.State != legalexport.Completed || got.Messages != 800 {
		t.Fatalf("%+v", got)
	}
	if got := inflate(t, filepath.Join(dir, j.FileName())); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, an undisturbed export has %d", len(got), len(want))
	}
	if n := read.Load(); n > 200 {
		t.Errorf("%d messages were read again at the end", n)
	}
}

// slowMailbox tells of each message.
func slowMailbox(each func(id int64)) *made {
	m := mailbox(400, "INBOX", "Archive")
	m.before = func(id int64) error {
		if each != nil {
			each(id)
		}
		return nil
	}
	return m
}

func TestKilledChild(t *testing.T) {
	db := os.Getenv("EXPORT_TEST_DB")
	if db == "" {
		return // it is the other's child
	}
	d, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: db})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: t.Context(), dir: os.Getenv("EXPORT_TEST_DIR")}
	if w.core, err = coreOn(d, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.core.ReleaseLegalExports(w.ctx, job); err != nil {
		t.Fatal(err)
	}
	at := os.Getenv("EXPORT_TEST_AT")
	e := w.exporter(slowMailbox(func(id int64) {
		n := id & (1<<32 - 1)
		if id>>32 == 11 {
			n += 400
		}
		if fmt.Sprint(n) == at {
			fmt.Println("AT")
			select {} // until killed
		}
	}), func(c *Config) { c.Clock = nil })
	w.step(e)
}

// until ends after a text.
type until struct {
	r    io.Reader
	stop string
	seen []byte
	done bool
}

func (u *until) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(p)
	u.seen = append(u.seen, p[:n]...)
	u.done = bytes.Contains(u.seen, []byte(u.stop))
	return n, err
}
