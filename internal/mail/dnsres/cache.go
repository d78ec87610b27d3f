package dnsres

import (
	"sync"
	"time"
)

// cache keeps answers until their TTL ends. It holds a bounded number; of a full
// cache any entries go, those that ended first if they are met.
type cache struct {
	mu      sync.Mutex
	size    int
	entries map[question]entry
}

type entry struct {
	answer answer
	until  time.Time
}

func (c *cache) get(q question, now time.Time) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[q]
	if ok && !now.Before(e.until) {
		delete(c.entries, q)
		ok = false
	}
	return e.answer, ok
}

func (c *cache) put(q question, a answer, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.entries[q]; !there && len(c.entries) >= c.size {
		c.evict(now)
	}
	c.entries[q] = entry{a, now.Add(a.ttl)}
}

// evict makes room: it looks at a few entries, drops those that have ended, or
// one that has not.
func (c *cache) evict(now time.Time) {
	const look = 16
	var victim question
	looked, dropped := 0, 0
	for q, e := range c.entries {
		victim = q
		if !now.Before(e.until) {
			delete(c.entries, q)
			dropped++
		}
		if looked++; looked == look {
			break
		}
	}
	if dropped == 0 {
		delete(c.entries, victim)
	}
}
