package mailstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"posthouse/internal/store/sqldb"
)

// Target is where a message is delivered.
type Target struct {
	AccountID    int64
	Folder       string // "" = INBOX; one that doesn't exist too
	Flags        Flags
	InternalDate time.Time // zero = now
}

// Delivered tells where a message has come to lie.
type Delivered struct {
	AccountID   int64
	FolderID    int64
	UIDValidity uint32
	UID         uint32
	MessageID   int64
	OverQuota   bool // the mailbox now holds more than its quota
}

// DeliverTx puts a stored message into folders of any number of accounts, also
// beyond their quotas: whoever accepts mail has asked before. The result is in
// the order of to. It is for WriteRows as well as Write.
func (s *Store) DeliverTx(ctx context.Context, tx *sqldb.Tx, stored *Stored, to []Target) ([]Delivered, error) {
	if len(to) == 0 {
		return nil, nil
	}
	// Rows are locked in one order, so that two deliveries never wait for each other.
	order := make([]int, len(to))
	accounts := 0
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(to[a].AccountID, to[b].AccountID) })
	for i, at := range order {
		if i == 0 || to[order[i-1]].AccountID != to[at].AccountID {
			accounts++
		}
	}
	if err := s.failpoint("deliver"); err != nil {
		return nil, err
	}
	out := make([]Delivered, len(to))
	boxes := make([]box, 0, accounts)
	for i := 0; i < len(order); {
		account := to[order[i]].AccountID
		n := i
		for n < len(order) && to[order[n]].AccountID == account {
			n++
		}
		b, err := lockBox(ctx, tx, account, stored.Size*int64(n-i), n-i)
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, b)
		i = n
	}
	messageID, err := s.hold(ctx, tx, stored, accounts)
	if err != nil {
		return nil, err
	}
	next := 0
	for _, b := range boxes {
		copies := 0
		for ; next < len(order) && to[order[next]].AccountID == b.account; next++ {
			t := to[order[next]]
			f, err := s.enter(ctx, tx, b, t, messageID, stored.Size)
			if err != nil {
				return nil, err
			}
			f.OverQuota = b.quota > 0 && b.used > b.quota
			out[order[next]] = f
			copies++
		}
		if err := s.insertHolding(ctx, tx, b.account, messageID, copies, stored.meta); err != nil {
			return nil, err
		}
		s.changed(tx, b.account)
	}
	return out, nil
}

// box is a mailbox row that the transaction has locked.
type box struct {
	account int64
	modseq  uint64 // of this change
	used    int64
	quota   int64
}

// lockBox books a change of an account: its row is locked until the end of the
// transaction, which makes an account's changes serial, and the change gets its MODSEQ.
func lockBox(ctx context.Context, tx *sqldb.Tx, account, bytes int64, entries int) (box, error) {
	b := box{account: account}
	var modseq int64
	err := tx.QueryRow(ctx, `UPDATE mail_box SET modseq = modseq + 1, used_bytes = used_bytes + ?, entries = entries + ?
		WHERE account_id = ? AND account_id > 0 AND LENGTH(wrapped_key) > 0 RETURNING modseq, used_bytes, quota_bytes`,
		bytes, entries, account).Scan(&modseq, &b.used, &b.quota)
	b.modseq = uint64(modseq)
	return b, noRows(err, errNoAccount)
}

// enter gives the message its UID in the target's folder.
func (s *Store) enter(ctx context.Context, tx *sqldb.Tx, b box, t Target, messageID, size int64) (Delivered, error) {
	d := Delivered{AccountID: b.account, MessageID: messageID}
	flags, keywords, err := flagColumns(t.Flags)
	if err != nil {
		return d, err
	}
	unseen, deleted := flagCounts(t.Flags.System)
	name := t.Folder
	if name == "" {
		name = Inbox
	}
	for {
		err = tx.QueryRow(ctx, `UPDATE mail_folder SET uid_next = uid_next + 1, modseq = ?, messages = messages + 1,
			unseen = unseen + ?, deleted = deleted + ?, size_bytes = size_bytes + ?
			WHERE account_id = ? AND name = ? RETURNING id, uid_validity, uid_next - 1`,
			int64(b.modseq), unseen, deleted, size, b.account, name).Scan(&d.FolderID, &d.UIDValidity, &d.UID)
		if !errors.Is(err, sql.ErrNoRows) || name == Inbox {
			break
		}
		name = Inbox
	}
	if err := noRows(err, errNoAccount); err != nil {
		return d, err
	}
	return d, s.insertEntry(ctx, tx, d.FolderID, d.UID, messageID, b.modseq, flags, keywords, t.InternalDate, size)
}

func (s *Store) insertEntry(ctx context.Context, tx *sqldb.Tx, folderID int64, uid uint32, messageID int64, modseq uint64,
	flags int64, keywords sql.NullString, internalDate time.Time, size int64,
) error {
	now := s.now()
	date := now
	if !internalDate.IsZero() {
		date = internalDate.Unix()
	}
	_, err := tx.Exec(ctx, `INSERT INTO mail_entry (folder_id, uid, message_id, created, modseq, flags, keywords, internal_date, saved_at, size_bytes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, folderID, int64(uid), messageID, int64(modseq), int64(modseq), flags, keywords, date, now, size)
	return err
}

// insertHolding makes an account a holder of a message that hold has counted it for.
func (s *Store) insertHolding(ctx context.Context, tx *sqldb.Tx, accountID, messageID int64, copies int, meta []byte) error {
	aead, err := s.boxAEAD(ctx, tx, accountID)
	if err != nil {
		return err
	}
	sealed, err := s.sealHolding(aead, meta, accountID, messageID)
	if err != nil {
		return err
	}
	var total int
	err = tx.QueryRow(ctx, `INSERT INTO mail_holding (account_id, message_id, copies, sealed) VALUES (?, ?, ?, ?)
		ON CONFLICT (account_id, message_id) DO UPDATE SET copies = mail_holding.copies + excluded.copies RETURNING copies`,
		accountID, messageID, copies, sealed).Scan(&total)
	if err != nil {
		return sqldb.Fault(err)
	}
	if total > copies { // it was a holder already
		_, err = tx.Exec(ctx, `UPDATE mail_message SET holders = holders - 1 WHERE id = ?`, messageID)
	}
	return err
}

// changed wakes whoever watches the account, once the change is durable.
func (s *Store) changed(tx *sqldb.Tx, accountID int64) {
	tx.AfterCommit(func() {
		s.hub.signal(accountID)
		s.search.touched(accountID)
	})
}
