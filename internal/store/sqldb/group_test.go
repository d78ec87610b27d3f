package sqldb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/fault"
)

// hold makes the writer wait in a closure; queued waits until n others are in
// the queue.
func hold(t *testing.T, db *DB) (release func() error) {
	t.Helper()
	running, gate, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(*Tx) error {
			close(running)
			<-gate
			return nil
		})
	}()
	<-running
	return func() error {
		close(gate)
		return <-done
	}
}

func queued(db *DB, n int) {
	g := db.sqlite.group
	for {
		g.mu.Lock()
		have := len(g.queue)
		g.mu.Unlock()
		if have >= n {
			return
		}
		runtime.Gosched()
	}
}

// together runs n writers that wait for one and the same batch; the last error
// is that of a further one, the batch's first, which does nothing.
func together(t *testing.T, db *DB, n int, fn func(tx *Tx, i int) error) []error {
	t.Helper()
	release := hold(t, db)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			errs[i] = db.Write(context.Background(), func(tx *Tx) error { return fn(tx, i) })
		})
	}
	queued(db, n)
	first := release()
	wg.Wait()
	return append(errs, first)
}

// oneBatch lets a batch take its time on a busy machine.
var oneBatch = Config{BatchTime: time.Hour}

func TestWritersShareACommit(t *testing.T) {
	db := openTest(t, oneBatch)
	makeX(t, db)
	before := db.Stats()
	const n = 100
	for _, err := range together(t, db, n, func(tx *Tx, i int) error { return put(context.Background(), tx, i) }) {
		if err != nil {
			t.Error(err)
		}
	}
	after := db.Stats()
	if got := after.Commits - before.Commits; got != 1 {
		t.Errorf("%d writers took %d commits, want 1", n, got)
	}
	if got := after.Writes - before.Writes; got != n+1 {
		t.Errorf("%d writes counted, want %d", got, n+1)
	}
	if got := len(keys(t, db)); got != n {
		t.Errorf("%d rows, want %d", got, n)
	}
}

func TestBatchIsBounded(t *testing.T) {
	db := openTest(t, Config{BatchCount: 10, BatchTime: time.Hour})
	makeX(t, db)
	before := db.Stats().Commits
	together(t, db, 49, func(tx *Tx, i int) error { return put(context.Background(), tx, i) })
	if got := db.Stats().Commits - before; got != 5 {
		t.Errorf("50 closures took %d commits, want 5", got)
	}
	slow := openTest(t, Config{BatchTime: 1})
	makeX(t, slow)
	before = slow.Stats().Commits
	together(t, slow, 9, func(tx *Tx, i int) error { return put(context.Background(), tx, i) })
	if got := slow.Stats().Commits - before; got != 10 {
		t.Errorf("10 closures took %d commits with no time left after each, want 10", got)
	}
}

// What fails in a batch, however it fails, is undone, and nothing else is.
func TestFailuresInABatch(t *testing.T) {
	for _, firstFails := range []bool{false, true} {
		db := openTest(t, oneBatch)
		makeX(t, db)
		mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1000) })
		before := db.Stats().Commits
		mine := errors.New("mine")
		const n = 50
		kind := func(i int) int {
			if firstFails {
				i++
			}
			return i % 5
		}
		errs := together(t, db, n, func(tx *Tx, i int) error {
			if err := put(context.Background(), tx, i); err != nil {
				return err
			}
			switch kind(i) {
			case 1:
				return mine
			case 2:
				panic("on purpose")
			case 3:
				return put(context.Background(), tx, 1000)
			case 4:
				runtime.Goexit()
			}
			return nil
		})
		var left []int
		for i, err := range errs[:n] {
			ok := [5]bool{err == nil, errors.Is(err, mine), fault.Is(err, fault.Internal), fault.Is(err, fault.Conflict), errors.Is(err, errGoexit)}
			if !ok[kind(i)] {
				t.Errorf("writer %d of kind %d: %v", i, kind(i), err)
			}
			if kind(i) == 0 {
				left = append(left, i)
			}
		}
		want(t, db, append(left, 1000)...)
		if got := db.Stats().Commits - before; got != 1 {
			t.Errorf("%d commits, want 1", got)
		}
	}
}

func TestContextBeforeItsTurn(t *testing.T) {
	db := openTest(t, Config{})
	makeX(t, db)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		result <- db.Write(ctx, func(tx *Tx) error {
			t.Error("the closure of a cancelled writer ran")
			return put(context.Background(), tx, 1)
		})
	}()
	queued(db, 1)
	cancel()
	// The answer comes while the writer is still busy.
	if err := <-result; !errors.Is(err, context.Canceled) || !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	want(t, db)
}

// A context that ends while its closure runs or waits for the commit changes
// nothing about the answer: it says what was done.
func TestContextDuringTheCommit(t *testing.T) {
	db := openTest(t, Config{})
	makeX(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	if err := db.Write(ctx, func(tx *Tx) error {
		defer cancel()
		return put(ctx, tx, 1)
	}); err != nil {
		t.Errorf("got %v, want the truth: it is committed", err)
	}
	want(t, db, 1)
}

// A commit that fails is a temporary fault for all of its batch.
func TestCommitFails(t *testing.T) {
	db := openTest(t, oneBatch)
	makeX(t, db)
	mustWrite(t, db, func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE child (k BIGINT REFERENCES x (k) DEFERRABLE INITIALLY DEFERRED)")
		return err
	})
	mine := errors.New("mine")
	hooks := 0
	errs := together(t, db, 9, func(tx *Tx, i int) error {
		tx.AfterCommit(func() { hooks++ })
		if err := put(context.Background(), tx, i); err != nil {
			return err
		}
		if i == 4 { // makes the COMMIT fail, which a disk can do too
			_, err := tx.Exec(context.Background(), "INSERT INTO child (k) VALUES (999)")
			return err
		}
		if i == 5 {
			return mine
		}
		return nil
	})
	for i, err := range errs {
		if f := fault.Of(err); f == nil || f.Code != fault.Unavailable || !f.Temporary {
			t.Errorf("writer %d: %v, want a temporary fault", i, err)
		}
	}
	if hooks != 0 {
		t.Errorf("%d hooks ran", hooks)
	}
	want(t, db)
	mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1) })
	want(t, db, 1)
}

