// Package memstore is a provision.Store in memory, for tests: it passes the
// conformance suite of internal/store/storetest, and it can run every
// transaction twice to find one that leaves something outside.
package memstore

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"posthouse/internal/clock"
	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/fault"
)

// Store keeps rows in maps that are copied before they are written, so that
// readers go on seeing the moment at which they began. Every write copies the
// tables that it touches: meant for thousands of rows, not millions.
type Store struct {
	// Rerun makes every Write run its function once more, as a store does after
	// a conflict. Set it before use.
	Rerun bool

	clock   clock.Clock
	writing sync.Mutex
	state   atomic.Pointer[state]
}

// New makes an empty Store. The clock dates the access log; nil is the system's.
func New(c clock.Clock) *Store {
	if c == nil {
		c = clock.System()
	}
	s := &Store{clock: c}
	s.state.Store(&state{})
	return s
}

// Read implements provision.Store.
func (s *Store) Read(ctx context.Context, fn func(provision.Tx) error) error {
	return run(ctx, &txn{state: *s.state.Load(), clock: s.clock, readOnly: true}, fn)
}

// Write implements provision.Store.
func (s *Store) Write(ctx context.Context, fn func(provision.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.Rerun {
		if err := run(ctx, s.begin(), fn); err != nil {
			return err
		}
	}
	t := s.begin()
	if err := run(ctx, t, fn); err != nil {
		return err
	}
	s.state.Store(&t.state)
	return nil
}

// begin gives a transaction that owns none of the tables yet.
func (s *Store) begin() *txn {
	t := &txn{state: *s.state.Load(), clock: s.clock}
	t.partners.owned, t.keys.owned, t.customers.owned, t.orders.owned = false, false, false, false
	t.accounts.owned, t.dkim.owned = false, false
	return t
}

// run contains a panic of fn and refuses to begin or end for a context that is over.
func run(ctx context.Context, t *txn, fn func(provision.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &fault.Error{Code: fault.Internal, Text: "An internal error", Cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	return ctx.Err()
}

// state is every row as of one commit. Rows are never changed in place.
type state struct {
	partners   table[partner.Partner]
	keys       table[partner.Key]
	customers  table[customer.Customer]
	orders     table[order.Order]
	accounts   table[account.Account]
	dkim       table[provision.DKIMKey]
	addresses  map[addressKey]account.Address
	mailboxes  map[int64]Mailbox
	tokens     map[string]provision.LoginToken
	payments   []provision.Payment
	events     []event.Event
	records    []audit.Record
	access     []provision.AccessChange
	lastAccess int64
}

type addressKey struct {
	order int64
	local string
}

// Mailbox is what the store knows of an account's mail side.
type Mailbox struct {
	QuotaBytes int64
	UsedBytes  int64
}

// Mailbox gives the mail side of an account that has one.
func (s *Store) Mailbox(accountID int64) (Mailbox, bool) {
	m, ok := s.state.Load().mailboxes[accountID]
	return m, ok
}

// SetUsed plays mail that has arrived.
func (s *Store) SetUsed(accountID, bytes int64) {
	s.writing.Lock()
	defer s.writing.Unlock()
	next := *s.state.Load()
	next.mailboxes = maps.Clone(next.mailboxes)
	if m, ok := next.mailboxes[accountID]; ok {
		m.UsedBytes = bytes
		next.mailboxes[accountID] = m
	}
	s.state.Store(&next)
}

// AllEvents gives every event of every partner, oldest first.
func (s *Store) AllEvents() []event.Event { return s.state.Load().events }

// AllRecords gives the whole audit log.
func (s *Store) AllRecords() []audit.Record { return s.state.Load().records }

// AllAccessChanges gives the whole access log.
func (s *Store) AllAccessChanges() []provision.AccessChange { return s.state.Load().access }

// table is rows by ID.
type table[R any] struct {
	rows  map[int64]*R
	last  int64
	owned bool // by the transaction that runs
}

func (t *table[R]) own() {
	if t.owned {
		return
	}
	if t.rows = maps.Clone(t.rows); t.rows == nil {
		t.rows = map[int64]*R{}
	}
	t.owned = true
}

func (t *table[R]) insert(r *R) int64 {
	t.own()
	t.last++
	t.rows[t.last] = r
	return t.last
}

func (t *table[R]) update(id int64, r *R) error {
	if t.rows[id] == nil {
		return fault.New(fault.NotFound, "No such row")
	}
	t.own()
	t.rows[id] = r
	return nil
}

// find gives the rows that match, by ID, as copies.
func (t *table[R]) find(clone func(*R) *R, match func(*R) bool) []*R {
	var out []*R
	for id := int64(1); id <= t.last; id++ {
		if r := t.rows[id]; r != nil && match(r) {
			out = append(out, clone(r))
		}
	}
	return out
}

// get gives one row as a copy, nil when there is none.
func (t *table[R]) get(clone func(*R) *R, id int64) *R {
	r := t.rows[id]
	if r == nil {
		return nil
	}
	return clone(r)
}

var _ provision.Store = (*Store)(nil)
