package mailstore

import (
	"container/list"
	"sync"
	"sync/atomic"
	"unsafe"
)

// viewCache keeps the latest views, those used last, up to a number of bytes.
type viewCache struct {
	limit int64
	mu    sync.Mutex
	bytes int64
	slots map[int64]*viewSlot
	order *list.List // front: used last
}

// viewSlot is the place of one folder's view.
type viewSlot struct {
	folder  int64
	refresh sync.Mutex // held while the view is brought up to date
	view    atomic.Pointer[View]

	// under viewCache.mu
	bytes int64
	elem  *list.Element // nil: not in the cache any more
}

func newViewCache(limit int64) *viewCache {
	return &viewCache{limit: limit, slots: make(map[int64]*viewSlot), order: list.New()}
}

func (c *viewCache) slot(folder int64) *viewSlot {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[folder]
	if s == nil {
		s = &viewSlot{folder: folder}
		s.elem = c.order.PushFront(s)
		c.slots[folder] = s
	}
	return s
}

// peek gives the cached view, which may be old, or nil.
func (c *viewCache) peek(folder int64) *View {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.slots[folder]; s != nil {
		return s.view.Load()
	}
	return nil
}

// used notes that a slot's view was asked for, and evicts others beyond the limit.
func (c *viewCache) used(s *viewSlot, v *View) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.elem == nil {
		return
	}
	c.order.MoveToFront(s.elem)
	c.bytes -= s.bytes
	s.bytes = slotBytes + int64(cap(v.Entries))*int64(unsafe.Sizeof(Entry{}))
	c.bytes += s.bytes
	// The one in use stays, however large it is.
	for c.bytes > c.limit && c.order.Len() > 1 {
		c.drop(c.order.Back().Value.(*viewSlot))
	}
}

// slotBytes is roughly what a slot takes besides its entries.
const slotBytes = 512

func (c *viewCache) drop(s *viewSlot) {
	c.order.Remove(s.elem)
	s.elem = nil
	delete(c.slots, s.folder)
	c.bytes -= s.bytes
}

func (c *viewCache) forget(folder int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.slots[folder]; s != nil {
		c.drop(s)
	}
}
