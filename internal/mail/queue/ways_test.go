package queue

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/store/sqldb"
)

// village has the mailboxes 2 (bob), 5, 6 and the full ones 8 and 9, and ways to them.
func village(b *bench) {
	b.account(5, 10, "eve@here.test", 0)
	b.account(6, 10, "joe@here.test", 0)
	b.account(8, 10, "fat@here.test", 10)
	b.account(9, 10, "full@here.test", 10)
	b.dir.leads("team@here.test", routing.ViaForwarder, 2, 5)
	b.dir.leads("all@here.test", routing.ViaForwarder, 2, 5, 6, 9)
	b.dir.leads("thick@here.test", routing.ViaForwarder, 8, 9)
	b.dir.leads("e@here.test", routing.ViaAlias, 5)
	b.dir.leads("any@here.test", routing.ViaCatchAll, 6)
}

func (b *bench) room(accounts ...int64) {
	b.t.Helper()
	ctx := context.Background()
	must(b.t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.store.SetQuotaTx(ctx, tx, accounts, 1<<20) }))
}

// has expects the inbox's messages, each by what it tells of its way.
func (b *bench) has(account int64, tells ...string) {
	b.t.Helper()
	var got []string
	for _, m := range b.inbox(account) {
		tell := ""
		if rest, ok := strings.CutPrefix(m, returnPath("ann@here.test")+"Delivered-To: "); ok {
			var after string
			tell, after, _ = strings.Cut(rest, "\r\n")
			if after != text {
				b.t.Errorf("account %d: %q", account, m)
			}
		} else if m != returnPath("ann@here.test")+text {
			b.t.Errorf("account %d: %q", account, m)
		}
		got = append(got, tell)
	}
	if !slices.Equal(got, tells) {
		b.t.Errorf("account %d has %q, want %q", account, got, tells)
	}
}

// splitOf finds the message that was split off another one.
func (b *bench) splitOf(id string) string {
	b.t.Helper()
	list, err := b.List(context.Background(), Filter{})
	must(b.t, err)
	for _, m := range list {
		if strings.HasPrefix(m.ID, id+".") {
			return m.ID
		}
	}
	b.t.Fatal("nothing was split off")
	return ""
}

func TestWays(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		id := b.submit(1, "Team@here.test", "any@here.test", "bob@here.test", "e@here.test")
		b.drain()
		b.expect(id, "Team@here.test=delivered any@here.test=delivered bob@here.test=delivered e@here.test=delivered")
		b.has(2, "") // named: nothing tells of the forwarder
		b.has(5, "e@here.test")
		b.has(6, "any@here.test")
		id = b.submit(1, "TEAM@here.test")
		b.drain()
		b.expect(id, "TEAM@here.test=delivered")
		b.has(2, "", "team@here.test")
		b.has(5, "e@here.test", "team@here.test")
		if b.held() != 0 {
			t.Error("still held")
		}
		b.check()
	})
}

// TestOneCopyEver: recipients of one message that are tried at different times
// still make one copy for a mailbox.
func TestOneCopyEver(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		id := b.submit(1, "full@here.test", "thick@here.test", "bob@here.test")
		b.drain()
		b.expect(id, "full@here.test=ready thick@here.test=delivered bob@here.test=delivered")
		b.has(8)
		b.room(8, 9)
		b.until(2 * time.Minute)
		b.expect(id, "full@here.test=delivered thick@here.test=delivered bob@here.test=delivered")
		b.has(9, "") // once, by its own name
		b.check()

		b.dir.refuse["team@here.test"] = fault.Unavail("not now", nil)
		id = b.submit(1, "team@here.test", "e@here.test", "all@here.test")
		b.drain()
		b.expect(id, "team@here.test=ready e@here.test=delivered all@here.test=delivered")
		delete(b.dir.refuse, "team@here.test")
		b.dir.leads("team@here.test", routing.ViaForwarder, 1, 2, 5, 8) // 8: full again
		must(t, b.db.Write(context.Background(), func(tx *sqldb.Tx) error {
			return b.store.SetQuotaTx(context.Background(), tx, []int64{8}, 10)
		}))
		b.until(2 * time.Minute)
		b.expect(id, "team@here.test=delivered e@here.test=delivered all@here.test=delivered")
		b.has(1, "team@here.test") // who had none yet
		b.has(2, "", "all@here.test")
		b.has(5, "e@here.test")
		b.room(8)
		b.until(10 * time.Minute)
		b.has(8, "thick@here.test", "team@here.test")
		b.check()
	})
}

