package basekit

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"posthouse/internal/gate"
)

const (
	// hostsFresh is how old what is known of brands' host names may be.
	hostsFresh = 3 * time.Second
	// hostsLimit is how long a look-up of all of them may take.
	hostsLimit = 2 * time.Second
)

// brandHosts knows whose API a host name serves (B-01). It looks all names up at
// once and lazily, by one request at a time; when that fails, what was known goes on.
type brandHosts struct {
	door    *Door
	looking sync.Mutex
	known   atomic.Pointer[knownHosts]
}

type knownHosts struct {
	partners map[string]int64
	at       time.Time
}

// partner gives the brand of a host name; 0 is none.
func (b *brandHosts) partner(ctx context.Context, name string) int64 {
	k := b.known.Load()
	if k == nil {
		b.looking.Lock() // nobody goes by nothing
	} else if b.fresh(k) || !b.looking.TryLock() {
		return k.partners[name]
	}
	defer b.looking.Unlock()
	if k = b.known.Load(); k == nil || !b.fresh(k) {
		k = b.look(ctx, k)
	}
	return k.partners[name]
}

func (b *brandHosts) fresh(k *knownHosts) bool {
	return b.door.serving.Clock.Now().Sub(k.at) < hostsFresh
}

func (b *brandHosts) look(ctx context.Context, before *knownHosts) *knownHosts {
	// One request that is given up doesn't spoil it for the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hostsLimit)
	defer cancel()
	k := &knownHosts{at: b.door.serving.Clock.Now()}
	var err error
	if k.partners, err = b.door.core.ShopHosts(ctx); err != nil {
		b.door.serving.Log.LogAttrs(ctx, slog.LevelError, "host names of brands can't be read", slog.Any("cause", err))
		if before == nil {
			return &knownHosts{} // tried again by the next request
		}
		k.partners = before.partners
	}
	b.known.Store(k)
	return k
}

// errNoBrand is for who calls this API where it is not. Which names are served is
// not told.
var errNoBrand = &wireFault{status: http.StatusNotFound, code: "unknown_host",
	message: "The host name of this request is that of no brand's API. Check the name, and that a proxy in front passes Host on"}

// Strays answers requests on shared addresses that are meant for this API, as
// their paths say, and have come to a host name that is no brand's.
type Strays struct{ door *Door }

// Strays goes behind whatever else the addresses serve.
func (d *Door) Strays() Strays { return Strays{d} }

// Handles reports whether a request is one. There is none as long as no brand has
// a host name.
func (s Strays) Handles(r *http.Request) bool {
	d := s.door
	op, _, allow := d.routes.find(r.Method, r.URL.EscapedPath())
	if op == nil && len(allow) == 0 {
		return false
	}
	_, host := gate.ClientURL(r, d.serving.TrustedProxies)
	return d.hosts.partner(r.Context(), gate.HostName(host)) == 0 && d.hosts.any()
}

// ServeHTTP implements http.Handler; the operator is told of the host name.
func (s Strays) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d := s.door
	_, host := gate.ClientURL(r, d.serving.TrustedProxies)
	host = gate.HostName(host)
	host = strings.ToValidUTF8(host[:min(len(host), longestHost)], "")
	if now := d.serving.Clock.Now(); d.strange.first(host, now) {
		d.serving.Log.LogAttrs(r.Context(), slog.LevelWarn, "a call of the BaseKit API came to a host that belongs to no brand", slog.String("host", host))
	}
	d.serve(w, r, func(context.Context, *call) (any, error) { return nil, errNoBrand })
}

// any reports whether a brand has a host name at all, as of the last look.
func (b *brandHosts) any() bool {
	k := b.known.Load()
	return k != nil && len(k.partners) > 0
}

const (
	longestHost  = 253 // of a name of the DNS
	strangeEvery = time.Minute
	maxStrange   = 256
)

// strangeHosts says which host names are to be told of: each once a minute, and
// so many different ones at most.
type strangeHosts struct {
	mu   sync.Mutex
	told map[string]time.Time
}

func (s *strangeHosts) first(host string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, at := range s.told {
		if now.Sub(at) >= strangeEvery {
			delete(s.told, name)
		}
	}
	if _, told := s.told[host]; told || len(s.told) >= maxStrange {
		return false
	}
	if s.told == nil {
		s.told = map[string]time.Time{}
	}
	s.told[host] = now
	return true
}

// Handles reports whether a request's host name is a brand's: on addresses that
// are shared with other APIs it is for this door then, whatever its path.
func (d *Door) Handles(r *http.Request) bool {
	_, host := gate.ClientURL(r, d.serving.TrustedProxies)
	return d.hosts.partner(r.Context(), gate.HostName(host)) != 0
}
