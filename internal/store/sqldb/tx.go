package sqldb

import (
	"context"
	"database/sql"
	"errors"

	"posthouse/internal/fault"
)

// Tx is one attempt of one transaction. It is not safe for concurrent use and
// is dead once its closure has returned.
type Tx struct {
	engine string
	run    runner
	hooks  []func()
	rows   *sql.Rows // the latest result set
	failed error     // the first statement error; the transaction can't commit
	ended  bool
}

// runner executes one statement of an engine.
type runner interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
	queryRow(ctx context.Context, query string, args []any) *sql.Row
}

var (
	errEnded    = errors.New("sqldb: statement after the end of its transaction")
	errOpenRows = errors.New("sqldb: statement while a result set is open")
)

// Engine is SQLite or Postgres.
func (tx *Tx) Engine() string { return tx.engine }

// Exec runs a statement with `?` placeholders and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.ready(ctx); err != nil {
		return 0, err
	}
	n, err := tx.run.exec(ctx, query, args)
	if err != nil {
		return 0, tx.fail(err)
	}
	return n, nil
}

// Query runs a query with `?` placeholders. The caller closes the rows before
// the next statement; pass rows.Err through Fault.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.ready(ctx); err != nil {
		return nil, err
	}
	rows, err := tx.run.query(ctx, query, args)
	if err != nil {
		return nil, tx.fail(err)
	}
	tx.rows = rows
	return rows, nil
}

// QueryRow runs a query of at most one row. Scan's error is the driver's own
// (sql.ErrNoRows when there is no row): pass it through Fault, or return it
// from the closure, which does the same.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if err := tx.ready(ctx); err != nil {
		// A Row can't be made with an error of ours: a cancelled context makes one.
		dead, cancel := context.WithCancelCause(context.Background())
		cancel(err)
		ctx = dead
	}
	return tx.run.queryRow(ctx, query, args)
}

// ScanRow runs a query of at most one row and scans it. Unlike QueryRow it
// gives faults, and a failing statement ends the transaction on both engines.
// No row is sql.ErrNoRows.
func (tx *Tx) ScanRow(ctx context.Context, dest []any, query string, args ...any) error {
	if err := tx.ready(ctx); err != nil {
		return err
	}
	err := tx.run.queryRow(ctx, query, args).Scan(dest...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return tx.fail(err)
	}
	return err
}

// ForUpdate is the clause that locks the selected rows: " FOR UPDATE" on
// PostgreSQL, nothing on SQLite, where a writer is alone.
func (tx *Tx) ForUpdate() string {
	if tx.engine == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// SkipLocked is ForUpdate that passes over rows locked by others.
func (tx *Tx) SkipLocked() string {
	if tx.engine == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// AfterCommit runs hook after the durable commit and before Write returns,
// never after a rollback. Hooks run in commit order on SQLite and hold up the
// next commit, so they must be quick and must not use the DB.
func (tx *Tx) AfterCommit(hook func()) { tx.hooks = append(tx.hooks, hook) }

func (tx *Tx) ready(ctx context.Context) error {
	if tx.ended {
		return fault.Wrap(errEnded)
	}
	if tx.failed != nil {
		return tx.failed
	}
	if tx.rows != nil {
		if _, err := tx.rows.Columns(); err == nil {
			return tx.fail(errOpenRows)
		}
		tx.rows = nil
	}
	if err := ctx.Err(); err != nil {
		return tx.fail(err)
	}
	return nil
}

func (tx *Tx) fail(err error) error {
	err = Fault(err)
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// finish ends the attempt: what fn left open is closed, and a closure that
// swallowed a failure fails.
func (tx *Tx) finish(err error) error {
	tx.ended = true
	if tx.rows != nil {
		if cerr := tx.rows.Close(); cerr != nil && err == nil {
			err = cerr
		}
	}
	if err == nil {
		err = tx.failed
	}
	return toFault(err)
}
