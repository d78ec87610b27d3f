package blackbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// sub runs a part of a test on the same server.
func (s *server) sub(name string, test func(s *server)) {
	s.t.Run(name, func(t *testing.T) {
		part := *s
		part.t = t
		test(&part)
	})
}

// letter is a small message.
func letter(subject string) string {
	return "From: Bob <bob@elsewhere.test>\r\nTo: anna@example.test\r\nSubject: " + subject + "\r\n\r\nHello.\r\n"
}

// partner makes a further partner by the command line and gives its id and key.
func (s *server) partner(name string, flags ...string) (id int64, key string) {
	s.t.Helper()
	out, err := s.CLI(s.ctx, append([]string{"partner", "create", name, "--json"}, flags...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	var made struct {
		ID  int64  `json:"id"`
		Key string `json:"key"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	return made.ID, made.Key
}

// TestMX is what the world may do at the MX, and what it may not.
func TestMX(t *testing.T) {
	enginesWith(t, []string{"POSTHOUSE_PLANS_STORAGE_MB=pro=1"}, func(t *testing.T, s *server) {
		order, _ := s.order("example.test", anna)
		s.sub("swaks is refused", func(s *server) {
			for _, c := range []struct{ to, want string }{
				{"nobody@example.test", "550 5.1.1"},
				{"someone@foreign.test", "550 5.7.1"}, // no open relay
			} {
				for _, tls := range []string{"--pipeline", "--tls"} {
					out, err := s.try("swaks", "--server", s.Addr("mx"), "--from", "bob@elsewhere.test", "--to", c.to, tls)
					if err == nil {
						s.t.Fatalf("mail to %s was taken:\n%s", c.to, out)
					}
					contains(s.t, out, c.want)
				}
			}
		})
		s.sub("plain and TLS", func(s *server) {
			for _, secured := range []bool{false, true} {
				k := s.smtp("mx")
				if secured {
					k.startTLS()
				}
				k.want("501", "MAIL FROM:<@@>")
				k.envelope("bob@elsewhere.test", anna)
				k.want("550 5.1.1", "RCPT TO:<nobody@example.test>")
				k.data("250 2.0.0", letter("Plain"))
				k.want("250", "MAIL FROM:<>") // a bounce
				k.want("250", "RCPT TO:<Anna@EXAMPLE.test>")
				k.data("250 2.0.0", letter("Bounce"))
				k.want("221", "QUIT")
				k.closed()
			}
			if n := s.imapIn(anna, password).messages("INBOX"); n != 4 {
				s.t.Fatalf("%d messages, want 4", n)
			}
		})
		s.sub("postmaster", func(s *server) {
			k := s.smtp("mx")
			for _, to := range []string{"postmaster", "Postmaster", "postmaster@example.test"} {
				k.envelope("bob@elsewhere.test", to)
				k.data("250 2.0.0", letter("To the operator"))
			}
		})
		s.sub("loop", func(s *server) {
			k := s.smtp("mx")
			k.envelope("bob@elsewhere.test", anna)
			k.data("554 5.4.6", strings.Repeat("Received: from a by b; Sun, 22 Nov 2026 07:00:00 +0000\r\n", 60)+letter("Round and round"))
		})
		s.sub("SIZE", func(s *server) {
			for size, want := range map[string]string{"-1": "501 5.5.4", "": "501 5.5.4", "12a": "501 5.5.4", "+5": "501 5.5.4",
				"100000000": "552 5.3.4", "99999999999999999999999": "5", "1000": "250 2.1.0"} {
				s.smtp("mx").want(want, "MAIL FROM:<bob@elsewhere.test> SIZE="+size)
			}
		})
		s.sub("suspended", func(s *server) {
			ref := map[string]any{"titanOrderId": order}
			s.call("suspendMailOrder", ref)
			s.smtp("mx").envelope("bob@elsewhere.test", anna) // T-16: inbound is kept
			s.call("unsuspendMailOrder", ref)
		})
		s.sub("full", func(s *server) {
			k := s.smtp("mx")
			large := letter("Large") + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 9000) // 650 kB of one MB
			k.envelope("bob@elsewhere.test", anna)
			k.data("250", large)
			k.want("250", fmt.Sprintf("MAIL FROM:<bob@elsewhere.test> SIZE=%d", len(large)))
			k.want("452 4.2.2", "RCPT TO:<"+anna+">")
			k.want("250", "RSET")
			k.envelope("bob@elsewhere.test", anna) // a sender who tells no size learns it later
			k.data("452 4.2.2", large)
			k.envelope("bob@elsewhere.test", anna)
			k.data("250", letter("Small"))
		})
		s.sub("not serviceable", func(s *server) {
			_, key := s.partner("Second", "--sandbox")
			reply, err := s.TitanAs(s.ctx, key, "createMailOrder", map[string]any{"domainName": "example.test", "customerId": "c", "planType": "pro",
				"noOfAccounts": 1, "chargedAmount": 1, "expiryDate": "2035-01-01", "firstEmailAccount": map[string]any{"email": "zoe@example.test", "password": password}})
			if err != nil || reply.Status != 200 {
				s.t.Fatal(err, reply)
			}
			k := s.smtp("mx")
			k.want("250", "MAIL FROM:<bob@elsewhere.test>")
			k.want("550 5.", "RCPT TO:<zoe@example.test>")
			k.want("250", "RCPT TO:<"+anna+">") // the holder's mail goes on
			s.mayLogIn("zoe@example.test", password, true)
		})
		s.clean()
	})
}

// TestHostileSMTP is foreign bytes on a real socket; the server answers and lives.
func TestHostileSMTP(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", anna)
		s.sub("smuggling", func(s *server) {
			ends := []string{"\n", "\r", "\r\n", "\r\r\n", "\n\r", "\r\n\x00"}
			for _, secured := range []bool{false, true} {
				for _, x := range ends {
					for _, y := range ends {
						if ending := x + "." + y; !strings.Contains(ending, "\r\n.\r\n") { // the one true ending
							s.smuggle(secured, ending)
						}
					}
				}
			}
			if n := s.imapIn(anna, password).messages("INBOX"); n != 0 {
				s.t.Fatalf("%d messages got through", n)
			}
		})
		s.sub("behind STARTTLS", func(s *server) {
			for _, listener := range []string{"mx", "submission"} {
				k := s.smtp(listener)
				k.write("STARTTLS\r\nMAIL FROM:<injected@elsewhere.test>\r\n")
				if got := k.closed(); !strings.HasPrefix(got, "421 4.7.0") || strings.Count(got, "\n") != 1 {
					s.t.Errorf("%s: %q", listener, got)
				}
			}
		})
		s.sub("long lines", func(s *server) {
			k := s.smtp("mx")
			k.want("500 5.5.2", "RCPT TO:<"+strings.Repeat("a", 20000)+"@example.test>")
			k.want("250", "NOOP")
			for _, n := range []int{262144, 1 << 20} {
				k := s.smtp("mx")
				// The server may hang up while this is still being written.
				if _, err := k.c.Write([]byte("RCPT TO:<" + strings.Repeat("a", n) + "@example.test>\r\n")); err == nil {
					if got := k.closed(); got != "" && !strings.HasPrefix(got, "500 5.5.2") {
						s.t.Errorf("%d letters: %q", n, got)
					}
				}
			}
			k = s.smtp("mx")
			k.envelope("bob@elsewhere.test", anna)
			long := strings.Repeat("y", 1<<20)
			k.data("250", letter("One long line")+long+"\r\n")
			got := s.imapIn(anna, password).ok("FETCH * BODY.PEEK[TEXT]")
			if !strings.Contains(got, "Hello.\r\n"+long+"\r\n") {
				s.t.Errorf("the long line came back as %d octets", len(got))
			}
		})
		s.sub("BDAT", func(s *server) {
			k := s.smtp("mx")
			const chunk = "QUIT\r\nMAIL FROM:<a@b.test>\r\nQUIT\r\n"
			k.write(fmt.Sprintf("BDAT %d\r\n%s", len(chunk), chunk))
			k.expect("503 5.5.1") // and the chunk was no command
			k.want("250", "NOOP")
			k.envelope("bob@elsewhere.test", anna)
			text := letter("Chunks") + ".\r\n..\r\n"
			k.want("250", fmt.Sprintf("BDAT %d\r\n%s", 10, text[:8])) // want adds CRLF: "From: Bo" and two octets
			k.want("250", "RSET")
			k.envelope("bob@elsewhere.test", anna)
			k.write(fmt.Sprintf("BDAT 10\r\n%sBDAT %d LAST\r\n%s", text[:10], len(text)-10, text[10:]))
			k.expect("250")
			k.expect("250 2.0.0")
			contains(s.t, s.imapIn(anna, password).ok("FETCH * BODY.PEEK[]"), "Subject: Chunks", "Hello.\r\n.\r\n..\r\n")
			for _, size := range []string{"-1", "99999999999999999999", "1000000000000", "x", ""} {
				k := s.smtp("mx")
				k.envelope("bob@elsewhere.test", anna)
				k.write("BDAT " + size + "\r\n")
				if got := k.closed(); !strings.HasPrefix(got, "5") {
					s.t.Errorf("BDAT %s: %q", size, got)
				}
			}
		})
		s.sub("header bomb", func(s *server) {
			for _, bomb := range []string{
				"X-Long: " + strings.Repeat("z", 900) + "\r\n",
				"X: y\r\n",
			} {
				k := s.smtp("mx")
				k.envelope("bob@elsewhere.test", anna)
				k.data("552 5.3.4", strings.Repeat(bomb, 2000)+letter("Bomb"))
				k.want("250", "NOOP")
			}
		})
		s.sub("MIME", func(s *server) { s.mimeBombs() })
		s.sub("other protocols", func(s *server) {
			for _, said := range []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", strings.Repeat("\x00\xff\r\n", 50)} {
				k := s.smtp("mx")
				k.write(said)
				if got := k.closed(); strings.Contains(got, "250 ") {
					s.t.Errorf("%q: %q", said, got)
				}
			}
		})
		s.receive(anna, "Still alive")
		s.clean()
	})
}

// smuggle sends a message with an ending that is none and a second message
// behind it; there must be one refusal for all of it.
func (s *server) smuggle(secured bool, ending string) {
	s.t.Helper()
	k := s.smtp("mx")
	if secured {
		k.startTLS()
	}
	k.envelope("bob@elsewhere.test", anna)
	k.want("354", "DATA")
	k.write(letter("Outer") + "text" + ending + "MAIL FROM:<evil@elsewhere.test>\r\nRCPT TO:<" + anna + ">\r\nDATA\r\n" + letter("Smuggled") + ".\r\n")
	if got := k.reply(); !strings.HasPrefix(got, "550 5.6.") {
		s.t.Errorf("%q: %s", ending, got)
	}
	// The next reply belongs to the next command.
	k.want("221", "QUIT")
	if rest := k.closed(); rest != "" {
		s.t.Errorf("%q: then came %q", ending, rest)
	}
}

// mimeBombs are messages that must be stored and shown, whatever their shape.
func (s *server) mimeBombs() {
	s.t.Helper()
	var deep, wide strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	deep.WriteString("\r\nthe bottom\r\n")
	wide.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	wide.WriteString(strings.Repeat("--b\r\n\r\nx\r\n", 100000) + "--b--\r\n")
	k := s.smtp("mx")
	im := s.imapIn(anna, password)
	before := im.messages("INBOX")
	for i, bomb := range []string{deep.String(), wide.String()} {
		k.envelope("bob@elsewhere.test", anna)
		k.data("250 2.0.0", "From: bob@elsewhere.test\r\nSubject: Bomb\r\nMIME-Version: 1.0\r\n"+bomb)
		im.ok("NOOP")
		at := before + i + 1
		contains(s.t, im.ok(fmt.Sprintf("FETCH %d (BODYSTRUCTURE ENVELOPE)", at)), "BODYSTRUCTURE (", "Bomb")
		contains(s.t, im.ok(fmt.Sprintf("FETCH %d BODY.PEEK[]", at)), bomb)
	}
}
