package imapd_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"posthouse/internal/door/imapd"
)

// TestBadInput is what bad input gets (each case on a connection of its own).
func TestBadInput(t *testing.T) {
	b := newBench(t, nil)
	b.deliver(letter(1))
	for _, tc := range []struct {
		name   string
		login  bool
		send   string
		want   string // begins a line of the answer
		closes bool
	}{
		{"literal of 4 GiB before login", false, "a LOGIN {4294967296}\r\n", "a BAD [TOOBIG]", false},
		{"the same without waiting", false, "a LOGIN {4294967296+}\r\n", "* BYE [TOOBIG]", true},
		{"more than any number holds", false, "a LOGIN {99999999999999999999+}\r\n", "* BYE [TOOBIG]", true},
		{"literal of 5 kB before login", false, "a LOGIN {5000}\r\n", "a BAD [TOOBIG]", false},
		{"APPEND before login", false, "a APPEND INBOX {5000+}\r\n", "* BYE [TOOBIG]", true},
		{"many literals before login", false, "a LOGIN " + strings.Repeat("{4000+}\r\n"+strings.Repeat("x", 4000), 3) + "\r\n", "* BYE [TOOBIG]", true},
		{"line of 1 MB before login", false, "a LOGIN " + strings.Repeat("x", 1<<20), "* BYE [TOOBIG]", true},
		{"line of 1 MB after login", true, "a NOOP " + strings.Repeat("x", 1<<20-1000) + "\r\n", "a BAD [TOOBIG]", false},
		{"line of 3 MB after login", true, "a NOOP " + strings.Repeat("x", 3<<20), "* BYE [TOOBIG]", true},
		{"tag of 60 kB", true, strings.Repeat("x", 60000) + " NOOP\r\n", "* BAD ", false},
		{"no tag", true, "\r\n", "* BAD ", false},
		{"only a tag", true, "a\r\n", "* BAD ", false},
		{"plus in a tag", true, "a+ NOOP\r\n", "* BAD ", false},
		{"NUL", true, "a \x00NOOP\r\n", "a BAD", false},
		{"20,000 parentheses in SEARCH", true, "a SEARCH " + strings.Repeat("(", 20000) + "ALL" + strings.Repeat(")", 20000) + "\r\n", "a BAD nested", false},
		{"20,000 NOTs in SEARCH", true, "a SEARCH " + strings.Repeat("NOT ", 15000) + "ALL\r\n", "a BAD nested", false},
		{"15,000 ORs in SEARCH", true, "a SEARCH " + strings.Repeat("OR ", 15000) + "ALL ALL\r\n", "a BAD nested", false},
		{"10,000 keys in SEARCH", true, "a SEARCH" + strings.Repeat(" ALL", 10000) + "\r\n", "a BAD too many", false},
		{"20,000 parentheses in FETCH", true, "a FETCH 1 " + strings.Repeat("(", 20000) + "\r\n", "a BAD", false},
		{"20,000 parentheses in STORE", true, "a STORE 1 FLAGS " + strings.Repeat("(", 20000) + "\r\n", "a BAD", false},
		{"20,000 parentheses in LIST", true, "a LIST " + strings.Repeat("(", 20000) + "\r\n", "a BAD", false},
		{"10,000 FETCH items", true, "a FETCH 1 (BODY[1]" + strings.Repeat(" BODY[1.2]<1.1>", 3000) + ")\r\n", "a OK", false},
		{"1,000 different FETCH items", true, "a FETCH 1 (" + many("BODY[%d]", 1000) + ")\r\n", "a BAD too many", false},
		{"part path of 10,000 levels", true, "a FETCH 1 BODY[1" + strings.Repeat(".1", 10000) + "]\r\n", "a BAD no such", false},
		{"hostile LIST pattern", true, `a LIST "" "` + strings.Repeat("%*", 500) + "x\"\r\n", "a OK", false},
		{"longer LIST pattern", true, `a LIST "" "` + strings.Repeat("%*", 5000) + "x\"\r\n", "a BAD LIST", false},
		{"1,000 LIST patterns", true, `a LIST "" (` + many("a%d", 1000) + ")\r\n", "a BAD LIST", false},
		{"set up to 4e9", true, "a FETCH 1:4000000000 FLAGS\r\n", "a BAD No such", false},
		{"UID set up to 4e9", true, "a UID FETCH 1:4294967295,1:*,4294967295:1 FLAGS\r\n", "a OK", false},
		{"number above 32 bits", true, "a UID FETCH 4294967296 FLAGS\r\n", "a BAD", false},
		{"message number 0", true, "a FETCH 0 FLAGS\r\n", "a BAD", false},
		{"10,000 ranges", true, "a UID FETCH " + many2("%d", 10000) + " FLAGS\r\n", "a OK", false},
		{"empty set", true, "a FETCH , FLAGS\r\n", "a BAD", false},
		{"partial of huge offset", true, "a FETCH 1 BODY.PEEK[]<9223372036854775807.9223372036854775807>\r\n", "a OK", false},
		{"partial above 64 bits", true, "a FETCH 1 BODY.PEEK[]<99999999999999999999.1>\r\n", "a BAD", false},
		{"unterminated quote", true, "a SELECT \"INBOX\r\n", "a BAD", false},
		{"quote with backslash at the end", true, "a SELECT \"INBOX\\\r\n", "a BAD", false},
		{"name with a control character", true, "a CREATE {3+}\r\na\x01b\r\n", "a BAD", false},
		{"name with bad UTF-7", true, "a CREATE &AGE-\r\n", "a BAD", false},
		{"name that is too long", true, "a CREATE " + strings.Repeat("x", 2000) + "\r\n", "a BAD", false},
		{"name with wildcards", true, "a CREATE \"a*\"\r\n", "a NO [CANNOT]", false},
		{"../../etc", true, "a CREATE ../../etc\r\n", "a OK", false}, // a name like others
		{"200 keywords", true, "a STORE 1 +FLAGS (" + many("k%d", 200) + ")\r\n", "a NO [CANNOT]", false},
		{"long keyword", true, "a STORE 1 +FLAGS (" + strings.Repeat("k", 5000) + ")\r\n", "a BAD flag", false},
		{"date that is none", true, "a SEARCH SINCE 31-Feb-2026\r\n", "a BAD", false},
		{"text that is no UTF-8", true, "a SEARCH SUBJECT {2+}\r\n\xff\xfe\r\n", "a BAD", false},
		{"HTTP", false, "GET / HTTP/1.1\r\nHost: x\r\n\r\nx\r\ny\r\nz\r\n", "* BYE Too many bad commands", true},
		{"bad commands without end", true, strings.Repeat("a FOO\r\n", 40), "* BYE Too many bad commands", true},
		{"IDLE ended badly", true, "a IDLE\r\nFOO\r\n", "* BYE Expected DONE", true},
		{"AUTHENTICATE with garbage", false, "a AUTHENTICATE PLAIN !!!!\r\n", "a BAD", false},
		{"AUTHENTICATE for another", false, "a AUTHENTICATE PLAIN Ym9iAGFubkBleGFtcGxlLmNvbQBjb3JyZWN0IGhvcnNl\r\n", "a NO [AUTHENTICATIONFAILED]", false},
		{"AUTHENTICATE given up", false, "a AUTHENTICATE LOGIN\r\n*\r\n", "a BAD", false},
		{"AUTHENTICATE unknown", false, "a AUTHENTICATE GSSAPI\r\n", "a NO", false},
		{"five failed logins", false, strings.Repeat("a LOGIN ann@example.com wrong\r\n", 5), "* BYE Too many failed", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := wrap(t, must2(net.Dial("tcp", b.addr))(t))
			c.line()
			if tc.login {
				c.ok("LOGIN " + user + ` "` + password + `"`)
				c.ok("EXAMINE INBOX")
				c.ok("SELECT INBOX")
			}
			go c.conn.Write([]byte(tc.send)) // the server may close while this still writes
			for {
				l, err := c.readLine()
				if err != nil {
					t.Fatalf("no answer %q: %v", tc.want, err)
				}
				if strings.HasPrefix(l, tc.want) {
					break
				}
			}
			if tc.closes {
				c.closed()
				return
			}
			c.ok("NOOP") // it goes on
		})
	}
}

