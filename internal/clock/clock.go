// Package clock gives time. No other package but cmd reads the system clock:
// domain code is handed a Clock, which is also what a test clock moves.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and makes timers that obey it. Now is always in UTC.
type Clock interface {
	Now() time.Time
	// NewTimer fires once, d after Now. Stop releases it.
	NewTimer(d time.Duration) Timer
}

// Timer is the part of time.Timer that the platform needs.
type Timer interface {
	C() <-chan time.Time
	Stop() bool
}

// System is the machine's clock.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time { return time.Now().UTC() }

func (system) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ t *time.Timer }

func (t systemTimer) C() <-chan time.Time { return t.t.C }
func (t systemTimer) Stop() bool          { return t.t.Stop() }

// Manual is a clock that moves only when told, and only forward.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*manualTimer]struct{}
}

// NewManual returns a Manual that stands at t.
func NewManual(t time.Time) *Manual {
	return &Manual{now: t.UTC(), timers: make(map[*manualTimer]struct{})}
}

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// NewTimer implements Clock.
func (m *Manual) NewTimer(d time.Duration) Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &manualTimer{m: m, at: m.now.Add(d), c: make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- m.now
		return t
	}
	m.timers[t] = struct{}{}
	return t
}

// Advance moves the clock forward by d (a negative d is ignored) and fires the
// timers that have come due.
func (m *Manual) Advance(d time.Duration) {
	if d < 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	for t := range m.timers {
		if !t.at.After(m.now) {
			delete(m.timers, t)
			t.c <- m.now
		}
	}
}

type manualTimer struct {
	m  *Manual
	at time.Time
	c  chan time.Time
}

func (t *manualTimer) C() <-chan time.Time { return t.c }

func (t *manualTimer) Stop() bool {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	_, live := t.m.timers[t]
	delete(t.m.timers, t)
	return live
}

var (
	_ Clock = system{}
	_ Clock = (*Manual)(nil)
)
