package sqldb

import (
	"context"
	"database/sql"
	"encoding/binary"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sync/semaphore"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// postgres is a pool of connections; every transaction is retried.
type postgres struct {
	db    *sql.DB
	owner *DB
	clock clock.Clock
	texts rebinder
	turns *semaphore.Weighted

	randomMu sync.Mutex
	random   io.Reader

	closed          atomic.Bool
	writes, retries atomic.Uint64
}

func (p *postgres) close() error {
	p.closed.Store(true)
	return p.db.Close()
}

var (
	serializable  = &sql.TxOptions{Isolation: sql.LevelSerializable}
	readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	snapshot      = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
)

// Serialisable writers conflict by pages and not only by rows, so in small tables
// nearly all do. Each takes one of this node's turns; one that has conflicted
// twice takes all of them and so has only other nodes as rivals.
const (
	allTurns      = 4
	politeRetries = 2
)

const (
	maxAttempts = 12
	firstDelay  = 2 * time.Millisecond
	maxDelay    = 250 * time.Millisecond
)

func openPostgres(ctx context.Context, cfg Config, owner *DB) (*postgres, error) {
	conf, err := pgx.ParseConfig(cfg.DSN)
	if err != nil {
		// pgx keeps the password out of this error.
		return nil, &fault.Error{Code: fault.Invalid, Text: "The database's DSN can't be read", Cause: err}
	}
	db := stdlib.OpenDB(*conf)
	n := cfg.MaxConns
	if n <= 0 {
		n = 32
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the first error says more
		return nil, fault.Unavail("The database can't be reached", err)
	}
	return &postgres{db: db, owner: owner, clock: clock.System(), turns: semaphore.NewWeighted(allTurns), random: cfg.Random}, nil
}

func (p *postgres) stats() Stats {
	n := p.writes.Load()
	return Stats{Writes: n, Commits: n, Retries: p.retries.Load()}
}

func (p *postgres) read(ctx context.Context, fn func(*Tx) error) error {
	_, err := p.retry(ctx, snapshot, fn)
	return err
}

func (p *postgres) write(ctx context.Context, opts *sql.TxOptions, fn func(*Tx) error) error {
	hooks, err := p.retry(ctx, opts, fn)
	if err != nil {
		return err
	}
	p.writes.Add(1)
	p.owner.runHooks(hooks)
	return nil
}

// retry runs attempts until one ends for good.
func (p *postgres) retry(ctx context.Context, opts *sql.TxOptions, fn func(*Tx) error) ([]func(), error) {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		hooks, again, err := p.turn(ctx, opts, fn, attempt)
		// A rival's commit may show as a duplicate key instead of a conflict. The
		// second run sees what the rival wrote, and its rules answer.
		again = again || attempt == 1 && opts == serializable && duplicateKey(err)
		if err == nil || !again || attempt == maxAttempts {
			return hooks, err
		}
		p.retries.Add(1)
		// Half of the delay is random, so that rivals do not meet again.
		timer := p.clock.NewTimer(delay/2 + p.jitter(delay/2))
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
		delay = min(2*delay, maxDelay)
	}
}

// jitter is a random time below limit; none when there is no randomness to be had.
func (p *postgres) jitter(limit time.Duration) time.Duration {
	var b [8]byte
	p.randomMu.Lock()
	defer p.randomMu.Unlock()
	if _, err := io.ReadFull(p.random, b[:]); err != nil {
		return 0
	}
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(limit))
}

// turn waits for what attempt number n of a serialisable writer needs.
func (p *postgres) turn(ctx context.Context, opts *sql.TxOptions, fn func(*Tx) error, n int) ([]func(), bool, error) {
	if opts != serializable {
		return p.attempt(ctx, opts, fn)
	}
	weight := int64(1)
	if n > politeRetries {
		weight = allTurns
	}
	if err := p.turns.Acquire(ctx, weight); err != nil {
		return nil, false, Fault(err)
	}
	defer p.turns.Release(weight)
	return p.attempt(ctx, opts, fn)
}

// attempt runs one transaction; again tells that it was surely not committed
// and is worth another try.
func (p *postgres) attempt(ctx context.Context, opts *sql.TxOptions, fn func(*Tx) error) (hooks []func(), again bool, err error) {
	stx, err := p.db.BeginTx(ctx, opts)
	if err != nil {
		if p.closed.Load() {
			return nil, false, errClosed()
		}
		return nil, retryable(err), Fault(err)
	}
	tx := &Tx{engine: Postgres, run: pgRunner{stx, &p.texts}}
	committed := false
	// Also when fn ends its goroutine. After a lost connection it fails: nothing to undo.
	defer func() {
		if !committed {
			_ = stx.Rollback()
		}
	}()
	if err := tx.finish(contain(fn, tx)); err != nil {
		return nil, retryable(err), err
	}
	if err := stx.Commit(); err != nil {
		// A connection lost here leaves open whether the commit was done.
		return nil, retryable(err) && !lostConnection(err), Fault(err)
	}
	committed = true
	return tx.hooks, false, nil
}

// pgRunner runs statements; pgx prepares and caches them per connection.
type pgRunner struct {
	tx    *sql.Tx
	texts *rebinder
}

func (r pgRunner) exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := r.tx.ExecContext(ctx, r.texts.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (r pgRunner) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return r.tx.QueryContext(ctx, r.texts.rebind(query), args...)
}

func (r pgRunner) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	return r.tx.QueryRowContext(ctx, r.texts.rebind(query), args...)
}
