package partner

import "time"

// Clock is a sandbox partner's own clock: the platform's plus an offset that
// only grows. While Target is set the clock is on its way there, from one thing
// that falls due to the next.
type Clock struct {
	PartnerID int64
	Offset    time.Duration
	Target    *time.Time // in the partner's time
	UpdatedAt time.Time  // in the platform's time
	// Mover is the node that moves it, until MoverUntil in the platform's time.
	Mover      string
	MoverUntil time.Time
}

// Now is the partner's time when the platform's is t.
func (c *Clock) Now(t time.Time) time.Time {
	if c == nil {
		return t
	}
	return t.Add(c.Offset)
}
