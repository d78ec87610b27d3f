package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"posthouse/internal/fault"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	defaultCache = 64 << 20
	busyTimeout  = 10_000 // ms: another process (the command line) may be writing
)

// sqlite is one writing connection behind the group commit and a pool of
// reading ones. Write-ahead log: readers see the last commit and never wait.
type sqlite struct {
	cfg     Config
	db      *DB
	writeDB *sql.DB
	readDB  *sql.DB
	copyDB  *sql.DB
	copier  *checkpointer
	group   *group
	readers chan *sqliteConn
}

func openSQLite(ctx context.Context, cfg Config, db *DB) (*sqlite, error) {
	if cfg.Path == "" {
		return nil, fault.New(fault.Invalid, "The database has no path")
	}
	if cfg.Readers <= 0 {
		cfg.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	if cfg.CacheBytes <= 0 {
		cfg.CacheBytes = defaultCache
	}
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, fault.Unavail("The database's path can't be read", err)
	}
	cfg.Path = path
	if err := makeFile(path); err != nil {
		return nil, fault.Unavail("The database file can't be opened", err)
	}
	s := &sqlite{cfg: cfg, db: db, readers: make(chan *sqliteConn, cfg.Readers)}
	if err := s.open(ctx); err != nil {
		for len(s.readers) > 0 {
			err = errors.Join(err, (<-s.readers).close())
		}
		return nil, Fault(errors.Join(err, s.closePools()))
	}
	return s, nil
}

// makeFile makes a missing file, unreadable for others; SQLite gives its log the
// same mode. The folder is synced: what is committed must be found by its name.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(path, os.O_RDWR, 0) // can it be written?
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (s *sqlite) open(ctx context.Context) error {
	var err error
	if s.writeDB, err = sql.Open("sqlite", s.writeDSN()); err != nil {
		return err
	}
	s.writeDB.SetMaxOpenConns(1)
	writer, err := newSQLiteConn(ctx, s.writeDB)
	if err != nil {
		return err
	}
	if err := checkWAL(ctx, writer.conn); err != nil {
		return errors.Join(err, writer.close())
	}
	s.readDB, err = sql.Open("sqlite", s.dsn(s.cfg.CacheBytes/4, "query_only(1)"))
	if err != nil {
		return errors.Join(err, writer.close())
	}
	s.readDB.SetMaxOpenConns(s.cfg.Readers)
	if s.copyDB, err = sql.Open("sqlite", s.dsn(1<<20)); err != nil {
		return errors.Join(err, writer.close())
	}
	for range s.cfg.Readers {
		c, err := newSQLiteConn(ctx, s.readDB)
		if err != nil {
			return errors.Join(err, writer.close())
		}
		s.readers <- c
	}
	copier, err := newSQLiteConn(ctx, s.copyDB)
	if err != nil {
		return errors.Join(err, writer.close())
	}
	s.copier = newCheckpointer(s.db, copier)
	s.group = newGroup(s.cfg, s.db, writer, s.copier)
	return nil
}

// checkWAL refuses file systems on which there is no write-ahead log: without
// it readers would block the writer.
func checkWAL(ctx context.Context, conn *sql.Conn) error {
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fault.Newf(fault.Unavailable, "The database's file system has no write-ahead log (journal mode %s)", mode)
	}
	return nil
}

// dsn builds the connection string. synchronous=FULL makes every commit fsync
// the log before it answers.
func (s *sqlite) dsn(cacheBytes int64, pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout),
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		"temp_store(memory)",
		fmt.Sprintf("cache_size(-%d)", cacheBytes>>10),
	}, pragmas...) {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Path: s.cfg.Path, RawQuery: q.Encode()}).String()
}

// writeDSN is also the migrations'.
func (s *sqlite) writeDSN() string {
	pragmas := []string{fmt.Sprintf("wal_autocheckpoint(%d)", maxLogPages)}
	if s.cfg.MaxBytes > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", max(1, s.cfg.MaxBytes/4096)))
	}
	return s.dsn(s.cfg.CacheBytes, pragmas...)
}

func (s *sqlite) read(ctx context.Context, fn func(*Tx) error) (err error) {
	var c *sqliteConn
	select {
	case c = <-s.readers:
	default:
		select {
		case c = <-s.readers:
		case <-ctx.Done():
			return Fault(ctx.Err())
		}
	}
	if c == nil { // the channel is closed
		return errClosed()
	}
	defer func() { s.readers <- c }()
	if err := c.do("BEGIN"); err != nil {
		return Fault(err)
	}
	tx := &Tx{engine: SQLite, run: c}
	ended := false
	// Also when fn ends its goroutine: the connection must come back clean.
	defer func() {
		if !ended {
			err = tx.finish(nil)
		}
		if e := c.do("COMMIT"); e != nil && err == nil {
			err = Fault(e)
		}
	}()
	err = tx.finish(contain(fn, tx))
	ended = true
	return err
}

func errClosed() error { return fault.Unavail("The database is closed", sql.ErrConnDone) }

// close ends the writer after the accepted writes, waits for the readers and
// closes all connections.
func (s *sqlite) close() error {
	err := s.group.close()
	if err != nil && errors.Is(err, errGroupClosed) {
		return nil
	}
	err = errors.Join(err, s.copier.close())
	for range s.cfg.Readers {
		err = errors.Join(err, (<-s.readers).close())
	}
	close(s.readers)
	return errors.Join(err, s.closePools())
}

func (s *sqlite) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.readDB, s.copyDB, s.writeDB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
