package smtpd

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// The scripts under testdata/transcripts are conversations, line by line:
//
//	C: a line that is sent with CRLF; several in a row go out at once
//	c: the same with Go's escapes and nothing added
//	S: a reply line that must come exactly so; "..." at its end stands for anything
//	TLS: the handshake
//	END: the server closes
//	STORED: what arrived: from, recipients and content with Go's escapes
//
// A first line "face:" names options of the fake behind the engine.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f := &fakeFace{onRecipient: transcriptRecipient, revoked: make(chan struct{})}
			limits := Limits{MessageBytes: 1000, DiscardBytes: 2000, Recipients: 3, HeaderBytes: 400, HeaderFields: 20, Received: 3}
			runTranscript(t, string(text), f, limits)
		})
	}
}

// transcriptRecipient knows example.com only.
func transcriptRecipient(a mailaddr.Address) *reply {
	reason := ""
	switch {
	case a.Domain == "" && strings.EqualFold(a.Local, "postmaster"):
	case a.Domain != "example.com":
		reason = "NO_SUCH_DOMAIN"
	case a.Local == "nobody":
		reason = "NO_SUCH_MAILBOX"
	case a.Local == "full":
		reason = "MAILBOX_FULL"
	case a.Local == "abuse":
		reason = "MAILBOX_SUSPENDED"
	case a.Local == "pending":
		reason = "NOT_SERVICEABLE"
	case a.Local == "broken":
		return replyOf(fmt.Errorf("database: secret text"))
	}
	if reason == "" {
		return nil
	}
	return replyOf(fault.New(fault.AccountNotFound, "x").WithReason(reason))
}

func runTranscript(t *testing.T, text string, f *fakeFace, limits Limits) {
	var c *client
	var out strings.Builder
	n := 0
	flush := func() {
		if out.Len() > 0 {
			c.send(out.String())
			out.Reset()
		}
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if options, ok := strings.CutPrefix(lines[0], "face:"); ok {
		f.auth, f.dsn = strings.Contains(options, "auth"), strings.Contains(options, "dsn")
	}
	addr := startFake(t, f, limits)
	c = dial(t, addr)
	for i, line := range lines {
		kind, rest, _ := strings.Cut(line, ":")
		rest = strings.TrimPrefix(rest, " ")
		switch kind {
		case "C":
			out.WriteString(rest + "\r\n")
		case "c":
			out.WriteString(unquote(t, rest))
		case "S":
			flush()
			got, err := c.r.ReadString('\n')
			want, prefix := strings.CutSuffix(rest, "...")
			got = strings.TrimSuffix(got, "\r\n")
			if err != nil || (got != want && !prefix) || !strings.HasPrefix(got, want) {
				t.Fatalf("line %d: got %q, %v, want %q", i+1, got, err, rest)
			}
		case "TLS":
			flush()
			c.startTLS()
		case "END":
			flush()
			c.wantEOF()
		case "STORED":
			flush()
			m := f.messages()
			if n >= len(m) {
				t.Fatalf("line %d: nothing stored", i+1)
			}
			if got := m[n].from + " " + strings.Join(m[n].to, ",") + " " + m[n].content; got != unquote(t, rest) {
				t.Fatalf("line %d: stored %q", i+1, got)
			}
			n++
		case "face", "":
		default:
			if !strings.HasPrefix(line, "#") {
				t.Fatalf("line %d: %q", i+1, line)
			}
		}
	}
	if m := f.messages(); len(m) != n {
		t.Fatalf("%d messages stored, %d expected", len(m), n)
	}
}

func unquote(t *testing.T, s string) string {
	t.Helper()
	u, err := strconv.Unquote(`"` + s + `"`)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return u
}
