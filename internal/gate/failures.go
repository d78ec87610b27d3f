package gate

import (
	"net/netip"
	"sync"
	"time"

	"posthouse/internal/clock"
)

const (
	// MaxFailures is how many are free at once; then one every ForgiveEvery.
	MaxFailures  = 30
	ForgiveEvery = 2 * time.Second

	maxFailing    = 16384 // networks remembered
	networkOfIPv6 = 64
)

// Failures limits what clients try in vain: 30 at once and 30 a minute for one
// address of IPv4 or one /64 of IPv6. It is bounded: when it is full, those that
// are forgiven go, and if there are none, all do.
type Failures struct {
	clock clock.Clock
	mu    sync.Mutex
	until map[netip.Prefix]time.Time // when everything is forgiven
}

// NewFailures makes a Failures.
func NewFailures(c clock.Clock) *Failures { return &Failures{clock: c} }

func networkOf(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() && !a.Is4In6() {
		bits = networkOfIPv6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Wait gives how long a client that has failed too often must wait, else 0.
func (f *Failures) Wait(from netip.Addr) time.Duration {
	now := f.clock.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(0, f.until[networkOf(from)].Add(-(MaxFailures-1)*ForgiveEvery).Sub(now))
}

// Count counts one failure.
func (f *Failures) Count(from netip.Addr) {
	now := f.clock.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.until == nil || len(f.until) >= maxFailing {
		kept := map[netip.Prefix]time.Time{}
		for k, t := range f.until {
			if t.After(now) {
				kept[k] = t
			}
		}
		if len(kept) >= maxFailing {
			clear(kept)
		}
		f.until = kept
	}
	k := networkOf(from)
	t := f.until[k]
	if t.Before(now) {
		t = now
	}
	f.until[k] = t.Add(ForgiveEvery)
}
