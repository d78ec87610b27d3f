package queue

import (
	"context"
	"strings"
	"testing"
	"time"

	"posthouse/internal/mail/smtptest"
	"posthouse/internal/mailaddr"
	"posthouse/internal/store/sqldb"
)

// told gives the DSNs in an account's INBOX.
func (b *bench) told(account int64) []string {
	b.t.Helper()
	b.drain()
	var out []string
	for _, m := range b.inbox(account) {
		if strings.HasPrefix(m, "Return-Path: <>\r\n") {
			out = append(out, m)
		}
	}
	return out
}

func has(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
}

func TestBounce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		sink := smtptest.Start(t, smtptest.Config{On: func(v, line string) *smtptest.Action {
			if v == "RCPT" && strings.Contains(line, "no@") {
				return smtptest.Reply("550 5.1.1 nobody of that name")
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		s := b.submission(1, "no@far.test", "yes@far.test", "nobody@here.test")
		s.EnvID, s.Ret = "env+2B1", "FULL"
		s.Recipients[0].ORcpt = "rfc822;No+2Bx@far.test"
		id := b.submitted(s)
		b.drain()
		b.expect(id, "no@far.test=bounced yes@far.test=delivered nobody@here.test=bounced")
		got := b.told(1)
		if len(got) != 2 { // one per attempt that ended something
			t.Fatalf("%d DSNs", len(got))
		}
		if !strings.Contains(got[0], "far.test") {
			got[0], got[1] = got[1], got[0]
		}
		has(t, got[0], "Original-Envelope-Id: env+1", "Original-Recipient: rfc822; No+x@far.test", "Final-Recipient: rfc822; no@far.test", "Action: failed",
			"Status: 5.1.1", "nobody of that name", "Remote-MTA: dns; mx.far.test", "How are you?", "To: <ann@here.test>", "Auto-Submitted: auto-replied")
		has(t, got[1], "Final-Recipient: rfc822; nobody@here.test", "Status: 5.1.1")
		if strings.Contains(got[0], "yes@far.test") {
			t.Error("tells of one that was delivered")
		}
		b.check()
	})
}

// Nobody is told of what has the null reverse-path, and a DSN that can't be
// delivered is the end.
func TestNoBounceOfBounce(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	s := b.submission(1, "nobody@here.test", "x@absent.test")
	s.ReversePath = mailaddr.Address{}
	id := b.submitted(s)
	b.drain()
	b.expect(id, "nobody@here.test=bounced x@absent.test=bounced")
	if got := b.told(1); len(got) != 0 {
		t.Errorf("%q", got)
	}
	// The sender's mailbox is gone when its DSN comes.
	b.submit(1, "nobody@here.test")
	b.clock.Advance(time.Second)
	list, err := b.List(context.Background(), Filter{Open: true})
	must(t, err)
	if len(list) != 1 {
		t.Fatal(list)
	}
	must(t, b.db.Write(context.Background(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(context.Background(), `UPDATE mail_box SET used_bytes = 2, quota_bytes = 1 WHERE account_id = 1`)
		return err
	}))
	b.until(12 * 24 * time.Hour)
	all, err := b.List(context.Background(), Filter{})
	must(t, err)
	for _, m := range all {
		if m.Finished == nil {
			t.Errorf("%+v", m)
		}
	}
	if n := len(all); n != 3 {
		t.Errorf("%d messages, not two and a DSN", n)
	}
	b.check()
}

func TestDelayAndExpiry(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		sink := smtptest.Start(t, smtptest.Config{On: func(v, _ string) *smtptest.Action {
			if v == "RCPT" {
				return smtptest.Reply("450 4.2.1 come back later")
			}
			return nil
		}})
		b.foreign("far.test", sink.Addr)
		s := b.submission(1, "x@far.test", "y@far.test", "never@far.test")
		s.Recipients[1].Notify, s.Recipients[2].Notify = "FAILURE", "NEVER"
		id := b.submitted(s)
		b.until(3*time.Hour + 59*time.Minute)
		if n := len(b.told(1)); n != 0 {
			t.Errorf("%d DSNs before the time", n)
		}
		b.until(2 * time.Minute)
		got := b.told(1)
		if len(got) != 1 {
			t.Fatalf("%d DSNs after 4 h", len(got))
		}
		has(t, got[0], "Action: delayed", "Final-Recipient: rfc822; x@far.test", "Will-Retry-Until: ", "come back later")
		if strings.Contains(got[0], "y@far.test") || strings.Contains(got[0], "never@far.test") {
			t.Error("told who did not ask")
		}
		b.until(4 * 24 * time.Hour)
		b.expect(id, "x@far.test=ready y@far.test=ready never@far.test=ready")
		if n := len(b.told(1)); n != 1 {
			t.Errorf("%d DSNs: warned more than once", n)
		}
		b.until(24 * time.Hour)
		b.expect(id, "x@far.test=expired y@far.test=expired never@far.test=expired")
		got = b.told(1)
		if len(got) != 2 {
			t.Fatalf("%d DSNs in the end", len(got))
		}
		has(t, got[1], "Action: failed", "Final-Recipient: rfc822; x@far.test", "Final-Recipient: rfc822; y@far.test", "Status: 5.4.7", "come back later")
		if strings.Contains(got[1], "never@far.test") {
			t.Error("told who did not want")
		}
		b.check()
	})
}

func TestSuccess(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	knows := smtptest.Start(t, smtptest.Config{Extensions: []string{"DSN"}})
	ignores := smtptest.Start(t, smtptest.Config{Extensions: []string{"SIZE"}})
	b.cfg.Routes = map[string]string{"knows.test": knows.Addr, "ignores.test": ignores.Addr}
	b.Queue = b.another()
	s := b.submission(1, "x@knows.test", "x@ignores.test", "bob@here.test", "y@ignores.test")
	for i := range 3 {
		s.Recipients[i].Notify = "SUCCESS,FAILURE"
	}
	b.submitted(s)
	got := strings.Join(b.told(1), "\n")
	has(t, got, "Final-Recipient: rfc822; x@ignores.test\r\nAction: relayed", "Final-Recipient: rfc822; bob@here.test\r\nAction: delivered")
	if strings.Contains(got, "knows.test\r\nAction") || strings.Contains(got, "y@ignores.test\r\nAction") {
		t.Error("told what the next hop tells, or nobody asked for")
	}
	has(t, strings.Join(knows.Commands(), "\n"), "NOTIFY=SUCCESS,FAILURE")
	b.check()
}

// The DSN goes to the account itself, although mail to its domain goes elsewhere (T-51).
func TestDSNOfUnprovenDomain(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.mx("play.test", "elsewhere.test")
	b.submit(3, "nobody@play.test")
	if got := b.told(3); len(got) != 1 {
		t.Errorf("%d DSNs", len(got))
	}
}
