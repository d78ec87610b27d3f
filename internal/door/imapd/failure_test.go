package imapd_test

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"posthouse/internal/door/imapd"
	"posthouse/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStoreFailures: whatever the store refuses becomes a NO with a fitting
// code; the session goes on and changes nothing by halves.
func TestStoreFailures(t *testing.T) {
	mail := newMemory(letter(1), letter(2))
	b := newStore(t)
	b.serve(func(c *imapd.Config) { c.Mail = mail })
	c := b.selected("INBOX")
	for _, tc := range []struct {
		op, cmd string
		err     error
		want    string
	}{
		{"Append", "APPEND INBOX {5+}\r\na: b\n", fault.Unavail("The disk is full", errors.New("ENOSPC")), "NO [UNAVAILABLE] The disk is full"},
		{"Append", "APPEND INBOX {5+}\r\na: b\n", fault.New(fault.OverQuota, "The mailbox is full"), "NO [OVERQUOTA]"},
		{"Append", "APPEND INBOX {5+}\r\na: b\n", fault.New(fault.NotFound, "Gone meanwhile"), "NO [TRYCREATE]"},
		{"Folder", "APPEND INBOX {5+}\r\na: b\n", errors.New("boom"), "NO [SERVERBUG]"},
		{"Usage", "APPEND INBOX {5+}\r\na: b\n", errors.New("boom"), "NO [SERVERBUG]"},
		{"StoreFlags", "STORE 1 FLAGS (\\Seen)", fault.New(fault.Invalid, "Too many keywords\r\n* BYE forged"), "NO [CANNOT] Too many keywords  * BYE forged"},
		{"Copy", "COPY 1 Trash", fault.New(fault.OverQuota, "The mailbox is full"), "NO [OVERQUOTA]"},
		{"Move", "MOVE 1 Trash", fault.New(fault.OverQuota, "The mailbox is full"), "NO [OVERQUOTA]"},
		{"Expunge", "EXPUNGE", errors.New("boom"), "NO [SERVERBUG]"},
		{"Contents", "FETCH 1 BODY.PEEK[]", errors.New("boom"), "NO [SERVERBUG]"},
		{"Contents", "FETCH 1 ENVELOPE", errors.New("boom"), "NO [SERVERBUG]"},
		{"MatchText", "SEARCH TEXT x", errors.New("boom"), "NO [SERVERBUG]"},
		{"Folders", `LIST "" *`, errors.New("boom"), "NO [SERVERBUG]"},
		{"Subscriptions", `LSUB "" *`, errors.New("boom"), "NO [SERVERBUG]"},
		{"CreateFolder", "CREATE x", fault.New(fault.TooMany, "Too many folders"), "NO [LIMIT]"},
		{"RenameFolder", "RENAME Trash x", fault.New(fault.AlreadyExists, "There is one"), "NO [ALREADYEXISTS]"},
		{"View", "STATUS INBOX (RECENT)", errors.New("boom"), "OK"}, // nothing recent is left to count
		{"Usage", "GETQUOTA \"\"", errors.New("boom"), "NO [SERVERBUG]"},
	} {
		mail.mu.Lock()
		mail.fail = func(op string) error {
			if op == tc.op {
				return tc.err
			}
			return nil
		}
		mail.mu.Unlock()
		out := c.cmd(tc.cmd)
		mail.mu.Lock()
		mail.fail = nil
		mail.mu.Unlock()
		if last := out[len(out)-1]; !strings.Contains(last, " "+tc.want) {
			t.Errorf("%s while %s fails: %q, want %s", tc.cmd, tc.op, last, tc.want)
		}
		if strings.Contains(strings.Join(out, ""), "boom") || strings.Contains(strings.Join(out, ""), "ENOSPC") {
			t.Errorf("%s tells the cause: %q", tc.cmd, out)
		}
		c.ok("NOOP")
	}
	if got := c.ok("SEARCH ALL"); got[0] != "* SEARCH 1 2" {
		t.Errorf("afterwards %q", got)
	}
}

// TestAppendBrokenOff: half a message changes nothing.
func TestAppendBrokenOff(t *testing.T) {
	b := newBench(t, nil)
	b.login.closed = make(chan struct{}, 4)
	c := b.loggedIn()
	c.send("a APPEND Drafts {1000+}\r\nSubject: half")
	c.conn.Close()
	<-b.login.closed
	if got := b.loggedIn().ok("STATUS Drafts (MESSAGES)"); got[0] != `* STATUS "Drafts" (MESSAGES 0)` {
		t.Error(got)
	}
}

// TestLoginTooMany: a limit makes clients try later, not ask for a new password.
func TestLoginTooMany(t *testing.T) {
	b := newBench(t, nil)
	b.login.err = fault.New(fault.TooMany, "Too many attempts")
	c := b.dial()
	if got := c.cmd("LOGIN x y"); !strings.Contains(got[0], "NO [UNAVAILABLE] Too many attempts") {
		t.Error(got)
	}
}
