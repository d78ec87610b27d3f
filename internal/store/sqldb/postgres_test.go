package sqldb

import (
	"context"
	"errors"
	"sync"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/store/pgtest"
)

func openPG(t *testing.T) *DB {
	t.Helper()
	db := openTest(t, Config{Engine: Postgres, DSN: pgtest.New(t)})
	makeX(t, db)
	return db
}

// disturb changes row 1 as another node would: it waits for no turn.
func disturb(t *testing.T, db *DB) {
	t.Helper()
	if err := db.WriteRows(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE x SET v = v || 'o' WHERE k = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// A key that a rival has taken after it was looked for is found by the second
// run; one that is taken for good is refused after it.
func TestDuplicateKeyIsLookedAtAgain(t *testing.T) {
	db := openPG(t)
	runs := 0
	mustWrite(t, db, func(tx *Tx) error {
		runs++
		var n int
		// By another way than the key's index, so that no conflict is seen.
		if err := tx.ScanRow(t.Context(), []any{&n}, "SELECT COUNT(*) FROM x WHERE v = 'r'"); err != nil || n > 0 {
			return err
		}
		if err := db.WriteRows(t.Context(), func(other *Tx) error {
			_, err := other.Exec(t.Context(), "INSERT INTO x (k, v) VALUES (1, 'r')")
			return err
		}); err != nil {
			return err
		}
		return put(t.Context(), tx, 1)
	})
	if runs != 2 {
		t.Errorf("%d runs", runs)
	}
	runs = 0
	err := db.Write(t.Context(), func(tx *Tx) error {
		runs++
		return put(t.Context(), tx, 1)
	})
	if !fault.Is(err, fault.Conflict) || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

// A closure that meets a conflict is run again and leaves one effect; the hooks
// of the lost attempt are forgotten.
func TestConflictIsRetried(t *testing.T) {
	db := openPG(t)
	mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1) })
	runs, hooks := 0, 0
	mustWrite(t, db, func(tx *Tx) error {
		runs++
		tx.AfterCommit(func() { hooks++ })
		var v string
		if err := tx.ScanRow(t.Context(), []any{&v}, "SELECT v FROM x WHERE k = 1"); err != nil {
			return err
		}
		if runs == 1 { // another changes what was read
			disturb(t, db)
		}
		if _, err := tx.Exec(t.Context(), "UPDATE x SET v = ? WHERE k = 1", v+"m"); err != nil {
			return err
		}
		return put(t.Context(), tx, 2)
	})
	var v string
	if err := db.Read(t.Context(), func(tx *Tx) error {
		return tx.ScanRow(t.Context(), []any{&v}, "SELECT v FROM x WHERE k = 1")
	}); err != nil {
		t.Fatal(err)
	}
	if runs != 2 || hooks != 1 || v != "1om" {
		t.Errorf("%d runs, %d hooks, value %q; want 2, 1, \"1om\"", runs, hooks, v)
	}
	if got := db.Stats().Retries; got != 1 {
		t.Errorf("%d retries counted, want 1", got)
	}
	want(t, db, 1, 2)
}

// Writers that always conflict end with a temporary fault, not never.
func TestRetriesAreBounded(t *testing.T) {
	db := openPG(t)
	mustWrite(t, db, func(tx *Tx) error { return put(t.Context(), tx, 1) })
	runs := 0
	err := db.Write(t.Context(), func(tx *Tx) error {
		runs++
		var v string
		if err := tx.ScanRow(t.Context(), []any{&v}, "SELECT v FROM x WHERE k = 1"); err != nil {
			return err
		}
		disturb(t, db)
		_, err := tx.Exec(t.Context(), "UPDATE x SET v = 'mine' WHERE k = 1")
		return err
	})
	if f := fault.Of(err); f == nil || f.Code != fault.Unavailable || !f.Temporary {
		t.Errorf("got %v, want a temporary fault", err)
	}
	if runs != maxAttempts {
		t.Errorf("%d runs, want %d", runs, maxAttempts)
	}
}

