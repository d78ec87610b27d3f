package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestNewIsFreshAndDurable(t *testing.T) {
	var names [2]string
	for i := range names {
		conn, err := pgx.Connect(t.Context(), New(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		var tables int
		if err := conn.QueryRow(t.Context(),
			"SELECT current_database(), (SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public')").Scan(&names[i], &tables); err != nil {
			t.Fatal(err)
		}
		if tables != 0 {
			t.Errorf("a new database has %d tables", tables)
		}
		var fsync string
		if err := conn.QueryRow(t.Context(), "SHOW fsync").Scan(&fsync); err != nil {
			t.Fatal(err)
		}
		if fsync != "on" {
			t.Errorf("fsync is %s", fsync)
		}
	}
	if names[0] == names[1] {
		t.Errorf("two databases have one name %q", names[0])
	}
}

func TestWithDatabase(t *testing.T) {
	for _, c := range []struct{ dsn, want string }{
		{"host=/x user=u dbname=a", "b"},
		{"postgres://u@localhost:5/a?sslmode=disable", "b"},
	} {
		got, err := withDatabase(c.dsn, "b")
		if err != nil {
			t.Fatal(err)
		}
		conf, err := pgx.ParseConfig(got)
		if err != nil {
			t.Fatal(err)
		}
		if conf.Database != c.want {
			t.Errorf("%q: database %q, want %q", got, conf.Database, c.want)
		}
	}
}

func TestServerLeavesNothing(t *testing.T) {
	s, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	// What the kernel does when the test binary ends:
	if err := s.alive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v, want it gone", pid, err)
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder: %v, want it gone", err)
	}
}
