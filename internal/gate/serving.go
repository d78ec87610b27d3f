package gate

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
)

// Serving is what every HTTP door is given alike, whatever it speaks; zero
// values mean the defaults named.
type Serving struct {
	Clock clock.Clock  // the system's
	Log   *slog.Logger // none
	// TrustedProxies may name the client in X-Forwarded-For, and what it asked for
	// in X-Forwarded-Proto and X-Forwarded-Host.
	TrustedProxies []netip.Prefix
	Timeout        time.Duration         // of one request's work; the door's own
	Random         io.Reader             // request ids; crypto/rand
	Limits         *Limits               // of APIs, shared by them; its own
	Registerer     prometheus.Registerer // of APIs; nil: no metrics are exported
}

// OrDefaults gives s with its defaults in place, timeout among them.
func (s Serving) OrDefaults(timeout time.Duration) Serving {
	if s.Clock == nil {
		s.Clock = clock.System()
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Timeout <= 0 {
		s.Timeout = timeout
	}
	if s.Random == nil {
		s.Random = rand.Reader
	}
	if s.Limits == nil {
		s.Limits = NewLimits(s.Clock)
	}
	return s
}
