package gate

import (
	"net/netip"
	"testing"
	"time"

	"posthouse/internal/clock"
)

func TestFailures(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	f := NewFailures(c)
	us, neighbour, them := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:2"), netip.MustParseAddr("192.0.2.1")
	for i := range MaxFailures {
		if w := f.Wait(us); w != 0 {
			t.Fatalf("failure %d waits %s", i, w)
		}
		f.Count(us)
	}
	if w := f.Wait(neighbour); w != ForgiveEvery {
		t.Errorf("waits %s", w)
	}
	if w := f.Wait(them); w != 0 {
		t.Errorf("another waits %s", w)
	}
	c.Advance(ForgiveEvery - time.Nanosecond)
	if w := f.Wait(us); w != time.Nanosecond {
		t.Errorf("waits %s", w)
	}
	c.Advance(time.Nanosecond)
	if w := f.Wait(us); w != 0 {
		t.Errorf("one is forgiven, waits %s", w)
	}
	f.Count(us)
	if w := f.Wait(us); w != ForgiveEvery {
		t.Errorf("waits %s", w)
	}
	if c.Advance(time.Hour); f.Wait(us) != 0 {
		t.Error("not forgiven")
	}
	for i := range 3 * maxFailing {
		f.Count(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(f.until) > maxFailing {
		t.Errorf("%d networks remembered", len(f.until))
	}
	if networkOf(them) == networkOf(netip.MustParseAddr("192.0.2.2")) {
		t.Error("networks")
	}
}
