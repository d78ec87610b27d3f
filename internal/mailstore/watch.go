package mailstore

import (
	"context"
	"sync"

	"posthouse/internal/store/sqldb"
)

// Watch gives a channel that receives after each commit that changed the
// account; signals that were not read yet are one. cancel ends it and may be
// called more than once; the channel is never closed.
func (s *Store) Watch(accountID int64) (c <-chan struct{}, cancel func()) {
	return s.hub.watch(accountID)
}

// hub knows who watches what. A watch at rest is one channel and one map entry.
type hub struct {
	mu       sync.Mutex
	watchers map[int64]*watched
	awake    chan struct{} // one token: something is watched now
}

type watched struct {
	chans []chan struct{}
	// seen is the account's MODSEQ of the latest poll, 0 = not polled yet.
	seen uint64
}

func newHub() *hub {
	return &hub{watchers: make(map[int64]*watched), awake: make(chan struct{}, 1)}
}

func (h *hub) watch(account int64) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.watchers[account]
	if w == nil {
		w = &watched{}
		h.watchers[account] = w
	}
	w.chans = append(w.chans, c)
	if len(h.watchers) == 1 {
		select {
		case h.awake <- struct{}{}:
		default:
		}
	}
	return c, func() { h.cancel(account, c) }
}

func (h *hub) cancel(account int64, c chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.watchers[account]
	if w == nil {
		return
	}
	for i, other := range w.chans {
		if other == c {
			last := len(w.chans) - 1
			w.chans[i], w.chans[last] = w.chans[last], nil
			w.chans = w.chans[:last]
			break
		}
	}
	if len(w.chans) == 0 {
		delete(h.watchers, account)
	}
}

func (h *hub) signal(account int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w := h.watchers[account]; w != nil {
		w.wake()
	}
}

func (w *watched) wake() {
	for _, c := range w.chans {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.watchers)
}

// accounts lists what is watched.
func (h *hub) accounts() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]int64, 0, len(h.watchers))
	for id := range h.watchers {
		out = append(out, id)
	}
	return out
}

// saw wakes an account's watchers if its MODSEQ is beyond the latest poll's. The
// first poll of a watch wakes too: a change may have come before it.
func (h *hub) saw(account int64, modseq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w := h.watchers[account]; w != nil && w.seen != modseq {
		w.seen = modseq
		w.wake()
	}
}

// poll looks for what other nodes have changed, on PostgreSQL. Without watchers
// it sleeps.
func (s *Store) poll(ctx context.Context) {
	for ctx.Err() == nil {
		ids := s.hub.accounts()
		if len(ids) == 0 {
			select {
			case <-s.hub.awake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if err := s.pollOnce(ctx, ids); err != nil && ctx.Err() == nil {
			s.log.Warn("looking for changes of other nodes failed", "error", err)
		}
		if !s.sleep(ctx, s.cfg.Poll) {
			return
		}
	}
}

// pollOnce asks for the MODSEQs of all watched accounts in one query. Folders
// that change without one, such as a claim of \Recent, wake nobody.
func (s *Store) pollOnce(ctx context.Context, ids []int64) error {
	return s.db.Read(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Query(ctx, `SELECT account_id, modseq FROM mail_box WHERE account_id = ANY(?)`, ids)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, modseq int64
			if err := rows.Scan(&id, &modseq); err != nil {
				return sqldb.Fault(err)
			}
			s.hub.saw(id, uint64(modseq))
		}
		return sqldb.Fault(rows.Err())
	})
}
