package sqldb

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func openTest(t testing.TB, cfg Config) *DB {
	t.Helper()
	if cfg.Engine == "" {
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

func TestSmoke(t *testing.T) {
	db := openTest(t, Config{})
	ctx := context.Background()
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT UNIQUE)"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "INSERT INTO x (v) VALUES (?) RETURNING id", "a").Scan(&id)
	}); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("x")
	if err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO x (v) VALUES (?)", "b"); err != nil {
			return err
		}
		return bad
	}); err != bad {
		t.Fatal(err)
	}
	var n int
	if err := db.Read(ctx, func(tx *Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM x").Scan(&n)
	}); err != nil || n != 1 {
		t.Fatal(err, n)
	}
}
