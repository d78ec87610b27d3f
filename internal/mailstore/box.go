package mailstore

import (
	"container/list"
	"context"
	"crypto/cipher"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/store/sqldb"
)

// standardFolders exist in a new mailbox (RFC 6154).
var standardFolders = []struct{ name, use string }{
	{Inbox, ""}, {"Drafts", `\Drafts`}, {"Sent", `\Sent`}, {"Junk", `\Junk`}, {"Trash", `\Trash`}, {"Archive", `\Archive`},
}

// CreateMailboxTx makes an account's key, counters and standard folders, all
// subscribed. A mailbox that exists is left as it is.
func (s *Store) CreateMailboxTx(ctx context.Context, tx *sqldb.Tx, accountID, quotaBytes int64) error {
	if accountID <= queueHolder {
		return fault.New(fault.Invalid, "Not an account id")
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_box WHERE account_id = ?`, accountID).Scan(&n); err != nil {
		return sqldb.Fault(err)
	}
	if n > 0 {
		return nil
	}
	if err := s.createBox(ctx, tx, accountID, quotaBytes); err != nil {
		return err
	}
	validity, err := s.firstUIDValidity(ctx, tx, accountID)
	if err != nil {
		return err
	}
	modseq := uint64(1)
	for i, f := range standardFolders {
		modseq++
		if _, err := insertFolder(ctx, tx, accountID, f.name, f.use, validity+uint32(i), modseq); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_subscription (account_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, accountID, f.name); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE mail_box SET modseq = ?, next_uid_validity = ? WHERE account_id = ?`,
		int64(modseq), int64(validity)+int64(len(standardFolders)), accountID)
	return err
}

func (s *Store) firstUIDValidity(ctx context.Context, tx *sqldb.Tx, accountID int64) (uint32, error) {
	var v int64
	err := tx.QueryRow(ctx, `SELECT next_uid_validity FROM mail_box WHERE account_id = ?`, accountID).Scan(&v)
	return uint32(v), sqldb.Fault(err)
}

// createBox makes the row alone.
func (s *Store) createBox(ctx context.Context, tx *sqldb.Tx, accountID, quotaBytes int64) error {
	key, err := s.keys.NewKey()
	if err != nil {
		return err
	}
	wrapped, err := s.keys.Wrap(key, boxContext(accountID))
	if err != nil {
		return err
	}
	// UIDVALIDITY starts at the time, so that a mailbox made again under an old
	// account id still gets greater ones.
	_, err = tx.Exec(ctx, `INSERT INTO mail_box (account_id, wrapped_key, quota_bytes, used_bytes, entries, modseq, next_uid_validity)
		VALUES (?, ?, ?, 0, 0, 1, ?) ON CONFLICT (account_id) DO NOTHING`, accountID, wrapped, max(quotaBytes, 0), uint32(s.now()))
	return err
}

// SetQuotaTx sets the limit of several accounts; 0 = none.
func (s *Store) SetQuotaTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64, quotaBytes int64) error {
	for _, id := range accountIDs {
		if _, err := tx.Exec(ctx, `UPDATE mail_box SET quota_bytes = ? WHERE account_id = ?`, max(quotaBytes, 0), id); err != nil {
			return err
		}
	}
	return nil
}

// Usage tells what an account uses of its quota.
func (s *Store) Usage(ctx context.Context, accountID int64) (Usage, error) {
	var u Usage
	err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRow(ctx, `SELECT used_bytes, quota_bytes, entries FROM mail_box WHERE account_id = ?`, accountID).
			Scan(&u.UsedBytes, &u.LimitBytes, &u.Messages)
	})
	return u, noRows(err, errNoAccount)
}

