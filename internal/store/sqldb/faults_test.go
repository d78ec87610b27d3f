package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"posthouse/internal/fault"
)

func TestFault(t *testing.T) {
	own := fault.New(fault.OrderNotFound, "mine")
	pg := func(code string) error { return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code}) }
	for _, c := range []struct {
		err       error
		code      fault.Code
		reason    string
		temporary bool
	}{
		{own, fault.OrderNotFound, "", false},
		{pg("23505"), fault.Conflict, ReasonUnique, false},
		{pg("23503"), fault.Conflict, ReasonForeignKey, false},
		{pg("23502"), fault.Internal, "", false},
		{pg("40001"), fault.Unavailable, "", true},
		{pg("53100"), fault.Unavailable, "", true},
		{pg("53300"), fault.Unavailable, "", true},
		{pg("57P01"), fault.Unavailable, "", true},
		{pg("25006"), fault.Unavailable, "", true},
		{pg("42601"), fault.Internal, "", false},
		{pg("22021"), fault.Invalid, "", false},
		{pg(""), fault.Internal, "", false},
		{driver.ErrBadConn, fault.Unavailable, "", true},
		{io.ErrUnexpectedEOF, fault.Unavailable, "", true},
		{context.DeadlineExceeded, fault.Unavailable, "", true},
		{errors.New("anything"), fault.Internal, "", true},
	} {
		f := fault.Of(Fault(c.err))
		if f.Code != c.code || f.Reason != c.reason || f.Temporary != c.temporary {
			t.Errorf("%v: %s %q temporary %v, want %s %q %v", c.err, f.Code, f.Reason, f.Temporary, c.code, c.reason, c.temporary)
		}
		if !errors.Is(Fault(c.err), c.err) {
			t.Errorf("%v: the cause is lost", c.err)
		}
	}
	for _, same := range []error{nil, sql.ErrNoRows, own} {
		if got := Fault(same); got != same { // it must be the very same
			t.Errorf("%v became %v", same, got)
		}
	}
}

func TestForeignKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		mustWrite(t, db, func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), "CREATE TABLE child (k BIGINT NOT NULL REFERENCES x (k))")
			return err
		})
		for query, wanted := range map[string]fault.Code{
			"INSERT INTO child (k) VALUES (9)":    fault.Conflict,
			"INSERT INTO child (k) VALUES (NULL)": fault.Internal,
		} {
			err := db.Write(t.Context(), func(tx *Tx) error {
				_, err := tx.Exec(t.Context(), query)
				return err
			})
			if !fault.Is(err, wanted) {
				t.Errorf("%s: %v, want %s", query, err, wanted)
			}
		}
	})
}
