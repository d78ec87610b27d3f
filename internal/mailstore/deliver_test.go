package mailstore

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

func TestDeliverAndRead(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a, c := b.account(7, 0), b.account(9, 10)
		text := letter("Hello", "world")
		st := b.put(text)
		date := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
		got, err := b.deliver(st, Target{AccountID: c}, Target{AccountID: a, Folder: "Junk", Flags: Flags{System: Seen, Keywords: []string{"$Junk", "a"}}, InternalDate: date},
			Target{AccountID: a, Folder: "nowhere"})
		must(t, err)
		if len(got) != 3 || got[0].AccountID != c || !got[0].OverQuota || got[1].OverQuota || got[0].UID != 1 || got[1].FolderID != b.folder(a, "Junk").ID ||
			got[2].FolderID != b.folder(a, "inbox").ID || got[0].MessageID != got[1].MessageID {
			t.Fatalf("%+v", got)
		}
		v := b.view(got[1].FolderID)
		e := v.Entries[0]
		if len(v.Entries) != 1 || e.Size != int64(len(text)) || !e.InternalDate.Equal(date) || e.Flags.System != Seen || !e.Flags.Has("$JUNK") ||
			v.Folder.Unseen != 0 || v.Folder.Messages != 1 || v.Folder.UIDNext != 2 || e.ModSeq != v.Folder.HighestModSeq {
			t.Fatalf("%+v", v)
		}
		if e.SavedAt.Unix() != b.clock.Now().Unix() {
			t.Fatal("saved at", e.SavedAt)
		}
		for _, d := range got {
			if b.read(d.AccountID, d.MessageID) != text {
				t.Fatal("text differs")
			}
		}
		u, err := b.Usage(ctx, a)
		if want := int64(2 * len(text)); err != nil || u.UsedBytes != want || u.Messages != 2 {
			t.Fatalf("%+v %v", u, err)
		}
		must(t, b.Parts(ctx, a, v.Entries, func(i int, p *message.Part) error {
			if p == nil || p.Envelope.Subject != "Hello" || p.Size() != e.Size {
				t.Errorf("%d: %+v", i, p)
			}
			return nil
		}))
		var messages int
		must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_message`).Scan(&messages)
		}))
		if messages != 1 {
			t.Fatalf("%d messages for one text", messages)
		}
		if _, err := b.Store.Open(ctx, c, 999); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if _, err := b.Store.Open(ctx, 999, got[0].MessageID); !fault.Is(err, fault.AccountNotFound) {
			t.Fatal(err)
		}
		b.verify()
		b.restart()
		if b.read(a, got[0].MessageID) != text {
			t.Fatal("after a restart")
		}
	})
}

func TestDeliverAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		a := b.account(7, 0)
		st := b.put(letter("x", "y"))
		if _, err := b.deliver(st, Target{AccountID: a}, Target{AccountID: 8}); !fault.Is(err, fault.AccountNotFound) {
			t.Fatal(err)
		}
		if v := b.view(b.folder(a, Inbox).ID); len(v.Entries) != 0 || v.Folder.UIDNext != 1 {
			t.Fatalf("%+v", v)
		}
		// The same stored message in later transactions.
		for i := range 3 {
			got, err := b.deliver(st, Target{AccountID: a})
			must(t, err)
			if int(got[0].UID) != i+1 {
				t.Fatalf("%+v", got)
			}
		}
		b.verify()
		b.clock.Advance(31 * time.Minute)
		if _, err := b.deliver(st, Target{AccountID: a}); !fault.Is(err, fault.Unavailable) {
			t.Fatal("late delivery", err)
		}
	})
}

func TestQueueHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a := b.account(7, 0)
		text := letter("queued", strings.Repeat("more ", 1000))
		st := b.put(text)
		var id int64
		write := func(fn func(tx *sqldb.Tx) error) error { return b.db.Write(ctx, fn) }
		must(t, write(func(tx *sqldb.Tx) (err error) {
			// Submission to a local and a foreign recipient in one transaction.
			if _, err = b.DeliverTx(ctx, tx, st, []Target{{AccountID: a}}); err != nil {
				return err
			}
			id, err = b.HoldTx(ctx, tx, st)
			return err
		}))
		must(t, write(func(tx *sqldb.Tx) error {
			again, err := b.HoldTx(ctx, tx, st)
			if again != id {
				t.Error("held under another id")
			}
			return err
		}))
		if b.read(0, id) != text {
			t.Fatal("the queue reads something else")
		}
		must(t, write(func(tx *sqldb.Tx) error { return b.ReleaseTx(ctx, tx, id) }))
		c := b.account(8, 0)
		b.clock.Advance(48 * time.Hour)
		var got []Delivered
		must(t, write(func(tx *sqldb.Tx) (err error) {
			got, err = b.DeliverHeldTx(ctx, tx, id, []Target{{AccountID: a}, {AccountID: c}})
			return err
		}))
		b.verify()
		must(t, write(func(tx *sqldb.Tx) error { return b.ReleaseTx(ctx, tx, id) }))
		must(t, write(func(tx *sqldb.Tx) error { return b.ReleaseTx(ctx, tx, id) }))
		if err := write(func(tx *sqldb.Tx) error {
			_, err := b.DeliverHeldTx(ctx, tx, id, []Target{{AccountID: c}})
			return err
		}); !fault.Is(err, fault.NotFound) {
			t.Fatal("released message delivered", err)
		}
		if b.read(c, got[1].MessageID) != text || b.read(a, id) != text {
			t.Fatal("text differs")
		}
		for account, n := range map[int64]int64{a: 1, c: 0} {
			r, err := b.Purge(ctx, account)
			if err != nil || r.Messages > 1 {
				t.Fatal(r, err, n)
			}
		}
		if r := b.verify(); r.Messages != 0 {
			t.Fatalf("%+v", r)
		}
	})
}

func TestAppendAndQuota(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		text := letter("draft", "text")
		a := b.account(7, int64(2*len(text)))
		f := b.folder(a, "Drafts")
		if f.SpecialUse != `\Drafts` || !f.Subscribed {
			t.Fatalf("%+v", f)
		}
		for i := range 2 {
			uid, validity, err := b.Append(ctx, f.ID, b.put(text), Flags{System: Draft | Seen}, time.Time{})
			if err != nil || uid != uint32(i+1) || validity != f.UIDValidity {
				t.Fatal(uid, validity, err)
			}
		}
		if _, _, err := b.Append(ctx, f.ID, b.put(text), Flags{}, time.Time{}); !fault.Is(err, fault.OverQuota) {
			t.Fatal(err)
		}
		if _, err := b.Copy(ctx, f.ID, []uint32{1}, b.folder(a, "Sent").ID); !fault.Is(err, fault.OverQuota) {
			t.Fatal(err)
		}
		if _, err := b.Move(ctx, f.ID, []uint32{1}, b.folder(a, "Sent").ID); err != nil {
			t.Fatal(err)
		}
		d, err := b.deliver(b.put(text), Target{AccountID: a})
		if err != nil || !d[0].OverQuota {
			t.Fatal(d, err)
		}
		must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error { return b.SetQuotaTx(ctx, tx, []int64{a}, 0) }))
		_, _, err = b.Append(ctx, f.ID, b.put(text), Flags{Keywords: []string{"b", "A", "B"}}, time.Time{})
		must(t, err)
		if k := b.view(f.ID).Entries[1].Flags.Keywords; strings.Join(k, " ") != "A b" {
			t.Fatal(k)
		}
		for _, bad := range []string{"", "a b", "(x", "\x01", "é", strings.Repeat("k", 300)} {
			if _, _, err := b.Append(ctx, f.ID, b.put(text), Flags{Keywords: []string{bad}}, time.Time{}); !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", bad, err)
			}
		}
		if _, _, err := b.Append(ctx, 9999, b.put(text), Flags{}, time.Time{}); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		var used map[int64]int64
		must(t, b.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
			used, err = b.UsedTx(ctx, tx, []int64{a, 12345})
			return err
		}))
		if len(used) != 1 || used[a] != int64(4*len(text)) {
			t.Fatal(used)
		}
		b.verify()
	})
}

// A source that breaks off leaves nothing, and its own fault reaches the caller.
func TestPutFails(t *testing.T) {
	b := newBench(t, sqldb.SQLite, func(c *Config) { c.MaxSize = 1000 })
	ctx := context.Background()
	for _, c := range []struct {
		name string
		r    io.Reader
		code fault.Code
	}{
		{"too large", strings.NewReader(letter("x", strings.Repeat("y", 2000))), fault.TooLarge},
		{"a fault", io.MultiReader(strings.NewReader("Subject: x\r\n"), iotest.ErrReader(fault.New(fault.Invalid, "bare LF"))), fault.Invalid},
		{"an error", io.MultiReader(strings.NewReader("Subject: x\r\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), fault.Unavailable},
	} {
		if _, err := b.Put(ctx, c.r); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := b.Put(ended, strings.NewReader(letter("x", "y"))); !fault.Is(err, fault.Unavailable) {
		t.Errorf("cancelled: %v", err)
	}
	if empty, err := b.blobs.Empty(ctx); err != nil || !empty {
		t.Errorf("bytes were left: %v", err)
	}
	if _, err := b.Put(ctx, strings.NewReader("")); err != nil {
		t.Errorf("an empty message: %v", err)
	}
}
