package mailstore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/mailstore/search"
	"posthouse/internal/store/sqldb"
)

const (
	// indexFrom is how many messages must wait before a segment is made of them;
	// fewer are read at each search.
	indexFrom = 32
	// indexStep is the most messages of a new segment.
	indexStep = 4096
	// indexBytes is the memory after which a new segment is closed.
	indexBytes = 16 << 20
	// segmentRow is the size of the rows that a segment is cut into.
	segmentRow = 1 << 20
	// maxSegment bounds a segment that is read back.
	maxSegment = 512 << 20
	// indexAtLatest is after how many IndexDelays of steady change an account's
	// turn comes all the same.
	indexAtLatest = 30
	// mergeFrom is how many segments of a tier are merged into one.
	mergeFrom = 8
)

// mergeTiers bound the messages of segments that are merged with their like.
// Above the last, segments stay as they are.
var mergeTiers = []int64{512, 4096, 32_768}

// run indexes accounts that have changed, once they are quiet.
func (x *searcher) run(ctx context.Context) {
	for {
		account, wait, ok := x.next()
		switch {
		case ok:
			if err := x.index(ctx, account); err != nil && ctx.Err() == nil && !fault.Is(err, fault.AccountNotFound) {
				x.s.log.Warn("indexing for search failed", "account", account, "error", err)
			}
		case wait > 0:
			if !x.s.sleep(ctx, wait) {
				return
			}
		default:
			select {
			case <-x.wake:
			case <-ctx.Done():
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// next takes an account whose turn has come, or says how long to wait; 0 = for a touch.
func (x *searcher) next() (account int64, wait time.Duration, ok bool) {
	now, delay := x.s.clock.Now(), x.s.cfg.IndexDelay
	x.dirtyMu.Lock()
	defer x.dirtyMu.Unlock()
	for account, d := range x.dirty {
		due := d.last.Add(delay)
		if latest := d.first.Add(indexAtLatest * delay); latest.Before(due) {
			due = latest
		}
		left := due.Sub(now)
		if left <= 0 {
			delete(x.dirty, account)
			return account, 0, true
		}
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return 0, wait, false
}

// Index brings an account's search index up to date now.
func (s *Store) Index(ctx context.Context, accountID int64) error {
	return s.search.index(ctx, accountID)
}

func (x *searcher) index(ctx context.Context, account int64) error {
	for {
		ids, err := x.waiting(ctx, account)
		if err != nil {
			return err
		}
		if len(ids) < indexFrom {
			break
		}
		if err := x.add(ctx, account, ids); err != nil {
			return err
		}
	}
	for {
		merged, err := x.merge(ctx, account)
		if err != nil || !merged {
			return err
		}
	}
}

// waiting gives messages that no segment has.
func (x *searcher) waiting(ctx context.Context, account int64) ([]int64, error) {
	var ids []int64
	var newest int64
	err := x.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		ids = nil
		if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(last_message), 0) FROM mail_search WHERE account_id = ?`, account).Scan(&newest); err != nil {
			return sqldb.Fault(err)
		}
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
			return nil
		}, `SELECT message_id FROM mail_holding WHERE account_id = ? AND message_id > ? ORDER BY message_id LIMIT ?`, account, newest, indexStep)
	})
	if err != nil {
		return nil, err
	}
	x.dirtyMu.Lock()
	late := slices.Collect(maps.Keys(x.late[account]))
	delete(x.late, account)
	x.dirtyMu.Unlock()
	if len(late) >= indexFrom {
		late = slices.DeleteFunc(late, func(id int64) bool { return id > newest })
		slices.Sort(late)
		return late, nil // a segment of their own
	}
	return ids, nil
}

// add makes a segment of messages with these ascending ids, or several.
func (x *searcher) add(ctx context.Context, account int64, ids []int64) error {
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i].MessageID = id
	}
	b := search.NewBuilder()
	first := ids[0]
	for base := 0; base < len(entries); base += partsStep {
		step := entries[base:min(base+partsStep, len(entries))]
		err := x.s.Contents(ctx, account, step, func(i int, c *Content) error {
			if c == nil {
				return nil
			}
			defer c.Close()
			return x.addMessage(b, step[i].MessageID, c)
		})
		if err != nil {
			return err
		}
		last := step[len(step)-1].MessageID
		if b.Bytes() >= indexBytes || base+partsStep >= len(entries) {
			if err := x.write(ctx, account, first, last, int64(b.Len()), b.Encode(), nil); err != nil {
				return err
			}
			b, first = search.NewBuilder(), last+1
		}
	}
	return nil
}

// addMessage adds one message. One that can't be read is left out, and so read,
// with its error, by whoever searches.
func (x *searcher) addMessage(b *search.Builder, id int64, c *Content) error {
	p, err := c.Part()
	if err == nil {
		err = textOf(c, p, true, func(f search.Fields, name, text string) bool {
			if f == search.Body {
				b.Text(text)
			} else {
				b.Field(name, text)
			}
			return true
		})
	}
	if err != nil {
		b.Drop()
		if fault.Of(err).Code == fault.Internal {
			x.s.log.Error("a message can't be read for the search index", "message", id, "error", err)
			return nil
		}
		return err
	}
	b.Add(id)
	return nil
}

// write stores a segment in place of others.
func (x *searcher) write(ctx context.Context, account, first, last, messages int64, plain []byte, old []segmentID) error {
	aead, err := x.s.boxAEADRead(ctx, account)
	if err != nil {
		return err
	}
	packed := x.s.codec.Compress(make([]byte, 0, len(plain)/3), plain)
	return x.s.db.WriteRows(ctx, func(tx *sqldb.Tx) error {
		// Not after a purge.
		var n int
		err := tx.QueryRow(ctx, `SELECT LENGTH(wrapped_key) FROM mail_box WHERE account_id = ?`+tx.ForUpdate(), account).Scan(&n)
		if err := noRows(err, errNoAccount); err != nil {
			return err
		}
		if n == 0 {
			return errNoAccount
		}
		for _, o := range old {
			gone, err := tx.Exec(ctx, `DELETE FROM mail_search WHERE account_id = ? AND first_message = ? AND last_message = ?`, account, o.first, o.last)
			if err != nil {
				return err
			}
			if gone == 0 {
				return errMerged
			}
		}
		rest := packed
		for part := int64(0); part == 0 || len(rest) > 0; part++ {
			row := rest[:min(len(rest), segmentRow)]
			rest = rest[len(row):]
			sealed, err := keyring.Seal(aead, x.s.rand, nil, row, segmentContext(account, first, last, part))
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO mail_search (account_id, first_message, last_message, part, messages, sealed)
				VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, account, first, last, part, messages, sealed)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errMerged says that another node was first.
var errMerged = fault.Unavail("The search index was changed meanwhile", nil)

func segmentContext(account, first, last, part int64) []byte {
	b := []byte("search ")
	for _, n := range []int64{account, first, last, part} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

// load reads a segment's rows.
func (x *searcher) load(ctx context.Context, tx *sqldb.Tx, id segmentID) (*search.Segment, error) {
	aead, err := x.s.boxAEAD(ctx, tx, id.account)
	if err != nil {
		return nil, err
	}
	packed := make([]byte, 0, id.bytes)
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var part int64
		var sealed sql.RawBytes
		if err := rows.Scan(&part, &sealed); err != nil {
			return err
		}
		packed, err = keyring.OpenTo(aead, packed, sealed, segmentContext(id.account, id.first, id.last, part))
		return err
	}, `SELECT part, sealed FROM mail_search WHERE account_id = ? AND first_message = ? AND last_message = ? ORDER BY part`, id.account, id.first, id.last)
	if err != nil {
		return nil, err
	}
	plain, err := x.s.codec.Decompress(nil, packed, maxSegment)
	if err != nil {
		return nil, err
	}
	return search.Decode(plain)
}

// merge makes one segment of many small ones, if there are many, and leaves out
// messages that the account no longer holds.
func (x *searcher) merge(ctx context.Context, account int64) (bool, error) {
	var (
		group []segmentID
		parts []*search.Segment
		held  map[int64]struct{}
	)
	first, last := int64(1<<63-1), int64(0)
	err := x.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		ids, err := segmentIDs(ctx, tx, account)
		if err != nil {
			return err
		}
		group, parts, held = mergeable(ids), nil, map[int64]struct{}{}
		for _, id := range group {
			seg := x.cached(id)
			if seg == nil {
				if seg, err = x.load(ctx, tx, id); err != nil {
					return err
				}
			}
			parts = append(parts, seg)
			first, last = min(first, id.first), max(last, id.last)
		}
		if len(group) == 0 {
			return nil
		}
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			held[id] = struct{}{}
			return err
		}, `SELECT message_id FROM mail_holding WHERE account_id = ? AND message_id >= ? AND message_id <= ?`, account, first, last)
	})
	if err != nil || len(group) == 0 {
		return false, err
	}
	plain, messages := search.Merge(parts, func(id int64) bool {
		_, ok := held[id]
		return ok
	})
	err = x.write(ctx, account, first, last, int64(messages), plain, group)
	if fault.Of(err) == errMerged {
		return false, nil
	}
	return err == nil, err
}

// mergeable chooses the segments of the lowest tier that has enough of them.
func mergeable(ids []segmentID) []segmentID {
	for _, tier := range mergeTiers {
		var group []segmentID
		for _, id := range ids {
			if id.messages < tier {
				group = append(group, id)
			}
		}
		if len(group) >= mergeFrom {
			return group[:min(len(group), 2*mergeFrom)]
		}
	}
	return nil
}
