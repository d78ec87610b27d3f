package mailstore

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// After a purge neither the rows nor the key are there, others keep what they
// share, and the bytes come back by a sweep.
func TestPurgeLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		a, c := b.account(7, 0), b.account(8, 0)
		shared := letter("shared", "for both")
		d, err := b.deliver(b.put(shared), Target{AccountID: a}, Target{AccountID: c}, Target{AccountID: a, Folder: "Junk"})
		must(t, err)
		for range indexFrom {
			b.mail(a, letter("private", "for one"))
		}
		must(t, b.Index(ctx, a))
		inbox := b.folder(a, Inbox).ID
		_, _, err = b.StoreFlags(ctx, inbox, []uint32{2}, AddFlags, Flags{System: Deleted}, 0)
		must(t, err)
		_, _, err = b.Expunge(ctx, inbox, nil)
		must(t, err)
		must(t, b.DeleteFolder(ctx, a, "Archive"))
		r, err := b.Purge(ctx, a)
		if err != nil || r.Messages != indexFrom-1 || r.Entries != indexFrom+1 || r.Folders != 5 || r.Stored <= 0 || r.Bytes <= 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, table := range []string{"mail_box", "mail_folder", "mail_vanished", "mail_folder_gone", "mail_subscription", "mail_holding", "mail_search"} {
			var n int
			must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error {
				return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table+` WHERE account_id = ?`, a).Scan(&n)
			}))
			if n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		var loose int
		must(t, b.db.Read(ctx, func(tx *sqldb.Tx) error {
			return tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM mail_entry WHERE folder_id NOT IN (SELECT id FROM mail_folder))
				+ (SELECT COUNT(*) FROM mail_change WHERE folder_id NOT IN (SELECT id FROM mail_folder))`).Scan(&loose)
		}))
		if loose != 0 {
			t.Errorf("%d rows of folders that are no more", loose)
		}
		if b.read(c, d[1].MessageID) != shared {
			t.Fatal("the other holder lost the message")
		}
		if _, err := b.Store.Open(ctx, a, d[0].MessageID); !fault.Is(err, fault.AccountNotFound) {
			t.Fatal(err)
		}
		if _, err := b.View(ctx, inbox); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if _, err := b.deliver(b.put(shared), Target{AccountID: a}); !fault.Is(err, fault.AccountNotFound) {
			t.Fatal(err)
		}
		if again, err := b.Purge(ctx, a); err != nil || again != (PurgeReport{}) {
			t.Fatalf("%+v, %v", again, err)
		}
		b.verify()
		b.seal()
		b.advancePast()
		if s, err := b.Sweep(ctx); err != nil || s.Segments != 1 || s.Moved != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		b.verify()
	})
}

// Neither text nor keys of messages lie readable on disk at any time.
func TestNothingReadableOnDisk(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	a := b.account(7, 0)
	st := b.put(letter("CanarySubject", "CanaryBody"))
	_, err := b.deliver(st, Target{AccountID: a})
	must(t, err)
	for range indexFrom {
		b.mail(a, letter("CanarySubject", "CanaryBody"))
	}
	must(t, b.Index(ctx, a))
	if _, err := b.MatchText(ctx, b.view(b.folder(a, Inbox).ID), FieldText, "", "canary"); err != nil {
		t.Fatal(err)
	}
	b.close()
	looked := 0
	must(t, filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		looked += len(text)
		for _, secret := range [][]byte{[]byte("canary"), st.key[:], []byte("ann@example.com"), st.sum[:]} {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower(secret)) {
				t.Errorf("%q is readable in %s", secret, filepath.Base(path))
			}
		}
		return err
	}))
	if looked < 20_000 {
		t.Fatal("looked at too little")
	}
}
