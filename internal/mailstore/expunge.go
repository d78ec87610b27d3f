package mailstore

import (
	"context"
	"encoding/binary"

	"posthouse/internal/store/sqldb"
)

// expungeStep is how many messages one transaction removes, so that others get
// their turn: EXPUNGE is a matter of each single message.
const expungeStep = 2000

// Expunge removes messages that have \Deleted: all of them, or with uids those
// among these. vanished names the removed ones, ascending; modSeq is that of the
// latest removal, 0 when nothing was removed.
func (s *Store) Expunge(ctx context.Context, folderID int64, uids []uint32) (vanished []uint32, modSeq uint64, err error) {
	wanted := ascending(uids)
	if uids != nil && wanted == nil {
		wanted = []uint32{}
	}
	now, err := s.entriesNow(ctx, folderID, wanted)
	if err != nil {
		return nil, 0, err
	}
	for len(deletedEntries(now.entries, wanted, uids == nil, 1)) > 0 {
		var gone []Entry
		var at uint64
		err := s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
			b, f, entries, err := s.lockFolder(ctx, tx, folderID, wanted)
			if err != nil {
				return err
			}
			gone, at = deletedEntries(entries.entries, wanted, uids == nil, expungeStep), b.modseq
			if len(gone) == 0 {
				return nil
			}
			if err := removeEntries(ctx, tx, f, b, entries, gone); err != nil {
				return err
			}
			if _, err := s.letGo(ctx, tx, b.account, copiesOf(gone)); err != nil {
				return err
			}
			s.changed(tx, b.account)
			return nil
		})
		if err != nil {
			return vanished, modSeq, err
		}
		for i := range gone {
			vanished = append(vanished, gone[i].UID)
		}
		if len(gone) > 0 {
			modSeq = at
		}
		if len(gone) < expungeStep {
			break
		}
		if now, err = s.entriesNow(ctx, folderID, wanted); err != nil {
			return vanished, modSeq, err
		}
	}
	return vanished, modSeq, nil
}

// deletedEntries gives up to limit entries with \Deleted.
func deletedEntries(entries []Entry, uids []uint32, all bool, limit int) (out []Entry) {
	if all {
		for i := range entries {
			if entries[i].Flags.System&Deleted != 0 {
				if out = append(out, entries[i]); len(out) == limit {
					break
				}
			}
		}
		return out
	}
	for _, e := range pick(entries, uids) {
		if e.Flags.System&Deleted != 0 {
			if out = append(out, e); len(out) == limit {
				break
			}
		}
	}
	return out
}

// pick gives the entries with these ascending UIDs.
func pick(entries []Entry, uids []uint32) []Entry {
	var out []Entry
	for _, uid := range uids {
		n, ok := find(entries, uid)
		entries = entries[n:]
		if ok {
			out = append(out, entries[0])
		}
	}
	return out
}

// copiesOf counts how often each message occurs.
func copiesOf(entries []Entry) map[int64]int {
	out := make(map[int64]int, len(entries))
	for i := range entries {
		out[entries[i].MessageID]++
	}
	return out
}

// tombstoneGap is the largest hole in UIDs that one tombstone spans. The UIDs in
// the hole are long gone, so naming them again is allowed.
const tombstoneGap = 64

// removeEntries takes entries (a part of all, both ascending) out of a folder and
// corrects its counts and the account's; the messages themselves stay held.
func removeEntries(ctx context.Context, tx *sqldb.Tx, f folderRow, b box, all stretch, gone []Entry) error {
	var size, unseen, deleted int64
	for i := 0; i < len(gone); {
		at, most := all.run(gone[i:])
		n := 0
		previous := int64(0)
		var messages []byte
		for n < most && (n == 0 || gone[i+n].UID-gone[i+n-1].UID <= tombstoneGap) {
			e := &gone[i+n]
			messages = binary.AppendVarint(messages, e.MessageID-previous)
			previous = e.MessageID
			u, d := flagCounts(e.Flags.System)
			size, unseen, deleted = size+e.Size, unseen+u, deleted+d
			n++
		}
		from, to := int64(gone[i].UID), int64(gone[i+n-1].UID)
		if _, err := tx.Exec(ctx, `DELETE FROM mail_entry WHERE folder_id = ? AND uid >= ? AND uid <= ?`, f.ID, from, to); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_vanished (account_id, folder_id, modseq, uid_from, uid_to, messages) VALUES (?, ?, ?, ?, ?, ?)`,
			b.account, f.ID, int64(b.modseq), from, to, messages); err != nil {
			return err
		}
		i += n
		all = all.from(at + n)
	}
	if _, err := tx.Exec(ctx, `UPDATE mail_folder SET modseq = ?, messages = messages - ?, unseen = unseen - ?, deleted = deleted - ?,
		size_bytes = size_bytes - ? WHERE id = ?`, int64(b.modseq), len(gone), unseen, deleted, size, f.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE mail_box SET used_bytes = used_bytes - ?, entries = entries - ? WHERE account_id = ?`, size, len(gone), b.account)
	return err
}
