package login

import "sync"

// Session is one authenticated connection. Its owner waits on Revoked beside
// its other work and must call Close when the connection ends.
type Session struct {
	AccountID, OrderID, PartnerID int64
	Email                         string // the account's own address

	stamp    string // of the candidate that it was opened for
	revoked  chan struct{}
	registry *registry
	closed   bool // under registry.mu
}

// Revoked is closed when the session must end: its password has changed, its
// account or order was suspended or deleted, or its sessions were cleared.
func (s *Session) Revoked() <-chan struct{} { return s.revoked }

// Close takes the session off the books. It may be called more than once and
// leaves Revoked as it is.
func (s *Session) Close() { s.registry.remove(s) }

// recentChanges is how many applied changes a log-in under way can look back on.
const recentChanges = 256

// registry knows the live sessions: no goroutine each, one channel each.
type registry struct {
	onClose func()

	mu       sync.Mutex
	accounts map[int64]map[*Session]struct{}
	orders   map[int64]map[int64]struct{} // order to accounts with sessions
	live     int
	applied  uint64 // changes applied so far
	recent   [recentChanges]AccessChange
}

func newRegistry(onClose func()) *registry {
	return &registry{
		onClose:  onClose,
		accounts: make(map[int64]map[*Session]struct{}),
		orders:   make(map[int64]map[int64]struct{}),
	}
}

// mark is the point that register looks back to.
func (r *registry) mark() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.applied
}

// register books a session unless a change since mark touches it: what the
// log-in was judged by may then be outdated.
func (r *registry) register(c Candidate, mark uint64) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.applied-mark > recentChanges {
		return nil
	}
	for i := mark; i < r.applied; i++ {
		if touches(r.recent[i%recentChanges], c.AccountID, c.OrderID) {
			return nil
		}
	}
	s := &Session{
		AccountID: c.AccountID, OrderID: c.OrderID, PartnerID: c.PartnerID, Email: c.Email,
		stamp: c.Stamp(), revoked: make(chan struct{}), registry: r,
	}
	if r.accounts[s.AccountID] == nil {
		r.accounts[s.AccountID] = make(map[*Session]struct{}, 1)
	}
	r.accounts[s.AccountID][s] = struct{}{}
	if r.orders[s.OrderID] == nil {
		r.orders[s.OrderID] = make(map[int64]struct{}, 1)
	}
	r.orders[s.OrderID][s.AccountID] = struct{}{}
	r.live++
	return s
}

func (r *registry) remove(s *Session) {
	r.mu.Lock()
	if s.closed {
		r.mu.Unlock()
		return
	}
	s.closed = true
	r.live--
	if set, ok := r.accounts[s.AccountID]; ok {
		delete(set, s)
		if len(set) == 0 {
			r.dropAccount(s.OrderID, s.AccountID)
		}
	}
	r.mu.Unlock()
	r.onClose()
}

func (r *registry) dropAccount(orderID, accountID int64) {
	delete(r.accounts, accountID)
	delete(r.orders[orderID], accountID)
	if len(r.orders[orderID]) == 0 {
		delete(r.orders, orderID)
	}
}

// touched notes a change, so that log-ins under way see it, and gives the
// accounts with sessions that it is about.
func (r *registry) touched(c AccessChange) []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent[r.applied%recentChanges] = c
	r.applied++
	if c.AccountID != 0 {
		if len(r.accounts[c.AccountID]) == 0 {
			return nil
		}
		return []int64{c.AccountID}
	}
	var all []int64
	for accountID := range r.orders[c.OrderID] {
		all = append(all, accountID)
	}
	return all
}

// settle ends an account's sessions whose right is gone and says how many: all
// if the account may not log in now, else those of another password or from
// before the last clearing.
func (r *registry) settle(accountID int64, now *Candidate) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for s := range r.accounts[accountID] {
		if now != nil && s.stamp == now.Stamp() {
			continue
		}
		close(s.revoked)
		delete(r.accounts[accountID], s)
		if len(r.accounts[accountID]) == 0 {
			r.dropAccount(s.OrderID, accountID)
		}
		n++
	}
	return n
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live
}

func touches(c AccessChange, accountID, orderID int64) bool {
	if c.AccountID != 0 {
		return c.AccountID == accountID
	}
	return c.OrderID == orderID
}
