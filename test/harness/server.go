// Package harness starts the real binary on free loopback ports and speaks to
// it: for the black-box suite, the tour, the crash loop and the benchmarks.
package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startLimit is how long a server may take from start to ready.
const startLimit = 30 * time.Second

// Options say how a server is started.
type Options struct {
	Binary string   // path of posthouse
	Dir    string   // data folder; kept over restarts
	Env    []string // further POSTHOUSE_... variables
	Prefix []string // command line that runs the server's in its place, such as unshare ...
	Stderr io.Writer
}

// Ready is the line that `posthouse serve --json` prints when it serves.
type Ready struct {
	Ready     bool                `json:"ready"`
	Listeners map[string][]string `json:"listeners"`
	Partner   *struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
		Key  string `json:"key"`

		Reseller int64 `json:"reseller"` // its root
		BaseKit  struct {
			User     string `json:"user"`
			Password string `json:"password"`
		} `json:"basekit"`
	} `json:"partner"`
}

// Server is a running posthouse.
type Server struct {
	Options
	Ready Ready
	PID   int
	cmd   *exec.Cmd
	done  chan struct{}
	err   error
	log   *tail
}

// Build compiles the binary into dir and gives its path.
func Build(ctx context.Context, dir string) (string, error) {
	if bin := os.Getenv("POSTHOUSE_TEST_BINARY"); bin != "" {
		return bin, nil
	}
	bin := filepath.Join(dir, "posthouse")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", bin, "posthouse/cmd/posthouse")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

// Start runs `posthouse serve` and returns when it is ready.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{Options: o, done: make(chan struct{}), log: &tail{w: o.Stderr}}
	args := append(slices.Clone(o.Prefix), o.Binary, "serve", "--json")
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Dir = o.Dir
	s.cmd.Env = append(environ(o.Dir), o.Env...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.PID = s.cmd.Process.Pid
	line := make(chan string, 1)
	go func() {
		r := bufio.NewReader(out)
		text, _ := r.ReadString('\n') // an early end shows in Wait's error
		line <- text
		_, _ = io.Copy(io.Discard, r)
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	select {
	case text := <-line:
		if err := json.Unmarshal([]byte(text), &s.Ready); err != nil || !s.Ready.Ready {
			s.Kill()
			return nil, fmt.Errorf("not ready (%q): %v\n%s", text, s.err, s.Log())
		}
		return s, nil
	case <-ctx.Done():
		s.Kill()
		return nil, fmt.Errorf("not ready in time\n%s", s.Log())
	}
}

// environ is the caller's environment without posthouse variables, with free
// ports and the data folder.
func environ(dir string) []string {
	var out []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "POSTHOUSE_") {
			out = append(out, kv)
		}
	}
	free := "127.0.0.1:0"
	return append(out, "POSTHOUSE_DATA="+filepath.Join(dir, "data"),
		"POSTHOUSE_HTTP_LISTEN="+free, "POSTHOUSE_BASEKIT_LISTEN="+free, "POSTHOUSE_SMTP_MX="+free, "POSTHOUSE_SMTP_SUBMISSION="+free,
		"POSTHOUSE_SMTP_SUBMISSIONS="+free, "POSTHOUSE_SMTP_SINK="+free, "POSTHOUSE_IMAP_LISTEN="+free, "POSTHOUSE_IMAP_LISTEN_TLS="+free)
}

// Addr gives the first address of a listener: http, basekit, mx, submission, submissions, imap, imaps.
func (s *Server) Addr(listener string) string {
	if a := s.Ready.Listeners[listener]; len(a) > 0 {
		return a[0]
	}
	return ""
}

// Stop asks the server to end and waits; its exit status must be 0.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	select {
	case <-s.done:
		if s.err != nil {
			return fmt.Errorf("server ended with %w\n%s", s.err, s.Log())
		}
		return nil
	case <-timer.C:
		s.Kill()
		return fmt.Errorf("server did not end in %v\n%s", startLimit, s.Log())
	}
}

// Kill is kill -9.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // an ended process is what is wanted
	<-s.done
}

// Done is closed when the process has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Log gives the last of what the server wrote to its log.
func (s *Server) Log() string { return s.log.String() }

// Environ is the environment of the server and of commands on its data.
func (s *Server) Environ() []string { return append(environ(s.Dir), s.Env...) }

// CLI runs another posthouse command on the same data.
func (s *Server) CLI(ctx context.Context, args ...string) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, s.Binary, args...)
	cmd.Dir = s.Dir
	cmd.Env = s.Environ()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("posthouse %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// Reply is an answer of the Titan API.
type Reply struct {
	Status int
	Body   map[string]any
	Raw    string
}

// Titan calls an operation with the sandbox partner's key: POST with a JSON
// body, GET with a query when body is nil.
func (s *Server) Titan(ctx context.Context, operation string, body any) (*Reply, error) {
	return s.TitanAs(ctx, s.Ready.Partner.Key, operation, body)
}

// TitanAs is Titan with another key.
func (s *Server) TitanAs(ctx context.Context, key, operation string, body any) (*Reply, error) {
	if body == nil {
		return s.TitanBytes(ctx, key, operation, nil)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return s.TitanBytes(ctx, key, operation, b)
}

// TitanBytes posts a body as it is; nil means GET.
func (s *Server) TitanBytes(ctx context.Context, key, operation string, body []byte) (*Reply, error) {
	method, rd := http.MethodGet, io.Reader(nil)
	if body != nil {
		method, rd = http.MethodPost, bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.Addr("http")+"/partner/"+operation, rd)
	if err != nil {
		return nil, err
	}
	if key != "" {
		req.Header.Set("Authorization", key)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	out := &Reply{Status: res.StatusCode, Raw: string(raw)}
	if err := json.Unmarshal(raw, &out.Body); err != nil {
		return nil, fmt.Errorf("%s answered no JSON object: %s", operation, raw)
	}
	return out, nil
}

// tail keeps the last part of what is written, for messages about failures.
type tail struct {
	mu  sync.Mutex
	buf []byte
	w   io.Writer
}

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailSize {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailSize:]...)
	}
	if t.w != nil {
		return t.w.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
