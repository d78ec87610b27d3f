package queue

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/store/sqldb"
)

var (
	playPartner = audit.Actor{PartnerID: 20, Role: suspension.RolePartner}
	another     = audit.Actor{PartnerID: 10, Role: suspension.RolePartner}
	support     = audit.Actor{Role: suspension.RoleTitanSupport}
)

func (b *bench) captured(actor audit.Actor, f SandboxFilter) []*SandboxMessage {
	b.t.Helper()
	list, err := b.SandboxMessages(context.Background(), actor, f)
	must(b.t, err)
	return list
}

func (b *bench) content(actor audit.Actor, id int64) string {
	b.t.Helper()
	c, err := b.SandboxContent(context.Background(), actor, id)
	must(b.t, err)
	raw, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	must(b.t, err)
	must(b.t, c.Close())
	return string(raw)
}

func TestSandboxIsCaptured(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		id := b.submit(3, "x@far.test", "y@far.test", "dot@play.test", "bob@here.test", "z@[192.0.2.7]")
		b.drain()
		b.expect(id, "x@far.test=delivered y@far.test=delivered dot@play.test=delivered bob@here.test=delivered z@[192.0.2.7]=delivered")
		got := b.captured(playPartner, SandboxFilter{})
		to := map[string]bool{}
		for _, m := range got {
			to[m.Recipient] = true
			if m.PartnerID != 20 || m.AccountID != 3 || m.ReversePath != "cid@play.test" || m.Subject != "hello" || m.QueueID != id || m.Notice ||
				!m.At.Equal(epoch.Add(20*time.Hour)) {
				t.Errorf("%+v", m)
			}
			if c := b.content(playPartner, m.ID); c != returnPath("cid@play.test")+text {
				t.Errorf("%q", c)
			}
		}
		if !to["x@far.test"] || !to["y@far.test"] || !to["z@[192.0.2.7]"] || to["dot@play.test"] || to["bob@here.test"] {
			t.Errorf("captured for %v", to)
		}
		b.check()
		first := got[0].ID
		for what, err := range map[string]error{
			"show": func() error { _, err := b.SandboxMessage(ctx, another, first); return err }(),
			"open": func() error { _, err := b.SandboxContent(ctx, another, first); return err }(),
			"drop": b.DeleteSandboxMessage(ctx, another, first),
			"none": b.DeleteSandboxMessage(ctx, playPartner, first+1000),
		} {
			if !fault.Is(err, fault.NotFound) || fault.Of(err).Text != errNoCaptured.Text {
				t.Errorf("%s by another partner: %v", what, err)
			}
		}
		if n := len(b.captured(another, SandboxFilter{PartnerID: 20})); n != 0 {
			t.Errorf("another partner sees %d", n)
		}
		if n := len(b.captured(support, SandboxFilter{PartnerID: 20, Recipient: "X@FAR.test"})); n != 1 {
			t.Errorf("support finds %d", n)
		}
		if _, err := b.SandboxMessages(ctx, audit.Actor{Role: suspension.RolePartner}, SandboxFilter{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an actor without a partner: %v", err)
		}
		must(t, b.DeleteSandboxMessage(ctx, playPartner, first))
		n, err := b.DeleteSandboxMessages(ctx, playPartner, 10) // its own, whatever it names
		if err != nil || n != len(got)-1 {
			t.Errorf("%d deleted of %d, %v", n, len(got)-1, err)
		}
		if b.held() != 0 {
			t.Errorf("%d still held", b.held())
		}
	})
}

// TestSandboxSinkAndCapture hands captured mail to a sink; what the sink has not taken is not captured yet.
func TestSandboxSinkAndCapture(t *testing.T) {
	var busy atomic.Bool
	busy.Store(true)
	sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
		if v == "RCPT" && busy.Load() {
			return smtptest.Reply("450 4.2.1 later")
		}
		return nil
	}})
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.SandboxSink = sink.Addr })
	id := b.submit(3, "x@far.test")
	b.drain()
	b.expect(id, "x@far.test=ready")
	if n := len(b.captured(playPartner, SandboxFilter{})); n != 0 {
		t.Errorf("%d captured before delivery", n)
	}
	busy.Store(false)
	b.until(3 * time.Minute)
	b.expect(id, "x@far.test=delivered")
	if n := len(b.captured(playPartner, SandboxFilter{})); n != 1 || len(sink.Messages()) != 1 {
		t.Errorf("%d captured, %d at the sink", n, len(sink.Messages()))
	}
	b.check()
}

