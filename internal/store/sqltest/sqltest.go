// Package sqltest gives tests databases with the present schema, on both
// engines, and core stores on them without a mail store.
package sqltest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"posthouse/internal/store"
	"posthouse/internal/store/pgtest"
	"posthouse/internal/store/sqldb"
)

// Engines are what every test of rows runs on.
var Engines = []string{sqldb.SQLite, sqldb.Postgres}

// Open gives an empty database, closed at the test's end.
func Open(t testing.TB, engine string) *sqldb.DB {
	t.Helper()
	cfg := sqldb.Config{Engine: engine}
	if engine == sqldb.Postgres {
		cfg.DSN = pgtest.New(t)
	} else {
		cfg.Path = filepath.Join(t.TempDir(), "test.db")
		if err := os.WriteFile(cfg.Path, migrated(t), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqldb.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
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
	db, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
		t.Fatal(err)
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		t.Fatal("the template is not whole: its log is not in it")
	}
	if template.file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return template.file
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