// TestForwarderWithFullMembers: those with room have it at once, the others when
// there is room, without the sender's doing.
func TestForwarderWithFullMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		id := b.submit(1, "all@here.test")
		b.drain()
		b.expect(id, "all@here.test=delivered")
		for _, account := range []int64{2, 5, 6} {
			b.has(account, "all@here.test")
		}
		b.has(9)
		rest := b.splitOf(id)
		b.expect(rest, "all@here.test=ready")
		if r := b.show(rest).Recipients[0]; r.Status != "4.2.2" {
			t.Errorf("%+v", r)
		}
		b.room(9)
		_, err := b.Retry(context.Background(), rest, "")
		must(t, err)
		b.drain()
		b.expect(rest, "all@here.test=delivered")
		b.has(9, "all@here.test")
		for _, account := range []int64{2, 5, 6} {
			b.has(account, "all@here.test")
		}
		if b.held() != 0 {
			t.Error("still held")
		}
		b.check()
	})
}

// TestMemberGoneMeanwhile: who was deleted while mail waited does not get it.
func TestMemberGoneMeanwhile(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	village(b)
	id := b.submit(1, "all@here.test")
	b.drain()
	rest := b.splitOf(id)
	delete(b.dir.senders, 9)
	b.room(9)
	b.until(2 * time.Minute)
	b.expect(rest, "all@here.test=bounced")
	b.has(9)
	if got := b.inbox(1); len(got) != 1 || !strings.Contains(got[0], "all@here.test") || strings.Contains(got[0], "full@here.test") {
		t.Errorf("%q", got)
	}
	b.check()
}

// TestFullForwarder: nobody has room; the recipient waits as it is, and the
// sender hears of it in the end.
func TestFullForwarder(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		id := b.submit(1, "thick@here.test")
		b.drain()
		b.expect(id, "thick@here.test=ready")
		b.room(8)
		b.until(2 * time.Minute)
		b.expect(id, "thick@here.test=delivered")
		b.has(8, "thick@here.test")
		b.until(6 * 24 * time.Hour)
		if got := b.inbox(1); len(got) != 2 || !strings.Contains(got[0], "Action: delayed") || !strings.Contains(got[1], "Action: failed") || !strings.Contains(got[1], "thick@here.test") {
			t.Errorf("%q", got)
		}
		b.has(9)
		b.check()
	})
}

// TestLoop: a message that was sent back by some host is returned at the address
// that it has come by before, and nowhere else.
func TestLoop(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		s := b.submission(1, "team@here.test", "bob@here.test", "e@here.test")
		s.Content = strings.NewReader("Delivered-To: team@here.test\r\n" + text)
		id := b.submitted(s)
		b.drain()
		b.expect(id, "team@here.test=bounced bob@here.test=delivered e@here.test=delivered")
		if r := b.show(id).Recipients[0]; r.Status != "5.4.6" {
			t.Errorf("%+v", r)
		}
		b.check()
	})
}

func TestKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		village(b)
		ctx := context.Background()
		team, err := mailaddr.Parse("all@here.test")
		must(t, err)
		from, err := mailaddr.Parse("x@far.test")
		must(t, err)
		const kept = "Return-Path: <x@far.test>\r\nDelivered-To: all@here.test\r\n" + text
		stored, err := b.store.Put(ctx, strings.NewReader(kept))
		must(t, err)
		must(t, b.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			return b.KeepTx(ctx, tx, Kept{ID: "t1.1", ReversePath: from, Address: team, Accounts: []int64{8, 9}, PartnerID: 10, Stored: stored})
		}))
		b.drain()
		b.expect("t1.1", "all@here.test=ready all@here.test=ready")
		b.room(9)
		b.until(2 * time.Minute)
		b.expect("t1.1", "all@here.test=ready all@here.test=delivered")
		if got := b.inbox(9); len(got) != 1 || got[0] != kept {
			t.Errorf("%q", got)
		}
		b.until(6 * 24 * time.Hour)
		b.expect("t1.1", "all@here.test=expired all@here.test=delivered")
		list, err := b.List(ctx, Filter{})
		must(t, err)
		dsns := 0
		for _, m := range list {
			if m.Kind == kindDSN {
				dsns++
			}
		}
		if dsns == 0 {
			t.Errorf("the sender is not told: %+v", list)
		}
	})
}

// TestSandboxProof: what a sandbox partner proves is no proof for others' mail.
func TestSandboxProof(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	b.dir.domain("played.test", routing.Routing{Served: true, Proven: true, Sandbox: true, PartnerID: 77})
	b.account(70, 77, "x@played.test", 0)
	id := b.submit(1, "x@played.test")
	b.drain()
	if got := b.inbox(70); len(got) != 0 {
		t.Errorf("%q", got)
	}
	b.expect(id, "x@played.test=bounced")
}
