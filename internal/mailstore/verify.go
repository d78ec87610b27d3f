package mailstore

import (
	"context"
	"database/sql"
	"fmt"

	"posthouse/internal/store/sqldb"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Kind      string // stable, such as "bytes", "counts", "uid"
	AccountID int64  // 0 = none or the queue
	FolderID  int64
	MessageID int64
	Text      string
}

// String is for people.
func (f Finding) String() string {
	s := f.Kind
	for _, id := range []struct {
		name string
		id   int64
	}{{"account", f.AccountID}, {"folder", f.FolderID}, {"message", f.MessageID}} {
		if id.id != 0 {
			s += fmt.Sprintf(" %s %d", id.name, id.id)
		}
	}
	return s + ": " + f.Text
}

// VerifyReport counts what was looked at.
type VerifyReport struct {
	Accounts int64
	Folders  int64
	Entries  int64
	Messages int64
	Bytes    int64 // of message text read
	// Unreferenced are the bytes in segments that belong to no message: dead ones
	// that wait for a sweep, and framing.
	Unreferenced int64
	Findings     int64
}

// Finding kinds.
const (
	findKey      = "key"      // a mailbox key that doesn't unwrap
	findBytes    = "bytes"    // a message that can't be read or is not what was put
	findHolding  = "holding"  // holdings, entries and messages don't agree
	findCounts   = "counts"   // counts of a folder
	findQuota    = "quota"    // sums of an account
	findUID      = "uid"      // a UID that can't be
	findModSeq   = "modseq"   // a MODSEQ that can't be
	findValidity = "validity" // a UIDVALIDITY that can't be
	findLeft     = "left"     // rows of a mailbox that is no more
)

// Verify checks everything against everything: each account in one snapshot, so
// that it can run beside a working server. find is called for each finding.
func (s *Store) Verify(ctx context.Context, find func(Finding)) (VerifyReport, error) {
	return s.VerifyProgress(ctx, find, func(VerifyReport) {})
}

// VerifyProgress is Verify that also tells now and then how far it has come.
func (s *Store) VerifyProgress(ctx context.Context, find func(Finding), progress func(VerifyReport)) (VerifyReport, error) {
	v := &verifier{s: s, find: find, progress: progress}
	ids, err := v.accounts(ctx)
	if err != nil {
		return v.r, err
	}
	for _, id := range ids {
		held, err := v.account(ctx, id)
		if err != nil {
			return v.r, err
		}
		if err := v.contents(ctx, id, held); err != nil {
			return v.r, err
		}
		progress(v.r)
	}
	if err := v.messages(ctx); err != nil {
		return v.r, err
	}
	if err := v.leftovers(ctx); err != nil {
		return v.r, err
	}
	return v.r, v.unreferenced(ctx)
}

type verifier struct {
	s        *Store
	r        VerifyReport
	find     func(Finding)
	progress func(VerifyReport)
	holders  counters // of each message, as counted in holdings
	read     counters // messages whose bytes were read
}

// counters are small numbers by message id, in pages: ids are dense.
type counters map[int64]*[4096]uint16

func (c *counters) add(id int64) uint16 {
	if *c == nil {
		*c = counters{}
	}
	page := (*c)[id>>12]
	if page == nil {
		page = new([4096]uint16)
		(*c)[id>>12] = page
	}
	if page[id&4095] < 1<<16-1 {
		page[id&4095]++
	}
	return page[id&4095]
}

func (c counters) get(id int64) uint16 {
	if page := c[id>>12]; page != nil {
		return page[id&4095]
	}
	return 0
}

func (v *verifier) report(f Finding, format string, a ...any) {
	f.Text = fmt.Sprintf(format, a...)
	v.r.Findings++
	v.find(f)
}

func (v *verifier) accounts(ctx context.Context) (ids []int64, err error) {
	err = v.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		ids = nil
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var id int64
			defer func() { ids = append(ids, id) }()
			return rows.Scan(&id)
		}, `SELECT account_id FROM mail_box ORDER BY account_id`)
	})
	return ids, err
}

func eachRow(ctx context.Context, tx *sqldb.Tx, fn func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return sqldb.Fault(err)
		}
	}
	return sqldb.Fault(rows.Err())
}

