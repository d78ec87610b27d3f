package pgtest

import (
	"crypto/rand"
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

// ask gives a database's name, its number of tables and the server's fsync.
func ask(t *testing.T, dsn string) (name string, tables int, fsync string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(),
		"SELECT current_database(), (SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'), current_setting('fsync')").Scan(&name, &tables, &fsync); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return name, tables, fsync
}

func TestNewIsFresh(t *testing.T) {
	a, tablesA, _ := ask(t, New(t))
	b, tablesB, _ := ask(t, New(t))
	if a == b || tablesA != 0 || tablesB != 0 {
		t.Errorf("%s with %d tables, %s with %d, want two empty databases", a, tablesA, b, tablesB)
	}
}

// A measurement waits for the disk; the tests' server does not.
func TestDurable(t *testing.T) {
	t.Setenv(env, "")
	dsn, drop, err := Make()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, fsync := ask(t, dsn); fsync != "on" {
		t.Errorf("a measurement's server has fsync %s", fsync)
	}
	if err := drop(); err != nil {
		t.Error(err)
	}
	if _, _, fsync := ask(t, New(t)); fsync != "off" {
		t.Errorf("a test's server has fsync %s", fsync)
	}
}

// Copies have what the template has and nothing of each other; the template is
// made once, and anew after a failure.
func TestCopy(t *testing.T) {
	t.Setenv(env, "")
	name := strings.ToLower(rand.Text())
	runs, broken := 0, errors.New("broken")
	fill := func(dsn string) error {
		if runs++; runs == 1 {
			return broken
		}
		return run(dsn, "CREATE TABLE a ()")
	}
	server, err := admin(hasty)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeTemplate(server, "posthouse_template_"+name, fill); !errors.Is(err, broken) {
		t.Fatalf("%v, want the fill's error", err)
	}
	first := Copy(t, name, fill)
	if err := run(first, "CREATE TABLE b ()"); err != nil {
		t.Fatal(err)
	}
	made.Lock()
	clear(made.names) // as another process
	made.Unlock()
	_, tables, _ := ask(t, Copy(t, name, fill))
	if tables != 1 || runs != 2 {
		t.Errorf("the second copy has %d tables after %d runs, want 1 after 2", tables, runs)
	}
	if err := run(server, "DROP DATABASE posthouse_template_"+name); err != nil {
		t.Error(err)
	}
}

func TestServe(t *testing.T) {
	variable, stop, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	name, dsn, _ := strings.Cut(variable, "=")
	t.Setenv(name, dsn)
	if made := New(t); !strings.HasPrefix(made, dsn) {
		t.Errorf("%q is not on the server %q", made, dsn)
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
