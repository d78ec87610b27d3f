package blackbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostileIMAP is foreign bytes on a real socket.
func TestHostileIMAP(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		s.receive(anna, "Hello")
		s.sub("plain text", func(s *server) {
			k := s.imapDial("imap")
			contains(s.t, k.ok("CAPABILITY"), "LOGINDISABLED", "STARTTLS")
			for _, command := range []string{"LOGIN " + anna + " " + fmt.Sprintf("%q", password), "AUTHENTICATE PLAIN " + plain(anna, password)} {
				if _, status := k.run(command); !strings.HasPrefix(status, "NO [PRIVACYREQUIRED]") {
					s.t.Errorf("%s", status)
				}
			}
			k.ok("STARTTLS")
			k.handshake()
			if caps := k.ok("CAPABILITY"); strings.Contains(caps, "LOGINDISABLED") || strings.Contains(caps, "STARTTLS") {
				s.t.Errorf("under TLS: %s", caps)
			}
			k.ok(fmt.Sprintf("LOGIN %s %q", anna, password))
		})
		s.sub("behind STARTTLS", func(s *server) {
			k := s.imapDial("imap")
			k.write("a STARTTLS\r\nb CAPABILITY\r\n")
			first := k.line()
			if strings.HasPrefix(first, "a OK") { // then what came behind must be forgotten
				k.handshake()
				if untagged, status := k.run("NOOP"); !strings.HasPrefix(status, "OK") || strings.Contains(untagged, "b OK") {
					s.t.Errorf("the injected command was run: %s %s", untagged, status)
				}
			} else if rest := k.closed(); strings.Contains(rest, "b OK") {
				s.t.Errorf("the injected command was run: %s %s", first, rest)
			}
		})
		s.sub("literals before log-in", func(s *server) {
			for _, size := range []string{"4294967295", "4294967296", "9223372036854775807", "99999999999999999999999"} {
				k := s.imapDial("imaps")
				if untagged, status := k.run("LOGIN {" + size + "}"); strings.HasPrefix(status, "OK") || strings.Contains(untagged, "+ ") {
					s.t.Errorf("{%s}: %s %s", size, untagged, status)
				}
				k = s.imapDial("imaps")
				k.write("a LOGIN {" + size + "+}\r\n")
				if line := k.line(); !strings.HasPrefix(line, "a BAD") && !strings.HasPrefix(line, "* BYE") {
					s.t.Errorf("{%s+}: %s", size, line)
				}
			}
		})
		s.sub("nested", func(s *server) {
			k := s.imapIn(anna, password)
			for _, command := range []string{
				"SEARCH " + strings.Repeat("(", 20000) + "ALL" + strings.Repeat(")", 20000),
				"SEARCH " + strings.Repeat("NOT ", 10000) + "ALL",
				"FETCH 1 " + strings.Repeat("(", 20000) + "FLAGS" + strings.Repeat(")", 20000),
				"STORE 1 FLAGS " + strings.Repeat("(", 20000),
				"LIST " + strings.Repeat("(", 20000),
				"FETCH 1 BODY[" + strings.Repeat("1.", 20000) + "1]",
			} {
				if _, status := k.run(command); !strings.HasPrefix(status, "BAD") {
					s.t.Errorf("%.30s: %s", command, status)
				}
			}
			k.ok("NOOP")
		})
		s.sub("patterns", func(s *server) {
			k := s.imapIn(anna, password)
			k.ok("CREATE " + strings.Repeat("a", 200))
			k.patience(10 * time.Second) // a backtracking matcher would need years
			k.ok(`LIST "" "` + strings.Repeat("a*", 300) + `b"`)
			k.ok(`LIST "" "` + strings.Repeat("*%", 400) + `"`)
		})
		s.sub("numbers", func(s *server) {
			k := s.imapIn(anna, password)
			for _, set := range []string{"0", "4294967296", "1:", "-1", "1:99999999999999999999", ",", "1,,2"} {
				if _, status := k.run("FETCH " + set + " FLAGS"); strings.HasPrefix(status, "OK") {
					s.t.Errorf("FETCH %s: %s", set, status)
				}
			}
			contains(s.t, k.ok("UID FETCH 4294967295:1 FLAGS"), "* 1 FETCH")
			k.ok("FETCH 1 BODY.PEEK[]<4294967295.4294967295>")
		})
		if n := s.imapIn(anna, password).messages("INBOX"); n != 1 {
			t.Fatalf("%d messages", n)
		}
	})
}
