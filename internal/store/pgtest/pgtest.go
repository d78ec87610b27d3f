// Package pgtest gives tests empty PostgreSQL databases: on the server named by
// POSTHOUSE_TEST_POSTGRES (DSN of a role that may create databases), else on a
// server of its own, one per test binary, with its data in a temporary folder,
// reached over a Unix socket there, and stopped when the test binary ends,
// however it ends.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const env = "POSTHOUSE_TEST_POSTGRES"

// own is this binary's server. It is kept here for good: the garbage collector
// would close the pipe that keeps it alive.
var own = sync.OnceValues(startServer)

// admin is the DSN of the server that this binary uses.
func admin() (string, error) {
	if dsn := os.Getenv(env); dsn != "" {
		return dsn, nil
	}
	s, err := own()
	if err != nil {
		return "", err
	}
	return s.dsn, nil
}

// New makes an empty database and gives its DSN. It is dropped at the test's end.
func New(t testing.TB) string {
	t.Helper()
	dsn, drop, err := Make()
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

// Make is New outside of tests.
func Make() (dsn string, drop func() error, err error) {
	server, err := admin()
	if err != nil {
		return "", nil, err
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", nil, err
	}
	name := "posthouse_test_" + hex.EncodeToString(random[:])
	if dsn, err = withDatabase(server, name); err != nil {
		return "", nil, fmt.Errorf("%s: %w", env, err)
	}
	return dsn, func() error { return run(server, "DROP DATABASE "+name+" WITH (FORCE)") }, run(server, "CREATE DATABASE "+name)
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