// Usages is Usage of many accounts at once; one without a mailbox is absent.
func (s *Store) Usages(ctx context.Context, accountIDs []int64) (map[int64]Usage, error) {
	out := make(map[int64]Usage, len(accountIDs))
	switch len(accountIDs) {
	case 0:
		return out, nil
	case 1: // nearly every message
		u, err := s.Usage(ctx, accountIDs[0])
		if errors.Is(err, errNoAccount) {
			return out, nil
		}
		out[accountIDs[0]] = u
		return out, err
	}
	err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		return batches(nil, accountIDs, func(args []any) error {
			rows, err := tx.Query(ctx, `SELECT account_id, used_bytes, quota_bytes, entries FROM mail_box
				WHERE account_id > 0 AND account_id IN (`+inList+`)`, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id int64
				var u Usage
				if err := rows.Scan(&id, &u.UsedBytes, &u.LimitBytes, &u.Messages); err != nil {
					return sqldb.Fault(err)
				}
				out[id] = u
			}
			return sqldb.Fault(rows.Err())
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LockTx locks mailboxes in the one order that all deliveries take them in. Who
// delivers several messages in one transaction does this first, so that two such
// transactions never wait for each other.
func (s *Store) LockTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) error {
	if tx.ForUpdate() == "" {
		return nil // one writer: nothing to wait for
	}
	ids := slices.Clone(accountIDs)
	slices.Sort(ids)
	return batches(nil, slices.Compact(ids), func(args []any) error {
		rows, err := tx.Query(ctx, `SELECT account_id FROM mail_box WHERE account_id IN (`+inList+`) ORDER BY account_id`+tx.ForUpdate(), args...)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return sqldb.Fault(errors.Join(rows.Err(), rows.Close()))
	})
}

// UsedTx gives the bytes used by each of several accounts; unknown ones are absent.
func (s *Store) UsedTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) (map[int64]int64, error) {
	out := make(map[int64]int64, len(accountIDs))
	err := batches(nil, accountIDs, func(args []any) error {
		rows, err := tx.Query(ctx, `SELECT account_id, used_bytes FROM mail_box WHERE account_id > 0 AND account_id IN (`+inList+`)`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, used int64
			if err := rows.Scan(&id, &used); err != nil {
				return sqldb.Fault(err)
			}
			out[id] = used
		}
		return sqldb.Fault(rows.Err())
	})
	return out, err
}

// noRows turns "no row" into missing.
func noRows(err error, missing error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return sqldb.Fault(err)
}

func boxContext(accountID int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("mailbox "), uint64(accountID))
}

// boxKeys remembers unwrapped mailbox keys.
type boxKeys struct {
	mu    sync.Mutex
	limit int
	byID  map[int64]*list.Element
	order *list.List // of boxKey; front: used last
}

type boxKey struct {
	account int64
	aead    cipher.AEAD
}

func newBoxKeys(limit int) *boxKeys {
	return &boxKeys{limit: limit, byID: make(map[int64]*list.Element), order: list.New()}
}

func (b *boxKeys) get(account int64) cipher.AEAD {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byID[account]
	if e == nil {
		return nil
	}
	b.order.MoveToFront(e)
	return e.Value.(boxKey).aead
}

func (b *boxKeys) put(account int64, aead cipher.AEAD) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byID[account]; e != nil {
		e.Value = boxKey{account, aead}
		return
	}
	b.byID[account] = b.order.PushFront(boxKey{account, aead})
	if b.order.Len() > b.limit {
		last := b.order.Back()
		b.order.Remove(last)
		delete(b.byID, last.Value.(boxKey).account)
	}
}

func (b *boxKeys) forget(account int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byID[account]; e != nil {
		b.order.Remove(e)
		delete(b.byID, account)
	}
}

// boxAEAD gives an account's mailbox key, within a transaction. An account made
// in this very transaction is read from it; its key is not remembered, for the
// transaction may yet fail.
func (s *Store) boxAEAD(ctx context.Context, tx *sqldb.Tx, accountID int64) (cipher.AEAD, error) {
	if aead := s.boxes.get(accountID); aead != nil {
		return aead, nil
	}
	var wrapped []byte
	err := tx.QueryRow(ctx, `SELECT wrapped_key FROM mail_box WHERE account_id = ?`, accountID).Scan(&wrapped)
	if err := noRows(err, errNoAccount); err != nil {
		return nil, err
	}
	if len(wrapped) == 0 {
		return nil, errNoAccount
	}
	key, err := s.keys.Unwrap(wrapped, boxContext(accountID))
	if err != nil {
		return nil, err
	}
	aead, err := keyring.AEAD(key)
	if err != nil {
		return nil, err
	}
	tx.AfterCommit(func() { s.boxes.put(accountID, aead) })
	return aead, nil
}

// boxAEADRead is boxAEAD with a transaction of its own.
func (s *Store) boxAEADRead(ctx context.Context, accountID int64) (cipher.AEAD, error) {
	if aead := s.boxes.get(accountID); aead != nil {
		return aead, nil
	}
	var aead cipher.AEAD
	err := s.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		aead, err = s.boxAEAD(ctx, tx, accountID)
		return err
	})
	if err == nil {
		s.boxes.put(accountID, aead)
	}
	return aead, err
}
