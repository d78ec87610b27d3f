package blackbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"posthouse/test/harness"
)

// small runs a server in a mount namespace of its own, its data folder on a
// small file system in memory. Root needs no more than the namespace; anybody
// else becomes root of a user namespace first.
func small(t *testing.T, env []string) *server {
	t.Helper()
	flags := []string{"--mount"}
	if os.Geteuid() != 0 {
		flags = append(flags, "--map-root-user")
	}
	// Asked before, so that a machine that forbids it is told from a server that fails.
	if out, err := exec.Command("unshare", append(flags, "true")...).CombinedOutput(); err != nil {
		t.Fatalf("this test runs the server in a mount namespace, which this machine refuses: unshare %s: %v\n%s\nRun it as root with CAP_SYS_ADMIN, or allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns).",
			strings.Join(flags, " "), err, out)
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	mount := `mount -t tmpfs -o size=32m,mode=0700 posthouse-test "$0" && exec "$@"`
	prefix := append(append([]string{"unshare"}, flags...), "sh", "-c", mount, data)
	h, err := harness.Start(ctx, harness.Options{Binary: binary, Dir: dir, Prefix: prefix, Env: append(append([]string{}, fastHash...), env...)})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: h, t: t, ctx: ctx}
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// inside is a path as the server's namespace has it.
func (s *server) inside(path string) string {
	return filepath.Join("/proc", fmt.Sprint(s.PID), "root", s.Dir, path)
}

// fill takes all room that is left.
func (s *server) fill() (filler string) {
	s.t.Helper()
	filler = s.inside("data/filler")
	f, err := os.Create(filler)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err = io.Copy(f, spaces{}); !errors.Is(err, syscall.ENOSPC) {
		s.t.Fatalf("the file system did not get full: %v", err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
	return filler
}

// TestDiskFull: without room mail is put off, never half stored; with room
// again it goes on by itself.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { diskFull(t, nil) })
	t.Run("postgres", func(t *testing.T) { diskFull(t, postgres(t)) })
}

func diskFull(t *testing.T, env []string) {
	t.Parallel()
	s := small(t, env)
	order, _ := s.order("example.test", anna)
	stored := 0
	for range 3 {
		s.receive(anna, "With room")
		stored++
	}
	// Sent in the middle of a message, too: DATA was answered 354 with room.
	open := s.smtp("mx")
	open.envelope("bob@elsewhere.test", anna)
	open.want("354", "DATA")
	filler := s.fill()

	k, err := s.client(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	putOff := 0
	for i := range 60 {
		size := []int{1 << 10, 300 << 10, 2 << 20}[i%3] // in memory, on spool, large
		err := k.send("bob@elsewhere.test", anna, letter("No room")+incompressible(size))
		var reply *textproto.Error
		switch {
		case err == nil:
			stored++ // there was a little room after all
		case errors.As(err, &reply) && reply.Code/100 == 4:
			putOff++
		default:
			t.Fatalf("message %d of %d octets: %v", i, size, err)
		}
	}
	if putOff < 20 {
		t.Fatalf("only %d of 60 messages were put off on a full disk", putOff)
	}
	open.want("4", letter("Begun with room")+incompressible(4<<20)+".")

	// Reading goes on, and whatever writes says so.
	im := s.imapIn(anna, password)
	if n := im.messages("INBOX"); n != stored {
		t.Errorf("%d messages, %d answered 250", n, stored)
	}
	text := letter("Appended") + incompressible(1<<20)
	im.write(fmt.Sprintf("a APPEND Drafts {%d}\r\n", len(text)))
	if line := im.line(); strings.HasPrefix(line, "+") {
		im.write(text + "\r\n")
		if line = im.line(); !strings.HasPrefix(line, "a NO") {
			t.Errorf("APPEND on a full disk: %s", line)
		}
	}
	res, err := http.Get("http://" + s.Addr("http") + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("healthz: %d", res.StatusCode)
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.receive(anna, "Room again")
		stored++
	}
	s.call("createEmailAccount", map[string]any{"titanOrderId": order, "email": "berta@example.test", "password": password})
	im.ok("NOOP")
	if n := im.messages("INBOX"); n != stored {
		t.Errorf("%d messages, %d answered 250", n, stored)
	}
	if n := im.messages("Drafts"); n != 0 {
		t.Errorf("%d drafts, none was answered OK", n)
	}
	if left, err := os.ReadDir(s.inside("data/spool")); err != nil || len(left) != 0 {
		t.Errorf("left in the spool: %v, %v", left, err)
	}
	beside := *s.Server
	beside.Binary = "nsenter"
	enter := []string{"--target", fmt.Sprint(s.PID), "--mount"}
	if os.Geteuid() != 0 {
		enter = append(enter, "--user", "--preserve-credentials")
	}
	out, err := beside.CLI(s.ctx, append(enter, binary, "verify")...)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, out, " 0 findings", fmt.Sprint(" ", stored, " messages in them"))
}

// incompressible is text that no compression makes small.
func incompressible(n int) string {
	var b strings.Builder
	b.Grow(n + 100)
	x := uint64(n) + 88172645463325252
	for b.Len() < n {
		for range 70 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[x>>58])
		}
		b.WriteString("\r\n")
	}
	return b.String()
}
