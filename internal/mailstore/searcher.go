package mailstore

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/search"
	"posthouse/internal/store/sqldb"
)

// searcher answers MatchText from index segments, and by reading those messages
// that are not in one yet.
type searcher struct {
	s *Store

	mu    sync.Mutex
	bytes int64
	cache map[segmentID]*list.Element
	order *list.List // of *cachedSegment; front: used last

	dirtyMu sync.Mutex
	dirty   map[int64]dirtyAccount
	late    map[int64]map[int64]struct{} // unindexed messages older than the newest indexed one
	wake    chan struct{}
}

type dirtyAccount struct{ first, last time.Time }

// segmentID names a segment; two different ones never share all of it.
type segmentID struct {
	account, first, last, messages, bytes int64
}

type cachedSegment struct {
	id    segmentID
	seg   *search.Segment
	bytes int64
}

func newSearcher(s *Store) *searcher {
	return &searcher{
		s: s, cache: make(map[segmentID]*list.Element), order: list.New(),
		dirty: make(map[int64]dirtyAccount), late: make(map[int64]map[int64]struct{}), wake: make(chan struct{}, 1),
	}
}

// match answers q for a view.
func (x *searcher) match(ctx context.Context, v *View, q query) ([]uint32, error) {
	account := v.Folder.AccountID
	segments, err := x.segments(ctx, account)
	if err != nil {
		return nil, err
	}
	hits := make([]bool, len(v.Entries))
	covered := make([]bool, len(v.Entries))
	var look []int // entries that must be read
	for _, seg := range segments {
		sure, maybe := q.ask(seg)
		eachEntry(v.Entries, seg.Messages(), func(entry, doc int) {
			if covered[entry] {
				return
			}
			covered[entry] = true
			switch {
			case sure.Has(doc):
				hits[entry] = true
			case maybe.Has(doc):
				look = append(look, entry)
			}
		})
	}
	fresh := 0
	for i := range covered {
		if !covered[i] {
			look = append(look, i)
			fresh++
		}
	}
	if fresh >= indexFrom {
		x.missed(account, v.Entries, covered, segments)
	}
	slices.Sort(look)
	entries := make([]Entry, len(look))
	for n, i := range look {
		entries[n] = v.Entries[i]
	}
	if err := x.read(ctx, account, entries, q, func(n int) { hits[look[n]] = true }); err != nil {
		return nil, err
	}
	var uids []uint32
	for i, hit := range hits {
		if hit {
			uids = append(uids, v.Entries[i].UID)
		}
	}
	return uids, nil
}

// ask puts a query to a segment.
func (q query) ask(seg *search.Segment) (sure, maybe search.Set) {
	if q.header == "" {
		return seg.Match(q.needle, q.fields)
	}
	sure, maybe = seg.HasField(q.header)
	if q.needle == "" {
		return sure, maybe
	}
	// That the words stand in this very field is only seen in the message.
	words, more := seg.Match(q.needle, q.fields)
	for i := range maybe {
		maybe[i] = (maybe[i] | sure[i]) & (words[i] | more[i])
		sure[i] = 0
	}
	return sure, maybe
}

// eachEntry pairs entries with a segment's ascending message ids. Entries
// ascend by message too, nearly always.
func eachEntry(entries []Entry, ids []int64, fn func(entry, doc int)) {
	doc := 0
	for i := range entries {
		id := entries[i].MessageID
		if doc > 0 && (doc == len(ids) || ids[doc] > id) && ids[doc-1] >= id {
			doc, _ = slices.BinarySearch(ids, id)
		}
		for doc < len(ids) && ids[doc] < id {
			doc++
		}
		if doc < len(ids) && ids[doc] == id {
			fn(i, doc)
		}
	}
}

// read looks into the messages themselves.
func (x *searcher) read(ctx context.Context, account int64, entries []Entry, q query, hit func(i int)) error {
	return x.s.Contents(ctx, account, entries, func(i int, c *Content) error {
		if c == nil {
			return nil
		}
		defer c.Close()
		if err := ctx.Err(); err != nil {
			return err // the caller's time is over; a message may be large
		}
		ok, err := q.matches(c)
		if ok {
			hit(i)
		}
		if fault.Of(err) != nil && fault.Of(err).Code == fault.Internal {
			// One damaged message must not make all others unfindable.
			x.s.log.Error("a message can't be read for a search", "account", account, "message", entries[i].MessageID, "error", err)
			return nil
		}
		return err
	})
}

