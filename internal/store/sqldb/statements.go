package sqldb

import (
	"context"
	"database/sql"
	"errors"
)

// maxStatements bounds the prepared statements of one connection: SQLite keeps
// a few kilobytes for each.
const maxStatements = 512

// background is what statements on SQLite run under. The driver starts a
// goroutine per statement for a context that can end, and interrupting a
// statement would roll back the whole shared transaction; Tx checks the
// caller's context before each statement instead.
var background = context.Background()

// sqliteConn is one connection with its prepared statements: parsing costs
// more than running.
type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	runs  int // statements since the writer looked (see checkpointer)
}

func newSQLiteConn(ctx context.Context, db *sql.DB) (*sqliteConn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{conn: conn, stmts: make(map[string]*sql.Stmt)}, nil
}

func (c *sqliteConn) prepare(query string) (*sql.Stmt, error) {
	c.runs++
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		for q, s := range c.stmts { // any one: the map's order is random
			delete(c.stmts, q)
			if err := s.Close(); err != nil {
				return nil, err
			}
			break
		}
	}
	s, err := c.conn.PrepareContext(background, query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (c *sqliteConn) exec(_ context.Context, query string, args []any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(background, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c *sqliteConn) query(_ context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(background, args...)
}

func (c *sqliteConn) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	if ctx.Err() != nil {
		return c.conn.QueryRowContext(ctx, query) // touches nothing of ours, and fails
	}
	s, err := c.prepare(query)
	if err != nil {
		return c.conn.QueryRowContext(ctx, query, args...) // meets the same error
	}
	return s.QueryRowContext(background, args...)
}

// do runs a statement that controls the transaction.
func (c *sqliteConn) do(query string) error {
	_, err := c.exec(background, query, nil)
	return err
}

func (c *sqliteConn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	c.stmts = nil
	return errors.Join(append(errs, c.conn.Close())...)
}
