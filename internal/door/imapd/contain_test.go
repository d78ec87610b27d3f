package imapd_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"posthouse/internal/door/doortest"
	"posthouse/internal/door/imapd"
)

// unharmed fails a test in which a session failed inside: such a panic is
// contained and would go unseen.
type unharmed struct {
	slog.Handler
	t testing.TB
}

func (h unharmed) Enabled(context.Context, slog.Level) bool { return true }
func (h unharmed) WithAttrs(a []slog.Attr) slog.Handler {
	return unharmed{h.Handler.WithAttrs(a), h.t}
}
func (h unharmed) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "imap session failed inside") {
		r.Attrs(func(a slog.Attr) bool { h.t.Errorf("%s: %v", r.Message, a.Value); return true })
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// trapped is a store with a fault of ours in it.
type trapped struct{ imapd.Mail }

func (trapped) Subscriptions(context.Context, int64) ([]string, error) { panic("secret 4711") }

func TestOneSessionsFaultIsNoOthers(t *testing.T) {
	var log doortest.Log
	b := newBench(t, func(c *imapd.Config) {
		c.Mail = trapped{c.Mail}
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	other, c := b.selected("INBOX"), b.loggedIn()
	c.send("a LSUB \"\" *\r\n")
	if got := c.closed(); len(got) != 0 {
		t.Errorf("after the fault came %q", got)
	}
	other.ok("CAPABILITY")
	if got := log.String(); !strings.Contains(got, "failed inside") || !strings.Contains(got, "trapped.Subscriptions") || strings.Contains(got, "4711") {
		t.Errorf("log: %s", got)
	}
}
