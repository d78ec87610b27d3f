package mailstore

import (
	"context"
	"testing"
	"time"

	"posthouse/internal/store/sqldb"
)

func signalled(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(60 * time.Second):
		t.Fatal("no signal")
	}
}

func quiet(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
		t.Fatal("a signal without a change")
	default:
	}
}

func TestWatch(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	a, other := b.account(7, 0), b.account(8, 0)
	one, stopOne := b.Watch(a)
	two, stopTwo := b.Watch(a)
	for range 3 {
		b.mail(a, letter("x", "y"))
	}
	for _, c := range []<-chan struct{}{one, two} {
		signalled(t, c)
		quiet(t, c) // three are one
	}
	b.mail(other, letter("x", "y"))
	quiet(t, one)
	if _, err := b.deliver(b.put(letter("x", "y")), Target{AccountID: a}, Target{AccountID: 99}); err == nil {
		t.Fatal("delivered to nobody")
	}
	quiet(t, one) // rolled back
	stopOne()
	stopOne()
	_, _, err := b.StoreFlags(ctx, b.folder(a, Inbox).ID, []uint32{1}, AddFlags, Flags{System: Seen}, 0)
	must(t, err)
	quiet(t, one)
	signalled(t, two)
	stopTwo()
	if n := len(b.hub.accounts()); n != 0 {
		t.Fatalf("%d accounts still watched", n)
	}
}

// On PostgreSQL another node's changes show up too, in watches and views.
func TestTwoNodes(t *testing.T) {
	b := newBench(t, sqldb.Postgres, func(c *Config) {
		c.Clock = nil
		c.Poll = 10 * time.Millisecond
	})
	a := b.account(7, 0)
	inbox := b.folder(a, Inbox).ID
	b.view(inbox)
	c, cancel := b.Watch(a)
	defer cancel()
	signalled(t, c) // the first poll

	db, err := sqldb.Open(context.Background(), b.dbCfg)
	must(t, err)
	defer db.Close()
	cfg := b.cfg
	cfg.DB, cfg.Blobs, cfg.Keys = db, b.blobs, b.keys
	node, err := Open(context.Background(), cfg)
	must(t, err)
	defer node.Close()
	second := &bench{t: t, db: db, Store: node}
	second.mail(a, letter("from the other node", "y"))
	signalled(t, c)
	if v := b.view(inbox); len(v.Entries) != 1 {
		t.Fatalf("%+v", v)
	}
	_, _, err = node.StoreFlags(context.Background(), inbox, []uint32{1}, AddFlags, Flags{System: Seen}, 0)
	must(t, err)
	signalled(t, c)
	if v := b.view(inbox); v.Entries[0].Flags.System != Seen || v.Folder.Unseen != 0 {
		t.Fatalf("%+v", v)
	}
}

func TestViewCacheIsBounded(t *testing.T) {
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.ViewMemory = 4 * slotBytes })
	for id := range int64(20) {
		a := b.account(id+1, 0)
		b.mail(a, letter("x", "y"))
		b.view(b.folder(a, Inbox).ID)
	}
	b.views.mu.Lock()
	defer b.views.mu.Unlock()
	if len(b.views.slots) > 4 || b.views.order.Len() != len(b.views.slots) || b.views.bytes > b.views.limit {
		t.Fatalf("%d views of %d bytes", len(b.views.slots), b.views.bytes)
	}
}
