package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const missing = "the server's programs (initdb, postgres) were not found in PATH nor in /usr/lib/postgresql: " +
	"install the package postgresql (apt-get install postgresql), or set " + env + " to the DSN of a server to use"

// keeper runs the server as long as its standard input is open, which is as
// long as the test binary lives: the kernel closes it even after a kill. Then it
// stops the server by its process id, without a farewell to the data, and
// removes the folder.
const keeper = `
postgres=$1 dir=$2
shift 2
"$postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=200 "$@" </dev/null >"$dir/log" 2>&1 &
pid=$!
read -r _
kill -QUIT "$pid"
wait "$pid"
rm -rf "$dir"
exit 0
`

// server is a running one.
type server struct {
	dsn   string
	dir   string
	alive io.Closer  // the keeper's standard input
	ended chan error // gets the keeper's end
}

// startServer makes a cluster in a temporary folder and starts it with further
// arguments. Without any, commits reach the disk; only the making of the cluster
// doesn't wait for it.
func startServer(args ...string) (s *server, err error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "posthouse-pg")
	if err != nil {
		return nil, err
	}
	started := false
	defer func() {
		if !started {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"),
		"-U", "posthouse", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	as(initdb, who, dir)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", keeper, "sh", filepath.Join(bin, "postgres"), dir}, args...)...)
	as(cmd, who, dir)
	cmd.SysProcAttr.Setpgid = true // an interrupt typed at the terminal is not the server's
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	started = true
	s = &server{
		dsn: "host=" + dir + " user=posthouse dbname=postgres", dir: dir,
		alive: stdin, ended: make(chan error, 1),
	}
	go func() { s.ended <- cmd.Wait() }()
	if err := waitReady(s.dsn, filepath.Join(dir, "log"), s.ended); err != nil {
		return nil, errors.Join(err, stdin.Close())
	}
	return s, nil
}

func waitReady(dsn, log string, ended <-chan error) error {
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			err = conn.Close(ctx)
		}
		cancel()
		if err == nil {
			return nil
		}
		select {
		case e := <-ended:
			return fmt.Errorf("postgres ended: %w", e)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			text, rerr := os.ReadFile(log)
			return errors.Join(fmt.Errorf("postgres does not answer: %w\n%s", err, bytes.TrimSpace(text)), rerr)
		}
	}
}

// findBinaries looks in PATH and where Debian puts them, newest first.
func findBinaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New(missing)
	}
	version := func(path string) float64 {
		v, _ := strconv.ParseFloat(strings.Split(path, "/")[4], 64) // not a number: the oldest
		return v
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return int(version(a)*100) - int(version(b)*100) })
	return filepath.Dir(newest), nil
}

// unprivileged is who runs the server when we are root, whom it refuses; nil
// for ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var err error
	for _, name := range []string{"postgres", "nobody"} {
		var u *user.User
		if u, err = user.Lookup(name); err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err = errors.Join(err1, err2); err == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("no ordinary user to run the server as: %w", err)
}

func as(cmd *exec.Cmd, who *syscall.Credential, dir string) {
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
}