// segments gives an account's segments, decoded.
func (x *searcher) segments(ctx context.Context, account int64) ([]*search.Segment, error) {
	var out []*search.Segment
	err := x.s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out = out[:0]
		ids, err := segmentIDs(ctx, tx, account)
		if err != nil {
			return err
		}
		for _, id := range ids {
			seg := x.cached(id)
			if seg == nil {
				if seg, err = x.load(ctx, tx, id); err != nil {
					return err
				}
				x.remember(id, seg)
			}
			out = append(out, seg)
		}
		return nil
	})
	return out, err
}

func segmentIDs(ctx context.Context, tx *sqldb.Tx, account int64) ([]segmentID, error) {
	rows, err := tx.Query(ctx, `SELECT first_message, last_message, messages, LENGTH(sealed) FROM mail_search WHERE account_id = ?
		ORDER BY first_message, last_message, part`, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []segmentID
	for rows.Next() {
		id := segmentID{account: account}
		if err := rows.Scan(&id.first, &id.last, &id.messages, &id.bytes); err != nil {
			return nil, sqldb.Fault(err)
		}
		if n := len(out); n > 0 && out[n-1].first == id.first && out[n-1].last == id.last {
			out[n-1].bytes += id.bytes
			continue
		}
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b segmentID) int { return cmp.Compare(a.first, b.first) })
	return out, sqldb.Fault(rows.Err())
}

func (x *searcher) cached(id segmentID) *search.Segment {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.cache[id]
	if e == nil {
		return nil
	}
	x.order.MoveToFront(e)
	return e.Value.(*cachedSegment).seg
}

func (x *searcher) remember(id segmentID, seg *search.Segment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cache[id] != nil {
		return
	}
	c := &cachedSegment{id: id, seg: seg, bytes: int64(seg.Bytes())}
	x.cache[id] = x.order.PushFront(c)
	x.bytes += c.bytes
	for x.bytes > x.s.cfg.SearchMemory && x.order.Len() > 1 {
		x.drop(x.order.Back())
	}
}

func (x *searcher) drop(e *list.Element) {
	c := e.Value.(*cachedSegment)
	x.order.Remove(e)
	delete(x.cache, c.id)
	x.bytes -= c.bytes
}

// forget drops what is remembered of an account.
func (x *searcher) forget(account int64) {
	x.mu.Lock()
	for id, e := range x.cache {
		if id.account == account {
			x.drop(e)
		}
	}
	x.mu.Unlock()
	x.dirtyMu.Lock()
	defer x.dirtyMu.Unlock()
	delete(x.dirty, account)
	delete(x.late, account)
}

// touched notes that an account has changed and may want to be indexed.
func (x *searcher) touched(account int64) {
	if x.s.cfg.IndexDelay <= 0 {
		return
	}
	now := x.s.clock.Now()
	x.dirtyMu.Lock()
	defer x.dirtyMu.Unlock()
	d := x.dirty[account]
	if d.first.IsZero() {
		d.first = now
	}
	d.last = now
	x.dirty[account] = d
	if len(x.dirty) == 1 {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
}

// missed notes messages that a search had to read. Those older than the newest
// indexed one are not found by going on from there.
func (x *searcher) missed(account int64, entries []Entry, covered []bool, segments []*search.Segment) {
	newest := int64(0)
	for _, seg := range segments {
		if ids := seg.Messages(); len(ids) > 0 {
			newest = max(newest, ids[len(ids)-1])
		}
	}
	x.dirtyMu.Lock()
	for i := range entries {
		if covered[i] || entries[i].MessageID > newest {
			continue
		}
		if x.late[account] == nil {
			x.late[account] = make(map[int64]struct{})
		}
		if len(x.late[account]) < indexStep {
			x.late[account][entries[i].MessageID] = struct{}{}
		}
	}
	x.dirtyMu.Unlock()
	x.touched(account)
}
