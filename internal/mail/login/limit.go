package login

import (
	"net/netip"
	"sync"
	"time"
)

// Limit is one kind of bucket of failed log-ins. Each failure takes a token;
// tokens come back one per Refill. Whoever empties the bucket waits twice as
// long for the next token, and again twice, up to MaxBackoff for one; a bucket
// that is full again has forgotten.
type Limit struct {
	Failures   int           // tokens of a full bucket
	Refill     time.Duration // one token
	MaxBackoff time.Duration // the longest wait for one token
}

// DefaultAddressLimit serves an office behind one address.
func DefaultAddressLimit() Limit {
	return Limit{Failures: 30, Refill: 10 * time.Second, MaxBackoff: 15 * time.Minute}
}

// DefaultAccountLimit stops guessing from many addresses.
func DefaultAccountLimit() Limit {
	return Limit{Failures: 10, Refill: 30 * time.Second, MaxBackoff: 15 * time.Minute}
}

// gate is what a bucket lets through.
type gate int

const (
	open   gate = iota // any attempt
	narrow             // only what was verified before from the same address: no guess
	shut               // nothing
)

type bucket struct {
	tokens  float64
	at      time.Time
	strikes uint
}

type limiter[K comparable] struct {
	limit      Limit
	maxStrikes uint

	mu      sync.Mutex
	buckets *lru[K, bucket]
}

func newLimiter[K comparable](l Limit, size int) *limiter[K] {
	m := &limiter[K]{limit: l, buckets: newLRU[K, bucket](size)}
	for m.maxStrikes < 32 && l.Refill<<(m.maxStrikes+1) <= l.MaxBackoff {
		m.maxStrikes++
	}
	return m
}

// gate tells what k may do now. A bucket overdrawn by its own size is shut, so
// that even remembered log-ins can't be tried without end.
func (m *limiter[K]) gate(k K, now time.Time) gate {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.buckets.get(k)
	if b == nil {
		return open
	}
	return m.state(b, now)
}

// take is gate, and takes a token if it is open: an attempt pays before it is
// judged, so that many at once can't all slip through on the last token.
func (m *limiter[K]) take(k K, now time.Time) gate {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(k, now)
	g := m.state(b, now)
	if g == open {
		m.spend(b)
	}
	return g
}

// overdraw takes a token whatever the gate says.
func (m *limiter[K]) overdraw(k K, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(k, now)
	m.refill(b, now)
	m.spend(b)
}

// giveBack undoes one take: the attempt was no failure.
func (m *limiter[K]) giveBack(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.buckets.get(k)
	if b == nil {
		return
	}
	if b.tokens < 1 && b.strikes > 0 {
		b.strikes--
	}
	b.tokens = min(b.tokens+1, float64(m.limit.Failures))
}

func (m *limiter[K]) forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buckets.drop(k)
}

func (m *limiter[K]) bucket(k K, now time.Time) *bucket {
	if b := m.buckets.get(k); b != nil {
		return b
	}
	return m.buckets.put(k, bucket{tokens: float64(m.limit.Failures), at: now})
}

func (m *limiter[K]) state(b *bucket, now time.Time) gate {
	m.refill(b, now)
	switch {
	case b.tokens >= 1:
		return open
	case b.tokens > -float64(m.limit.Failures):
		return narrow
	default:
		return shut
	}
}

func (m *limiter[K]) spend(b *bucket) {
	b.tokens = max(b.tokens-1, -float64(m.limit.Failures))
	if b.tokens < 1 && b.strikes < m.maxStrikes {
		b.strikes++
	}
}

func (m *limiter[K]) refill(b *bucket, now time.Time) {
	passed := now.Sub(b.at)
	if passed <= 0 {
		return
	}
	b.at = now
	b.tokens += float64(passed) / float64(m.limit.Refill<<b.strikes)
	if full := float64(m.limit.Failures); b.tokens >= full {
		b.tokens, b.strikes = full, 0
	}
}

// network is what the address limit counts as one: an IPv4 address, or the /64
// that one IPv6 subscriber has at least.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
