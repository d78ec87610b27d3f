package mailstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posthouse/internal/store/sqldb"
)

// Verify finds what was broken, and only that.
func TestVerifyFinds(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	ctx := context.Background()
	a := b.account(7, 0)
	d := b.mail(a, letter("one", strings.Repeat("text ", 100)))
	b.mail(a, letter("two", "text"))
	b.mail(a, letter("three", "text"))
	inbox := b.folder(a, Inbox).ID
	_, _, err := b.StoreFlags(ctx, inbox, []uint32{3}, AddFlags, Flags{System: Deleted}, 0)
	must(t, err)
	_, _, err = b.Expunge(ctx, inbox, nil)
	must(t, err)
	if r := b.verify(); r.Accounts != 2 || r.Folders != 6 || r.Entries != 2 || r.Messages != 2 || r.Bytes == 0 {
		t.Fatalf("%+v", r)
	}
	for _, c := range []struct{ name, breaks, mends, kind string }{
		{"folder counts", `UPDATE mail_folder SET unseen = unseen + 1`, `UPDATE mail_folder SET unseen = unseen - 1`, findCounts},
		{"folder size", `UPDATE mail_folder SET size_bytes = size_bytes + 1`, `UPDATE mail_folder SET size_bytes = size_bytes - 1`, findCounts},
		{"quota", `UPDATE mail_box SET used_bytes = used_bytes + 1 WHERE account_id = 7`, `UPDATE mail_box SET used_bytes = used_bytes - 1 WHERE account_id = 7`, findQuota},
		{"copies", `UPDATE mail_holding SET copies = 2`, `UPDATE mail_holding SET copies = 1`, findHolding},
		{"holders", `UPDATE mail_message SET holders = 2`, `UPDATE mail_message SET holders = 1`, findHolding},
		{"uidnext", `UPDATE mail_folder SET uid_next = uid_next - 3 WHERE uid_next > 1`, `UPDATE mail_folder SET uid_next = uid_next + 3 WHERE messages > 0`, findUID},
		{"tombstone", `UPDATE mail_vanished SET uid_from = 1`, `UPDATE mail_vanished SET uid_from = 3`, findUID},
		{"modseq", `UPDATE mail_entry SET modseq = modseq + 100`, `UPDATE mail_entry SET modseq = modseq - 100`, findModSeq},
		{"folder modseq", `UPDATE mail_folder SET modseq = modseq + 100`, `UPDATE mail_folder SET modseq = modseq - 100`, findModSeq},
		{"uidvalidity", `UPDATE mail_box SET next_uid_validity = next_uid_validity - 1`, `UPDATE mail_box SET next_uid_validity = next_uid_validity + 1`, findValidity},
		{"place", `UPDATE mail_message SET position = position + 1`, `UPDATE mail_message SET position = position - 1`, findBytes},
		{"segment", `UPDATE mail_message SET segment = segment + 50`, `UPDATE mail_message SET segment = segment - 50`, findBytes},
		{"size", `UPDATE mail_message SET size_bytes = size_bytes + 1`, `UPDATE mail_message SET size_bytes = size_bytes - 1`, findBytes},
	} {
		t.Run(c.name, func(t *testing.T) {
			exec := func(q string) {
				t.Helper()
				must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, q); return err }))
			}
			exec(c.breaks)
			found := map[string]int{}
			r, err := b.Verify(ctx, func(f Finding) { found[f.Kind]++ })
			if err != nil || found[c.kind] == 0 || len(found) != 1 || r.Findings == 0 {
				t.Errorf("found %v, %v, want %s", found, err, c.kind)
			}
			exec(c.mends)
			b.verify()
		})
	}
	t.Run("a bit on disk", func(t *testing.T) {
		paths, err := filepath.Glob(filepath.Join(b.dir, "messages", "*.seg"))
		must(t, err)
		flip := func() {
			t.Helper()
			text, err := os.ReadFile(paths[0])
			must(t, err)
			text[60] ^= 1
			must(t, os.WriteFile(paths[0], text, 0o600))
		}
		flip()
		var found []Finding
		if _, err := b.Verify(ctx, func(f Finding) { found = append(found, f) }); err != nil || len(found) != 1 || found[0].Kind != findBytes || found[0].MessageID != d.MessageID {
			t.Errorf("%v, %v", found, err)
		}
		flip()
		b.verify()
	})
	t.Run("a foreign holding", func(t *testing.T) {
		c := b.account(8, 0)
		must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO mail_holding (account_id, message_id, copies, sealed) SELECT ?, message_id, 1, sealed FROM mail_holding WHERE message_id = ?`, c, d.MessageID)
			return err
		}))
		found := map[string]int{}
		_, err := b.Verify(ctx, func(f Finding) { found[f.Kind]++ })
		if err != nil || found[findHolding] == 0 || found[findBytes] == 0 {
			t.Errorf("%v, %v", found, err)
		}
	})
	t.Run("what a purge would have left", func(t *testing.T) {
		must(t, b.db.Write(ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`INSERT INTO mail_subscription (account_id, name) VALUES (99, 'INBOX')`,
				`INSERT INTO mail_change (folder_id, modseq, uid_from, uid_to) VALUES (9999, 1, 1, 1)`,
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}))
		found := map[string]int{}
		_, err := b.Verify(ctx, func(f Finding) { found[f.Kind]++ })
		if err != nil || found[findLeft] != 2 {
			t.Errorf("%v, %v", found, err)
		}
	})
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := b.Verify(ended, func(Finding) {}); err == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
