package gate

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"posthouse/internal/clock"
	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
)

// The default of T-49.
const (
	defaultRate  = 100
	defaultBurst = 500
)

// sweepAt is the number of keys at which idle ones are forgotten. Only keys
// that exist come here, so the map is bounded by them anyway.
const sweepAt = 4096

// Limits counts requests per API key, over all doors that share it.
type Limits struct {
	clock clock.Clock
	mu    sync.Mutex
	keys  map[int64]*rate.Limiter
}

// NewLimits makes a Limits.
func NewLimits(c clock.Clock) *Limits {
	return &Limits{clock: c, keys: make(map[int64]*rate.Limiter)}
}

// Admit counts one request of a key. One too many is a fault, and h tells when
// to come again.
func (l *Limits) Admit(h http.Header, key int64, s partner.Settings) error {
	wait := l.take(key, s)
	if wait <= 0 {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return &fault.Error{Code: fault.TooMany, Text: "Too many requests", Temporary: true}
}

// take counts one request and gives how long to wait if it is one too many.
func (l *Limits) take(key int64, s partner.Settings) time.Duration {
	perSecond, burst := defaultRate, defaultBurst
	if s.RatePerSecond != nil {
		perSecond = *s.RatePerSecond
	}
	if s.RateBurst != nil {
		burst = *s.RateBurst
	}
	if perSecond <= 0 {
		return 0
	}
	now := l.clock.Now()
	limit := l.limiter(key, now, rate.Limit(perSecond), max(burst, 1))
	r := limit.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// limiter follows a changed setting at once.
func (l *Limits) limiter(key int64, now time.Time, perSecond rate.Limit, burst int) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.keys[key]
	if !ok {
		if len(l.keys) >= sweepAt {
			for id, other := range l.keys {
				if other.TokensAt(now) >= float64(other.Burst()) {
					delete(l.keys, id)
				}
			}
		}
		k = rate.NewLimiter(perSecond, burst)
		l.keys[key] = k
	}
	if k.Limit() != perSecond {
		k.SetLimitAt(now, perSecond)
	}
	if k.Burst() != burst {
		k.SetBurstAt(now, burst)
	}
	return k
}