// account checks one account's rows, in one snapshot, and gives the messages it holds.
func (v *verifier) account(ctx context.Context, id int64) (held []Entry, err error) {
	at := Finding{AccountID: id}
	v.r.Accounts++
	err = v.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		held = nil
		var wrapped []byte
		var used, entries, modseq, nextValidity int64
		err := tx.QueryRow(ctx, `SELECT wrapped_key, used_bytes, entries, modseq, next_uid_validity FROM mail_box WHERE account_id = ?`, id).
			Scan(&wrapped, &used, &entries, &modseq, &nextValidity)
		if err != nil {
			return noRows(err, nil) // purged meanwhile
		}
		if len(wrapped) == 0 {
			return nil // being purged
		}
		if _, err := v.s.keys.Unwrap(wrapped, boxContext(id)); err != nil {
			at.Kind = findKey
			v.report(at, "the mailbox key does not unwrap under this master key")
			return nil
		}
		folders, err := foldersOf(ctx, tx, id)
		if err != nil {
			return err
		}
		copies := map[int64]int64{}
		var sumBytes, sumEntries int64
		validities := map[uint32]bool{}
		for _, f := range folders {
			if int64(f.UIDValidity) >= nextValidity || validities[f.UIDValidity] || f.UIDValidity == 0 {
				v.report(Finding{Kind: findValidity, AccountID: id, FolderID: f.ID}, "UIDVALIDITY %d, next is %d", f.UIDValidity, nextValidity)
			}
			validities[f.UIDValidity] = true
			if f.HighestModSeq > uint64(modseq) {
				v.report(Finding{Kind: findModSeq, AccountID: id, FolderID: f.ID}, "folder MODSEQ %d beyond the account's %d", f.HighestModSeq, modseq)
			}
			bytes, n, err := v.folder(ctx, tx, f, copies)
			if err != nil {
				return err
			}
			sumBytes, sumEntries = sumBytes+bytes, sumEntries+n
		}
		if id != queueHolder && (sumBytes != used || sumEntries != entries) {
			at.Kind = findQuota
			v.report(at, "%d bytes in %d entries are booked, %d in %d are there", used, entries, sumBytes, sumEntries)
		}
		held, err = v.holdings(ctx, tx, id, copies)
		return err
	})
	return held, err
}

func (v *verifier) folder(ctx context.Context, tx *sqldb.Tx, f Folder, copies map[int64]int64) (size, n int64, err error) {
	v.r.Folders++
	at := Finding{AccountID: f.AccountID, FolderID: f.ID}
	var unseen, deleted, last int64
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var uid, message, created, modseq, flags, bytes int64
		if err := rows.Scan(&uid, &message, &created, &modseq, &flags, &bytes); err != nil {
			return err
		}
		n++
		v.r.Entries++
		size += bytes
		copies[message]++
		u, d := flagCounts(SystemFlags(flags))
		unseen, deleted = unseen+u, deleted+d
		if uid <= last || uid >= int64(f.UIDNext) {
			at := at
			at.Kind = findUID
			v.report(at, "UID %d with UIDNEXT %d", uid, f.UIDNext)
		}
		last = uid
		if created < 1 || created > modseq || modseq > int64(f.HighestModSeq) {
			at := at
			at.Kind = findModSeq
			v.report(at, "UID %d created at %d, changed at %d, folder at %d", uid, created, modseq, f.HighestModSeq)
		}
		return nil
	}, `SELECT uid, message_id, created, modseq, flags, size_bytes FROM mail_entry WHERE folder_id = ? ORDER BY uid`, f.ID)
	if err != nil {
		return 0, 0, err
	}
	if n != int64(f.Messages) || unseen != int64(f.Unseen) || deleted != int64(f.Deleted) || size != f.Size {
		at.Kind = findCounts
		v.report(at, "%d messages, %d unseen, %d deleted, %d bytes are booked; %d, %d, %d, %d are there",
			f.Messages, f.Unseen, f.Deleted, f.Size, n, unseen, deleted, size)
	}
	return size, n, v.tombstones(ctx, tx, f)
}

// tombstones must not name UIDs that are there or were never given.
func (v *verifier) tombstones(ctx context.Context, tx *sqldb.Tx, f Folder) error {
	var wrong int64
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_vanished t WHERE t.account_id = ? AND t.folder_id = ? AND (t.uid_from > t.uid_to OR t.uid_to >= ? OR t.modseq > ?
		OR EXISTS (SELECT 1 FROM mail_entry e WHERE e.folder_id = t.folder_id AND e.uid >= t.uid_from AND e.uid <= t.uid_to))`,
		f.AccountID, f.ID, int64(f.UIDNext), int64(f.HighestModSeq)).Scan(&wrong)
	if err == nil && wrong > 0 {
		v.report(Finding{Kind: findUID, AccountID: f.AccountID, FolderID: f.ID}, "%d tombstones name UIDs that are there or were never given", wrong)
	}
	return sqldb.Fault(err)
}

func (v *verifier) holdings(ctx context.Context, tx *sqldb.Tx, account int64, copies map[int64]int64) (held []Entry, err error) {
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		v.holders.add(id)
		held = append(held, Entry{MessageID: id})
		if account != queueHolder && copies[id] != n {
			v.report(Finding{Kind: findHolding, AccountID: account, MessageID: id}, "%d copies are booked, %d are there", n, copies[id])
		}
		delete(copies, id)
		return nil
	}, `SELECT message_id, copies FROM mail_holding WHERE account_id = ? ORDER BY message_id`, account)
	for id := range copies {
		v.report(Finding{Kind: findHolding, AccountID: account, MessageID: id}, "an entry shows a message that the account does not hold")
	}
	return held, err
}
