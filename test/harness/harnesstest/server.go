// Package harnesstest is what the suites share that play scenarios against the
// real binary.
package harnesstest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"posthouse/internal/store/pgtest"
	"posthouse/test/harness"
)

// binary is built once, by the first test that needs it.
var binary func() (string, error)

// Main runs a package's tests.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "posthouse-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = sync.OnceValues(func() (string, error) { return harness.Build(context.Background(), dir) })
	return m.Run()
}

// Server is a running posthouse of a test.
type Server struct{ *harness.Server }

// Start runs a server till the test ends; it must end well.
func Start(t *testing.T, env ...string) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s, err := harness.Start(ctx, harness.Options{Binary: bin, Dir: t.TempDir(),
		Env: append([]string{"POSTHOUSE_LOGIN_HASH_MEMORY_KIB=64", "POSTHOUSE_LOGIN_HASH_TIME=1"}, env...)}) // argon2id stays cheap
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("server log:\n%s", s.Log())
		}
	})
	return &Server{s}
}

// EngineEnv is the environment of a server on a database of its own: "sqlite" or "postgres".
func EngineEnv(t *testing.T, engine string) []string {
	if engine == "postgres" {
		return []string{"POSTHOUSE_STORE_ENGINE=postgres", "POSTHOUSE_STORE_DSN=" + pgtest.New(t)}
	}
	return nil
}

// Operator runs a command of the operator.
func (s *Server) Operator(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.CLI(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
