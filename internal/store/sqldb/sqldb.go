// Package sqldb is the one way to SQL: the same text runs on SQLite (embedded
// default) and on PostgreSQL, every transaction is retried, and on SQLite
// concurrent writers share one fsync (group commit).
//
// What callers may rely on, on both engines:
//
//   - A closure may be run again, so it sets everything it writes outside anew.
//   - A closure must not start another transaction of the same DB.
//   - After a statement has failed the transaction is lost: further statements
//     fail and it does not commit. Expected conflicts are written as
//     ON CONFLICT.
//   - One result set is open at a time.
//   - An error of the closure is returned as it is; an error of the database
//     is a *fault.Error (see Fault).
package sqldb

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"posthouse/internal/fault"
)

// The engines.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Config says which database to open. Zero numbers mean the defaults given.
type Config struct {
	Engine string // SQLite or Postgres; "" = SQLite
	Path   string // SQLite: the database file; made with mode 0600 if missing
	DSN    string // PostgreSQL: URL or key=value form

	Readers    int           // SQLite: read connections; twice the processors, at least 4
	CacheBytes int64         // SQLite: page cache of the writer (64 MiB); each reader has a quarter
	MaxBytes   int64         // SQLite: size that the file may not pass; no limit
	BatchCount int           // SQLite: closures in one commit; 1024
	BatchTime  time.Duration // SQLite: time after which a commit takes no further closure; 20 ms
	MaxConns   int           // PostgreSQL: connections; 32

	Log    *slog.Logger // nil = none
	Random io.Reader    // pauses between retries on PostgreSQL; nil = crypto/rand
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine string
	log    *slog.Logger
	sqlite *sqlite
	pg     *postgres
}

// Open opens the database, making an SQLite file that does not exist.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	db := &DB{engine: cfg.Engine, log: log}
	var err error
	switch cfg.Engine {
	case SQLite, "":
		db.engine = SQLite
		db.sqlite, err = openSQLite(ctx, cfg, db)
	case Postgres:
		db.pg, err = openPostgres(ctx, cfg, db)
	default:
		return nil, fault.Newf(fault.Invalid, "Unknown database engine %q: use %q or %q", cfg.Engine, SQLite, Postgres)
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Engine is SQLite or Postgres.
func (db *DB) Engine() string { return db.engine }

// Close waits for the writes that were accepted and closes the database.
func (db *DB) Close() error {
	if db.sqlite != nil {
		return Fault(db.sqlite.close())
	}
	return Fault(db.pg.close())
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		var one int
		return tx.QueryRow(ctx, "SELECT 1").Scan(&one)
	})
}

// Read runs fn on a consistent snapshot. fn can't write.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if db.sqlite != nil {
		return db.sqlite.read(ctx, fn)
	}
	return db.pg.read(ctx, fn)
}

// Write runs fn serialisably against other Writes, again after a conflict, and
// returns after its changes are on stable storage.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if db.sqlite != nil {
		return db.sqlite.group.write(ctx, fn)
	}
	return db.pg.write(ctx, serializable, fn)
}

// WriteRows is Write for closures that lock the rows that they depend on
// (ForUpdate): on PostgreSQL it is READ COMMITTED, so that writers of different
// rows never conflict.
func (db *DB) WriteRows(ctx context.Context, fn func(*Tx) error) error {
	if db.sqlite != nil {
		return db.sqlite.group.write(ctx, fn)
	}
	return db.pg.write(ctx, readCommitted, fn)
}

// Stats counts what was done since Open.
type Stats struct {
	Writes  uint64 // closures committed
	Commits uint64 // durable commits; fewer than Writes where commits were shared
	Retries uint64 // transactions run again after a conflict
}

// Stats gives the counters.
func (db *DB) Stats() Stats {
	if db.sqlite != nil {
		return db.sqlite.group.stats()
	}
	return db.pg.stats()
}

// contain runs fn and turns a panic into an error, so that the fault of one
// caller is no other's.
func contain(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r)
		}
	}()
	return fn(tx)
}

func panicked(r any) error {
	return &fault.Error{Code: fault.Internal, Text: "An internal error",
		Cause: fmt.Errorf("panic in a transaction: %v\n%s", r, debug.Stack())}
}

// runHooks runs what AfterCommit collected.
func (db *DB) runHooks(hooks []func()) {
	for _, hook := range hooks {
		func() {
			defer func() {
				if r := recover(); r != nil {
					db.log.Error("panic after a commit", "error", panicked(r))
				}
			}()
			hook()
		}()
	}
}
