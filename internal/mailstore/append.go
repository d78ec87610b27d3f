package mailstore

import (
	"context"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

var errOverQuota = fault.New(fault.OverQuota, "The mailbox is full")

// Append puts a stored message into a folder; fault.OverQuota when it doesn't fit.
func (s *Store) Append(ctx context.Context, folderID int64, stored *Stored, flags Flags, internalDate time.Time) (uid, uidValidity uint32, err error) {
	err = s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		uids, validity, err := s.AppendTx(ctx, tx, folderID, []Appended{{stored, flags, internalDate}})
		if err == nil {
			uid, uidValidity = uids[0], validity
		}
		return err
	})
	return uid, uidValidity, err
}

// Appended is one message of an AppendTx.
type Appended struct {
	Stored       *Stored
	Flags        Flags
	InternalDate time.Time // zero = now
}

// AppendTx appends several messages at once or none (RFC 3502). The UIDs are in
// order and without gaps.
func (s *Store) AppendTx(ctx context.Context, tx *sqldb.Tx, folderID int64, messages []Appended) (uids []uint32, uidValidity uint32, err error) {
	var total int64
	for _, m := range messages {
		total += m.Stored.Size
	}
	b, err := lockBoxOf(ctx, tx, folderID, total, len(messages))
	if err != nil {
		return nil, 0, err
	}
	if total > 0 && b.quota > 0 && b.used > b.quota {
		return nil, 0, errOverQuota
	}
	var unseen, deleted int64
	for _, m := range messages {
		u, d := flagCounts(m.Flags.System)
		unseen += u
		deleted += d
	}
	var next int64
	err = tx.QueryRow(ctx, `UPDATE mail_folder SET uid_next = uid_next + ?, modseq = ?, messages = messages + ?,
		unseen = unseen + ?, deleted = deleted + ?, size_bytes = size_bytes + ? WHERE id = ? RETURNING uid_next, uid_validity`,
		len(messages), int64(b.modseq), len(messages), unseen, deleted, total, folderID).Scan(&next, &uidValidity)
	if err := noRows(err, errNoFolder); err != nil {
		return nil, 0, err
	}
	uid := uint32(next) - uint32(len(messages))
	for _, m := range messages {
		flags, keywords, err := flagColumns(m.Flags)
		if err != nil {
			return nil, 0, err
		}
		id, err := s.hold(ctx, tx, m.Stored, 1)
		if err != nil {
			return nil, 0, err
		}
		if err := s.insertHolding(ctx, tx, b.account, id, 1, m.Stored.meta); err != nil {
			return nil, 0, err
		}
		if err := s.insertEntry(ctx, tx, folderID, uid, id, b.modseq, flags, keywords, m.InternalDate, m.Stored.Size); err != nil {
			return nil, 0, err
		}
		uids = append(uids, uid)
		uid++
	}
	s.changed(tx, b.account)
	return uids, uidValidity, nil
}

// lockBoxOf is lockBox of a folder's account.
func lockBoxOf(ctx context.Context, tx *sqldb.Tx, folderID, bytes int64, entries int) (box, error) {
	var b box
	var modseq int64
	err := tx.QueryRow(ctx, `UPDATE mail_box SET modseq = modseq + 1, used_bytes = used_bytes + ?, entries = entries + ?
		WHERE account_id = (SELECT account_id FROM mail_folder WHERE id = ?) AND LENGTH(wrapped_key) > 0
		RETURNING account_id, modseq, used_bytes, quota_bytes`,
		bytes, entries, folderID).Scan(&b.account, &modseq, &b.used, &b.quota)
	b.modseq = uint64(modseq)
	return b, noRows(err, errNoFolder)
}
