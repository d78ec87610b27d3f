package gate

import (
	"log/slog"
	"testing"
	"time"

	"posthouse/internal/clock"
)

func TestServingDefaults(t *testing.T) {
	s := Serving{}.OrDefaults(10 * time.Second)
	if s.Clock == nil || s.Log == nil || s.Random == nil || s.Limits == nil || s.Timeout != 10*time.Second || s.Registerer != nil {
		t.Errorf("%+v", s)
	}
	c, log, limits := clock.NewManual(time.Unix(0, 0)), slog.New(slog.DiscardHandler), NewLimits(clock.System())
	if s = (Serving{Clock: c, Log: log, Limits: limits, Timeout: time.Minute}).OrDefaults(time.Second); s.Clock != c || s.Log != log || s.Limits != limits || s.Timeout != time.Minute {
		t.Errorf("what is given is not kept: %+v", s)
	}
}