func TestCapturedIsBounded(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	b.submit(3, "first@far.test")
	b.drain()
	first := b.captured(playPartner, SandboxFilter{})[0]
	// Rows only: a thousand deliveries take long under the race detector.
	must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error {
		for i := range maxCaptured {
			if err := b.store.HoldAgainTx(ctx, tx, first.messageID); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO sandbox_message (partner_id, order_id, account_id, notice_id, queue_id, reverse_path, recipient, subject, size, message_id, at, captured_at)
				SELECT partner_id, order_id, account_id, notice_id, queue_id, reverse_path, ?, subject, size, message_id, at, captured_at FROM sandbox_message WHERE id = ?`,
				fmt.Sprintf("%d@far.test", i), first.ID); err != nil {
				return err
			}
		}
		return nil
	}))
	b.submit(3, "last@far.test")
	b.drain()
	all := b.captured(playPartner, SandboxFilter{Limit: 5000})
	if len(all) != maxCaptured || all[0].Recipient != "last@far.test" || all[len(all)-1].Recipient != "1@far.test" {
		t.Fatalf("%d left, from %s to %s", len(all), all[0].Recipient, all[len(all)-1].Recipient)
	}
	page := b.captured(playPartner, SandboxFilter{Before: all[9].ID, Limit: 2})
	if len(page) != 2 || page[0].ID != all[10].ID {
		t.Errorf("the page after the tenth begins with %+v", page[0])
	}
	b.clock.Advance(capturedFor + time.Hour)
	must(t, b.forget(ctx))
	if n := len(b.captured(support, SandboxFilter{})); n != 0 || b.held() != 0 {
		t.Errorf("%d rows and %d messages after 30 days", n, b.held())
	}
}

func (b *bench) notice(sandbox bool, to, fallback string, mailbox int64) string {
	b.t.Helper()
	ctx := context.Background()
	s := System{NoticeID: 7, PartnerID: 20, Sandbox: sandbox, To: addr(b.t, to), Mailbox: mailbox, FallbackAfter: time.Hour, Content: strings.NewReader(text)}
	if fallback != "" {
		s.Fallback = addr(b.t, fallback)
	}
	p, err := b.PrepareSystem(ctx, s)
	must(b.t, err)
	must(b.t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error { return b.SystemTx(ctx, tx, p) }))
	return p.msg.publicID
}

func TestNoticeFallsBackOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		sink := smtptest.Start(t, smtptest.Config{On: func(v, arg string) *smtptest.Action {
			if v == "RCPT" && strings.Contains(arg, "nobody") {
				return smtptest.Reply("550 5.1.1 nobody here")
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		id := b.notice(false, "nobody@far.test", "kim@far.test", 0)
		b.drain()
		b.expect(id, "nobody@far.test=bounced kim@far.test=delivered")
		got := sink.Messages()
		if len(got) != 1 || !strings.HasPrefix(got[0].From, "<>") {
			t.Errorf("%+v", got)
		}
		if k := b.show(id).Kind; k != "notice" {
			t.Errorf("kind %s", k)
		}
		both := b.notice(false, "nobody@far.test", "nobody2@far.test", 0)
		b.drain()
		b.expect(both, "nobody@far.test=bounced nobody2@far.test=bounced")
		b.check()
		if b.held() != 0 {
			t.Error("still held")
		}
	})
}

// TestNoticeFallsBackInTime has a link in it that is of no use five days later.
func TestNoticeFallsBackInTime(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	sink := smtptest.Start(t, smtptest.Config{On: func(v, arg string) *smtptest.Action {
		if v == "RCPT" && strings.Contains(arg, "busy") {
			return smtptest.Reply("450 4.2.1 later")
		}
		return nil
	}})
	b.foreign("far.test", sink.Addr)
	id := b.notice(false, "busy@far.test", "kim@far.test", 0)
	b.until(59 * time.Minute)
	b.expect(id, "busy@far.test=ready")
	b.until(2 * time.Minute)
	b.expect(id, "busy@far.test=expired kim@far.test=delivered")
}

func TestNoticeOfASandbox(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.notice(true, "kim@far.test", "", 0)
	b.notice(true, "cid@elsewhere.test", "", 3) // whatever the DNS says
	b.drain()
	got := b.captured(playPartner, SandboxFilter{Notices: true})
	if len(got) != 1 || got[0].Recipient != "kim@far.test" || !got[0].Notice || len(b.inbox(3)) != 1 {
		t.Errorf("%+v, %d in the mailbox", got, len(b.inbox(3)))
	}
	b.check()
}