func many(format string, n int) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprintf(format, i+1))
	}
	return strings.Join(s, " ")
}

func many2(format string, n int) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprintf(format, 2*i+1))
	}
	return strings.Join(s, ",")
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func startTLS(t *testing.T, b *bench, c *client) *client {
	t.Helper()
	tc := tls.Client(c.conn, &tls.Config{RootCAs: b.pool, ServerName: "mail.example.com"})
	must(t, tc.Handshake())
	return wrap(t, tc)
}

func TestPasswordsOnlyUnderTLS(t *testing.T) {
	b := newBench(t, func(c *imapd.Config) { c.AllowPlaintext = false })
	c := b.dial()
	if got := strings.Join(c.ok("CAPABILITY"), ""); !strings.Contains(got, "LOGINDISABLED") || strings.Contains(got, "AUTH=") {
		t.Fatal(got)
	}
	for _, cmd := range []string{"LOGIN " + user + " \"" + password + `"`, "AUTHENTICATE PLAIN AGFubkBleGFtcGxlLmNvbQBjb3JyZWN0IGhvcnNl", "AUTHENTICATE LOGIN"} {
		if got := c.cmd(cmd); !strings.Contains(got[len(got)-1], "NO [PRIVACYREQUIRED]") {
			t.Fatalf("%s: %q", cmd, got)
		}
	}
	// Whatever was pipelined behind STARTTLS must not be executed under TLS.
	c.send("s STARTTLS\r\nx LOGIN " + user + " \"" + password + "\"\r\n")
	c.until("s OK")
	if b.login.sessions() != 0 {
		t.Fatal("logged in by plain text behind STARTTLS")
	}
	// The plain text is gone; the connection is not wedged.
	s := startTLS(t, b, c)
	if got := strings.Join(s.ok("CAPABILITY"), ""); strings.Contains(got, "LOGINDISABLED") || strings.Contains(got, "STARTTLS") || !strings.Contains(got, "AUTH=PLAIN") {
		t.Fatal(got)
	}
	s.ok("AUTHENTICATE PLAIN AGFubkBleGFtcGxlLmNvbQBjb3JyZWN0IGhvcnNl")
	s.ok("SELECT INBOX")
	if got := s.cmd("STARTTLS"); !strings.Contains(got[0], "BAD") {
		t.Fatal(got)
	}
}

