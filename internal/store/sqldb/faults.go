package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"posthouse/internal/fault"
)

// Reasons of the faults that stand for violated constraints.
const (
	ReasonUnique     = "UNIQUE"
	ReasonForeignKey = "FOREIGN_KEY"
)

// Fault makes a fault of a database error: a violated UNIQUE, PRIMARY KEY or
// FOREIGN KEY is Conflict; a full disk, a failing device, a lost connection, a
// cancelled context is Unavailable and temporary; anything else is Internal.
// Faults and sql.ErrNoRows are returned as they are.
func Fault(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if f := known(err); f != nil {
		return f
	}
	return fault.Wrap(err)
}

// toFault is Fault for what a closure returned: errors that are not the
// database's are the caller's own and stay as they are.
func toFault(err error) error {
	if err == nil {
		return nil
	}
	if f := known(err); f != nil {
		return f
	}
	return err
}

// known translates database errors; nil for everything else and for faults.
func known(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return nil
	}
	if se, ok := errors.AsType[*sqlitedriver.Error](err); ok {
		return sqliteFault(se, err)
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresFault(pe, err)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.Unavail("Cancelled", err)
	case lostConnection(err):
		return fault.Unavail("The database can't be reached", err)
	case errors.Is(err, errEnded), errors.Is(err, errOpenRows):
		return &fault.Error{Code: fault.Internal, Text: "An internal error", Cause: err}
	}
	return nil
}

func conflict(reason string, cause error) error {
	return &fault.Error{Code: fault.Conflict, Reason: reason, Text: "It exists already or something depends on it", Cause: cause}
}

func sqliteFault(se *sqlitedriver.Error, err error) error {
	switch se.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return conflict(ReasonUnique, err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return conflict(ReasonForeignKey, err)
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.Unavail("The disk is full", err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fault.Unavail("The database can't be written or read", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return fault.Unavail("The database is busy", err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		// Temporary for the client: mail waits at its sender until the operator has acted.
		return &fault.Error{Code: fault.Internal, Text: "An internal error", Temporary: true, Cause: err}
	}
	return &fault.Error{Code: fault.Internal, Text: "An internal error", Cause: err}
}

func postgresFault(pe *pgconn.PgError, err error) error {
	switch pe.Code {
	case "23505", "23P01":
		return conflict(ReasonUnique, err)
	case "23503":
		return conflict(ReasonForeignKey, err)
	case "22021", "22P05":
		return &fault.Error{Code: fault.Invalid, Text: "The text has a character that can't be stored", Cause: err}
	case "53100":
		return fault.Unavail("The disk is full", err)
	case "25006":
		return fault.Unavail("The database is read-only", err)
	}
	switch pe.Code[:min(2, len(pe.Code))] {
	case "08", "40", "53", "55", "57", "58":
		return fault.Unavail("The database is busy", err)
	}
	return &fault.Error{Code: fault.Internal, Text: "An internal error", Cause: err}
}

// lostConnection reports errors of the way to PostgreSQL.
func lostConnection(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}

// duplicateKey reports PostgreSQL's refusal of a second row with one key.
func duplicateKey(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "23505"
}

// retryable reports whether the transaction has surely not been committed and
// may succeed when run again.
func retryable(err error) bool {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pe.Code {
		case "40001", "40P01", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006":
			return true
		}
		return false
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return lostConnection(err)
}
