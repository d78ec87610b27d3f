package web

import (
	"net/netip"
	"sync"
	"time"
)

const (
	maxFailures   = 30              // at once
	forgiveEvery  = 2 * time.Second // one is forgotten
	maxFailing    = 16384           // networks remembered
	forgiveAll    = maxFailures * forgiveEvery
	networkOfIPv6 = 64
)

// failureCount limits failed look-ups by network. It is bounded: when it is
// full, those that are forgiven go, and if there are none, all do.
type failureCount struct {
	mu    sync.Mutex
	until map[netip.Prefix]time.Time // when everything is forgiven
}

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

func (f *failureCount) allowed(from netip.Addr, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.until[networkOf(from)].Sub(now) < forgiveAll
}

func (f *failureCount) count(from netip.Addr, now time.Time) {
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
	f.until[k] = t.Add(forgiveEvery)
}
