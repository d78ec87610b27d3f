package mailstore

import (
	"cmp"
	"context"
	"crypto/cipher"
	"database/sql"
	"slices"

	"posthouse/internal/fault"
	"posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

// partsStep is how many messages are read in one transaction; no transaction is
// open while the caller's function runs.
const partsStep = 512

// Parts gives the cached structure of entries: fn is called once for each, in
// order. A message that has been deleted meanwhile gets a nil part. The part is
// fn's to keep. An error of fn ends it and is returned as it is.
func (s *Store) Parts(ctx context.Context, accountID int64, entries []Entry, fn func(i int, p *message.Part) error) error {
	return s.holdings(ctx, accountID, entries, false, func(i int, row *holdingRow) error {
		if row == nil {
			return fn(i, nil)
		}
		p, err := s.part(row.holding)
		if err != nil {
			return err
		}
		return fn(i, p)
	})
}

// holdingRow is a holding and where its bytes are.
type holdingRow struct {
	holding
	id   int64
	blob blobRow
}

type blobRow struct {
	segment, position, stored, size int64
}

// holdings reads and opens the holdings of entries, in order; nil for one that is gone.
func (s *Store) holdings(ctx context.Context, accountID int64, entries []Entry, blobs bool, fn func(i int, row *holdingRow) error) error {
	if len(entries) == 0 {
		return nil
	}
	aead, err := s.boxAEADRead(ctx, accountID)
	if err != nil {
		return err
	}
	var (
		total = int64(-1)
		order = make([]int, 0, min(len(entries), partsStep))
		rows  = make([]*holdingRow, cap(order))
		arena []byte
		slots = make([]holdingRow, cap(order))
	)
	for base := 0; base < len(entries); base += partsStep {
		step := entries[base:min(base+partsStep, len(entries))]
		order = order[:0]
		for i := range step {
			order = append(order, i)
			rows[i] = nil
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(step[a].MessageID, step[b].MessageID) })
		if arena = arena[:0]; blobs {
			arena = nil // a Content that fn keeps still points into it
		}
		err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
			if total < 0 && len(entries) > inBatch {
				err := tx.QueryRow(ctx, `SELECT entries FROM mail_box WHERE account_id = ?`, accountID).Scan(&total)
				if err := noRows(err, errNoAccount); err != nil {
					return err
				}
			}
			// A dense stretch is read as a range, a sparse one message by message.
			q := holdingQuery{ctx: ctx, tx: tx, account: accountID, aead: aead, blobs: blobs, arena: arena}
			var err error
			if total >= 0 && int64(len(entries)) >= total/4 {
				err = q.span(step, order, rows, slots)
			} else {
				err = q.list(step, order, rows, slots)
			}
			arena = q.arena
			return err
		})
		if err != nil {
			return err
		}
		for i := range step {
			if err := ctx.Err(); err != nil {
				return fault.Unavail("The caller has gone", err)
			}
			if err := fn(base+i, rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdingQuery reads holdings of one step.
type holdingQuery struct {
	ctx     context.Context
	tx      *sqldb.Tx
	account int64
	aead    cipher.AEAD
	blobs   bool
	arena   []byte // memory of the opened holdings of this step
}

func (q *holdingQuery) columns() string {
	if q.blobs {
		return `SELECT h.message_id, h.sealed, m.segment, m.position, m.stored_bytes, m.size_bytes
			FROM mail_holding h JOIN mail_message m ON m.id = h.message_id WHERE h.account_id = ? AND `
	}
	return `SELECT h.message_id, h.sealed FROM mail_holding h WHERE h.account_id = ? AND `
}

// span reads all between the lowest and the highest id and takes what is asked for.
func (q *holdingQuery) span(step []Entry, order []int, rows []*holdingRow, slots []holdingRow) error {
	low, high := step[order[0]].MessageID, step[order[len(order)-1]].MessageID
	return q.read(step, order, rows, slots, q.columns()+`h.message_id >= ? AND h.message_id <= ? ORDER BY h.message_id`, q.account, low, high)
}

func (q *holdingQuery) list(step []Entry, order []int, rows []*holdingRow, slots []holdingRow) error {
	if len(order) == 1 {
		return q.read(step, order, rows, slots, q.columns()+`h.message_id = ?`, q.account, step[order[0]].MessageID)
	}
	ids := make([]int64, len(order))
	for i, at := range order {
		ids[i] = step[at].MessageID
	}
	done := 0
	return batches([]any{q.account}, ids, func(args []any) error {
		n := min(inBatch, len(order)-done)
		err := q.read(step, order[done:done+n], rows, slots[done:], q.columns()+`h.message_id IN (`+inList+`) ORDER BY h.message_id`, args...)
		done += n
		return err
	})
}

// read runs a query that gives rows by message id and puts them into place.
func (q *holdingQuery) read(step []Entry, order []int, rows []*holdingRow, slots []holdingRow, query string, args ...any) error {
	found, err := q.tx.Query(q.ctx, query, args...)
	if err != nil {
		return err
	}
	defer found.Close()
	var (
		sealed  sql.RawBytes
		col     [5]any
		dest    = []any{&col[0], &sealed}
		next, n int
	)
	if q.blobs {
		dest = append(dest, &col[1], &col[2], &col[3], &col[4])
	}
	for found.Next() {
		if err := found.Scan(dest...); err != nil {
			return sqldb.Fault(err)
		}
		id := number(col[0])
		for next < len(order) && step[order[next]].MessageID < id {
			next++
		}
		if next == len(order) {
			break
		}
		if step[order[next]].MessageID != id {
			continue
		}
		row := &slots[n]
		n++
		row.id = id
		row.blob = blobRow{number(col[1]), number(col[2]), number(col[3]), number(col[4])}
		if err := q.open(row, sealed); err != nil {
			return err
		}
		for ; next < len(order) && step[order[next]].MessageID == id; next++ {
			rows[order[next]] = row
		}
	}
	return sqldb.Fault(found.Err())
}

// open opens a holding into the arena. When the arena is full a new one is
// begun; the old lives on in the holdings that point into it.
func (q *holdingQuery) open(row *holdingRow, sealed []byte) error {
	if cap(q.arena)-len(q.arena) < len(sealed) {
		q.arena = make([]byte, 0, max(256<<10, len(sealed)))
	}
	h, opened, err := openHolding(q.aead, q.arena[len(q.arena):len(q.arena)], sealed, q.account, row.id)
	if err != nil {
		return err
	}
	row.holding = h
	q.arena = q.arena[:len(q.arena)+len(opened)]
	return nil
}
