package mailstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"posthouse/internal/fault"
	"posthouse/internal/store/sqldb"
)

// verifyStep is how many messages are looked up at once.
const verifyStep = 256

// contents opens every message that an account holds: its key, its bytes and
// its structure.
func (v *verifier) contents(ctx context.Context, account int64, held []Entry) error {
	for len(held) > 0 {
		step := held[:min(len(held), verifyStep)]
		held = held[len(step):]
		done := 0
		err := v.s.Contents(ctx, account, step, func(i int, c *Content) error {
			done = i + 1
			return v.content(ctx, account, step[i].MessageID, c)
		})
		if err == nil || fault.Is(err, fault.AccountNotFound) {
			continue
		}
		if fault.Of(err).Code != fault.Internal {
			return err
		}
		// Something in the step is broken: find out what, one by one.
		for _, e := range step[done:] {
			err := v.s.Contents(ctx, account, []Entry{e}, func(_ int, c *Content) error {
				return v.content(ctx, account, e.MessageID, c)
			})
			if err != nil {
				if fault.Of(err).Code != fault.Internal {
					return err
				}
				v.report(Finding{Kind: findBytes, AccountID: account, MessageID: e.MessageID}, "%s", fault.Of(err).Text)
			}
		}
		v.progress(v.r)
	}
	return nil
}

// content checks one opened message. The bytes are read once; for a further
// holder it is enough that its key opens the beginning.
func (v *verifier) content(ctx context.Context, account, id int64, c *Content) error {
	if c == nil {
		return nil // deleted meanwhile
	}
	defer c.Close()
	at := Finding{Kind: findBytes, AccountID: account, MessageID: id}
	if _, err := c.Part(); err != nil {
		v.report(at, "the structure does not decode")
	}
	if v.read.add(id) > 1 {
		if c.Size() == 0 {
			return nil
		}
		if _, err := c.ReadAt(make([]byte, 1), 0); err != nil {
			v.report(at, "the bytes do not open: %s", fault.Of(err).Text)
		}
		return ctx.Err()
	}
	sum := sha256.New()
	n, err := c.WriteTo(sum)
	v.r.Bytes += n
	switch {
	case err != nil:
		v.report(at, "the bytes do not open: %s", fault.Of(err).Text)
	case [sha256.Size]byte(sum.Sum(nil)) != c.row.sum:
		v.report(at, "the bytes are not those that were put")
	}
	return ctx.Err()
}

// messages compares the holders that each message counts with those seen.
func (v *verifier) messages(ctx context.Context) error {
	for after := int64(0); ; {
		type item struct{ id, holders int64 }
		var items []item
		err := v.s.db.Read(ctx, func(tx *sqldb.Tx) error {
			items = nil
			return eachRow(ctx, tx, func(rows *sql.Rows) error {
				var it item
				if err := rows.Scan(&it.id, &it.holders); err != nil {
					return err
				}
				items = append(items, it)
				return nil
			}, `SELECT id, holders FROM mail_message WHERE id > ? ORDER BY id LIMIT ?`, after, verifyStep)
		})
		if err != nil || len(items) == 0 {
			return err
		}
		after = items[len(items)-1].id
		for _, it := range items {
			v.r.Messages++
			if int64(v.holders.get(it.id)) != it.holders {
				if err := v.recount(ctx, it.id); err != nil {
					return err
				}
			}
		}
	}
}

// recount looks again, in one snapshot: mail may have come and gone meanwhile.
func (v *verifier) recount(ctx context.Context, id int64) error {
	var booked, there int64
	err := v.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRow(ctx, `SELECT m.holders, (SELECT COUNT(*) FROM mail_holding h WHERE h.message_id = m.id) FROM mail_message m WHERE m.id = ?`, id).
			Scan(&booked, &there)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && (booked != there || there == 0) {
		v.report(Finding{Kind: findHolding, MessageID: id}, "%d holders are booked, %d are there", booked, there)
	}
	return sqldb.Fault(err)
}

// unreferenced adds up what segments hold beyond the messages.
func (v *verifier) unreferenced(ctx context.Context) error {
	live, err := v.s.liveBytes(ctx)
	if err != nil {
		return err
	}
	segments, err := v.s.blobs.Segments(ctx)
	for _, seg := range segments {
		v.r.Unreferenced += max(0, seg.Bytes-live[seg.ID])
	}
	return err
}

// leftovers looks for rows of mailboxes that were purged.
func (v *verifier) leftovers(ctx context.Context) error {
	return v.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"mail_folder", "mail_holding", "mail_vanished", "mail_folder_gone", "mail_subscription", "mail_search"} {
			if err := v.left(ctx, tx, table, "account_id", "mail_box b WHERE b.account_id"); err != nil {
				return err
			}
		}
		for _, table := range []string{"mail_entry", "mail_change"} {
			if err := v.left(ctx, tx, table, "folder_id", "mail_folder b WHERE b.id"); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v *verifier) left(ctx context.Context, tx *sqldb.Tx, table, column, owner string) error {
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		f := Finding{Kind: findLeft, AccountID: id}
		if column == "folder_id" {
			f.AccountID, f.FolderID = 0, id
		}
		v.report(f, "%d rows are left in %s", n, table)
		return nil
	}, `SELECT t.`+column+`, COUNT(*) FROM `+table+` t WHERE NOT EXISTS (SELECT 1 FROM `+owner+` = t.`+column+`) GROUP BY t.`+column)
}
