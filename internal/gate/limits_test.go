package gate

import (
	"net/http"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
)

func TestLimits(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	l := NewLimits(c)
	rate, burst, none := 2, 3, 0
	slow := partner.Settings{RatePerSecond: &rate, RateBurst: &burst}
	admitted := func(key int64, s partner.Settings, n int) (got int, retry string) {
		h := http.Header{}
		for range n {
			err := l.Admit(h, key, s)
			if err == nil {
				got++
			} else if f := fault.Of(err); f.Code != fault.TooMany || !f.Temporary {
				t.Errorf("refused with %v", err)
			}
		}
		return got, h.Get("Retry-After")
	}
	if n, retry := admitted(1, slow, 5); n != 3 || retry != "1" {
		t.Errorf("%d of a burst of 3, Retry-After %q", n, retry)
	}
	if n, _ := admitted(2, slow, 3); n != 3 {
		t.Errorf("another key shares the limit: %d", n)
	}
	c.Advance(time.Second)
	if n, _ := admitted(1, slow, 5); n != 2 {
		t.Errorf("%d after a second at 2 a second", n)
	}
	if n, _ := admitted(1, partner.Settings{RatePerSecond: &none}, 1000); n != 1000 {
		t.Errorf("%d without a limit", n)
	}
	if n, retry := admitted(3, partner.Settings{}, 501); n != defaultBurst || retry != "1" {
		t.Errorf("%d by default, Retry-After %q", n, retry)
	}
}
