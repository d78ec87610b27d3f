package smtpd

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// scriptConn is a client that says what it was given, in pieces, then closes.
type scriptConn struct {
	in    []byte
	piece int
	out   bytes.Buffer
}

func (c *scriptConn) Read(p []byte) (int, error) {
	if len(c.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.in[:min(len(c.in), c.piece)])
	c.in = c.in[n:]
	return n, nil
}

func (c *scriptConn) Write(p []byte) (int, error)      { return c.out.Write(p) }
func (c *scriptConn) Close() error                     { return nil }
func (c *scriptConn) LocalAddr() net.Addr              { return nil }
func (c *scriptConn) RemoteAddr() net.Addr             { return nil }
func (c *scriptConn) SetDeadline(time.Time) error      { return nil }
func (c *scriptConn) SetReadDeadline(time.Time) error  { return nil }
func (c *scriptConn) SetWriteDeadline(time.Time) error { return nil }

// FuzzSession runs whole conversations. Whatever is said: replies are well
// formed, nothing with a bare CR or LF is stored, everything is given back, and
// the outcome does not depend on how the octets arrive.
func FuzzSession(f *testing.F) {
	mail := "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
	for _, s := range []string{
		mail + "DATA\r\nA: b\r\n\r\n..\r\n.\r\nQUIT\r\n", mail + "BDAT 3\r\na\r\nBDAT 2 LAST\r\n\r\nRSET\r\n", mail + "BDAT 1\r\n\rBDAT 2 LAST\r\n\nx",
		mail + "DATA\r\nx\n.\r\nMAIL FROM:<>\r\n.\r\n", "BDAT 5\r\nRSET\r\nNOOP\r\n", mail + "BDAT 9 LAST\r\n", "HELO x\nQUIT\r\n", "AUTH PLAIN\r\n*\r\n",
		"NOOP " + strings.Repeat("x", 20000) + "\r\nQUIT\r\n", mail + "DATA\r\n" + strings.Repeat("A:\r\n", 50) + "\r\n.\r\n" + mail,
	} {
		f.Add([]byte(s), 1, false)
		f.Add([]byte(s), 7, true)
	}
	f.Fuzz(func(t *testing.T, in []byte, piece int, auth bool) {
		whole, kept := converse(t, in, len(in)+1, auth)
		pieces, keptToo := converse(t, in, max(1, piece&0xff), auth)
		if whole != pieces || kept != keptToo {
			t.Fatalf("%q\nat once:  %q %q\nin pieces: %q %q", in, whole, kept, pieces, keptToo)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(whole, "\r\n"), "\r\n") {
			if len(line) < 4 || line[0] < '2' || line[0] > '5' || (line[3] != ' ' && line[3] != '-') || strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("%q: reply %q", in, line)
			}
		}
	})
}

func converse(t *testing.T, in []byte, piece int, auth bool) (replies, kept string) {
	face := &fakeFace{auth: auth, dsn: auth}
	cfg := testConfig(t, Limits{MessageBytes: 500, DiscardBytes: 500, HeaderBytes: 100, HeaderFields: 10, Recipients: 3})
	cfg.TLS = nil
	cfg.Log = slog.New(slog.DiscardHandler)
	srv := newServer(cfg, face)
	conn := &scriptConn{in: in, piece: piece}
	s := srv.newSession(conn, netip.MustParseAddr("127.0.0.1"))
	s.serve(false)
	srv.endSession(s)
	if face.open != 0 || len(srv.sessions) != 0 {
		t.Fatalf("%q: %d spools, %d sessions left", in, face.open, len(srv.sessions))
	}
	for _, m := range face.stored {
		if odd := oddities(m.content); odd != 0 || len(m.content) > 500 {
			t.Fatalf("%q: stored %q", in, m.content)
		}
		kept += m.from + " " + strings.Join(m.to, ",") + " " + m.content + "|"
	}
	return conn.out.String(), kept
}
