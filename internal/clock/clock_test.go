package clock

import (
	"testing"
	"time"
)

func TestManualFiresInTimeAndOnce(t *testing.T) {
	start := time.Date(2026, 2, 28, 23, 59, 0, 0, time.FixedZone("x", 3600))
	m := NewManual(start)
	if !m.Now().Equal(start) || m.Now().Location() != time.UTC {
		t.Fatalf("Now is %v", m.Now())
	}
	soon, late, gone := m.NewTimer(time.Minute), m.NewTimer(time.Hour), m.NewTimer(time.Minute)
	if !gone.Stop() || gone.Stop() {
		t.Error("Stop must report a live timer once")
	}
	m.Advance(59 * time.Second)
	select {
	case <-soon.C():
		t.Fatal("fired early")
	default:
	}
	m.Advance(time.Second)
	if at := <-soon.C(); !at.Equal(start.Add(time.Minute)) {
		t.Errorf("fired at %v", at)
	}
	select {
	case <-gone.C():
		t.Error("a stopped timer fired")
	case <-late.C():
		t.Error("fired early")
	default:
	}
	if soon.Stop() {
		t.Error("a fired timer is not live")
	}
}

func TestManualNeverGoesBack(t *testing.T) {
	m := NewManual(time.Unix(1000, 0))
	m.Advance(-time.Hour)
	if got := m.Now().Unix(); got != 1000 {
		t.Errorf("the clock stands at %d", got)
	}
	<-m.NewTimer(0).C() // due at once
}

func TestSystem(t *testing.T) {
	c := System()
	if c.Now().Location() != time.UTC {
		t.Error("not in UTC")
	}
	<-c.NewTimer(time.Nanosecond).C()
	if !c.NewTimer(time.Hour).Stop() {
		t.Error("a live timer was not stopped")
	}
}
