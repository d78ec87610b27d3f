// Package mailstore keeps mail: message bytes once, compressed and encrypted,
// in a blob store; folders, UIDs, MODSEQs, flags, cached envelopes and search
// terms in SQL. Every method that changes something returns after the change
// is on stable storage.
//
// Invariants: a UID is never given twice in a folder; a folder's UIDVALIDITY
// never changes and a new folder of an old name gets a greater one; the
// account's MODSEQ grows with every change, in commit order; what disappears
// from a folder leaves a tombstone (UID, MODSEQ); an account's used bytes
// equal the sum of its entries' sizes at every commit.
//
// Keys: the master key wraps a key per mailbox. A message has a key of its own
// that seals its bytes; every mailbox that holds the message has that key,
// together with checksum and structure, sealed under the mailbox key. Without
// the mailbox key nothing of a message can be read.
package mailstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

// queueHolder is the account under which the queue holds messages.
const queueHolder = 0

// wrappedKeySize is the length of a wrapped mailbox key.
const wrappedKeySize = keyring.KeySize + keyring.WrapOverhead

// Config says what a Store works with. DB, Blobs and Keys are needed; the zero
// value of everything else takes the default.
type Config struct {
	DB    *sqldb.DB // migrated
	Blobs blob.Store
	Keys  *keyring.Keyring // opened; the Store establishes it
	Clock clock.Clock
	Rand  io.Reader // crypto/rand
	Log   *slog.Logger

	Limits       message.Limits
	MaxSize      int64 // of a message; 0 = no limit here
	ViewMemory   int64 // bytes of cached views; 64 MiB
	SearchMemory int64 // bytes of cached search segments; 64 MiB
	MailboxKeys  int   // unwrapped mailbox keys kept; 4096
	MaxFolders   int   // per account; 10,000

	// Poll is how often changes of other nodes are looked for on PostgreSQL
	// while something is watched; 300 ms.
	Poll time.Duration
	// OrphanGrace is how long bytes may wait between Put and their first
	// reference; 1 h. References later than half of it are refused.
	OrphanGrace time.Duration
	// Background is how often compaction and sweep run; 10 min, negative = only
	// when Sweep is called.
	Background time.Duration
	// IndexDelay is how long the search index waits for more after a change;
	// 2 s, negative = only when Index is called.
	IndexDelay time.Duration
}

// Store is the mail store. It is safe for use by many goroutines.
type Store struct {
	cfg   Config
	db    *sqldb.DB
	blobs blob.Store
	keys  *keyring.Keyring
	clock clock.Clock
	rand  io.Reader
	log   *slog.Logger
	codec *blob.Codec

	boxes  *boxKeys
	views  *viewCache
	hub    *hub
	search *searcher

	few int // up to how many UIDs entries are read one by one

	// failpoint is called by name at moments where tests stop the world.
	failpoint func(name string) error

	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Open opens the store over a migrated database. It refuses to work when the
// master key is not the one that the data was written with.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.filled()
	codec, err := blob.NewCodec()
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, db: cfg.DB, blobs: cfg.Blobs, keys: cfg.Keys, clock: cfg.Clock, rand: cfg.Rand, log: cfg.Log,
		codec: codec, boxes: newBoxKeys(cfg.MailboxKeys), views: newViewCache(cfg.ViewMemory), hub: newHub(),
		few:       fewUIDs,
		failpoint: func(string) error { return nil },
	}
	if err := s.establish(ctx); err != nil {
		return nil, errors.Join(err, codec.Close())
	}
	s.search = newSearcher(s)
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.start(ctx)
	return s, nil
}

func (cfg Config) filled() Config {
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	def(&cfg.ViewMemory, 64<<20)
	def(&cfg.SearchMemory, 64<<20)
	def(&cfg.MailboxKeys, 4096)
	def(&cfg.MaxFolders, 10_000)
	def(&cfg.Poll, 300*time.Millisecond)
	def(&cfg.OrphanGrace, time.Hour)
	def(&cfg.Background, 10*time.Minute)
	def(&cfg.IndexDelay, 2*time.Second)
	return cfg
}

func def[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}

// Close stops the background work. It closes neither DB nor Blobs.
func (s *Store) Close() error {
	s.cancel()
	s.wg.Wait()
	s.hub.close()
	return s.codec.Close()
}

func (s *Store) start(ctx context.Context) {
	if s.db.Engine() == sqldb.Postgres {
		s.wg.Go(func() { s.poll(ctx) })
	}
	if s.cfg.Background > 0 {
		s.wg.Go(func() { s.maintain(ctx) })
	}
	if s.cfg.IndexDelay > 0 {
		s.wg.Go(func() { s.search.run(ctx) })
	}
}

// establish checks the master key against the database, or makes both on the
// first start ever.
func (s *Store) establish(ctx context.Context) error {
	empty, err := s.blobs.Empty(ctx)
	if err != nil {
		return err
	}
	var check []byte
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		check = nil
		err := tx.QueryRow(ctx, `SELECT value FROM mail_key_check WHERE id = 1`).Scan(&check)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	fresh, err := s.keys.Establish(check, !empty)
	if err != nil || len(check) > 0 {
		return err
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO mail_key_check (id, value) VALUES (1, ?) ON CONFLICT (id) DO NOTHING`, fresh); err != nil {
			return err
		}
		check = nil
		if err := tx.QueryRow(ctx, `SELECT value FROM mail_key_check WHERE id = 1`).Scan(&check); err != nil {
			return err
		}
		return s.createBox(ctx, tx, queueHolder, 0)
	})
	if err != nil {
		return err
	}
	// Another node may have been first, with another key.
	_, err = s.keys.Establish(check, true)
	return err
}

// now is the time as it is stored.
func (s *Store) now() int64 { return s.clock.Now().Unix() }

func fromUnix(sec int64) time.Time { return time.Unix(sec, 0).UTC() }

var errNoAccount = fault.New(fault.AccountNotFound, "There is no such mailbox")
