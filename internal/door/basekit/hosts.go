package basekit

import (
	"context"
	"log/slog"
	"net/http"
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

// Handles reports whether a request's host name is a brand's: on addresses that
// are shared with other APIs it is for this door then, whatever its path.
func (d *Door) Handles(r *http.Request) bool {
	_, host := gate.ClientURL(r, d.serving.TrustedProxies)
	return d.hosts.partner(r.Context(), gate.HostName(host)) != 0
}
