package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"posthouse/internal/fault"
	"posthouse/internal/store/pgtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

func openTest(t testing.TB, cfg Config) *DB {
	t.Helper()
	if cfg.Engine == "" && cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "test.db")
	}
	db, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// onBoth runs test on each engine with the table x (k unique, v).
func onBoth(t *testing.T, test func(t *testing.T, db *DB)) {
	for _, engine := range []string{SQLite, Postgres} {
		t.Run(engine, func(t *testing.T) {
			cfg := Config{Engine: engine, Path: filepath.Join(t.TempDir(), "test.db")}
			if engine == Postgres {
				cfg.DSN = pgtest.New(t)
			}
			db := openTest(t, cfg)
			makeX(t, db)
			test(t, db)
		})
	}
}

func makeX(t testing.TB, db *DB) {
	t.Helper()
	mustWrite(t, db, func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE x (k BIGINT PRIMARY KEY, v TEXT)")
		return err
	})
}

func mustWrite(t testing.TB, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, tx *Tx, k int) error {
	_, err := tx.Exec(ctx, "INSERT INTO x (k, v) VALUES (?, ?)", k, fmt.Sprint(k))
	return err
}

func keys(t testing.TB, db *DB) (list []int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *Tx) error {
		list = nil
		rows, err := tx.Query(t.Context(), "SELECT k FROM x ORDER BY k")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k int
			if err := rows.Scan(&k); err != nil {
				return err
			}
			list = append(list, k)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func want(t testing.TB, db *DB, list ...int) {
	t.Helper()
	if got := keys(t, db); !slices.Equal(got, list) {
		t.Errorf("rows %v, want %v", got, list)
	}
}

func TestExecCountsRows(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		mustWrite(t, db, func(tx *Tx) error {
			for k := range 3 {
				if err := put(t.Context(), tx, k); err != nil {
					return err
				}
			}
			n, err := tx.Exec(t.Context(), "UPDATE x SET v = ? WHERE k > ?", "n", 0)
			if n != 2 {
				t.Errorf("%d rows, want 2", n)
			}
			return err
		})
	})
}

func TestNoRows(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		var v string
		for name, scan := range map[string]func(tx *Tx) error{
			"ScanRow": func(tx *Tx) error {
				return tx.ScanRow(t.Context(), []any{&v}, "SELECT v FROM x WHERE k = ?", 5)
			},
			"QueryRow": func(tx *Tx) error { return tx.QueryRow(t.Context(), "SELECT v FROM x WHERE k = ?", 5).Scan(&v) },
		} {
			// It does not spoil the transaction.
			mustWrite(t, db, func(tx *Tx) error {
				if err := scan(tx); !errors.Is(err, sql.ErrNoRows) {
					t.Errorf("%s: %v, want sql.ErrNoRows", name, err)
				}
				_, err := tx.Exec(t.Context(), "UPDATE x SET v = v")
				return err
			})
		}
	})
}

// A statement's failure can't be swallowed, on either engine.
func TestFailureSticks(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1) })
		for name, fail := range map[string]func(tx *Tx) error{
			"Exec": func(tx *Tx) error { return put(t.Context(), tx, 1) },
			"ScanRow": func(tx *Tx) error {
				var k int
				return tx.ScanRow(t.Context(), []any{&k}, "INSERT INTO x (k) VALUES (1) RETURNING k")
			},
		} {
			err := db.Write(t.Context(), func(tx *Tx) error {
				if err := put(t.Context(), tx, 2); err != nil {
					return err
				}
				if err := fail(tx); !fault.Is(err, fault.Conflict) || fault.Of(err).Reason != ReasonUnique {
					t.Errorf("%s: %v, want a conflict", name, err)
				}
				if err := put(t.Context(), tx, 3); !fault.Is(err, fault.Conflict) {
					t.Errorf("%s: the next statement gave %v, want the first failure", name, err)
				}
				return nil
			})
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: Write gave %v, want the swallowed failure", name, err)
			}
			want(t, db, 1)
		}
	})
}

func TestMisuse(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		mustWrite(t, db, func(tx *Tx) error {
			return errors.Join(put(t.Context(), tx, 1), put(t.Context(), tx, 2))
		})
		var escaped *Tx
		err := db.Write(t.Context(), func(tx *Tx) error {
			escaped = tx
			rows, err := tx.Query(t.Context(), "SELECT k FROM x")
			if err != nil {
				return err
			}
			rows.Next()
			// rows stay open
			return put(t.Context(), tx, 3) // the point of the test
		})
		if !errors.Is(err, errOpenRows) || !fault.Is(err, fault.Internal) {
			t.Errorf("a statement beside an open result set: %v", err)
		}
		if err := put(t.Context(), escaped, 4); !errors.Is(err, errEnded) {
			t.Errorf("a statement after the end: %v", err)
		}
		if err := escaped.QueryRow(t.Context(), "SELECT 1").Scan(new(int)); err == nil {
			t.Error("a query after the end succeeded")
		}
		// Rows left open at the end don't harm those who come next.
		for range 20 {
			mustWrite(t, db, func(tx *Tx) error {
				rows, err := tx.Query(t.Context(), "SELECT k FROM x")
				if err == nil {
					rows.Next()
				}
				return err
			})
			if err := db.Read(t.Context(), func(tx *Tx) error {
				rows, err := tx.Query(t.Context(), "SELECT k FROM x")
				if err == nil {
					rows.Next()
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		want(t, db, 1, 2)
		if err := db.Read(t.Context(), func(tx *Tx) error { return put(t.Context(), tx, 9) }); err == nil {
			t.Error("a reader could write")
		}
		if err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), "NONSENSE")
			return err
		}); !fault.Is(err, fault.Internal) || fault.Of(err).Temporary {
			t.Errorf("bad SQL: %v", err)
		}
		want(t, db, 1, 2)
	})
}

func TestAfterCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		var seen []int
		mustWrite(t, db, func(tx *Tx) error {
			tx.AfterCommit(func() { seen = keys(t, db) })
			tx.AfterCommit(func() { panic("on purpose: contained") })
			tx.AfterCommit(func() { seen = append(seen, 100) })
			return put(t.Context(), tx, 1)
		})
		if !slices.Equal(seen, []int{1, 100}) {
			t.Errorf("hooks saw %v, want the committed row, in order", seen)
		}
		ran := false
		for _, err := range []error{
			db.Write(t.Context(), func(tx *Tx) error {
				tx.AfterCommit(func() { ran = true })
				return errors.New("mine")
			}),
			db.Write(t.Context(), func(tx *Tx) error {
				tx.AfterCommit(func() { ran = true })
				return put(t.Context(), tx, 1)
			}),
		} {
			if err == nil {
				t.Error("want an error")
			}
		}
		if ran {
			t.Error("a hook ran after a rollback")
		}
	})
}

// When Write has returned, whoever opens the database anew sees the change.
func TestWriteIsVisibleElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openTest(t, Config{Path: path})
	makeX(t, db)
	other := openTest(t, Config{Path: path})
	for k := range 20 {
		mustWrite(t, []*DB{db, other}[k%2], func(tx *Tx) error { return put(t.Context(), tx, k) })
		for _, d := range []*DB{db, other} {
			if got := keys(t, d); len(got) != k+1 {
				t.Fatalf("%d rows, want %d", len(got), k+1)
			}
		}
	}
}

// Goexit in a closure (testing's FailNow) ends the caller's closure only.
func TestGoexit(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		done := make(chan error, 1)
		for k, do := range []func(context.Context, func(*Tx) error) error{db.Write, db.Write, db.Read} {
			go func() {
				// On PostgreSQL and for readers it is the caller's goroutine that ends.
				err := errors.New("the goroutine ended")
				defer func() { done <- err }()
				err = do(context.Background(), func(tx *Tx) error {
					_ = put(context.Background(), tx, 50+k)
					runtime.Goexit()
					return nil
				})
			}()
			if err := <-done; err == nil {
				t.Error("want an error")
			}
		}
		mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1) })
		want(t, db, 1)
	})
}

func TestClose(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		var ok atomic.Int64
		var wg sync.WaitGroup
		first := make(chan struct{})
		var once sync.Once
		for w := range 16 {
			wg.Go(func() {
				for i := 0; ; i++ {
					err := db.Write(context.Background(), func(tx *Tx) error { return put(context.Background(), tx, w*1_000_000+i) })
					if err != nil {
						if f := fault.Of(err); !f.Temporary {
							t.Errorf("a write during Close: %v, want a temporary fault", err)
						}
						return
					}
					ok.Add(1)
					once.Do(func() { close(first) })
				}
			})
		}
		<-first
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		for name, do := range map[string]func(context.Context, func(*Tx) error) error{"Read": db.Read, "Write": db.Write, "WriteRows": db.WriteRows} {
			if err := do(t.Context(), func(*Tx) error { return nil }); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		if db.Engine() == Postgres {
			return
		}
		again := openTest(t, Config{Path: db.sqlite.cfg.Path})
		if n := len(keys(t, again)); int64(n) != ok.Load() {
			t.Errorf("%d rows, but %d writes were answered", n, ok.Load())
		}
	})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		cfg  Config
		code fault.Code
	}{
		"engine":      {Config{Engine: "oracle"}, fault.Invalid},
		"no path":     {Config{}, fault.Invalid},
		"no folder":   {Config{Path: filepath.Join(dir, "missing", "x.db")}, fault.Unavailable},
		"a folder":    {Config{Path: dir}, fault.Unavailable},
		"bad DSN":     {Config{Engine: Postgres, DSN: "port=abc"}, fault.Invalid},
		"no server":   {Config{Engine: Postgres, DSN: "host=" + dir + " user=x dbname=y"}, fault.Unavailable},
		"no database": {Config{Engine: Postgres, DSN: pgtest.New(t) + " dbname=missing"}, fault.Unavailable},
	} {
		db, err := Open(t.Context(), c.cfg)
		if !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if db != nil {
			_ = db.Close()
		}
	}
}

func TestPing(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
