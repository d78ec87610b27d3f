package imapd_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"posthouse/internal/goldentest"
)

// TestTranscripts replays testdata/transcripts. In a script
//
//	1C: text     client 1 sends a line and reads up to its tagged response or a continuation request
//	1>: text     client 1 sends a line and reads nothing
//	1W: text     client 1 reads up to a line that begins with text
//	D: n         letter n is delivered into INBOX
//	1S: text     what the server said: rewritten by -update
//
// Session 1 and 2 are logged in before; 0 is not.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no transcripts")
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(f)
			must(t, err)
			got := replay(t, string(raw))
			goldentest.Compare(t, f, got)
		})
	}
}

var serverLine = regexp.MustCompile(`^\d(S|s):`)

func replay(t *testing.T, script string) string {
	b := newBench(t, nil)
	clients := map[byte]*client{}
	tags := map[byte]string{}
	var out strings.Builder
	get := func(id byte) *client {
		c := clients[id]
		if c == nil {
			if id == '0' {
				c = b.dial()
			} else {
				c = b.loggedIn()
			}
			clients[id] = c
		}
		return c
	}
	say := func(id byte, line string) {
		for i, l := range strings.Split(strings.ReplaceAll(line, "\r\n", "\n"), "\n") {
			mark := "S"
			if i > 0 {
				mark = "s" // a literal's lines
			}
			fmt.Fprintf(&out, "%c%s: %s\n", id, mark, l)
		}
	}
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if serverLine.MatchString(line) {
			continue
		}
		out.WriteString(line + "\n")
		if n, ok := strings.CutPrefix(line, "D: "); ok {
			var k int
			_, err := fmt.Sscan(n, &k)
			must(t, err)
			b.deliver(letter(k))
			continue
		}
		if len(line) < 3 || line[2] != ':' || line[0] == '#' {
			continue
		}
		id, what, text := line[0], line[1], strings.TrimPrefix(line[3:], " ")
		c := get(id)
		must(t, c.conn.SetDeadline(time.Now().Add(60*time.Second)))
		switch what {
		case '>':
			c.send(text + "\r\n")
			if tags[id] == "" {
				tags[id], _, _ = strings.Cut(text, " ")
			}
		case 'W':
			for {
				l, err := c.readLine()
				if err != nil {
					t.Fatalf("%s: %v, so far:\n%s", line, err, out.String())
				}
				say(id, l)
				if strings.HasPrefix(l, text) {
					break
				}
			}
		case 'C':
			c.send(text + "\r\n")
			if tags[id] == "" {
				tags[id], _, _ = strings.Cut(text, " ")
			}
			for {
				l, err := c.readLine()
				if ne, ok := err.(net.Error); ok && ne.Timeout() {
					t.Fatalf("%s: no answer, so far:\n%s", line, out.String())
				}
				if err != nil {
					say(id, "<closed>")
					tags[id] = ""
					break
				}
				say(id, l)
				if strings.HasPrefix(l, "+") {
					break
				}
				if strings.HasPrefix(l, tags[id]+" ") || strings.HasPrefix(l, "* BAD") {
					tags[id] = ""
					break
				}
			}
		default:
			t.Fatalf("bad line %q", line)
		}
	}
	return out.String()
}