func TestDiskFull(t *testing.T) {
	const limit = 1 << 20
	db := openTest(t, Config{MaxBytes: limit})
	makeX(t, db)
	big := strings.Repeat("x", 100_000)
	grow := func(tx *Tx, k int) error {
		_, err := tx.Exec(context.Background(), "INSERT INTO x (k, v) VALUES (?, ?)", k, big)
		return err
	}
	written := 0
	var full error
	for k := 0; full == nil && k < 100; k++ {
		full = db.Write(t.Context(), func(tx *Tx) error { return grow(tx, k) })
		if full == nil {
			written++
		}
	}
	if f := fault.Of(full); f == nil || f.Code != fault.Unavailable || !f.Temporary || f.Cause == nil {
		t.Fatalf("got %v, want a temporary fault with its cause", full)
	}
	if got := len(keys(t, db)); got != written {
		t.Errorf("%d rows, but %d were answered", got, written)
	}
	// Side by side: whoever was told yes is there, whoever was told no is not.
	errs := together(t, db, 20, func(tx *Tx, i int) error {
		if i%3 == 0 {
			return grow(tx, 1000+i)
		}
		return put(context.Background(), tx, 1000+i)
	})
	there := make(map[int]bool)
	for _, k := range keys(t, db) {
		there[k] = true
	}
	for i, err := range errs[:20] {
		if (err == nil) != there[1000+i] {
			t.Errorf("writer %d: answered %v, there: %v", i, err, there[1000+i])
		}
		if err != nil && !fault.Of(err).Temporary {
			t.Errorf("writer %d: %v, want a temporary fault", i, err)
		}
		// Small rows have room in half-empty pages: the big ones don't hurt them.
		if big := i%3 == 0; (err != nil) != big {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	mustWrite(t, db, func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "DELETE FROM x")
		return err
	})
	mustWrite(t, db, func(tx *Tx) error { return grow(tx, 1) })
	want(t, db, 1)
}

// The log does not grow for ever while writers keep it busy.
func TestLogIsBounded(t *testing.T) {
	db := openTest(t, Config{})
	makeX(t, db)
	text := strings.Repeat("y", 2000)
	mustWrite(t, db, func(tx *Tx) error {
		for k := range 500 {
			if _, err := tx.Exec(t.Context(), "INSERT INTO x (k, v) VALUES (?, ?)", k, text); err != nil {
				return err
			}
		}
		return nil
	})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 5000 {
				if err := db.Write(context.Background(), func(tx *Tx) error {
					_, err := tx.Exec(context.Background(), "UPDATE x SET v = ? WHERE k = ?", text+fmt.Sprint(i), (w*997+i*31)%500)
					return err
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	info, err := os.Stat(db.sqlite.cfg.Path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("log %d MiB", info.Size()>>20)
	if limit := int64(maxLogPages * 4096 * 3 / 4); info.Size() > limit {
		t.Errorf("the log has %d bytes after 40,000 writes, want less than %d: it never started again", info.Size(), limit)
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, Config{Path: filepath.Join(dir, "with space? & 100%.db")})
	makeX(t, db)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 {
		t.Errorf("%d files, want the database, its log and its index", len(list))
	}
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 || !strings.HasPrefix(e.Name(), "with space? & 100%.db") {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
}

func TestPragmas(t *testing.T) {
	db := openTest(t, Config{})
	check := func(name string, run func(context.Context, func(*Tx) error) error, wanted map[string]string) {
		for pragma, value := range wanted {
			var got string
			if err := run(t.Context(), func(tx *Tx) error {
				return tx.ScanRow(t.Context(), []any{&got}, "PRAGMA "+pragma)
			}); err != nil {
				t.Fatal(err)
			}
			if got != value {
				t.Errorf("%s: %s is %s, want %s", name, pragma, got, value)
			}
		}
	}
	check("writer", db.Write, map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "0"})
	check("reader", db.Read, map[string]string{"journal_mode": "wal", "foreign_keys": "1", "query_only": "1"})
}

// More statements than the cache holds, some of them again.
func TestStatementCacheIsBounded(t *testing.T) {
	db := openTest(t, Config{})
	makeX(t, db)
	mustWrite(t, db, func(tx *Tx) error {
		for i := range 3 * maxStatements {
			var got int
			if err := tx.ScanRow(t.Context(), []any{&got}, fmt.Sprintf("SELECT %d", i%(2*maxStatements))); err != nil {
				return err
			}
			if got != i%(2*maxStatements) {
				t.Errorf("statement %d gave %d", i, got)
			}
		}
		return nil
	})
	if n := len(db.sqlite.group.conn.stmts); n > maxStatements {
		t.Errorf("%d statements are kept, want at most %d", n, maxStatements)
	}
}
