package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// Times are microseconds since 1970, NULL for nil.

func micros(t time.Time) int64 { return t.UnixMicro() }

func microsOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMicro()
}

func numberOrNull(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func at(us int64) time.Time { return time.UnixMicro(us).UTC() }

// instant scans a column into a time.
type instant struct{ to *time.Time }

func (i instant) Scan(src any) error {
	var n sql.NullInt64
	if err := n.Scan(src); err != nil {
		return err
	}
	*i.to = at(n.Int64)
	return nil
}

// maybe scans a column that may be NULL into a time.
type maybe struct{ to **time.Time }

func (m maybe) Scan(src any) error {
	var n sql.NullInt64
	if err := n.Scan(src); err != nil {
		return err
	}
	*m.to = nil
	if n.Valid {
		t := at(n.Int64)
		*m.to = &t
	}
	return nil
}

// document scans a JSON text that may be NULL.
type document struct{ to *[]byte }

func (d document) Scan(src any) error {
	var s sql.NullString
	if err := s.Scan(src); err != nil {
		return err
	}
	*d.to = nil
	if s.Valid {
		*d.to = []byte(s.String)
	}
	return nil
}

func documentOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// scanner is a row.
type scanner interface{ Scan(dest ...any) error }

// one gives the row of a query of at most one row, nil when there is none.
func one[T any](row scanner, scan func(scanner, *T) error) (*T, error) {
	v := new(T)
	err := scan(row, v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, sqldb.Fault(err)
	}
	return v, nil
}

// all gives every row of a query.
func all[T any](ctx context.Context, t *tx, scan func(scanner, *T) error, query string, args ...any) (list []*T, err error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := sqldb.Fault(errors.Join(rows.Err(), rows.Close())); e != nil && err == nil {
			list, err = nil, e
		}
	}()
	for rows.Next() {
		v := new(T)
		if err := scan(rows, v); err != nil {
			return nil, sqldb.Fault(err)
		}
		list = append(list, v)
	}
	return list, nil
}

// insert runs a statement that writes one row and returns its id.
func (t *tx) insert(ctx context.Context, id *int64, query string, args ...any) error {
	return t.ScanRow(ctx, []any{id}, query, args...)
}

// update runs an UPDATE of one row, which must exist.
func (t *tx) update(ctx context.Context, query string, args ...any) error {
	n, err := t.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "There is no such row")
	}
	return err
}

// chunks calls fn with at most sqldb.MaxIn ids at a time.
func chunks(ids []int64, fn func(marks string, args []any) error) error {
	for len(ids) > 0 {
		n := min(len(ids), sqldb.MaxIn)
		marks, args := sqldb.In(ids[:n])
		if err := fn(marks, args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// fromJSON scans a column of JSON text into what it points to.
type fromJSON struct{ to any }

func (f fromJSON) Scan(src any) error {
	var s sql.NullString
	if err := s.Scan(src); err != nil {
		return err
	}
	if !s.Valid {
		return nil
	}
	return json.Unmarshal([]byte(s.String), f.to)
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(err)
	}
	return string(b), nil
}
