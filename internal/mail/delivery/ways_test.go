package delivery

import (
	"context"
	"strings"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mail/queue"
	"posthouse/internal/store/sqldb"
)

// told is the inbox, each message by what it tells of its way.
func (b *bench) told(account int64) string {
	b.t.Helper()
	var out []string
	for _, m := range b.inbox(account) {
		m = strings.TrimPrefix(m, "Return-Path: <x@far.test>\r\n")
		if value, ok := strings.CutPrefix(m, "Delivered-To: "); ok {
			value, m, _ = strings.Cut(value, "\r\n")
			out = append(out, value)
		} else {
			out = append(out, "-")
		}
		if m != "Received: by us\r\nSubject: hi\r\n\r\nhello\r\n" {
			b.t.Errorf("account %d: %q", account, m)
		}
	}
	return strings.Join(out, " ")
}

func (b *bench) transaction(id string, to ...string) Transaction {
	return Transaction{ID: id, ReversePath: addr(b.t, "x@far.test"), Recipients: b.resolve(to...),
		Content: strings.NewReader("Subject: hi\r\n\r\nhello\r\n"), Trace: []byte("Received: by us\r\n")}
}

func (b *bench) room(account, bytes int64) {
	b.t.Helper()
	ctx := context.Background()
	must(b.t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.SetQuotaTx(ctx, tx, []int64{account}, bytes) }))
}

// TestWays: each mailbox one copy; what it tells is its own way only.
func TestWays(t *testing.T) {
	for _, c := range []struct{ to, ann, bob string }{
		{"ann@here.test", "-", ""},
		{"alias@here.test", "alias@here.test", ""},
		{"alias@here.test ann@here.test", "-", ""},
		{"ALIAS@here.test bob@here.test", "alias@here.test", "-"},
		{"any@here.test", "", "any@here.test"},
		{"any@here.test alias@here.test", "alias@here.test", "any@here.test"},
		{"Team@here.test", "team@here.test", "team@here.test"},
		{"team@here.test bob@here.test alias@here.test", "alias@here.test", "-"},
		{"bob@here.test all@here.test team@here.test", "team@here.test", "-"},
		{"all@here.test team@here.test", "team@here.test", "all@here.test"},
	} {
		b := newBench(t, sqldb.SQLite)
		b.room(3, 0)
		must(t, b.Deliver(context.Background(), b.transaction("t1", strings.Fields(c.to)...)))
		if ann, bob := b.told(1), b.told(2); ann != c.ann || bob != c.bob {
			t.Errorf("%s: ann %q, bob %q, want %q, %q", c.to, ann, bob, c.ann, c.bob)
		}
		if full := b.told(3); strings.Contains(full, " ") {
			t.Errorf("%s: several copies: %s", c.to, full)
		}
	}
}

// TestFullMembers: those with room have it now, the others in the queue, in the
// same transaction.
func TestFullMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		waiting := func(want int) []queue.Summary {
			t.Helper()
			list, err := b.queue.List(ctx, queue.Filter{})
			must(t, err)
			if len(list) != want {
				t.Errorf("%d in the queue: %+v", len(list), list)
			}
			return list
		}
		must(t, b.Deliver(ctx, Transaction{ID: "t0", Recipients: b.resolve("full@here.test"), Content: strings.NewReader("x")}))
		must(t, b.Deliver(ctx, b.transaction("t1", "all@here.test", "team@here.test", "postmaster")))
		if ann, bob, full := b.told(1), b.told(2), len(b.inbox(3)); ann != "team@here.test" || bob != "all@here.test" || full != 1 {
			t.Errorf("%q %q %d", ann, bob, full)
		}
		kept := 0
		for _, m := range waiting(2) { // one for the postmaster; the full mailbox waits once
			if m.ID == "t1.1" && m.Kind == "mail" && m.ReversePath == "x@far.test" && m.PartnerID == 10 && m.AccountID == 0 && m.States[queue.Ready] == 1 {
				kept++
			}
		}
		if kept != 1 {
			t.Error("the full member's message is not kept")
		}
		d, err := b.queue.Show(ctx, "t1.1")
		must(t, err)
		if len(d.Recipients) != 1 || d.Recipients[0].Address != "all@here.test" || d.Recipients[0].Status != "4.2.2" {
			t.Errorf("%+v", d.Recipients)
		}
		// Nobody has room: refused for now, at RCPT and when DATA is larger than told.
		b.room(1, 1)
		b.room(2, 1)
		if _, err := b.Resolve(ctx, addr(t, "team@here.test")); fault.Of(err).Reason != "MAILBOX_FULL" || !fault.Of(err).Temporary {
			t.Error(err)
		}
		b.room(1, 5000)
		to := b.resolve("team@here.test")
		if err := b.Room(ctx, to, 5001); fault.Of(err).Reason != "MAILBOX_FULL" {
			t.Error(err)
		}
		if err := b.Room(ctx, to, 100); err != nil {
			t.Error(err)
		}
		// A named mailbox that is full by now gets it: it was asked before.
		must(t, b.Deliver(ctx, Transaction{ID: "t2", ReversePath: addr(t, "x@far.test"), Trace: []byte("Received: by us\r\n"), Content: strings.NewReader("Subject: hi\r\n\r\nhello\r\n"),
			Recipients: append(b.resolve("team@here.test"), &Recipient{Address: addr(t, "full@here.test"), Via: "direct", Accounts: []int64{3}})}))
		if n := len(b.inbox(3)); n != 2 {
			t.Errorf("%d messages", n)
		}
		if d, err := b.queue.Show(ctx, "t2.1"); err != nil || len(d.Recipients) != 1 { // bob
			t.Errorf("%+v %v", d, err)
		}
	})
}

// TestKeptOrNothing: what can't be queued is not delivered either.
func TestKeptOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		must(t, b.Deliver(ctx, Transaction{ID: "t0", Recipients: b.resolve("full@here.test"), Content: strings.NewReader("x")}))
		must(t, b.Deliver(ctx, b.transaction("t1", "team@here.test")))
		if err := b.Deliver(ctx, b.transaction("t1", "team@here.test")); err == nil { // the id is taken
			t.Fatal("no error")
		}
		if ann := b.told(1); ann != "team@here.test" {
			t.Error(ann)
		}
	})
}

func TestLoop(t *testing.T) {
	b := newBench(t, sqldb.SQLite)
	ctx := context.Background()
	for to, loops := range map[string]bool{"team@here.test": true, "ann@here.test team@here.test": true, "alias@here.test": false, "ann@here.test": false} {
		tr := b.transaction("t-"+to, strings.Fields(to)...)
		tr.Content = strings.NewReader("Received: from elsewhere\r\nDelivered-To: TEAM@here.test\r\nDelivered-To: ann@here.test\r\n\r\n")
		if err := b.Deliver(ctx, tr); (err != nil) != loops || loops && fault.Of(err).Reason != "MAIL_LOOP" {
			t.Errorf("%s: %v", to, err)
		}
	}
	if n := len(b.inbox(2)); n != 0 {
		t.Errorf("%d messages", n)
	}
}