// A connection that dies within the closure is replaced.
func TestLostConnectionIsRetried(t *testing.T) {
	db := openPG(t)
	for name, do := range map[string]func(context.Context, func(*Tx) error) error{"Write": db.Write, "WriteRows": db.WriteRows, "Read": db.Read} {
		runs := 0
		err := do(t.Context(), func(tx *Tx) error {
			runs++
			var pid int
			if err := tx.ScanRow(t.Context(), []any{&pid}, "SELECT pg_backend_pid()"); err != nil {
				return err
			}
			if runs == 1 {
				var ok bool
				if err := db.WriteRows(t.Context(), func(tx *Tx) error {
					return tx.ScanRow(t.Context(), []any{&ok}, "SELECT pg_terminate_backend(?)", pid)
				}); err != nil || !ok {
					t.Fatal(ok, err)
				}
			}
			_, err := tx.Query(t.Context(), "SELECT k FROM x")
			return err
		})
		if err != nil || runs != 2 {
			t.Errorf("%s: %v after %d runs, want success after 2", name, err, runs)
		}
	}
}

// Writers of the same rows in opposite order deadlock; both get through.
func TestDeadlockIsRetried(t *testing.T) {
	db := openPG(t)
	mustWrite(t, db, func(tx *Tx) error {
		return errors.Join(put(t.Context(), tx, 0), put(t.Context(), tx, 1))
	})
	var met sync.WaitGroup
	met.Add(2)
	errs := make(chan error, 2)
	for i := range 2 {
		go func() {
			first := true
			errs <- db.WriteRows(context.Background(), func(tx *Tx) error {
				for _, k := range []int{i, 1 - i} {
					if _, err := tx.Exec(context.Background(), "UPDATE x SET v = v || 'd' WHERE k = ?", k); err != nil {
						return err
					}
					if k == i && first {
						first = false
						met.Done()
						met.Wait() // both hold one row
					}
				}
				return nil
			})
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var n int
	if err := db.Read(t.Context(), func(tx *Tx) error {
		return tx.ScanRow(t.Context(), []any{&n}, "SELECT COUNT(*) FROM x WHERE v LIKE '%dd'")
	}); err != nil || n != 2 {
		t.Errorf("%d rows have both changes, want 2 (%v)", n, err)
	}
	if db.Stats().Retries == 0 {
		t.Error("no retry was counted")
	}
}

// WriteRows and its locks: writers of one row wait for each other and nobody is
// run twice; SkipLocked passes over what others hold.
func TestWriteRowsLocks(t *testing.T) {
	db := openPG(t)
	mustWrite(t, db, func(tx *Tx) error {
		return errors.Join(put(t.Context(), tx, 0), put(t.Context(), tx, 1))
	})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := db.WriteRows(context.Background(), func(tx *Tx) error {
				var v string
				if err := tx.ScanRow(context.Background(), []any{&v}, "SELECT v FROM x WHERE k = 0"+tx.ForUpdate()); err != nil {
					return err
				}
				_, err := tx.Exec(context.Background(), "UPDATE x SET v = ? WHERE k = 0", v+"+")
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := db.Stats().Retries; got != 0 {
		t.Errorf("%d retries, want none", got)
	}
	if err := db.WriteRows(t.Context(), func(tx *Tx) error {
		var v string
		if err := tx.ScanRow(t.Context(), []any{&v}, "SELECT v FROM x WHERE k = 0"+tx.ForUpdate()); err != nil {
			return err
		}
		if v != "0++++++++++++++++" {
			t.Errorf("value %q: an update was lost", v)
		}
		return db.WriteRows(t.Context(), func(tx *Tx) error {
			var k int
			if err := tx.ScanRow(t.Context(), []any{&k}, "SELECT k FROM x ORDER BY k LIMIT 1"+tx.SkipLocked()); err != nil {
				return err
			}
			if k != 1 {
				t.Errorf("took row %d, which another holds", k)
			}
			return nil
		})
	}); err != nil {
		t.Error(err)
	}
}

func TestTextThatCannotBeStored(t *testing.T) {
	db := openPG(t)
	for _, text := range []string{"nul \x00", "not UTF-8 \xff"} {
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO x (k, v) VALUES (1, ?)", text)
			return err
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, want invalid", text, err)
		}
	}
}

// Writers that read what others write beside it, in a table so small that all
// its rows share a page, all get through.
func TestCrowdedWriters(t *testing.T) {
	db := openPG(t)
	const writers, rounds = 32, 5
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			for r := range rounds {
				if err := db.Write(context.Background(), func(tx *Tx) error {
					var n int
					k := w*rounds + r
					if err := tx.ScanRow(context.Background(), []any{&n}, "SELECT COUNT(*) FROM x WHERE k = ?", k); err != nil {
						return err
					}
					return put(context.Background(), tx, k)
				}); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := len(keys(t, db)); n != writers*rounds {
		t.Errorf("%d rows, want %d", n, writers*rounds)
	}
}
