package imapd_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/door/imapd"
)

// pipes is a listener whose connections are in memory.
type pipes struct{ c chan net.Conn }

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.c
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p *pipes) Close() error   { close(p.c); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// FuzzSession feeds a session in one of several states with anything at all. It
// must neither fail nor hang, and must answer in whole lines.
func FuzzSession(f *testing.F) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for i, file := range files {
		raw, err := os.ReadFile(file)
		must(f, err)
		var script strings.Builder
		for l := range strings.Lines(string(raw)) {
			if len(l) > 4 && (l[1:4] == "C: " || l[1:4] == ">: ") {
				script.WriteString(strings.TrimSuffix(l[4:], "\n") + "\r\n")
			}
		}
		f.Add(uint8(i), []byte(script.String()))
		for l := range strings.SplitSeq(script.String(), "\r\n") {
			f.Add(uint8(i), []byte(l+"\r\n"))
		}
	}
	f.Add(uint8(2), []byte("a FETCH 1:* (BODY[1.2.HEADER.FIELDS (A \"b\" {1+}\r\nc)]<1.2> BINARY[2.1]<0.9> BODYSTRUCTURE)\r\n"))
	f.Add(uint8(3), []byte("a SEARCH RETURN (MIN SAVE) (OR (NOT 1:3) UID $) CHARSET UTF-8 TEXT {3+}\r\nabc\r\n"))
	f.Add(uint8(4), []byte("a IDLE\r\nDONE\r\nb STORE $ (UNCHANGEDSINCE 3) +FLAGS.SILENT (a \\Seen)\r\n"))
	states := []string{
		"",
		"z LOGIN x y\r\n",
		"z LOGIN x y\r\nz SELECT INBOX\r\n",
		"z LOGIN x y\r\nz ENABLE IMAP4rev2\r\nz SELECT INBOX\r\nz SEARCH RETURN (SAVE) ALL\r\n",
		"z LOGIN x y\r\nz ENABLE QRESYNC UTF8=ACCEPT\r\nz SELECT INBOX\r\nz STORE 1:2 +FLAGS (\\Deleted a)\r\n",
		"z LOGIN x y\r\nz EXAMINE INBOX\r\nz IDLE\r\n",
	}
	f.Fuzz(func(t *testing.T, state uint8, in []byte) {
		if len(in) > 1<<16 {
			return
		}
		mail := newMemory(letter(1), nested, letter(2), "\r\n", "no header")
		srv, err := imapd.New(imapd.Config{Hostname: "x", AllowPlaintext: true, Mail: mail, Login: anybody{}, Clock: clock.NewManual(start), Log: slog.New(unharmed{slog.DiscardHandler, t}),
			Limits: imapd.Limits{MessageSize: 1 << 17, PreAuth: 20 * time.Second, Receive: 20 * time.Second, Idle: 20 * time.Second, Write: 20 * time.Second}})
		must(t, err)
		l := &pipes{make(chan net.Conn)}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(l, imapd.StartTLS) }()
		here, there := net.Pipe()
		l.c <- there
		must(t, here.SetDeadline(time.Now().Add(20*time.Second)))
		go func() {
			// The last line ends whatever the input left open; a closed pipe ends the rest.
			_, err := io.WriteString(here, states[int(state)%len(states)]+string(in)+"\r\nzz LOGOUT\r\n")
			if err != nil && !errors.Is(err, io.ErrClosedPipe) {
				fmt.Fprintln(io.Discard, err)
			}
			time.AfterFunc(20*time.Millisecond, func() { here.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) })
		}()
		r := bufio.NewReader(here)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				if line != "" && errors.Is(err, io.EOF) && !strings.HasPrefix(line, "* BYE") {
					t.Errorf("half a line at the end: %q", line)
				}
				break
			}
		}
		here.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		must(t, srv.Shutdown(ctx))
		if err := <-served; err != imapd.ErrServerClosed {
			t.Error(err)
		}
	})
}
