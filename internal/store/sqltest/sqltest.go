// Package sqltest gives tests databases with the present schema, on both
// engines, and core stores on them without a mail store.
package sqltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"posthouse/internal/store"
	"posthouse/internal/store/migrations"
	"posthouse/internal/store/pgtest"
	"posthouse/internal/store/sqldb"
)

// Engines are what every test of rows runs on.
var Engines = []string{sqldb.SQLite, sqldb.Postgres}

// Config names a database of the test's own with the present schema, on SQLite
// in the file path. A database on PostgreSQL is dropped at the test's end.
func Config(t testing.TB, engine, path string) sqldb.Config {
	t.Helper()
	cfg := sqldb.Config{Engine: engine}
	if engine == sqldb.Postgres {
		cfg.DSN = pgtest.Copy(t, schema(), func(dsn string) error {
			return migrate(t.Context(), sqldb.Config{Engine: engine, DSN: dsn})
		})
		return cfg
	}
	cfg.Path = path
	if err := os.WriteFile(cfg.Path, migrated(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Open gives an empty database, closed at the test's end.
func Open(t testing.TB, engine string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), Config(t, engine, filepath.Join(t.TempDir(), "test.db")))
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

// schema tells the migrations from others.
var schema = sync.OnceValue(func() string {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		panic(err) // a wrong pattern
	}
	hash := sha256.New()
	for _, name := range names {
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
})

func migrate(ctx context.Context, cfg sqldb.Config) error {
	db, err := sqldb.Open(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

var template struct {
	sync.Mutex
	file []byte
}

// migrated gives a database file with the present schema, which is made once.
func migrated(t testing.TB) []byte {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if template.file != nil {
		return template.file
	}
	path := filepath.Join(t.TempDir(), "template.db")
	if err := migrate(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: path}); err != nil {
		t.Fatal(err)
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		t.Fatal("the template is not whole: its log is not in it")
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	template.file = file
	return file
}

// Store gives a core store whose mailboxes hold nothing.
func Store(t testing.TB, engine string, opts ...store.Option) *store.Store {
	t.Helper()
	return store.New(Open(t, engine), NoMail{}, opts...)
}

// NoMail is a mail store that keeps nothing.
type NoMail struct{}

// CreateMailboxTx implements store.Mailboxes.
func (NoMail) CreateMailboxTx(context.Context, *sqldb.Tx, int64, int64) error { return nil }

// SetQuotaTx implements store.Mailboxes.
func (NoMail) SetQuotaTx(context.Context, *sqldb.Tx, []int64, int64) error { return nil }

// UsedTx implements store.Mailboxes: every account is known and empty.
func (NoMail) UsedTx(_ context.Context, _ *sqldb.Tx, ids []int64) (map[int64]int64, error) {
	used := make(map[int64]int64, len(ids))
	for _, id := range ids {
		used[id] = 0
	}
	return used, nil
}

// BeginPurgeTx implements store.Mailboxes.
func (NoMail) BeginPurgeTx(context.Context, *sqldb.Tx, int64) (folders, messages, bytes int64, err error) {
	return 0, 0, 0, nil
}
