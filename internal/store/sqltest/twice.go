package sqltest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/event"
	"posthouse/internal/core/work"
	"posthouse/internal/store"
	"posthouse/internal/store/sqldb"
)

// Twice is a core store on SQLite that runs every write twice, the first time
// rolled back: what a command leaves outside of its transaction shows. Its
// mailboxes are Boxes.
type Twice struct {
	*store.Store
	*Boxes
	t testing.TB
}

// NewTwice gives an empty one.
func NewTwice(t testing.TB, c clock.Clock) *Twice {
	t.Helper()
	b := &Boxes{quota: map[int64]int64{}, used: map[int64]int64{}}
	var opts []store.Option
	if c != nil {
		opts = append(opts, store.WithClock(c))
	}
	return &Twice{Store: store.New(Open(t, sqldb.SQLite), b, opts...), Boxes: b, t: t}
}

var errFirstRun = errors.New("the first of two runs")

// Write implements work.Store.
func (s *Twice) Write(ctx context.Context, fn func(work.Tx) error) error {
	err := s.Store.Write(ctx, func(tx work.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errFirstRun
	})
	if !errors.Is(err, errFirstRun) {
		return err
	}
	return s.Store.Write(ctx, fn)
}

// AllRecords gives every partner's audit records, and the operator's, by ID.
func (s *Twice) AllRecords() []audit.Record {
	out := everything(s, work.Tx.Audit)
	slices.SortFunc(out, func(a, b audit.Record) int { return int(a.ID - b.ID) })
	return out
}

// AllEvents gives every partner's events by ID.
func (s *Twice) AllEvents() []event.Event {
	out := everything(s, work.Tx.Events)
	slices.SortFunc(out, func(a, b event.Event) int { return int(a.ID - b.ID) })
	return out
}

// AllAccessChanges gives the whole log of access changes, by ID.
func (s *Twice) AllAccessChanges() (out []work.AccessChange) {
	s.t.Helper()
	err := s.Read(s.t.Context(), func(tx work.Tx) (err error) {
		out, err = tx.AccessChangesAfter(s.t.Context(), 0, 1<<20)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func everything[T any](s *Twice, list func(work.Tx, context.Context, int64, int64, int) ([]*T, error)) (out []T) {
	s.t.Helper()
	ctx := s.t.Context()
	err := s.Read(ctx, func(tx work.Tx) error {
		out = nil
		partners, err := tx.Partners(ctx)
		if err != nil {
			return err
		}
		ids := []int64{0}
		for _, p := range partners {
			ids = append(ids, p.ID)
		}
		for _, id := range ids {
			l, err := list(tx, ctx, id, 0, 1<<20)
			if err != nil {
				return err
			}
			for _, v := range l {
				out = append(out, *v)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// Boxes is a mail store that keeps only what was asked of it.
type Boxes struct {
	mu    sync.Mutex
	quota map[int64]int64
	used  map[int64]int64
}

// Quota gives a mailbox's quota in bytes, false when there is no such mailbox.
func (b *Boxes) Quota(accountID int64) (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, ok := b.quota[accountID]
	return q, ok
}

// SetUsed sets the bytes that a mailbox uses.
func (b *Boxes) SetUsed(accountID, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used[accountID] = bytes
}

func (b *Boxes) set(tx *sqldb.Tx, quotaBytes int64, ids ...int64) {
	tx.AfterCommit(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, id := range ids {
			b.quota[id] = quotaBytes
		}
	})
}

// CreateMailboxTx implements store.Mailboxes.
func (b *Boxes) CreateMailboxTx(_ context.Context, tx *sqldb.Tx, accountID, quotaBytes int64) error {
	b.set(tx, quotaBytes, accountID)
	return nil
}

// SetQuotaTx implements store.Mailboxes.
func (b *Boxes) SetQuotaTx(_ context.Context, tx *sqldb.Tx, accountIDs []int64, quotaBytes int64) error {
	b.set(tx, quotaBytes, accountIDs...)
	return nil
}

// UsedTx implements store.Mailboxes.
func (b *Boxes) UsedTx(_ context.Context, _ *sqldb.Tx, ids []int64) (map[int64]int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	used := make(map[int64]int64, len(ids))
	for _, id := range ids {
		if _, made := b.quota[id]; made {
			used[id] = b.used[id]
		}
	}
	return used, nil
}

// BeginPurgeTx implements store.Mailboxes: six folders with one message of the
// size that SetUsed told.
func (b *Boxes) BeginPurgeTx(_ context.Context, _ *sqldb.Tx, accountID int64) (folders, messages, bytes int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.quota[accountID]; !ok {
		return 0, 0, 0, nil
	}
	return 6, 1, b.used[accountID], nil
}

// Purge is what the mail store's Purge is: it removes the mailbox.
func (b *Boxes) Purge(_ context.Context, accountID int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.quota, accountID)
	delete(b.used, accountID)
	return nil
}