func TestImplicitTLSAndAuthenticateLogin(t *testing.T) {
	b := newBench(t, func(c *imapd.Config) { c.AllowPlaintext = false })
	c := startTLS(t, b, dial(t, b.tls))
	c.line()
	c.send("a AUTHENTICATE LOGIN\r\n")
	c.until("+ VXNlcm5hbWU6")
	c.send("YW5uQGV4YW1wbGUuY29t\r\n")
	c.until("+ UGFzc3dvcmQ6")
	c.send("Y29ycmVjdCBob3JzZQ==\r\n")
	c.until("a OK [CAPABILITY")
	c.ok("LOGOUT")
}

func TestConnectionLimits(t *testing.T) {
	b := newBench(t, func(c *imapd.Config) { c.Limits.ConnectionsPerHost = 2 })
	b.dial()
	second := b.dial()
	if got := dial(t, b.addr).closed(); len(got) != 1 || !strings.HasPrefix(got[0], "* BYE [LIMIT]") {
		t.Fatalf("third connection: %q", got)
	}
	second.ok("LOGOUT")
	second.closed()
	deadline := time.Now().Add(10 * time.Second)
	for {
		c := dial(t, b.addr)
		if strings.HasPrefix(c.line(), "* OK") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of a closed connection is not given back")
		}
	}
}

func TestAutologout(t *testing.T) {
	b := newBench(t, func(c *imapd.Config) {
		c.Limits.PreAuth = 200 * time.Millisecond
		c.Limits.Idle = 300 * time.Millisecond
	})
	if got := b.dial().closed(); len(got) != 1 || !strings.HasPrefix(got[0], "* BYE [UNAVAILABLE] Autologout") {
		t.Fatalf("before login: %q", got)
	}
	c := b.dial()
	c.send("a LOGIN") // half a command doesn't buy time
	if got := c.closed(); len(got) != 1 || !strings.HasPrefix(got[0], "* BYE") {
		t.Fatalf("half a command: %q", got)
	}
	c = b.selected("INBOX")
	c.send("a IDLE\r\n")
	if got := c.closed(); !strings.HasPrefix(got[len(got)-1], "* BYE [UNAVAILABLE] Autologout") {
		t.Fatalf("in IDLE: %q", got)
	}
}

func TestRevokedSessionsEnd(t *testing.T) {
	b := newBench(t, nil)
	idle, quiet, authenticated := b.selected("INBOX"), b.selected("INBOX"), b.loggedIn()
	idle.send("a IDLE\r\n")
	idle.until("+")
	b.login.revoke()
	for name, c := range map[string]*client{"idle": idle, "quiet": quiet, "authenticated": authenticated} {
		if got := c.closed(); len(got) != 1 || !strings.HasPrefix(got[0], "* BYE [AUTHENTICATIONFAILED]") {
			t.Errorf("%s: %q", name, got)
		}
	}
	b.loggedIn().ok("NOOP")
}

func TestShutdownSaysBye(t *testing.T) {
	b := newBench(t, nil)
	idle, before := b.selected("INBOX"), b.dial()
	idle.send("a IDLE\r\n")
	idle.until("+")
	done := make(chan error, 1)
	go func() { done <- b.srv.Shutdown(t.Context()) }()
	for _, c := range []*client{idle, before} {
		if got := c.closed(); len(got) != 1 || !strings.HasPrefix(got[0], "* BYE [UNAVAILABLE]") {
			t.Errorf("%q", got)
		}
	}
	must(t, <-done)
}

// TestSlowReaderIsCut: a client that doesn't take what it asked for doesn't hold the server.
func TestSlowReaderIsCut(t *testing.T) {
	b := newBench(t, func(c *imapd.Config) { c.Limits.Write = 200 * time.Millisecond })
	b.login.closed = make(chan struct{}, 1)
	b.deliver(letter(1) + strings.Repeat("0123456789abcdef\r\n", 100000))
	c := b.selected("INBOX")
	for range 20 {
		c.send("a FETCH 1 BODY.PEEK[]\r\n")
	}
	select {
	case <-b.login.closed:
	case <-time.After(60 * time.Second):
		t.Fatal("the session is still there")
	}
}
