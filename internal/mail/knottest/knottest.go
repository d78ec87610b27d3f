// Package knottest starts a real authoritative DNS server (Debian's knot) with
// zones of a test's own, on a loopback port.
package knottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// patience bounds the wait for the server's start and its end.
const patience = 30 * time.Second

// Server is a running knotd.
type Server struct {
	Address string // host:port, UDP and TCP
	dir     string
	cmd     *exec.Cmd
	serial  uint32
}

// Broken in place of a zone's records makes every question to it SERVFAIL.
const Broken = "broken"

// Start serves the zones, by name without the trailing dot: records in
// presentation form relative to the zone, without SOA. A missing knotd is a
// failure: scripts/setup installs it.
func Start(t testing.TB, zones map[string]string) *Server {
	t.Helper()
	bin, err := exec.LookPath("knotd")
	if err != nil {
		bin = "/usr/sbin/knotd"
	}
	if _, err := os.Stat(bin); err != nil {
		t.Fatal("knotd is missing: run scripts/setup")
	}
	for try := 0; ; try++ {
		s, err := start(t, bin, zones)
		if err == nil {
			return s
		}
		if try == 5 { // another process may have taken the port
			t.Fatal(err)
		}
	}
}

func start(t testing.TB, bin string, zones map[string]string) (*Server, error) {
	dir := t.TempDir()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), dir: dir}
	if err := s.files(port, zones); err != nil {
		return nil, err
	}
	var log output
	s.cmd = exec.Command(bin, "-c", filepath.Join(dir, "knot.conf"))
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	stop := func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
		<-ended
		timer.Stop()
	}
	if err := s.waitUntilServed(zones, ended); err != nil {
		select {
		case e := <-ended:
			ended <- e
		default:
		}
		stop()
		return nil, fmt.Errorf("%w\n%s", err, log.String())
	}
	t.Cleanup(stop)
	return s, nil
}

func (s *Server) files(port int, zones map[string]string) error {
	var conf strings.Builder
	fmt.Fprintf(&conf, "server:\n    rundir: %q\n    listen: 127.0.0.1@%d\n    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n", s.dir, port)
	fmt.Fprintf(&conf, "database:\n    storage: %q\n", s.dir)
	conf.WriteString("log:\n  - target: stderr\n    any: info\n")
	fmt.Fprintf(&conf, "template:\n  - id: default\n    storage: %q\n    journal-content: none\n    zonefile-load: whole\n", s.dir)
	conf.WriteString("zone:\n")
	for name, text := range zones {
		fmt.Fprintf(&conf, "  - domain: %q\n    file: %q\n", name+".", name+".zone")
		if text == Broken {
			continue // a zone without a file answers SERVFAIL
		}
		if err := s.write(name, text); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(s.dir, "knot.conf"), []byte(conf.String()), 0o600)
}

func (s *Server) write(name, text string) error {
	s.serial++
	body := fmt.Sprintf("$ORIGIN %s.\n$TTL 60\n@ SOA ns hostmaster %d 3600 600 86400 60\n%s\n", name, s.serial, text)
	return os.WriteFile(filepath.Join(s.dir, name+".zone"), []byte(body), 0o600)
}

// SetZone changes the records of a zone that was there from the start, and
// returns when they are served.
func (s *Server) SetZone(t testing.TB, name, text string) {
	t.Helper()
	if err := s.write(name, text); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		r, err := s.soa(ctx, name)
		if err != nil || len(r.Answer) == 0 {
			continue
		}
		if soa, ok := r.Answer[0].(*dns.SOA); ok && soa.Serial == s.serial {
			return
		}
	}
	t.Fatalf("knotd does not serve the changed zone %s", name)
}

// soa asks over TCP, where a port without a server is refused at once.
func (s *Server) soa(ctx context.Context, name string) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(name+".", dns.TypeSOA)
	c := dns.Client{Net: "tcp", Timeout: time.Second}
	r, _, err := c.ExchangeContext(ctx, m, s.Address)
	return r, err
}

// waitUntilServed asks until every zone has been loaded.
func (s *Server) waitUntilServed(zones map[string]string, ended chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for name, text := range zones {
		want := dns.RcodeSuccess
		if text == Broken {
			want = dns.RcodeServerFailure
		}
		for {
			r, err := s.soa(ctx, name)
			if err == nil && r.Rcode == want && (text == Broken || r.Authoritative) {
				break
			}
			select {
			case e := <-ended:
				ended <- e
				return fmt.Errorf("knotd ended: %w", e)
			case <-ctx.Done():
				return errors.Join(fmt.Errorf("knotd does not serve %s", name), err)
			default:
			}
		}
	}
	return nil
}

// freePort gives one that is free for UDP and TCP.
func freePort() (int, error) {
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		p, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			p.Close()
			return port, nil
		}
	}
	return 0, errors.New("no port is free for both UDP and TCP")
}

// output is what the server logs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
