// Package pgtest gives tests PostgreSQL databases: on the server named by
// POSTHOUSE_TEST_POSTGRES (DSN of a role that may create databases), else on a
// server of its own, one per test binary, with its data in a temporary folder,
// reached over a Unix socket there, and stopped when the test binary ends,
// however it ends.
//
// A test's server does not wait for the disk: no test takes its power away, and
// what kills Posthouse leaves the server alive. A benchmark's server does.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const env = "POSTHOUSE_TEST_POSTGRES"

// The servers of this binary. They are kept here for good: the garbage collector
// would close the pipe that keeps them alive.
var (
	hasty   = sync.OnceValues(func() (*server, error) { return startServer(hastySettings...) })
	durable = sync.OnceValues(func() (*server, error) { return startServer() })
)

var hastySettings = []string{"-c", "fsync=off", "-c", "full_page_writes=off"}

// admin is the DSN of the server that this binary uses.
func admin(start func() (*server, error)) (string, error) {
	if dsn := os.Getenv(env); dsn != "" {
		return dsn, nil
	}
	s, err := start()
	if err != nil {
		return "", err
	}
	return s.dsn, nil
}

// Serve starts a server for tests in other processes, which find it by the
// variable that it gives ("NAME=value"). It ends with stop or with this process.
func Serve() (variable string, stop func() error, err error) {
	s, err := startServer(slices.Concat(hastySettings, []string{"-c", "max_connections=1000"})...)
	if err != nil {
		return "", nil, err
	}
	return env + "=" + s.dsn, func() error { return errors.Join(s.alive.Close(), <-s.ended) }, nil
}

// New makes an empty database and gives its DSN. It is dropped at the test's end.
func New(t testing.TB) string {
	t.Helper()
	return forTest(t, "", nil)
}

// Copy is New with a copy of the template that fill makes from an empty database,
// once for each server and name. fill closes its connections. The name tells all
// that the template's content depends on: a server may outlive the test binary.
func Copy(t testing.TB, name string, fill func(dsn string) error) string {
	t.Helper()
	return forTest(t, "posthouse_template_"+name, fill)
}

func forTest(t testing.TB, template string, fill func(dsn string) error) string {
	t.Helper()
	start := hasty
	if _, measured := t.(*testing.B); measured {
		start = durable
	}
	server, err := admin(start)
	if err == nil && template != "" {
		err = makeTemplate(server, template, fill)
	}
	if err != nil {
		t.Fatalf("PostgreSQL for the tests: %v", err)
	}
	dsn, drop, err := create(server, template)
	if err != nil {
		t.Fatalf("PostgreSQL for the tests: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return dsn
}

// Make is New for measurements: every commit waits for the disk.
func Make() (dsn string, drop func() error, err error) {
	server, err := admin(durable)
	if err != nil {
		return "", nil, err
	}
	return create(server, "")
}

// create makes a database, a copy of template if one is named.
func create(server, template string) (dsn string, drop func() error, err error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", nil, err
	}
	name := "posthouse_test_" + hex.EncodeToString(random[:])
	if dsn, err = withDatabase(server, name); err != nil {
		return "", nil, fmt.Errorf("%s: %w", env, err)
	}
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template + " STRATEGY FILE_COPY" // the log would be written and thrown away
	}
	return dsn, func() error { return run(server, "DROP DATABASE "+name+" WITH (FORCE)") }, run(server, statement)
}

func run(dsn, statement string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

// withDatabase gives the DSN with another database in it.
func withDatabase(dsn, name string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return fmt.Sprintf("%s dbname=%s", dsn, name), nil // the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
