package queue

import (
	"context"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/mailaddr"
	"posthouse/internal/store/sqldb"
)

// onwards makes an address lead to mailboxes and to addresses elsewhere.
func (b *bench) onwards(email string, via routing.Via, accounts []int64, outside ...string) {
	b.dir.leads(email, via, accounts...)
	b.dir.mu.Lock()
	defer b.dir.mu.Unlock()
	r := b.dir.others[email]
	r.Outside, r.Origin, r.OrderID = outside, email, 700
}

// TestForwardFromInside: what members elsewhere get goes into the queue in the
// transaction that serves the mailboxes; the sender who asked is told.
func TestForwardFromInside(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		sink := smtptest.Start(t, smtptest.Config{})
		b.foreign("far.test", sink.Addr)
		b.onwards("mix@here.test", routing.ViaForwarder, []int64{5, 9}, "out@far.test", "e@here.test", "bob@here.test")
		b.onwards("more@here.test", routing.ViaForwarder, nil, "out@far.test", "e@here.test")
		s := b.submission(1, "bob@here.test", "mix@here.test", "more@here.test")
		for i := range s.Recipients {
			s.Recipients[i].Notify, s.Recipients[i].ORcpt = "SUCCESS,FAILURE", "rfc822;asked@here.test"
		}
		s.EnvID = "env"
		id := b.submitted(s)
		b.drain()
		b.expect(id, "bob@here.test=delivered mix@here.test=delivered more@here.test=delivered")
		got := sink.Messages()
		if len(got) != 1 || !strings.HasPrefix(got[0].From, "<SRS0=") || !strings.Contains(got[0].From, "=here.test=ann@mail.here.test>") ||
			!strings.Contains(got[0].From, "ENVID=env") || !strings.HasPrefix(got[0].Content, "Delivered-To: m") {
			t.Fatalf("%+v", got)
		}
		if r := strings.Join(got[0].Recipients, "; "); r != "<out@far.test> NOTIFY=FAILURE ORCPT=rfc822;asked@here.test" {
			t.Error(r)
		}
		// The copies that came round by the queue: each mailbox has one.
		for _, account := range []int64{2, 5} {
			if in := b.inbox(account); len(in) != 1 {
				t.Errorf("account %d has %q", account, in)
			}
		}
		told := strings.Join(b.inbox(1), "\n")
		if strings.Count(told, "Action: expanded") != 2 || strings.Count(told, "Action: delivered") != 1 {
			t.Errorf("the sender is told %q", told)
		}
		// The full member is served when there is room, once.
		b.has(9)
		b.room(9)
		b.until(2 * time.Minute)
		if in := b.inbox(9); len(in) != 1 || b.held() != 0 {
			t.Errorf("%q, %d held", in, b.held())
		}
		b.check()
	})
}

// TestForwardIsHeldBack: what an order forwards waits while it may not, and its
// end is told to the real sender.
func TestForwardIsHeldBack(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.onwards("out@here.test", routing.ViaForwarder, nil, "out@far.test")
	b.dir.still = map[int64]bool{700: true}
	id := b.submit(1, "out@here.test")
	b.drain()
	b.expect(id, "out@here.test=delivered")
	list, err := b.List(context.Background(), Filter{Open: true})
	must(t, err)
	if len(list) != 1 || list[0].ID != id+".f1" {
		t.Fatalf("%+v", list)
	}
	b.expect(list[0].ID, "out@far.test=ready")
	b.until(6 * 24 * time.Hour)
	b.expect(list[0].ID, "out@far.test=expired")
	if in := strings.Join(b.inbox(1), ""); !strings.Contains(in, "out@far.test") || !strings.Contains(in, "Action: failed") {
		t.Errorf("%q", in)
	}
	b.check()
}

// TestForwardOfASandboxStaysHere.
func TestForwardOfASandboxStaysHere(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.onwards("out@play.test", routing.ViaForwarder, []int64{4}, "out@far.test")
	b.dir.others["out@play.test"].Sandbox, b.dir.others["out@play.test"].PartnerID = true, 20
	id := b.submit(3, "out@play.test")
	b.drain()
	b.expect(id, "out@play.test=delivered")
	b.expect(id+".f1", "out@far.test=delivered")
	var n int
	must(t, b.db.Read(context.Background(), func(tx *sqldb.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT COUNT(*) FROM sandbox_message WHERE partner_id = 20 AND recipient = 'out@far.test'`).Scan(&n)
	}))
	if n != 1 {
		t.Errorf("%d captured", n)
	}
	if got := b.show(id + ".f1").ReversePath; got != "cid@play.test" {
		t.Errorf("the sender is %q, by which mail could leave", got)
	}
	b.check()
}

// TestForwardSenders: who is too long has a row for as long as bounces are taken.
func TestForwardSenders(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		long := addr(t, strings.Repeat("l", 64)+"@far.test")
		p, err := b.PrepareForward(ctx, Forward{Root: "r", ReversePath: long, Origin: "a@here.test", To: []string{"x@far.test", "y@far.test"}}, strings.NewReader(text))
		must(t, err)
		for range 2 { // the second has nobody left
			must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error { return b.ForwardTx(ctx, tx, p) }))
		}
		at := addr(t, p.msg.reversePath)
		if got, err := b.ForwardSender(ctx, mailaddr.Address{Local: strings.ToUpper(at.Local), Domain: at.Domain}); err != nil || got != long {
			t.Errorf("%v, %v", got, err)
		}
		b.clock.Advance(srsAge + time.Hour)
		if got, err := b.ForwardSender(ctx, at); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v, %v", got, err)
		}
		b.clock.Advance(srsAge)
		must(t, b.forget(ctx))
		for _, table := range []string{"srs_sender", "forward_copy"} {
			var n int
			must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n) }))
			if n != 0 {
				t.Errorf("%s has %d rows", table, n)
			}
		}
	})
}

// TestReplyOnce: of deliveries at once, and of those within a week, one answers.
func TestReplyOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.dir.responders = map[int64]*routing.Responder{2: {Autoresponder: autoresponder.Autoresponder{AccountID: 2, OrderID: 200, On: true, Message: "away", Format: autoresponder.Plain},
			PartnerID: 10, Domain: "here.test", Email: "bob@here.test", Addresses: []string{"bob@here.test"}}}
		letter := strings.NewReader("To: bob@here.test\r\nSubject: x\r\n\r\nhello\r\n")
		prepare := func() *PreparedReply {
			t.Helper()
			list := b.PrepareReplies(ctx, Answered{ReversePath: "ann@here.test", Content: letter, Accounts: []int64{2}})
			if len(list) == 0 {
				return nil
			}
			return list[0]
		}
		one, two := prepare(), prepare()
		if one == nil || two == nil {
			t.Fatal("no reply")
		}
		for _, p := range []*PreparedReply{one, two, one} {
			must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error { return b.ReplyTx(ctx, tx, p) }))
		}
		b.drain()
		if in := b.inbox(1); len(in) != 1 {
			t.Errorf("%d replies: %q", len(in), in)
		}
		b.clock.Advance(autoresponder.Again - time.Minute)
		if prepare() != nil {
			t.Error("answered again within a week")
		}
		b.clock.Advance(2 * time.Minute)
		p := prepare()
		if p == nil {
			t.Fatal("not answered after a week")
		}
		must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error { return b.ReplyTx(ctx, tx, p) }))
		b.drain()
		if in := b.inbox(1); len(in) != 2 {
			t.Errorf("%d replies", len(in))
		}
		b.check()
	})
}
