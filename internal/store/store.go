// Package store keeps the core's rows in SQL: one function per query, one file
// per noun. It implements work.Store on both engines of sqldb and applies
// no rule.
package store

import (
	"context"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/work"
	"posthouse/internal/store/sqldb"
)

// Mailboxes is the mail side of accounts. The mail store implements it; its
// changes belong to the transaction that it is given.
type Mailboxes interface {
	CreateMailboxTx(ctx context.Context, tx *sqldb.Tx, accountID, quotaBytes int64) error
	SetQuotaTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64, quotaBytes int64) error
	// UsedTx gives the bytes used; an account without a mailbox is absent.
	UsedTx(ctx context.Context, tx *sqldb.Tx, accountIDs []int64) (map[int64]int64, error)
	// BeginPurgeTx destroys a mailbox's key, which ends every change of it, and
	// counts what there is; the rest of the purge is no transaction.
	BeginPurgeTx(ctx context.Context, tx *sqldb.Tx, accountID int64) (folders, messages, bytes int64, err error)
}

// Store implements work.Store.
type Store struct {
	db    *sqldb.DB
	mail  Mailboxes
	clock clock.Clock

	accessChanged   func()
	webhooksChanged func(endpointID int64)
	noticeWritten   func()
	dueChanged      func(clockID int64, at time.Time)
}

// An Option changes a Store.
type Option func(*Store)

// WithClock sets the clock that stamps access changes; the system's is the default.
func WithClock(c clock.Clock) Option { return func(s *Store) { s.clock = c } }

// WithAccessHook sets what runs after each commit of this process that wrote to
// the access-change log, so that sessions end at once.
func WithAccessHook(fn func()) Option { return func(s *Store) { s.accessChanged = fn } }

// WithWebhookHook sets what runs after each commit of this process that made a
// delivery due at an endpoint; 0 says that anything about webhooks may have changed.
func WithWebhookHook(fn func(endpointID int64)) Option {
	return func(s *Store) { s.webhooksChanged = fn }
}

// WithNoticeHook sets what runs after each commit of this process that wrote a
// mail into the outbox, so that it goes at once.
func WithNoticeHook(fn func()) Option { return func(s *Store) { s.noticeWritten = fn } }

// WithDueHook sets what runs after each commit of this process that put
// something into the calendar, or set a clock's target (then at is zero).
func WithDueHook(fn func(clockID int64, at time.Time)) Option {
	return func(s *Store) { s.dueChanged = fn }
}

// New makes a Store on db, whose schema must be up to date.
func New(db *sqldb.DB, m Mailboxes, opts ...Option) *Store {
	s := &Store{db: db, mail: m, clock: clock.System(), noticeWritten: func() {}}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Read implements work.Store.
func (s *Store) Read(ctx context.Context, fn func(work.Tx) error) error {
	return s.db.Read(ctx, func(tx *sqldb.Tx) error { return fn(s.Wrap(tx)) })
}

// Write implements work.Store.
func (s *Store) Write(ctx context.Context, fn func(work.Tx) error) error {
	return s.db.Write(ctx, func(sq *sqldb.Tx) error {
		t := s.tx(sq)
		t.known = map[int64][]any{}
		return fn(t)
	})
}

// Wrap gives the core's view of a transaction that somebody else began.
func (s *Store) Wrap(t *sqldb.Tx) work.Tx { return s.tx(t) }

func (s *Store) tx(t *sqldb.Tx) *tx { return &tx{Tx: t, store: s} }

// tx implements work.Tx.
type tx struct {
	*sqldb.Tx
	store *Store
	known map[int64][]any // orderArgs of single orders as they are, for UpdateOrder; nil = not kept
}

var (
	_ work.Store = (*Store)(nil)
	_ work.Tx    = (*tx)(nil)
)
