package mailstore

import (
	"context"
	"maps"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// Copy copies messages into another or the same folder of the account, all or
// none, with flags and internal dates; the bytes stay shared. UIDs that don't
// exist are passed over.
func (s *Store) Copy(ctx context.Context, folderID int64, uids []uint32, destFolderID int64) (*CopyResult, error) {
	uids = append([]uint32{}, ascending(uids)...) // never nil, which would mean all
	var out *CopyResult
	err := s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		b, f, entries, err := s.lockFolder(ctx, tx, folderID, uids)
		if err != nil {
			return err
		}
		chosen := pick(entries.entries, uids)
		var size int64
		for i := range chosen {
			size += chosen[i].Size
		}
		var used, quota int64
		err = tx.QueryRow(ctx, `UPDATE mail_box SET used_bytes = used_bytes + ?, entries = entries + ? WHERE account_id = ? RETURNING used_bytes, quota_bytes`,
			size, len(chosen), b.account).Scan(&used, &quota)
		if err != nil {
			return sqldb.Fault(err)
		}
		if size > 0 && quota > 0 && used > quota {
			return errOverQuota
		}
		if out, err = s.insertCopies(ctx, tx, f, b, entries, chosen, destFolderID); err != nil || len(chosen) == 0 {
			return err
		}
		return addCopies(ctx, tx, b.account, copiesOf(chosen))
	})
	return out, err
}

// insertCopies gives chosen entries of a folder new UIDs in another of the same account.
func (s *Store) insertCopies(ctx context.Context, tx *sqldb.Tx, f folderRow, b box, all stretch, chosen []Entry, destID int64) (*CopyResult, error) {
	var size, unseen, deleted int64
	for i := range chosen {
		u, d := flagCounts(chosen[i].Flags.System)
		size, unseen, deleted = size+chosen[i].Size, unseen+u, deleted+d
	}
	dest, err := folderByID(ctx, tx, destID)
	if err != nil {
		return nil, err
	}
	if dest.AccountID != b.account {
		return nil, errNoFolder // as if it weren't there
	}
	out := &CopyResult{UIDValidity: dest.UIDValidity}
	if len(chosen) == 0 {
		return out, nil
	}
	if uint64(dest.UIDNext)+uint64(len(chosen)) > 1<<32-1 {
		return nil, fault.New(fault.Conflict, "The folder can't take more messages")
	}
	_, err = tx.Exec(ctx, `UPDATE mail_folder SET uid_next = uid_next + ?, modseq = ?, messages = messages + ?, unseen = unseen + ?,
		deleted = deleted + ?, size_bytes = size_bytes + ? WHERE id = ?`, len(chosen), int64(b.modseq), len(chosen), unseen, deleted, size, destID)
	if err != nil {
		return nil, err
	}
	next, now := int64(dest.UIDNext), s.now()
	for i := 0; i < len(chosen); {
		// A stretch without other messages in between goes in one statement.
		at, n := all.run(chosen[i:])
		for k := range n {
			out.Source = append(out.Source, chosen[i+k].UID)
			out.Dest = append(out.Dest, uint32(next)+uint32(k))
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_entry (folder_id, uid, message_id, created, modseq, flags, keywords, internal_date, saved_at, size_bytes)
			SELECT ?, ? + ROW_NUMBER() OVER (ORDER BY uid), message_id, ?, ?, flags, keywords, internal_date, ?, size_bytes
			FROM mail_entry WHERE folder_id = ? AND uid >= ? AND uid <= ?`,
			destID, next-1, int64(b.modseq), int64(b.modseq), now, f.ID, int64(chosen[i].UID), int64(chosen[i+n-1].UID)); err != nil {
			return nil, err
		}
		next += int64(n)
		i += n
		all = all.from(at + n)
	}
	s.changed(tx, b.account)
	return out, nil
}

// addCopies books more copies of messages that the account holds already.
func addCopies(ctx context.Context, tx *sqldb.Tx, accountID int64, more map[int64]int) error {
	byCount := map[int][]int64{}
	for id, n := range more {
		byCount[n] = append(byCount[n], id)
	}
	for _, n := range slices.Sorted(maps.Keys(byCount)) {
		slices.Sort(byCount[n])
		err := batches([]any{n, accountID}, byCount[n], func(args []any) error {
			_, err := tx.Exec(ctx, `UPDATE mail_holding SET copies = copies + ? WHERE account_id = ? AND message_id IN (`+inList+`)`, args...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
