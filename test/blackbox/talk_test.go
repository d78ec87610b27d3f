package blackbox

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness"
)

// talk is a connection on which a test speaks a line protocol itself.
type talk struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

// dial connects to a listener; submissions and imaps are under TLS at once.
func (s *server) dial(listener string) *talk {
	s.t.Helper()
	c, err := (&net.Dialer{}).DialContext(s.ctx, "tcp", s.Addr(listener))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	k := &talk{t: s.t, c: c, r: bufio.NewReader(c)}
	k.patience(patience)
	if listener == "submissions" || listener == "imaps" {
		k.handshake()
	}
	return k
}

// patience bounds everything on the connection from now on.
func (k *talk) patience(d time.Duration) {
	k.t.Helper()
	if err := k.c.SetDeadline(time.Now().Add(d)); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) handshake() {
	k.t.Helper()
	c := tls.Client(k.c, harness.InsecureTLS())
	if err := c.Handshake(); err != nil {
		k.t.Fatal(err)
	}
	k.c, k.r = c, bufio.NewReader(c)
}

func (k *talk) write(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k.c, text); err != nil {
		k.t.Fatalf("writing %.60q: %v", text, err)
	}
}

func (k *talk) line() string {
	k.t.Helper()
	line, err := k.r.ReadString('\n')
	if err != nil {
		k.t.Fatalf("reading a line: %v (have %q)", err, line)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// closed wants the other side to hang up; what came before that is returned.
func (k *talk) closed() string {
	k.t.Helper()
	rest, err := io.ReadAll(k.r)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		k.t.Fatalf("the connection was not closed; last came %q", rest)
	}
	return string(rest) // any other error is a connection that is gone
}

// smtpTalk speaks SMTP.
type smtpTalk struct{ *talk }

// smtp connects to mx, submission or submissions and says EHLO.
func (s *server) smtp(listener string) *smtpTalk {
	s.t.Helper()
	k := &smtpTalk{s.dial(listener)}
	k.expect("220 ")
	k.want("250", "EHLO client.test")
	return k
}

// smtpIn is smtp for somebody who is logged in.
func (s *server) smtpIn(listener, user, pass string) *smtpTalk {
	s.t.Helper()
	k := s.smtp(listener)
	if listener == "submission" {
		k.startTLS()
	}
	k.want("235 2.7.0", "AUTH PLAIN "+plain(user, pass))
	return k
}

func plain(user, pass string) string {
	return base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + pass))
}

// reply reads one reply, lines joined by LF.
func (k *smtpTalk) reply() string {
	k.t.Helper()
	var out []string
	for {
		line := k.line()
		out = append(out, line)
		if len(line) < 4 || line[3] != '-' {
			return strings.Join(out, "\n")
		}
	}
}

// expect reads a reply that begins so.
func (k *smtpTalk) expect(prefix string) string {
	k.t.Helper()
	got := k.reply()
	if !strings.HasPrefix(got, prefix) {
		k.t.Fatalf("want %q, got %q", prefix, got)
	}
	return got
}

// want sends a line and wants a reply that begins so.
func (k *smtpTalk) want(prefix, line string) string {
	k.t.Helper()
	k.write(line + "\r\n")
	got := k.reply()
	if !strings.HasPrefix(got, prefix) {
		k.t.Fatalf("%.80q: want %q, got %q", line, prefix, got)
	}
	return got
}

func (k *smtpTalk) startTLS() {
	k.t.Helper()
	k.want("220 ", "STARTTLS")
	k.handshake()
	k.want("250", "EHLO client.test")
}

// envelope sends MAIL and RCPT.
func (k *smtpTalk) envelope(from string, to ...string) {
	k.t.Helper()
	k.want("250 2.1.0", "MAIL FROM:<"+from+">")
	for _, r := range to {
		k.want("250 2.1.5", "RCPT TO:<"+r+">")
	}
}

// data sends a whole message and wants this reply. content ends in CRLF.
func (k *smtpTalk) data(prefix, content string) string {
	k.t.Helper()
	k.want("354", "DATA")
	return k.want(prefix, content+".")
}

// imapTalk speaks IMAP.
type imapTalk struct {
	*talk
	n int
}

func (s *server) imapDial(listener string) *imapTalk {
	s.t.Helper()
	k := &imapTalk{talk: s.dial(listener)}
	if line := k.line(); !strings.HasPrefix(line, "* OK") {
		s.t.Fatalf("greeting %q", line)
	}
	return k
}

// imapIn is a session that is logged in, in INBOX.
func (s *server) imapIn(user, pass string) *imapTalk {
	s.t.Helper()
	k := s.imapDial("imaps")
	k.ok(fmt.Sprintf("LOGIN %s %q", user, pass))
	k.ok("SELECT INBOX")
	return k
}

// response reads one response, literals included.
func (k *imapTalk) response() string {
	k.t.Helper()
	var out strings.Builder
	for {
		line := k.line()
		out.WriteString(line)
		i := strings.LastIndexByte(line, '{')
		if i < 0 || !strings.HasSuffix(line, "}") {
			return out.String()
		}
		n, err := strconv.Atoi(line[i+1 : len(line)-1])
		if err != nil {
			return out.String()
		}
		literal := make([]byte, n)
		if _, err := io.ReadFull(k.r, literal); err != nil {
			k.t.Fatal(err)
		}
		out.WriteString("\r\n")
		out.Write(literal)
	}
}

// run sends a command and gives the untagged responses and the tagged one
// without its tag.
func (k *imapTalk) run(command string) (untagged, status string) {
	k.t.Helper()
	k.n++
	tag := "t" + strconv.Itoa(k.n)
	k.write(tag + " " + command + "\r\n")
	return k.until(tag)
}

func (k *imapTalk) until(tag string) (untagged, status string) {
	k.t.Helper()
	var out []string
	for {
		line := k.response()
		if rest, ok := strings.CutPrefix(line, tag+" "); ok {
			return strings.Join(out, "\n"), rest
		}
		out = append(out, line)
	}
}

// ok wants OK and gives the untagged responses.
func (k *imapTalk) ok(command string) string {
	k.t.Helper()
	untagged, status := k.run(command)
	if !strings.HasPrefix(status, "OK") {
		k.t.Fatalf("%.80s: %s", command, status)
	}
	return untagged
}

// messages says how many messages a folder has.
func (k *imapTalk) messages(folder string) int {
	k.t.Helper()
	out := k.ok("STATUS " + folder + " (MESSAGES)")
	_, rest, _ := strings.Cut(out, "(MESSAGES ")
	rest, _, _ = strings.Cut(rest, ")")
	n, err := strconv.Atoi(rest)
	if err != nil {
		k.t.Fatalf("STATUS answered %q", out)
	}
	return n
}

// idle begins IDLE.
func (k *imapTalk) idle() {
	k.t.Helper()
	k.write("idle IDLE\r\n")
	if line := k.line(); !strings.HasPrefix(line, "+") {
		k.t.Fatalf("IDLE answered %q", line)
	}
}

// comes reads until a response contains the piece.
func (k *imapTalk) comes(piece string) string {
	k.t.Helper()
	for {
		if line := k.response(); strings.Contains(line, piece) {
			return line
		}
	}
}
