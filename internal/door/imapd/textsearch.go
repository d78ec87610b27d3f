package imapd

import (
	"context"
	"sync"
)

// textSearches is how many searches that read message text one account may run
// at the same time, over all its sessions; further ones wait their turn.
const textSearches = 2

// textCost is the cost from which a search key may have to read messages.
const textCost = 4

// searchTurns hands out the turns, account by account.
type searchTurns struct {
	mu       sync.Mutex
	accounts map[int64]*turns
}

type turns struct {
	free    chan struct{}
	holders int // turns taken or waited for
}

// take waits for a turn, at most as long as ctx lives; done gives it back.
func (t *searchTurns) take(ctx context.Context, account int64) (done func(), err error) {
	t.mu.Lock()
	a := t.accounts[account]
	if a == nil {
		a = &turns{free: make(chan struct{}, textSearches)}
		if t.accounts == nil {
			t.accounts = make(map[int64]*turns)
		}
		t.accounts[account] = a
	}
	a.holders++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if a.holders--; a.holders == 0 {
			delete(t.accounts, account)
		}
	}
	select {
	case a.free <- struct{}{}:
		return func() { <-a.free; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
