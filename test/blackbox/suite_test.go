// Package blackbox starts the real binary and speaks to it with real programs,
// on both engines. A program that is missing is a failure: scripts/setup
// installs them.
package blackbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/store/pgtest"
	"posthouse/test/harness"
)

// patience bounds every wait for something that must happen.
const patience = 60 * time.Second

// leaseEnds is how long what a killed node was doing may rest: on PostgreSQL, where
// another node might be alive, it is taken up when its lease of two minutes ends.
const leaseEnds = patience + 2*time.Minute

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "posthouse-blackbox-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = harness.Build(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// engines runs a test on SQLite and on PostgreSQL.
func engines(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	enginesWith(t, nil, test)
}

// enginesWith is engines with further variables for the server.
func enginesWith(t *testing.T, env []string, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, start(t, env))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, start(t, append(postgres(t), env...)))
	})
}

// postgres is the environment of a server on a fresh PostgreSQL database.
func postgres(t *testing.T) []string {
	return []string{"POSTHOUSE_STORE_ENGINE=postgres", "POSTHOUSE_STORE_DSN=" + pgtest.New(t)}
}

// server is a running posthouse with what the tests say to it.
type server struct {
	*harness.Server
	t   *testing.T
	ctx context.Context
}

func start(t *testing.T, env []string) *server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return startIn(t, ctx, t.TempDir(), env)
}

// fastHash keeps argon2id cheap: what it costs is not what these tests are about.
var fastHash = []string{"POSTHOUSE_LOGIN_HASH_MEMORY_KIB=64", "POSTHOUSE_LOGIN_HASH_TIME=1"}

func startIn(t *testing.T, ctx context.Context, dir string, env []string) *server {
	t.Helper()
	h, err := harness.Start(ctx, harness.Options{Binary: binary, Dir: dir, Env: append(append([]string{}, fastHash...), env...)})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: h, t: t, ctx: ctx}
	t.Cleanup(func() {
		select {
		case <-h.Done():
			return // the test ended it
		default:
		}
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("server log:\n%s", h.Log())
		}
	})
	return s
}

const password = "a good passphrase"

// order makes an order with a first account and gives its ids.
func (s *server) order(domain, email string) (order, account int64) {
	s.t.Helper()
	body := s.call("createMailOrder", map[string]any{"domainName": domain, "customerId": "cust-" + domain, "planType": "pro", "noOfAccounts": 5,
		"chargedAmount": "12.50", "expiryDate": "2035-01-01", "firstEmailAccount": map[string]any{"email": email, "password": password}})
	details, ok := body["firstEmailAccountDetails"].(map[string]any)
	if !ok {
		s.t.Fatalf("no firstEmailAccountDetails: %v", body)
	}
	return id(s.t, body["titanOrderId"]), id(s.t, details["titanAccountId"])
}

// call wants 200.
func (s *server) call(operation string, body any) map[string]any {
	s.t.Helper()
	r, err := s.Titan(s.ctx, operation, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if r.Status != 200 {
		s.t.Fatalf("%s: %d %s", operation, r.Status, r.Raw)
	}
	return r.Body
}

func id(t *testing.T, v any) int64 {
	t.Helper()
	f, ok := v.(float64)
	if !ok || f <= 0 {
		t.Fatalf("%v is no id", v)
	}
	return int64(f)
}

// program runs a command and wants exit status 0.
func (s *server) program(name string, args ...string) string {
	s.t.Helper()
	out, err := s.try(name, args...)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (s *server) try(name string, args ...string) (string, error) {
	s.t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		s.t.Fatalf("%s is missing: run scripts/setup", name)
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.Dir
	cmd.Env = append(os.Environ(), "HOME="+s.Dir, "TERM=xterm")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (s *server) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// receive sends a message in through the MX.
func (s *server) receive(to, subject string) {
	s.t.Helper()
	s.program("swaks", "--server", s.Addr("mx"), "--from", "bob@elsewhere.test", "--to", to, "--header", "Subject: "+subject, "--body", "Text of "+subject)
}

func hostPort(addr string) (host, port string) {
	i := strings.LastIndexByte(addr, ':')
	return addr[:i], addr[i+1:]
}

// contains fails the test unless all pieces are in text.
func contains(t *testing.T, text string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(text, p) {
			t.Fatalf("%q is not in:\n%s", p, text)
		}
	}
}
