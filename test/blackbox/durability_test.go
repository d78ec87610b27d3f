package blackbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness"
	"posthouse/test/killloop/loop"
)

// again stops the server and starts it on the same data.
func (s *server) again() *server {
	s.t.Helper()
	if err := s.Stop(); err != nil {
		s.t.Fatal(err)
	}
	return startIn(s.t, s.ctx, s.Dir, s.Env)
}

func TestRestart(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		s.receive(anna, "One")
		s.receive(anna, "Two")
		s.receive("postmaster", "Held for the operator")
		k := s.imapIn(anna, password)
		k.ok(`STORE 1 +FLAGS (\Flagged $Later)`)
		k.ok("CREATE Projects")
		k.ok("COPY 2 Projects")
		state := func(k *imapTalk) string {
			return k.ok("STATUS INBOX (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)") + k.ok("STATUS Projects (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)") +
				k.ok("FETCH 1:* (UID FLAGS MODSEQ INTERNALDATE RFC822.SIZE)") + k.ok("FETCH 1:* BODY.PEEK[]")
		}
		before, shown, key, queue := state(s.imapIn(anna, password)), s.shown(order), s.Ready.Partner.Key, fmt.Sprint(s.queueList())
		k.c.Close()
		s = s.again()
		if s.Ready.Partner.Key != key {
			t.Errorf("the sandbox partner's key changed")
		}
		if after := state(s.imapIn(anna, password)); after != before {
			t.Errorf("the mailbox changed:\n%s\n%s", before, after)
		}
		if after := s.shown(order); after != shown {
			t.Errorf("the order changed:\n%s\n%s", shown, after)
		}
		if after := fmt.Sprint(s.queueList()); after != queue || !strings.Contains(after, "held") {
			t.Errorf("the queue changed:\n%s\n%s", queue, after)
		}
		s.clean()
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		s.clean() // without a server too
	})
}

// TestKillLoop is the short form of `make kill-loop`.
func TestKillLoop(t *testing.T) {
	run := func(t *testing.T, env []string) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		r, err := loop.Run(ctx, loop.Config{Kills: 5, Connections: 4, Seed: uint64(time.Now().UnixNano()), Progress: t.Output(),
			Server: harness.Options{Binary: binary, Dir: t.TempDir(), Env: append(append([]string{}, fastHash...), env...)}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Answered == 0 || r.Found < r.Answered {
			t.Errorf("%+v", r)
		}
		contains(t, r.Verify, " 0 findings")
	}
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { run(t, nil) })
	t.Run("postgres", func(t *testing.T) { run(t, postgres(t)) })
}

// verify must not see a delivery under way as damage.
func TestVerifyBesideLoad(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		ctx, stop := context.WithCancel(s.ctx)
		sent := make(chan int)
		go func() {
			n := 0
			defer func() { sent <- n }()
			for ctx.Err() == nil {
				if err := s.deliver(ctx, anna, letter(fmt.Sprint("Load ", n)), 20); err != nil {
					t.Error(err)
					return
				}
				n += 20
			}
		}()
		for range 3 {
			s.clean()
		}
		stop()
		n := <-sent
		if got := s.imapIn(anna, password).messages("INBOX"); n == 0 || got != n {
			t.Errorf("%d messages, %d answered 250", got, n)
		}
	})
}

// deliver sends a message n times on one connection; it may be called beside the test.
func (s *server) deliver(ctx context.Context, to, content string, n int) error {
	mx, err := s.client(ctx)
	if err != nil {
		return err
	}
	defer mx.Close()
	for range n {
		if err := mx.send("bob@elsewhere.test", to, content); err != nil {
			return err
		}
	}
	return nil
}

// refused wants a server not to start on this data, with exit status 1 and
// words; the command line likewise.
func (s *server) refused(words ...string) {
	s.t.Helper()
	h, err := harness.Start(s.ctx, s.Options)
	if err == nil {
		h.Kill()
		s.t.Fatalf("the server started; want %q", words)
	}
	contains(s.t, err.Error(), append(words, "exit status 1")...)
	if _, err = s.CLI(s.ctx, "verify"); err == nil {
		s.t.Fatalf("verify ran; want %q", words)
	}
	contains(s.t, err.Error(), append(words, "exit status 1")...)
}

// TestMasterKey: whatever is wrong with the key file, nothing starts, the text
// says what to do, and the file stays as it is.
func TestMasterKey(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		s.receive(anna, "Sealed")
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(s.Dir, "data/master.key")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the key file: %v, %v", info, err)
		}
		good := read(t, path)
		other := start(t, nil)
		foreign := read(t, filepath.Join(other.Dir, "data/master.key"))

		for _, c := range []struct {
			name, content string // "" = no file
			mode          os.FileMode
			words         string
		}{
			{"readable by others", good, 0o644, "chmod 600"},
			{"readable by the group", good, 0o640, "chmod 600"},
			{"missing", "", 0, "is missing"},
			{"another store's", foreign, 0o600, "is not the one"},
			{"damaged", good[:len(good)/2], 0o600, "damaged"},
			{"empty", "\n", 0o600, "damaged"},
		} {
			s.sub(c.name, func(s *server) {
				if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
					s.t.Fatal(err)
				}
				if c.content != "" {
					if err := os.WriteFile(path, []byte(c.content), c.mode); err != nil {
						s.t.Fatal(err)
					}
					if err := os.Chmod(path, c.mode); err != nil {
						s.t.Fatal(err)
					}
				}
				s.refused(path, c.words)
				now, err := os.ReadFile(path)
				if c.content == "" && !os.IsNotExist(err) || string(now) != c.content {
					s.t.Errorf("the key file changed: %v", err)
				}
			})
		}
		if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		back := startIn(t, s.ctx, s.Dir, s.Env)
		contains(t, back.imapIn(anna, password).ok("FETCH 1 BODY.PEEK[]"), "Subject: Sealed")
	})
}

// Two servers never share a data folder.
func TestSecondServer(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		h, err := harness.Start(s.ctx, s.Options)
		if err == nil {
			h.Kill()
			t.Fatal("a second server started on the same data")
		}
		contains(t, err.Error(), "exit status 1", "mail")
		s.order("example.test", anna)
		s.receive(anna, "The first goes on")
	})
}
