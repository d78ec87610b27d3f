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
	pending int // attempts being judged, each of which may cost a token
	at      time.Time
	strikes uint
}

type limiter[K comparable] struct {
	limit      Limit
	maxStrikes uint

	mu      sync.Mutex
	buckets *lru[K, bucket]
	settled chan struct{} // closed, and made anew, when an attempt was judged
}

func newLimiter[K comparable](l Limit, size int) *limiter[K] {
	m := &limiter[K]{limit: l, buckets: newLRU[K, bucket](size), settled: make(chan struct{})}
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

// begin is gate for an attempt that is about to be judged; if open, pass or
// fail must follow. While the attempts being judged may yet use up the bucket
// it gives a channel to wait on before asking again: many at once neither slip
// through on the last token nor are refused for failures that never happen.
func (m *limiter[K]) begin(k K, now time.Time) (gate, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(k, now)
	g := m.state(b, now)
	if g == open && b.tokens-float64(b.pending) < 1 {
		return open, m.settled
	}
	if g == open {
		b.pending++
	}
	return g, nil
}

// pass ends an attempt that was no failure.
func (m *limiter[K]) pass(k K) { m.settle(k, func(*bucket) {}) }

// fail ends an attempt that was one.
func (m *limiter[K]) fail(k K, now time.Time) {
	m.settle(k, func(b *bucket) { m.refill(b, now); m.spend(b) })
}

func (m *limiter[K]) settle(k K, how func(*bucket)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.buckets.get(k); b != nil && b.pending > 0 {
		b.pending--
		how(b)
	}
	close(m.settled)
	m.settled = make(chan struct{})
}

// charge takes a token without judging, whatever the gate says, and tells what
// the gate was.
func (m *limiter[K]) charge(k K, now time.Time) gate {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(k, now)
	g := m.state(b, now)
	m.spend(b)
	return g
}

// forget fills a bucket up.
func (m *limiter[K]) forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.buckets.get(k); b != nil {
		b.tokens, b.strikes = float64(m.limit.Failures), 0
	}
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
