package imapd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"posthouse/internal/door/imapd"
	"posthouse/internal/mailstore"
)

// endless is a store whose text search ends only when it is told to.
type endless struct {
	*memory
	began chan struct{}
}

func (e endless) MatchText(ctx context.Context, _ *mailstore.View, _ mailstore.TextField, _, _ string) ([]uint32, error) {
	e.began <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestSearchTakesTooLong: no command computes for as long as a client likes,
// and the session goes on.
func TestSearchTakesTooLong(t *testing.T) {
	mail := endless{newMemory(letter(1)), make(chan struct{}, 1)}
	b := newStore(t)
	b.serve(func(c *imapd.Config) { c.Mail, c.Limits.Search = mail, time.Millisecond })
	c := b.selected("INBOX")
	out := c.cmd("SEARCH NOT TEXT a NOT TEXT b")
	if last := out[len(out)-1]; !strings.Contains(last, " NO [LIMIT] ") {
		t.Error(last)
	}
	c.ok("NOOP")
}

// TestSearchEndsWithTheSession: who may not log in any more computes no more.
func TestSearchEndsWithTheSession(t *testing.T) {
	mail := endless{newMemory(letter(1)), make(chan struct{}, 1)}
	b := newStore(t)
	b.login.closed = make(chan struct{}, 1)
	b.serve(func(c *imapd.Config) { c.Mail, c.Limits.Search = mail, time.Hour })
	c := b.selected("INBOX")
	c.send("a SEARCH TEXT x\r\n")
	<-mail.began
	b.login.revoke()
	<-b.login.closed
}
